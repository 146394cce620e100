"""The tables of agents and of their past."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import Record, now
from agentfabric.store.records.columns import id_column, owner_column


class AgentRecord(Record):
    """An agent as it is now. `name`, `avatar` and `description` are copies from the document, for lists."""

    __tablename__ = "agents"
    __table_args__ = (Index(None, "owner", "updated"),)

    id: Mapped[str] = id_column()
    owner: Mapped[str] = owner_column()
    document: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    avatar: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(20))
    """Who wrote last."""
    marks: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    """Who set which field, as JSON; see `store.marks`."""
    locks: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """The fields that must not change, as a JSON list."""
    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]


class ChangeRecord(Record):
    """One field that one write changed. Values are JSON; `mark_before` is who had set the field until then."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "agent_id", "revision"),)

    id: Mapped[str] = id_column()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(20))
    turn_id: Mapped[str | None] = mapped_column(String(32))
    """The builder's turn that wrote it. It outlives the conversation."""
    said: Mapped[str] = mapped_column(Text)
    mark_before: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(String(32))
    """The change that took it back."""


class VersionRecord(Record):
    """A configuration that was. Writes of one author to the same fields, close together, are one version."""

    __tablename__ = "versions"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    marks: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    """The agent's revision after the last write of this version."""
    author: Mapped[str] = mapped_column(String(20))
    turn_id: Mapped[str | None] = mapped_column(String(32))
    said: Mapped[str] = mapped_column(Text)
    fields: Mapped[str] = mapped_column(Text)
    """What its writes changed, as a JSON list."""
    created: Mapped[datetime]
    updated: Mapped[datetime]
