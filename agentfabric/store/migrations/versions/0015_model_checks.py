"""What agents' models say of their knowledge, and what is noted about it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "knowledge_notes",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "kind", "key", name="pk_knowledge_notes"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_knowledge_notes_agent_id_agents", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "knowledge_model_checks",
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("model", sa.String(300), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(64), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", name="pk_knowledge_model_checks"),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name="fk_knowledge_model_checks_agent_id_agents", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_knowledge_model_checks_state", "knowledge_model_checks", ["state"])
