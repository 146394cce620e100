"""What a client calls a message, so that the same one begins one turn however often it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("turns", sa.Column("message_key", sa.String(200), nullable=True))
    named = sa.text("message_key is not null")
    op.create_index(
        "uq_turns_message_key",
        "turns",
        ["conversation_id", "message_key"],
        unique=True,
        sqlite_where=named,
        postgresql_where=named,
    )
