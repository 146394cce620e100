"""Conversations that are put away before they are erased, and turns that are versions of each other."""

from itertools import groupby, pairwise

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("head", sa.String(32), nullable=True))
    op.add_column("conversations", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("turns", sa.Column("parent", sa.String(32), nullable=True))
    op.drop_index("uq_conversations_builder", "conversations")
    living = sa.text("kind = 'builder' and deleted_at is null")
    op.create_index(
        "uq_conversations_builder",
        "conversations",
        ["agent_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    _chain()


def _chain() -> None:
    """Each turn follows the one before it, and the last one is what is shown."""
    connection = op.get_bind()
    turns = connection.execute(
        sa.text(
            "select turns.conversation_id, turns.id from turns"
            " join messages on messages.turn_id = turns.id"
            " group by turns.conversation_id, turns.id"
            " order by turns.conversation_id, min(messages.position)"
        )
    ).all()
    for conversation, rows in groupby(turns, key=lambda row: row[0]):
        chain = list(rows)
        for before, after in pairwise(chain):
            follow = sa.text("update turns set parent = :parent where id = :id")
            connection.execute(follow, {"parent": before[1], "id": after[1]})
        show = sa.text("update conversations set head = :head where id = :id")
        connection.execute(show, {"head": chain[-1][1], "id": conversation})
