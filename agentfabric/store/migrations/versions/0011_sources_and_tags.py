"""Where knowledge files come from, and what people file them under."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("files", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("files", sa.Column("tags", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("readings", sa.Column("fetch", sa.Boolean(), nullable=False, server_default=sa.false()))
