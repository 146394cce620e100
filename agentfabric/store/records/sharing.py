"""The tables of what is published, and of those who may ask it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import Record, now
from agentfabric.store.records.columns import id_column

Visibility = Literal["private", "link", "public"]
"""Who opens a link: users of this server, whoever has its address, or everybody, who finds it listed."""


class ReleaseRecord(Record):
    """A version that was published, as it was then. Of an agent's releases one is live, or none."""

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("agent_id", "number"),
        Index(
            "uq_releases_live",
            "agent_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    id: Mapped[str] = id_column()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    """The number of the version that it froze."""
    note: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    """What it knows: a JSON object of files' ids with the tags that each was filed under."""
    live: Mapped[bool]
    created_by: Mapped[str] = mapped_column(String(200))
    created: Mapped[datetime] = mapped_column(default=now)


class ShareRecord(Record):
    """A link to what is live of an agent: who may open it, how much of it there is a day, until when."""

    __tablename__ = "shares"
    __table_args__ = (Index(None, "agent_id"), UniqueConstraint("slug"))

    id: Mapped[str] = id_column()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(64))
    """Its address below `/a/`. It is never given again, also not after the link was revoked."""
    visibility: Mapped[str] = mapped_column(String(20))
    limits: Mapped[str] = mapped_column(Text)
    """How much of it there is a day, as JSON; see `store.share_limits`."""
    origins: Mapped[str] = mapped_column(Text)
    """The origins whose pages may show it in a frame, as a JSON list."""
    tools: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    """The keys of policies of tools that visitors may allow calls of, as a JSON list."""
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)


class Counts:
    """What was used of something on one day."""

    turns: Mapped[int] = mapped_column(Integer, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    """In millionths of the currency of its limits."""
    reserved_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    """What answers that are being given may use yet."""
    reserved_cost: Mapped[int] = mapped_column(BigInteger, default=0)


class ShareUsageRecord(Counts, Record):
    """What was used of a link on one day (in UTC): by one visitor, or with an empty name by all of them."""

    __tablename__ = "share_usage"

    share_id: Mapped[str] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(64), primary_key=True)


class AgentKeyRecord(Record):
    """A key by which programs ask an agent. The key itself is kept nowhere: `digest` is its SHA-256."""

    __tablename__ = "agent_keys"
    __table_args__ = (UniqueConstraint("digest"), Index(None, "agent_id"))

    id: Mapped[str] = id_column()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(20))
    """How it begins, to tell it by."""
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(String(100))
    """The protocols that it opens, with a space between them."""
    turns_per_day: Mapped[int | None] = mapped_column(Integer)
    tokens_per_day: Mapped[int | None] = mapped_column(Integer)
    money_per_day: Mapped[float | None] = mapped_column(Float)
    currency: Mapped[str | None] = mapped_column(String(3))
    """Of the money."""
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class AgentKeyUsageRecord(Counts, Record):
    """What was used of a key on one day (in UTC)."""

    __tablename__ = "agent_key_usage"

    key_id: Mapped[str] = mapped_column(ForeignKey("agent_keys.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    # Days that were counted before there was money cost nothing.
    cost: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    reserved_cost: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class ReservationRecord(Record):
    """What an answer that is being given may use yet, of a link or a key whose tokens or money are limited."""

    __tablename__ = "reservations"

    id: Mapped[str] = id_column()
    process: Mapped[str] = mapped_column(String(200))
    """Who gives the answer."""
    heard: Mapped[datetime] = mapped_column(default=now)
    """When that process last said that it does, where several share the database."""
    places: Mapped[str] = mapped_column(Text)
    """Where it is counted, as a JSON list: of each, its table and its primary key."""
    tokens: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int] = mapped_column(BigInteger)


class BriefNoteRecord(Record):
    """What is kept for a key for a while; see `user_agent.serve.brief_notes`."""

    __tablename__ = "brief_notes"
    __table_args__ = (Index(None, "used"),)

    key_id: Mapped[str] = mapped_column(ForeignKey("agent_keys.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The SHA-256 of its name, which the program may have chosen."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(Integer)
    used: Mapped[datetime] = mapped_column(default=now)
