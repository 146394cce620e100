"""What agents' knowledge was found to be like."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "knowledge_checks",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("basis", sa.String(64), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", name="pk_knowledge_checks"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_knowledge_checks_agent_id_agents", ondelete="CASCADE"
        ),
    )
