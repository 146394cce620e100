"""Every version of an agent, and the way back to one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.agents import Edited, living, stored_agent
from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import ReleaseRecord, VersionRecord
from agentfabric.store.restoring import with_fields_of
from agentfabric.store.writing import IDLE_S, read_list, read_marks, write
from builder_core.briefs import briefs
from builder_core.draft import Author, FieldChange, differences
from builder_core.policies import leaves_in, without_new_leaves
from user_agent.config import AgentConfig
from user_agent.errors import NotFound

NOTHING = AgentConfig.from_document({})
"""What there was before the first version."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version as a list shows it. `number` counts from 1; `fields` are those that its writes changed."""

    number: int
    revision: int
    author: Author
    turn: str | None
    said: str
    """The message that asked for it, empty where none did."""
    fields: tuple[str, ...]
    changes: tuple[FieldChange, ...]
    """What makes it differ from the version before it, each in a line."""
    created: datetime
    updated: datetime
    closed: bool
    """Whether the next write begins another version, whatever it is."""
    release: int | None
    """The number of the last release that published it."""


@dataclass(frozen=True, slots=True)
class WholeVersion:
    """A version with its configuration."""

    version: Version
    config: AgentConfig
    changes: tuple[FieldChange, ...]
    """What makes it differ from the version before it."""
    since: tuple[FieldChange, ...]
    """What makes the agent as it is now differ from it."""


class VersionStore:
    """The versions of each user's agents. An agent of somebody else, and a deleted one, is `NotFound`."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def list(self, owner: str, agent_id: str) -> list[Version]:
        """Every version, the newest first."""
        wanted = select(VersionRecord).where(VersionRecord.agent_id == agent_id).order_by(VersionRecord.number.desc())

        def work(session: Session) -> list[Version]:
            living(session, owner, agent_id)
            rows: Sequence[VersionRecord] = session.scalars(wanted).all()
            published = _published(session, agent_id)
            configs = [AgentConfig.from_json(row.document) for row in rows]
            return [
                self._version(
                    row, _changed(row, before, config), newest=row is rows[0], release=published.get(row.number)
                )
                for row, config, before in zip(rows, configs, [*configs[1:], NOTHING], strict=True)
            ]

        return await self._database.read(work)

    async def get(self, owner: str, agent_id: str, number: int) -> WholeVersion:
        """Raises `NotFound` for a number that the agent does not have."""

        def work(session: Session) -> WholeVersion:
            record = living(session, owner, agent_id)
            row = version_row(session, agent_id, number)
            config = AgentConfig.from_json(row.document)
            previous = session.get(VersionRecord, (agent_id, number - 1))
            changes = _changed(row, AgentConfig.from_json(previous.document) if previous else NOTHING, config)
            newest = session.get(VersionRecord, (agent_id, number + 1)) is None
            present, author = AgentConfig.from_json(record.document), cast(Author, record.author)
            return WholeVersion(
                version=self._version(row, changes, newest=newest, release=_published(session, agent_id).get(number)),
                config=config,
                changes=changes,
                since=differences(config, present, lambda _: author),
            )

        return await self._database.read(work)

    async def restore(self, owner: str, agent_id: str, number: int, fields: Collection[str] = ()) -> Edited:
        """The agent as it was in that version, or these `fields` of it, but for what is locked. What it was until now
        stays a version.

        What may write unasked is what may now: a leave that was taken back since does not come back with the rest.
        Raises `NotFound` for a number that the agent does not have, and for a field that there is none of.
        """

        def work(session: Session) -> Edited:
            record = living(session, owner, agent_id, lock=True)
            row = version_row(session, agent_id, number)
            before = AgentConfig.from_json(record.document)
            whole = AgentConfig.from_json(row.document)
            wanted = with_fields_of(before, whole, fields) if fields else whole
            then, _ = without_new_leaves(wanted.document, leaves_in(before))
            marked_now, marked_then = read_marks(record.marks), read_marks(row.marks)
            done = write(
                session,
                record,
                AgentConfig.from_document(then),
                author_of=lambda _: "restore",
                moment=self._clock(),
                marks={field: marked_then.get(field) for field in marked_now.keys() | marked_then.keys()},
            )
            return Edited(stored_agent(record), done)

        return await self._database.write(work)

    def _version(
        self, row: VersionRecord, changes: Iterable[FieldChange], *, newest: bool, release: int | None
    ) -> Version:
        return Version(
            number=row.number,
            revision=row.revision,
            author=cast(Author, row.author),
            turn=row.turn_id,
            said=row.said,
            fields=read_list(row.fields),
            changes=tuple(line for change in changes for line in briefs(change)),
            created=row.created,
            updated=row.updated,
            closed=release is not None or not newest or self._clock() - row.updated >= timedelta(seconds=IDLE_S),
            release=release,
        )


def _changed(row: VersionRecord, before: AgentConfig, config: AgentConfig) -> tuple[FieldChange, ...]:
    return differences(before, config, lambda _: cast(Author, row.author))


def _published(session: Session, agent_id: str) -> dict[int, int]:
    """The last release of each version that was published, by their numbers."""
    wanted = select(ReleaseRecord.version, ReleaseRecord.number).where(ReleaseRecord.agent_id == agent_id)
    return {version: release for version, release in session.execute(wanted.order_by(ReleaseRecord.number))}


def version_row(session: Session, agent_id: str, number: int) -> VersionRecord:
    """A version of an agent, which is the caller's. Raises `NotFound`."""
    row = session.get(VersionRecord, (agent_id, number)) if 0 < number < 2**31 else None
    if row is None:
        raise NotFound(f"The agent has no version {number}.")
    return row
