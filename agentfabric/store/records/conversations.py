"""The tables of what was said, and of what is remembered of it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import Record, now
from agentfabric.store.records.columns import id_column, owner_column

ConversationKind = Literal["builder", "preview", "visit", "call"]
"""With the builder; of the owner with the agent; of somebody else with it, whose conversation it is then; and what a
single answer leaves whose conversation is kept elsewhere."""
TurnState = Literal["running", "finished", "input_needed", "failed", "stopped", "interrupted"]
"""`input_needed`: it ended before calls that a person has to allow or refuse. The turn that does so follows it."""


class ConversationRecord(Record):
    """A conversation: the one with the builder, or one of those with the agent itself."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(None, "agent_id", "created"),
        Index(
            "uq_conversations_builder",
            "agent_id",
            unique=True,
            sqlite_where=text("kind = 'builder' and deleted_at is null"),
            postgresql_where=text("kind = 'builder' and deleted_at is null"),
        ),
    )

    id: Mapped[str] = id_column()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    owner: Mapped[str] = owner_column()
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text, default="")
    head: Mapped[str | None] = mapped_column(String(32))
    """The last turn of what is shown, None while nothing was said; one that runs is always it. No foreign key: turns
    point here already."""
    created: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]


class TurnRecord(Record):
    """One answer. A conversation has at most one that is running, whichever process runs it."""

    __tablename__ = "turns"
    __table_args__ = (
        Index(None, "conversation_id"),
        Index(
            "uq_turns_running",
            "conversation_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index(
            "uq_turns_message_key",
            "conversation_id",
            "message_key",
            unique=True,
            sqlite_where=text("message_key is not null"),
            postgresql_where=text("message_key is not null"),
        ),
    )

    id: Mapped[str] = id_column()
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    owner: Mapped[str] = owner_column()
    parent: Mapped[str | None] = mapped_column(String(32))
    """The turn that this one follows. Turns that follow the same one are versions of each other: one is shown."""
    message_key: Mapped[str | None] = mapped_column(String(200))
    """What the client calls the message that began it, if it calls it anything: sent again, it begins no other turn."""
    state: Mapped[str] = mapped_column(String(20))
    process: Mapped[str] = mapped_column(String(200))
    heard: Mapped[datetime | None] = mapped_column(default=now)
    """When its process last said that it runs it, where several processes share the database."""
    started: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, default="")
    """The final event as JSON, empty until there is one."""
    last_seq: Mapped[int] = mapped_column(Integer, default=0)


class MessageRecord(Record):
    """A message of a conversation, in the order of `position`, counted from 1."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "position"), Index(None, "turn_id"))

    id: Mapped[str] = id_column()
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)


class FactRecord(Record):
    """Something that an agent knows of a person it talks with."""

    __tablename__ = "facts"
    __table_args__ = (Index(None, "agent_id", "owner"),)

    id: Mapped[str] = id_column()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    owner: Mapped[str] = owner_column()
    """Whom it is about. Nobody else is told."""
    text: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(default=now)
    updated: Mapped[datetime] = mapped_column(default=now)


class SummaryRecord(Record):
    """What was said of a conversation up to a turn, in short: on its branch, the turn included."""

    __tablename__ = "summaries"
    __table_args__ = (Index(None, "conversation_id"),)

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(20))
    """Who wrote it: the agent's model, or rules."""
    created: Mapped[datetime] = mapped_column(default=now)
