"""The tables of files, and of how far each is read and checked."""

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import Record, now
from agentfabric.store.records.columns import id_column, owner_column

FilePurpose = Literal["avatar", "knowledge", "attachment", "artefact"]
"""An attachment came with a person's message, an artefact was made by a tool; both go with their conversation."""
ReadingState = Literal["queued", "reading", "indexing", "ready", "failed"]
"""What has become of a knowledge file: it waits, is read, goes into its agent's index, is there, or cannot be."""


class FileRecord(Record):
    """What is known about a file. `blob` is where its bytes are, None where they never arrived."""

    __tablename__ = "files"
    __table_args__ = (Index(None, "agent_id", "purpose"), Index(None, "conversation_id"))

    id: Mapped[str] = id_column()
    owner: Mapped[str] = owner_column()
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    purpose: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    blob: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(Text)
    """The address that its bytes come from, and can be fetched from anew; None for what a person or a tool sent."""
    tags: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """What a person filed it under, as a JSON list."""
    created: Mapped[datetime] = mapped_column(default=now)


class ReadingRecord(Record):
    """How far an agent's knowledge file has come. There is none for a file that the agent does not name."""

    __tablename__ = "readings"
    __table_args__ = (Index(None, "agent_id"), Index(None, "state", "queued_at"))

    file_id: Mapped[str] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    owner: Mapped[str] = owner_column()
    state: Mapped[str] = mapped_column(String(20))
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    """How much of what its state says is done, from 0 to 1."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it failed, in both languages, as JSON; empty where it did not."""
    notes: Mapped[str] = mapped_column(Text, default="[]")
    """What could not be read of it, as a JSON list of such words."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """Of its content, once that is known."""
    passages: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """How often it was begun. A file that ends whoever reads it is not begun for ever."""
    fetch: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its bytes are to be fetched from its source first."""
    queued_at: Mapped[datetime] = mapped_column(default=now)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    """Who reads it just now, until `leased_until` unless that is renewed."""
    leased_until: Mapped[datetime | None]


class CheckRecord(Record):
    """What an agent's knowledge was found to be like, when it was asked its own questions."""

    __tablename__ = "knowledge_checks"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    basis: Mapped[str] = mapped_column(String(64))
    """A digest of what was known by then."""
    report: Mapped[str] = mapped_column(Text)
    """As JSON."""
    made: Mapped[datetime] = mapped_column(default=now)


class KnowledgeNoteRecord(Record):
    """Something that is kept about an agent's knowledge: what a model said of it, or what a person knows of already."""

    __tablename__ = "knowledge_notes"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """What it is about: a digest of it."""
    value: Mapped[str] = mapped_column(Text)
    """As JSON."""
    made: Mapped[datetime] = mapped_column(default=now)


class ModelCheckRecord(Record):
    """A model goes through an agent's knowledge: since when, how far, and what it cost. The last time of each agent."""

    __tablename__ = "knowledge_model_checks"
    __table_args__ = (Index(None, "state"),)

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[str] = owner_column()
    state: Mapped[str] = mapped_column(String(20))
    model: Mapped[str] = mapped_column(String(300), default="")
    done: Mapped[int] = mapped_column(Integer, default=0)
    """How many of its `steps` are done, each of which asks the model once."""
    steps: Mapped[int] = mapped_column(Integer, default=0)
    tokens: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it ended early, as JSON; empty where it did not."""
    settled: Mapped[str] = mapped_column(String(64), default="")
    """A digest of what was known when the model had gone through all of it; empty where something is left."""
    asked_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    leased_by: Mapped[str | None] = mapped_column(String(64))
    leased_until: Mapped[datetime | None]
