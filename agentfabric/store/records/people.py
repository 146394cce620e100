"""The tables of what is a person's own, whatever agent it is for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from agentfabric.store.base import Record, now
from agentfabric.store.records.columns import id_column, owner_column


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

    id: Mapped[str] = id_column()
    owner: Mapped[str] = owner_column()
    name: Mapped[str] = mapped_column(Text)
    base_url: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(40))
    wants_key: Mapped[bool]
    created: Mapped[datetime] = mapped_column(default=now)


class EndpointModelRecord(Record):
    """A model of such an endpoint. `key` is what agents name it by, `facts` what its entry says of it, as JSON."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("owner", "key"), Index(None, "endpoint_id"))

    id: Mapped[str] = id_column()
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("endpoints.id", ondelete="CASCADE"))
    owner: Mapped[str] = owner_column()
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
