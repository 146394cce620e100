"""Tools that visitors of a link may allow calls of."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("shares", sa.Column("tools", sa.Text(), nullable=False, server_default="[]"))
