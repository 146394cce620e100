"""Where each stored key may be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("secrets", sa.Column("origins", sa.Text(), nullable=True))
