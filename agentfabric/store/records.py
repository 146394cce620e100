"""The tables. Every row belongs to a user or to something that does; ids are generated and never become paths."""

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import Record, new_id, now

ConversationKind = Literal["builder", "preview", "visit", "call"]
"""With the builder; of the owner with the agent; of somebody else with it, whose conversation it is then; and what a
single answer leaves whose conversation is kept elsewhere."""
TurnState = Literal["running", "finished", "input_needed", "failed", "stopped", "interrupted"]
"""`input_needed`: it ended before calls that a person has to allow or refuse. The turn that does so follows it."""
FilePurpose = Literal["avatar", "knowledge", "attachment", "artefact"]
"""An attachment came with a person's message, an artefact was made by a tool; both go with their conversation."""
Visibility = Literal["private", "link", "public"]
"""Who opens a link: users of this server, whoever has its address, or everybody, who finds it listed."""
ReadingState = Literal["queued", "reading", "indexing", "ready", "failed"]
"""What has become of a knowledge file: it waits, is read, goes into its agent's index, is there, or cannot be."""


def _id() -> Mapped[str]:
    return mapped_column(String(32), primary_key=True, default=new_id)


def _owner() -> Mapped[str]:
    return mapped_column(String(200))


class AgentRecord(Record):
    """An agent as it is now. `name`, `avatar` and `description` are copies from the document, for lists."""

    __tablename__ = "agents"
    __table_args__ = (Index(None, "owner", "updated"),)

    id: Mapped[str] = _id()
    owner: Mapped[str] = _owner()
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

    id: Mapped[str] = _id()
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

    id: Mapped[str] = _id()
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

    id: Mapped[str] = _id()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(64))
    """Its address below `/a/`. It is never given again, also not after the link was revoked."""
    visibility: Mapped[str] = mapped_column(String(20))
    limits: Mapped[str] = mapped_column(Text)
    """How much of it there is a day, as JSON; see `store.share_limits`."""
    origins: Mapped[str] = mapped_column(Text)
    """The origins whose pages may show it in a frame, as a JSON list."""
    expires: Mapped[datetime | None]
    revoked: Mapped[datetime | None]
    created: Mapped[datetime] = mapped_column(default=now)


class ShareUsageRecord(Record):
    """What was used of a link on one day (in UTC): by one visitor, or with an empty name by all of them."""

    __tablename__ = "share_usage"

    share_id: Mapped[str] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(64), primary_key=True)
    turns: Mapped[int] = mapped_column(Integer, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)
    """In millionths of the currency of the link's limits."""
    reserved_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    """What turns that run may use yet."""
    reserved_cost: Mapped[int] = mapped_column(BigInteger, default=0)


class AgentKeyRecord(Record):
    """A key by which programs ask an agent. The key itself is kept nowhere: `digest` is its SHA-256."""

    __tablename__ = "agent_keys"
    __table_args__ = (UniqueConstraint("digest"), Index(None, "agent_id"))

    id: Mapped[str] = _id()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(20))
    """How it begins, to tell it by."""
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[str] = mapped_column(String(100))
    """The protocols that it opens, with a space between them."""
    turns_per_day: Mapped[int | None] = mapped_column(Integer)
    tokens_per_day: Mapped[int | None] = mapped_column(Integer)
    created: Mapped[datetime] = mapped_column(default=now)
    expires: Mapped[datetime | None]
    last_used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class AgentKeyUsageRecord(Record):
    """What was used of a key on one day (in UTC)."""

    __tablename__ = "agent_key_usage"

    key_id: Mapped[str] = mapped_column(ForeignKey("agent_keys.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    turns: Mapped[int] = mapped_column(Integer, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved_tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    """What answers that are being given may use yet."""


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

    id: Mapped[str] = _id()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    owner: Mapped[str] = _owner()
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

    id: Mapped[str] = _id()
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    owner: Mapped[str] = _owner()
    parent: Mapped[str | None] = mapped_column(String(32))
    """The turn that this one follows. Turns that follow the same one are versions of each other: one is shown."""
    message_key: Mapped[str | None] = mapped_column(String(200))
    """What the client calls the message that began it, if it calls it anything: sent again, it begins no other turn."""
    state: Mapped[str] = mapped_column(String(20))
    process: Mapped[str] = mapped_column(String(200))
    started: Mapped[datetime] = mapped_column(default=now)
    ended: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, default="")
    """The final event as JSON, empty until there is one."""
    last_seq: Mapped[int] = mapped_column(Integer, default=0)


class MessageRecord(Record):
    """A message of a conversation, in the order of `position`, counted from 1."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "position"), Index(None, "turn_id"))

    id: Mapped[str] = _id()
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text)


class FactRecord(Record):
    """Something that an agent knows of a person it talks with."""

    __tablename__ = "facts"
    __table_args__ = (Index(None, "agent_id", "owner"),)

    id: Mapped[str] = _id()
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    owner: Mapped[str] = _owner()
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


class FileRecord(Record):
    """What is known about a file. `blob` is where its bytes are, None where they never arrived."""

    __tablename__ = "files"
    __table_args__ = (Index(None, "agent_id", "purpose"), Index(None, "conversation_id"))

    id: Mapped[str] = _id()
    owner: Mapped[str] = _owner()
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
    owner: Mapped[str] = _owner()
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
    owner: Mapped[str] = _owner()
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


class SecretRecord(Record):
    """A value that only the key outside the database opens."""

    __tablename__ = "secrets"

    owner: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    ciphertext: Mapped[str] = mapped_column(Text)
    origins: Mapped[str | None] = mapped_column(Text)
    """Where a model's key may be sent, with spaces between; None for keys that no model asked for."""
    created: Mapped[datetime] = mapped_column(default=now)


class GuessRecord(Record):
    """How many wrong tokens one client has brought since the first of them."""

    __tablename__ = "guesses"

    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(index=True)


class PreferenceRecord(Record):
    """What a person chose about the page itself, such as its language."""

    __tablename__ = "preferences"

    owner: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class EndpointRecord(Record):
    """An endpoint that a person added. Its key is a secret, named after its id and its origin."""

    __tablename__ = "endpoints"
    __table_args__ = (Index(None, "owner"),)

    id: Mapped[str] = _id()
    owner: Mapped[str] = _owner()
    name: Mapped[str] = mapped_column(Text)
    base_url: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(40))
    wants_key: Mapped[bool]
    created: Mapped[datetime] = mapped_column(default=now)


class EndpointModelRecord(Record):
    """A model of such an endpoint. `key` is what agents name it by, `facts` what its entry says of it, as JSON."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("owner", "key"), Index(None, "endpoint_id"))

    id: Mapped[str] = _id()
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("endpoints.id", ondelete="CASCADE"))
    owner: Mapped[str] = _owner()
    position: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)


class ValueRecord(Record):
    """Something that an agent keeps from one conversation to the next, as JSON."""

    __tablename__ = "stored_values"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    updated: Mapped[datetime]
