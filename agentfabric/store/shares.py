"""Links to agents: what their owners make and end, and what whoever has one finds at its address."""

import json
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from agentfabric.store.base import now
from agentfabric.store.counts import Counted, counts
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import AgentRecord, FileRecord, ReleaseRecord, ShareRecord, ShareUsageRecord, Visibility
from agentfabric.store.running_turns import VISITORS, require_few
from agentfabric.store.share_limits import Grant, ShareLimits, Used, reserve, until_tomorrow_s, used_of
from user_agent.errors import BadRequest, Conflict, LimitReached, NotFound
from user_agent.models.entry import Price
from user_agent.serve.limits import STREAMS
from user_agent.storable import is_clean

MAX_SENT_BYTES = 1_000_000_000
"""What the files may come to that all visitors of a link send on one day: turns have limits, and so has the disk."""
GONE = "There is no agent at this address, or it is not shared any more."


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner decides of a link."""

    visibility: Visibility
    limits: ShareLimits
    origins: tuple[str, ...]
    """Whose pages may show it in a frame."""
    expires: datetime | None
    tools: tuple[str, ...] = ()
    """The keys of policies of tools that its visitors may allow calls of."""


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A link as its owner sees it."""

    id: str
    slug: str
    terms: Terms
    created: datetime
    revoked: datetime | None
    today: Used


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that opens now, to whoever asks for it by its address."""

    id: str
    slug: str
    owner: str
    agent_id: str
    visibility: Visibility
    origins: tuple[str, ...]
    tools: frozenset[str]
    release: str
    """The id of what is live of the agent."""


class ShareStore:
    """The links of each user's agents. An agent of somebody else, and a deleted one, is `NotFound`."""

    def __init__(self, database: Database, *, at_once: int = STREAMS, clock: Callable[[], datetime] = now) -> None:
        """`at_once` is how many answers all visitors of all links are given at the same time."""
        self._database = database
        self._at_once = at_once
        self._clock = clock

    async def create(self, owner: str, agent_id: str, terms: Terms, slug: str | None, *, at_most: int) -> SharedLink:
        """A new link; without a `slug` at an address that nobody can guess. Raises `Conflict` where that is taken, and
        `BadRequest` where the agent has `at_most` already."""
        living = select(func.count()).where(ShareRecord.agent_id == agent_id, ShareRecord.revoked.is_(None))

        def work(session: Session) -> SharedLink:
            living_agent(session, owner, agent_id, lock=True)
            if (session.scalar(living) or 0) >= at_most:
                raise BadRequest(
                    f"The agent has {at_most} links. Revoke one that nobody needs any more.", fault="links"
                )
            record = ShareRecord(agent_id=agent_id, slug=slug or secrets.token_hex(12), created=self._clock())
            _set(record, terms)
            session.add(record)
            session.flush()
            return _link(record, Used())

        try:
            return await self._database.write(work)
        except IntegrityError as error:
            raise Conflict(f"The address {slug!r} is taken, or was once. Choose another one.", fault="slug") from error

    async def list(self, owner: str, agent_id: str) -> Sequence[SharedLink]:
        """Those that were not revoked, the oldest first."""
        wanted = select(ShareRecord).where(ShareRecord.agent_id == agent_id, ShareRecord.revoked.is_(None))

        def work(session: Session) -> list[SharedLink]:
            living_agent(session, owner, agent_id)
            found = session.scalars(wanted.order_by(ShareRecord.created, ShareRecord.id))
            return [_link(record, self._today(session, record.id)) for record in found]

        return await self._database.read(work)

    async def get(self, owner: str, agent_id: str, share_id: str) -> SharedLink:
        def work(session: Session) -> SharedLink:
            record = _owned(session, owner, agent_id, share_id)
            return _link(record, self._today(session, record.id))

        return await self._database.read(work)

    async def change(self, owner: str, agent_id: str, share_id: str, terms: Terms) -> SharedLink:
        """Other terms, from now on. What was used today stays used."""

        def work(session: Session) -> SharedLink:
            record = _owned(session, owner, agent_id, share_id)
            _set(record, terms)
            return _link(record, self._today(session, record.id))

        return await self._database.write(work)

    async def revoke(self, owner: str, agent_id: str, share_id: str) -> None:
        """The link opens no more, for good. Nothing happens to one that was revoked already."""

        def work(session: Session) -> None:
            record = _owned(session, owner, agent_id, share_id, also_revoked=True)
            record.revoked = record.revoked or self._clock()

        await self._database.write(work)

    async def at(self, slug: str) -> OpenLink:
        """The link of that address. Raises `NotFound` where it does not open now."""

        def work(session: Session) -> OpenLink | None:
            found = session.connection().execute(_AT, {"slug": slug, "moment": self._clock()}).one_or_none()
            return _open(*found) if found else None

        found = await self._database.read(work) if is_clean(slug) else None
        if found is None:
            raise NotFound(GONE, fault="shared")
        return found

    async def public(self, limit: int) -> Sequence[OpenLink]:
        """Those that everybody may find, the newest first."""
        newest_first = _OPEN.where(ShareRecord.visibility == "public").order_by(ShareRecord.created.desc())
        return await self._opened(newest_first.limit(limit))

    async def open_ones(self, share_ids: Collection[str]) -> Sequence[OpenLink]:
        """Those of these links that open now, as they are."""
        return await self._opened(_OPEN.where(ShareRecord.id.in_(share_ids)))

    def reserving(
        self, share_id: str, visitor: str, price: Price | None, process: str, *, with_files: bool = False
    ) -> Callable[[Session], Grant]:
        """Counts an answer to a visitor, which `process` gives, in the transaction that begins it, where its turn and
        files are kept by then.

        Raises `NotFound` and `LimitReached`.
        """

        def work(session: Session) -> Grant:
            moment = self._clock()
            found = session.connection().execute(_LIMITS, {"share_id": share_id, "moment": moment}).one_or_none()
            if found is None:
                raise NotFound(GONE, fault="shared")
            require_few(session, visitor_of(share_id, visitor), self._at_once)
            limits, day = ShareLimits.model_validate_json(found.limits), moment.date().isoformat()
            caps = [
                (Counted(ShareUsageRecord, (share_id, day, name)), cap)
                for name, cap in ((visitor, limits.visitor), ("", limits.everybody))
            ]
            if with_files:
                _require_room(session, share_id, found.agent_id, moment)
            return reserve(session, process, caps, limits.currency, price, moment)

        return work

    async def _opened(self, wanted: Select[*tuple[Any, ...]]) -> Sequence[OpenLink]:
        def work(session: Session) -> list[OpenLink]:
            return [_open(*row) for row in session.connection().execute(wanted, {"moment": self._clock()})]

        return await self._database.read(work)

    def _today(self, session: Session, share_id: str) -> Used:
        day = self._clock().date().isoformat()
        of_today = and_(ShareUsageRecord.share_id == share_id, ShareUsageRecord.day == day)
        visitors = session.scalar(select(func.count()).where(of_today, ShareUsageRecord.visitor != "")) or 0
        everybody = Counted(ShareUsageRecord, (share_id, day, ""))
        return used_of(counts(session, [everybody]).get(everybody), visitors)


def visitor_of(share_id: str, visitor: str) -> str:
    """Whose a visitor's rows are."""
    return f"{VISITORS}{share_id}:{visitor}"


def _require_room(session: Session, share_id: str, agent_id: str, moment: datetime) -> None:
    """Raises `LimitReached` where visitors sent more files today than are kept of a day."""
    sent = and_(FileRecord.agent_id == agent_id, FileRecord.purpose == "attachment")
    theirs = FileRecord.owner.startswith(visitor_of(share_id, ""), autoescape=True)
    today = FileRecord.created >= moment.replace(hour=0, minute=0, second=0, microsecond=0)
    sizes = select(func.sum(FileRecord.size_bytes)).where(sent, theirs, today)
    if (session.scalar(sizes) or 0) > MAX_SENT_BYTES:
        raise LimitReached(
            "More files were sent to this agent today than it may keep. Ask without a file, or tomorrow.",
            retry_after_s=until_tomorrow_s(moment),
            fault="files",
        )


def _opening(*columns: InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    """These columns of links that open at the `moment`: something of the agent is live."""
    in_time = or_(ShareRecord.expires.is_(None), ShareRecord.expires > bindparam("moment"))
    opens = and_(ShareRecord.revoked.is_(None), in_time, AgentRecord.deleted_at.is_(None), ReleaseRecord.live)
    joined = select(*columns).join(AgentRecord, ShareRecord.agent_id == AgentRecord.id)
    return joined.join(ReleaseRecord, ReleaseRecord.agent_id == AgentRecord.id).where(opens)


# Made once: building a statement costs as much as running it.
_OPEN = _opening(
    ShareRecord.id,
    ShareRecord.slug,
    AgentRecord.owner,
    AgentRecord.id,
    ShareRecord.visibility,
    ShareRecord.origins,
    ShareRecord.tools,
    ReleaseRecord.id,
)
_AT = _OPEN.where(ShareRecord.slug == bindparam("slug"))
# Held until the transaction ends, so that no two answers see the same rest.
_LIMITS = (
    _opening(ShareRecord.agent_id, ShareRecord.limits)
    .where(ShareRecord.id == bindparam("share_id"))
    .with_for_update(of=ShareRecord)
)


def _owned(session: Session, owner: str, agent_id: str, share_id: str, *, also_revoked: bool = False) -> ShareRecord:
    living_agent(session, owner, agent_id)
    record = session.get(ShareRecord, share_id) if is_clean(share_id) else None
    if record is None or record.agent_id != agent_id or (record.revoked is not None and not also_revoked):
        raise NotFound(f"The agent has no link {share_id[:40]!r}.")
    return record


def _set(record: ShareRecord, terms: Terms) -> None:
    record.visibility, record.expires = terms.visibility, terms.expires
    record.limits, record.origins = terms.limits.model_dump_json(), json.dumps(terms.origins)
    record.tools = json.dumps(terms.tools)


def _link(record: ShareRecord, today: Used) -> SharedLink:
    terms = Terms(
        cast(Visibility, record.visibility),
        ShareLimits.model_validate_json(record.limits),
        tuple(json.loads(record.origins)),
        record.expires,
        tuple(json.loads(record.tools)),
    )
    return SharedLink(record.id, record.slug, terms, record.created, record.revoked, today)


def _open(
    share_id: str, slug: str, owner: str, agent_id: str, visibility: Visibility, origins: str, tools: str, release: str
) -> OpenLink:
    """The columns of `_OPEN`, in that order."""
    may = frozenset(json.loads(tools))
    return OpenLink(share_id, slug, owner, agent_id, visibility, tuple(json.loads(origins)), may, release)
