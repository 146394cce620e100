"""Which process holds what answers of links and keys reserve. What was reserved before counts as used."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "reservations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("process", sa.String(200), nullable=False),
        sa.Column("heard", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
    )
    for table in ("share_usage", "agent_key_usage"):
        op.execute(
            f"UPDATE {table} SET tokens = tokens + reserved_tokens, cost = cost + reserved_cost, "  # noqa: S608  no input
            "reserved_tokens = 0, reserved_cost = 0 WHERE reserved_tokens <> 0 OR reserved_cost <> 0"
        )
