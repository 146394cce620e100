"""Keys by which programs ask an agent: hashed, for some protocols, until they are revoked."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.counts import Counted, counts
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import AgentKeyRecord, AgentKeyUsageRecord, AgentRecord, BriefNoteRecord
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

    key: AgentKey
    owner: str
    agent_id: str


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
        wanted = self._opening().where(AgentKeyRecord.digest == digest)

        def work(session: Session) -> OpenKey | None:
            found = session.execute(wanted).one_or_none()
            if found is None or not hmac.compare_digest(found[0].digest, digest):
                return None
            return OpenKey(_value(found[0], self._today(session, found[0])), found[1], found[0].agent_id)

        return await self._database.read(work)

    async def opens(self, key_id: str) -> bool:
        """Whether the key of that id opens its agent yet."""
        wanted = self._opening().where(AgentKeyRecord.id == key_id)
        return await self._database.read(lambda session: session.execute(wanted).one_or_none() is not None)

    async def used(self, key: AgentKey) -> None:
        """Note that the key was used now; not more often than `USED_EVERY`."""
        moment = self._clock()
        if key.last_used is not None and moment - key.last_used < USED_EVERY:
            return
        noted = update(AgentKeyRecord).where(AgentKeyRecord.id == key.id).values(last_used=moment)
        await self._database.write(lambda session: session.execute(noted))

    async def reserve(self, key_id: str, price: Price | None) -> Grant:
        """Count an answer that begins. Raises `LimitReached`, and `NotSignedIn` for a key that was revoked."""

        def work(session: Session) -> Grant:
            # Held by this transaction, so that no two see the same rest.
            record = session.get(AgentKeyRecord, key_id, with_for_update=True)
            if record is None or record.revoked is not None:
                raise NotSignedIn("This key was revoked. Ask its owner for another.")
            return reserve(session, [(self._counted(key_id), _limits(record))], record.currency, price, self._clock())

        return await self._database.write(work)

    def _counted(self, key_id: str) -> Counted:
        return Counted(AgentKeyUsageRecord, (key_id, self._clock().date().isoformat()))

    def _today(self, session: Session, record: AgentKeyRecord) -> Used:
        place = self._counted(record.id)
        return used_of(counts(session, [place]).get(place))

    def _opening(self) -> Select[AgentKeyRecord, str]:
        return (
            select(AgentKeyRecord, AgentRecord.owner)
            .join(AgentRecord, AgentRecord.id == AgentKeyRecord.agent_id)
            .where(
                AgentRecord.deleted_at.is_(None),
                AgentKeyRecord.revoked.is_(None),
                or_(AgentKeyRecord.expires.is_(None), AgentKeyRecord.expires > self._clock()),
            )
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
