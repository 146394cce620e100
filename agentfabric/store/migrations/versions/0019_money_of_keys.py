"""Limits of money for keys, and what they cost."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("agent_keys", sa.Column("money_per_day", sa.Float(), nullable=True))
    op.add_column("agent_keys", sa.Column("currency", sa.String(3), nullable=True))
    for name in ("cost", "reserved_cost"):
        op.add_column("agent_key_usage", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
