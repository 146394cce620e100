"""Alembic reads this file to run the steps. The connection comes from `run.migrate`, so there is no alembic.ini."""

from alembic import context
from sqlalchemy import Connection

from agentfabric.store.records import AgentRecord

connection: Connection = context.config.attributes["connection"]
# SQLite can roll tables back; Alembic assumes it cannot.
context.configure(connection=connection, target_metadata=AgentRecord.metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
