"""Who set which field, what changed when, and every version."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("agents", sa.Column("marks", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("agents", sa.Column("locks", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "changes",
        sa.Column("id", sa.String(32), nullable=False),
        _agent_id(),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("author", sa.String(20), nullable=False),
        sa.Column("turn_id", sa.String(32), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("mark_before", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        _of_agent("changes"),
    )
    op.create_index("ix_changes_agent_id_revision", "changes", ["agent_id", "revision"])
    op.create_table(
        "versions",
        _agent_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(20), nullable=False),
        sa.Column("turn_id", sa.String(32), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "number", name="pk_versions"),
        _of_agent("versions"),
    )
    # Agents of before have one version: what they are now.
    op.execute(
        "INSERT INTO versions (agent_id, number, document, marks, revision, author, said, fields, created, updated) "
        "SELECT id, 1, document, '{}', revision, author, '', '[]', updated, updated FROM agents"
    )


def _agent_id() -> "sa.Column[str]":
    return sa.Column("agent_id", sa.String(32), nullable=False)


def _of_agent(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=f"fk_{table}_agent_id_agents", ondelete="CASCADE")
