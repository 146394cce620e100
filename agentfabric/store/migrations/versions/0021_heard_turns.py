"""When a process last said that it runs a turn."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("turns", sa.Column("heard", sa.DateTime(timezone=True), nullable=True))
