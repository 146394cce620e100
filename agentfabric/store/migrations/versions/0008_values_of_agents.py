"""What agents keep from one conversation to the next."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "stored_values",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "key", name="pk_stored_values"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_stored_values_agent_id_agents", ondelete="CASCADE"
        ),
    )
