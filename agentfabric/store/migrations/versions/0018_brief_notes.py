"""What is kept for programs for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "brief_notes",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "kind", "digest", name="pk_brief_notes"),
        sa.ForeignKeyConstraint(
            ["key_id"], ["agent_keys.id"], name="fk_brief_notes_key_id_agent_keys", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_brief_notes_used", "brief_notes", ["used"])
