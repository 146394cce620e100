"""Keys by which programs ask an agent: hashed, for some protocols, until they are revoked."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.counts import Counted, counts
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import (
    AgentKeyRecord,
    AgentKeyUsageRecord,
    AgentRecord,
    BriefNoteRecord,
    ReleaseRecord,
    ShareRecord,
)
from agentfabric.store.share_limits import Grant, Share, Used, reserve, used_of
from user_agent.errors import NotFound, NotSignedIn, TooLarge
from user_agent.models.entry import Price
from user_agent.storable import is_clean

MARK = "af-"
"""What a key begins with, so that people and scanners of secrets know one."""
KEY_BYTES = 32
SHOWN_CHARS = 8
"""How much of a key is kept to tell it by: its mark, and too little of the rest to guess by."""
MAX_KEYS = 50
"""Of one agent, at a time."""
NO_LIMIT = Share()
USED_EVERY = timedelta(minutes=1)
"""How often at the most a use is written down."""


@dataclass(frozen=True, slots=True)
class AgentKey:
    """A key as its owner sees it later: never the key itself."""

    id: str
    label: str
    prefix: str
    scopes: tuple[str, ...]
    limits: Share
    currency: str | None
    """Of the money in the limits."""
    created: datetime
    expires: datetime | None
    last_used: datetime | None
    today: Used


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key that a program brought, and whose agent it opens."""

    id: str
    scopes: tuple[str, ...]
    last_used: datetime | None
    owner: str
    agent_id: str
    release: str | None
    """The id of what is live of the agent."""
    slugs: tuple[str, ...]
    """Of the links to the agent, the oldest first."""


class AgentKeyStore:
    """The keys of each user's agents. An agent of somebody else, and a deleted one, is `NotFound`.

    A key is 256 random bits, so a plain hash of it is as safe as the slow one that passwords need.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        owner: str,
        agent_id: str,
        *,
        label: str,
        scopes: Collection[str],
        expires: datetime | None = None,
        limits: Share = NO_LIMIT,
        currency: str | None = None,
    ) -> tuple[AgentKey, str]:
        """The new key, and the text to bring, which nobody can read here again. Raises `TooLarge` for one too many."""
        text = MARK + secrets.token_urlsafe(KEY_BYTES)

        def work(session: Session) -> AgentKey:
            living_agent(session, owner, agent_id, lock=True)
            if len(session.scalars(_living(agent_id)).all()) >= MAX_KEYS:
                raise TooLarge(f"An agent has at most {MAX_KEYS} keys. Revoke one that is not used.", limit=MAX_KEYS)
            record = AgentKeyRecord(
                agent_id=agent_id,
                label=label,
                prefix=text[:SHOWN_CHARS],
                digest=_digest(text),
                scopes=" ".join(scopes),
                expires=expires,
                turns_per_day=limits.turns,
                tokens_per_day=limits.tokens,
                money_per_day=limits.money,
                currency=currency,
                created=self._clock(),
            )
            session.add(record)
            session.flush()
            return _value(record, Used())

        return await self._database.write(work), text

    async def list(self, owner: str, agent_id: str) -> list[AgentKey]:
        """Those that were not revoked, the newest first; also the expired ones."""

        def work(session: Session) -> list[AgentKey]:
            living_agent(session, owner, agent_id)
            return [_value(record, self._today(session, record)) for record in session.scalars(_living(agent_id))]

        return await self._database.read(work)

    async def revoke(self, owner: str, agent_id: str, key_id: str) -> None:
        """The key opens nothing from now on, and what was kept for it is gone.

        Raises `NotFound` for one that the agent does not have.
        """

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            wanted = _living(agent_id).where(AgentKeyRecord.id == key_id)
            record = session.scalar(wanted) if is_clean(key_id) else None
            if record is None:
                raise NotFound(f"There is no key {key_id[:40]!r}.")
            record.revoked = self._clock()
            session.execute(delete(BriefNoteRecord).where(BriefNoteRecord.key_id == key_id))

        await self._database.write(work)

    async def find(self, text: str) -> OpenKey | None:
        """What this key opens; None for what is no key, and for one that is revoked, expired, or of a deleted agent."""
        digest = _digest(text)
        asked = {"digest": digest, "moment": self._clock()}

        def work(session: Session) -> OpenKey | None:
            found = session.connection().execute(_FOUND, asked).one_or_none()
            if found is None or not hmac.compare_digest(found.digest, digest):
                return None
            slugs = session.connection().execute(_SLUGS, {"agent_id": found.agent_id}).scalars()
            scopes = tuple(found.scopes.split())
            return OpenKey(found.id, scopes, found.last_used, found.owner, found.agent_id, found.release, tuple(slugs))

        return await self._database.read(work)

    async def opens(self, key_id: str) -> bool:
        """Whether the key of that id opens its agent yet."""
        asked = {"key_id": key_id, "moment": self._clock()}
        return await self._database.read(
            lambda session: session.connection().execute(_OPENS, asked).one_or_none() is not None
        )

    async def used(self, key: OpenKey) -> None:
        """Note that the key was used now; not more often than `USED_EVERY`."""
        moment = self._clock()
        if key.last_used is not None and moment - key.last_used < USED_EVERY:
            return
        noted = update(AgentKeyRecord).where(AgentKeyRecord.id == key.id).values(last_used=moment)
        await self._database.write(lambda session: session.execute(noted))

    def reserving(self, key_id: str, price: Price | None, process: str) -> Callable[[Session], Grant]:
        """Counts an answer, which `process` gives, in the transaction that begins it. Raises `LimitReached`, and
        `NotSignedIn` for a key that was revoked."""

        def work(session: Session) -> Grant:
            record = session.scalar(_HELD, {"key_id": key_id})
            if record is None:
                raise NotSignedIn("This key was revoked. Ask its owner for another.")
            caps = [(self._counted(key_id), _limits(record))]
            return reserve(session, process, caps, record.currency, price, self._clock())

        return work

    def _counted(self, key_id: str) -> Counted:
        return Counted(AgentKeyUsageRecord, (key_id, self._clock().date().isoformat()))

    def _today(self, session: Session, record: AgentKeyRecord) -> Used:
        place = self._counted(record.id)
        return used_of(counts(session, [place]).get(place))


# Made once: building a statement costs as much as running it.
_OPENING = and_(
    AgentRecord.deleted_at.is_(None),
    AgentKeyRecord.revoked.is_(None),
    or_(AgentKeyRecord.expires.is_(None), AgentKeyRecord.expires > bindparam("moment")),
)
_OPENS = (
    select(AgentKeyRecord.id)
    .join(AgentRecord, AgentRecord.id == AgentKeyRecord.agent_id)
    .where(AgentKeyRecord.id == bindparam("key_id"), _OPENING)
)
_FOUND = (
    select(
        AgentKeyRecord.id,
        AgentKeyRecord.digest,
        AgentKeyRecord.scopes,
        AgentKeyRecord.last_used,
        AgentKeyRecord.agent_id,
        AgentRecord.owner,
        ReleaseRecord.id.label("release"),
    )
    .join(AgentRecord, AgentRecord.id == AgentKeyRecord.agent_id)
    .outerjoin(ReleaseRecord, and_(ReleaseRecord.agent_id == AgentRecord.id, ReleaseRecord.live))
    .where(AgentKeyRecord.digest == bindparam("digest"), _OPENING)
)
_SLUGS = (
    select(ShareRecord.slug)
    .where(ShareRecord.agent_id == bindparam("agent_id"), ShareRecord.revoked.is_(None))
    .order_by(ShareRecord.created, ShareRecord.id)
)
# Held until the transaction ends, so that no two answers see the same rest.
_HELD = (
    select(AgentKeyRecord)
    .where(AgentKeyRecord.id == bindparam("key_id"), AgentKeyRecord.revoked.is_(None))
    .with_for_update()
)


def _living(agent_id: str) -> Select[AgentKeyRecord]:
    return (
        select(AgentKeyRecord)
        .where(AgentKeyRecord.agent_id == agent_id, AgentKeyRecord.revoked.is_(None))
        .order_by(AgentKeyRecord.created.desc(), AgentKeyRecord.id)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _limits(record: AgentKeyRecord) -> Share:
    return Share(turns=record.turns_per_day, tokens=record.tokens_per_day, money=record.money_per_day)


def _value(record: AgentKeyRecord, today: Used) -> AgentKey:
    return AgentKey(
        id=record.id,
        label=record.label,
        prefix=record.prefix,
        scopes=tuple(record.scopes.split()),
        limits=_limits(record),
        currency=record.currency,
        created=record.created,
        expires=record.expires,
        last_used=record.last_used,
        today=today,
    )
