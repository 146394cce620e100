"""Columns that many tables have."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import new_id


def id_column() -> Mapped[str]:
    """Generated, and the row's own."""
    return mapped_column(String(32), primary_key=True, default=new_id)


def owner_column() -> Mapped[str]:
    """Whose the row is."""
    return mapped_column(String(200))
