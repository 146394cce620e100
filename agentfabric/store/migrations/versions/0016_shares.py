"""Links to agents, and what was used of them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("agent_id", sa.String(32), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("origins", sa.Text(), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
        sa.UniqueConstraint("slug", name="uq_shares_slug"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_shares_agent_id_agents", ondelete="CASCADE"),
    )
    op.create_index("ix_shares_agent_id", "shares", ["agent_id"])
    op.create_table(
        "share_usage",
        sa.Column("share_id", sa.String(32), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("visitor", sa.String(64), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("reserved_tokens", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("share_id", "day", "visitor", name="pk_share_usage"),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name="fk_share_usage_share_id_shares", ondelete="CASCADE"),
    )
