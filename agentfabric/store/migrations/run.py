"""Brings a database to the newest tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from user_agent.errors import ConfigError

_FOLDER = Path(__file__).parent
_POSTGRESQL_LOCK = 0x41674661  # any number that nobody else locks


def migrate(connection: Connection) -> None:
    """Run the missing steps in the transaction that the connection is in; with none missing nothing is written.

    Raises `ConfigError` for a database from a newer version.
    """
    if connection.dialect.name == "postgresql":
        # Two processes that start at once: the second waits here. On SQLite, BEGIN IMMEDIATE does it.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    unknown = set(MigrationContext.configure(connection).get_current_heads()) - known
    if unknown:
        raise ConfigError(
            f"The database was written by a newer version of AgentFabric (its tables are at {', '.join(unknown)!r}). "
            "Install that version again, or point `AGENTFABRIC_HOME` to another folder.",
            field="DATABASE_URL",
            reason="written by a newer version",
        )
    command.upgrade(config, "head")
