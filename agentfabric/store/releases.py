"""What of an agent was published: versions frozen under a number, of which one is live, or none."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from agentfabric.store.agents import require_revision, stored_agent
from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import AgentRecord, FileRecord, ReleaseRecord, VersionRecord
from agentfabric.store.versions import version_row
from user_agent.config import AgentConfig
from user_agent.errors import NotFound, NothingToPublish

MAX_NUMBER = 2**31
MAX_FROZEN = 100
"""How many releases are kept in memory, as they were parsed."""


# Made once: building a statement costs as much as running it.
_LIVE = (
    select(ReleaseRecord.id)
    .join(AgentRecord, ReleaseRecord.agent_id == AgentRecord.id)
    .where(
        ReleaseRecord.agent_id == bindparam("agent_id"),
        ReleaseRecord.live,
        AgentRecord.owner == bindparam("owner"),
        AgentRecord.deleted_at.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Release:
    """A release as a list shows it. `number` counts from 1 within its agent."""

    id: str
    number: int
    version: int
    """The number of the version that it froze."""
    note: str
    live: bool
    by: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Frozen:
    """What of a release never changes, as answers need it."""

    number: int
    config: AgentConfig


@dataclass(frozen=True, slots=True)
class WholeRelease:
    """A release with its configuration."""

    release: Release
    config: AgentConfig
    tags: Mapping[str, tuple[str, ...]]
    """The files that it knows, by id, with what each was filed under when it was published."""


class ReleaseStore:
    """The releases of each user's agents. An agent of somebody else, and a deleted one, is `NotFound`."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock
        self._frozen: OrderedDict[str, Frozen] = OrderedDict()
        """Of those that were asked for last, by their ids."""

    async def list(self, owner: str, agent_id: str) -> list[Release]:
        """Every release, the newest first."""
        wanted = select(ReleaseRecord).where(ReleaseRecord.agent_id == agent_id).order_by(ReleaseRecord.number.desc())

        def work(session: Session) -> list[Release]:
            living_agent(session, owner, agent_id)
            return [_release(row) for row in session.scalars(wanted)]

        return await self._database.read(work)

    async def get(self, owner: str, agent_id: str, number: int) -> WholeRelease:
        """Raises `NotFound` for a number that the agent does not have."""

        def work(session: Session) -> WholeRelease:
            living_agent(session, owner, agent_id)
            return _whole(_row(session, agent_id, number))

        return await self._database.read(work)

    async def live(self, owner: str, agent_id: str) -> WholeRelease | None:
        """What strangers are shown of the agent; None while it is not published."""

        def work(session: Session) -> WholeRelease | None:
            living_agent(session, owner, agent_id)
            row = _live(session, agent_id)
            return _whole(row) if row else None

        return await self._database.read(work)

    async def is_live(self, owner: str, agent_id: str) -> bool:
        """Whether strangers are shown anything of the agent."""
        asked = {"agent_id": agent_id, "owner": owner}
        return await self._database.read(
            lambda session: session.connection().execute(_LIVE, asked).one_or_none() is not None
        )

    async def frozen(self, release_id: str) -> Frozen | None:
        """The release of that id, read once; None for one that is not there any more."""
        found = self._frozen.get(release_id)
        if found is None:
            found = await self._database.read(lambda session: _frozen(session, release_id))
            if found is None:
                return None
            self._frozen[release_id] = found
            if len(self._frozen) > MAX_FROZEN:
                self._frozen.popitem(last=False)
        self._frozen.move_to_end(release_id)
        return found

    async def publish(
        self, owner: str, agent_id: str, *, version: int | None, note: str, expected_revision: int | None = None
    ) -> WholeRelease:
        """Freeze a version, the newest where none is named, as a release that is live from now on.

        Raises `NotFound` for a version that the agent does not have, `Conflict` where it is not at
        `expected_revision`, and `NothingToPublish` where what is live is the same.
        """

        def work(session: Session) -> WholeRelease:
            agent = living_agent(session, owner, agent_id, lock=True)
            if expected_revision is not None:
                require_revision(stored_agent(agent), expected_revision)
            source = version_row(session, agent_id, version or _newest(session, agent_id))
            live, tags = _live(session, agent_id), _tags_now(session, agent_id, source.document)
            if live is not None and live.document == source.document and json.loads(live.files) == tags:
                raise NothingToPublish(f"Release {live.number} is just like this, and live.", number=live.number)
            last = session.scalar(select(func.max(ReleaseRecord.number)).where(ReleaseRecord.agent_id == agent_id))
            _none_live(session, agent_id)
            row = ReleaseRecord(
                agent_id=agent_id,
                number=(last or 0) + 1,
                version=source.number,
                note=note,
                document=source.document,
                files=json.dumps(tags, ensure_ascii=False),
                live=True,
                created_by=owner,
                created=self._clock(),
            )
            session.add(row)
            session.flush()
            return _whole(row)

        return await self._database.write(work)

    async def make_live(self, owner: str, agent_id: str, number: int) -> WholeRelease:
        """Show strangers this release, and no other. Raises `NotFound`."""

        def work(session: Session) -> WholeRelease:
            living_agent(session, owner, agent_id, lock=True)
            row = _row(session, agent_id, number)
            _none_live(session, agent_id)
            row.live = True
            return _whole(row)

        return await self._database.write(work)

    async def unpublish(self, owner: str, agent_id: str, number: int) -> WholeRelease:
        """Show strangers this release no more; nothing happens to one that was not live. Raises `NotFound`."""

        def work(session: Session) -> WholeRelease:
            living_agent(session, owner, agent_id, lock=True)
            row = _row(session, agent_id, number)
            row.live = False
            return _whole(row)

        return await self._database.write(work)

    async def naming(self, owner: str, agent_id: str, file_id: str) -> bool:
        """Whether any release knows the file: then its content stays what it is."""

        def work(session: Session) -> bool:
            living_agent(session, owner, agent_id)
            held = session.scalars(select(ReleaseRecord.files).where(ReleaseRecord.agent_id == agent_id))
            return any(file_id in json.loads(files) for files in held)

        return await self._database.read(work)


def released_tags(session: Session, agent_id: str) -> dict[str, tuple[str, ...]]:
    """The files that the live release knows, by id, with their tags; none where nothing is live."""
    files = session.scalar(select(ReleaseRecord.files).where(ReleaseRecord.agent_id == agent_id, ReleaseRecord.live))
    return _tags(files) if files else {}


def _newest(session: Session, agent_id: str) -> int:
    return session.scalar(select(func.max(VersionRecord.number)).where(VersionRecord.agent_id == agent_id)) or 0


def _live(session: Session, agent_id: str) -> ReleaseRecord | None:
    return session.scalar(select(ReleaseRecord).where(ReleaseRecord.agent_id == agent_id, ReleaseRecord.live))


def _frozen(session: Session, release_id: str) -> Frozen | None:
    row = session.get(ReleaseRecord, release_id)
    return Frozen(row.number, AgentConfig.from_json(row.document)) if row else None


def _none_live(session: Session, agent_id: str) -> None:
    """In a statement of its own: no two are live at any moment, whatever order the rest is written in."""
    session.execute(
        update(ReleaseRecord).where(ReleaseRecord.agent_id == agent_id, ReleaseRecord.live).values(live=False)
    )


def _row(session: Session, agent_id: str, number: int) -> ReleaseRecord:
    wanted = select(ReleaseRecord).where(ReleaseRecord.agent_id == agent_id, ReleaseRecord.number == number)
    row = session.scalar(wanted) if 0 < number < MAX_NUMBER else None
    if row is None:
        raise NotFound(f"The agent has no release {number}.")
    return row


def _tags_now(session: Session, agent_id: str, document: str) -> dict[str, list[str]]:
    """What a configuration knows, in its order, as it is filed now."""
    wanted = select(FileRecord.id, FileRecord.tags).where(
        FileRecord.agent_id == agent_id, FileRecord.purpose == "knowledge"
    )
    tags = {file_id: json.loads(tags) for file_id, tags in session.execute(wanted)}
    return {file_id: tags[file_id] for file_id in AgentConfig.from_json(document).knowledge if file_id in tags}


def _tags(files: str) -> dict[str, tuple[str, ...]]:
    return {file_id: tuple(tags) for file_id, tags in json.loads(files).items()}


def _whole(row: ReleaseRecord) -> WholeRelease:
    return WholeRelease(_release(row), AgentConfig.from_json(row.document), _tags(row.files))


def _release(row: ReleaseRecord) -> Release:
    return Release(
        id=row.id,
        number=row.number,
        version=row.version,
        note=row.note,
        live=row.live,
        by=row.created_by,
        created=row.created,
    )
