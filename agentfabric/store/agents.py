"""Agents, kept as the JSON documents they are."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from agentfabric.store.base import new_id, now
from agentfabric.store.database import Database
from agentfabric.store.owned import owned
from agentfabric.store.records import AgentRecord, ReleaseRecord
from agentfabric.store.writing import (
    BY_HAND,
    Mark,
    Source,
    initial_marks,
    new_version,
    put_document,
    read_list,
    read_marks,
    write,
    write_marks,
)
from builder_core.draft import Author, AuthorOf, Change
from user_agent.config import AgentConfig
from user_agent.errors import ConfigError, Conflict, NotFound

BEING_ERASED = datetime(1970, 1, 1, tzinfo=UTC)
"""When an agent was deleted that nobody can bring back any more. Should the server end meanwhile, it goes on."""


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent as the store has it. `revision` counts from 1 and rises at every write."""

    id: str
    owner: str
    config: AgentConfig
    revision: int
    created: datetime
    updated: datetime
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    """Who set which field; a tool's tick is `tools.<id>`. Nobody knows it of fields that are filled in and not here."""
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSummary:
    """What a list shows of an agent."""

    id: str
    revision: int
    name: str
    avatar: str
    description: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """The agent after a write, and what the write did."""

    agent: StoredAgent
    change: Change


class AgentStore:
    """Each user's agents. An agent of somebody else, and a deleted one, is `NotFound`."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        owner: str,
        config: AgentConfig,
        author: Author,
        *,
        agent_id: str | None = None,
        marks: Mapping[str, Mark] | None = None,
        also: Callable[[Session], None] = lambda _: None,
    ) -> StoredAgent:
        """A new agent at revision 1, under a new id or the given one. Raises `ConfigError` for an unusable document.

        `marks` say who set its fields, where that is not `author`. `also` writes more in the same transaction.
        """

        def work(session: Session) -> StoredAgent:
            moment = self._clock()
            record = AgentRecord(
                id=agent_id or new_id(), owner=owner, revision=1, author=author, created=moment, updated=moment
            )
            put_document(record, config)
            record.marks = write_marks(initial_marks(config, author, moment) if marks is None else marks)
            record.locks = "[]"
            session.add(record)
            session.flush()
            session.add(new_version(record, number=1))
            also(session)
            return stored_agent(record)

        return await self._database.write(work)

    async def get(self, owner: str, agent_id: str) -> StoredAgent:
        return await self._database.read(lambda session: stored_agent(living(session, owner, agent_id)))

    async def in_use(self, owner: str) -> list[AgentConfig]:
        """The configurations that answer somebody: every draft, and what is live of each agent. One that this version
        cannot read answers nobody."""
        theirs = AgentRecord.owner == owner, AgentRecord.deleted_at.is_(None)
        live = select(ReleaseRecord.document).join(AgentRecord, ReleaseRecord.agent_id == AgentRecord.id)
        wanted = union(select(AgentRecord.document).where(*theirs), live.where(*theirs, ReleaseRecord.live))

        def work(session: Session) -> list[AgentConfig]:
            return readable(session.scalars(wanted))

        return await self._database.read(work)

    async def list(self, owner: str) -> list[AgentSummary]:
        """The user's agents, the one that changed last first."""
        wanted = (
            select(
                AgentRecord.id,
                AgentRecord.revision,
                AgentRecord.name,
                AgentRecord.avatar,
                AgentRecord.description,
                AgentRecord.updated,
            )
            .where(AgentRecord.owner == owner, AgentRecord.deleted_at.is_(None))
            .order_by(AgentRecord.updated.desc(), AgentRecord.id)
        )
        return await self._database.read(lambda session: [AgentSummary(*row) for row in session.execute(wanted)])

    async def edit(
        self,
        owner: str,
        agent_id: str,
        change: Callable[[AgentConfig], AgentConfig],
        *,
        author_of: AuthorOf,
        source: Source = BY_HAND,
        expected_revision: int | None = None,
        also: Callable[[Session], None] = lambda _: None,
    ) -> Edited:
        """Read, change and write in one transaction, in a worker thread. `change` is called once, whatever else writes.

        The revision rises only where the document differs afterwards; locked fields stay as they are and are refused.
        Raises `Conflict` where the agent is not at `expected_revision`, and what `change` raises; then nothing is
        written. `also` writes more in the same transaction.
        """

        def work(session: Session) -> Edited:
            record = living(session, owner, agent_id, lock=True)
            stored = stored_agent(record)
            if expected_revision is not None:
                require_revision(stored, expected_revision)
            done = write(
                session, record, change(stored.config), author_of=author_of, moment=self._clock(), source=source
            )
            also(session)
            return Edited(stored_agent(record), done)

        return await self._database.write(work)

    async def delete(self, owner: str, agent_id: str) -> None:
        """Take the agent out of sight, with its conversations. `undelete` brings everything back."""

        def work(session: Session) -> None:
            living(session, owner, agent_id, lock=True).deleted_at = now()

        await self._database.write(work)

    async def undelete(self, owner: str, agent_id: str) -> None:
        """Bring a deleted agent back as it was. Nothing happens to one that was not deleted.

        Raises `NotFound` for one that is being erased.
        """

        def work(session: Session) -> None:
            record = owned(session, AgentRecord, owner, agent_id, lock=True)
            if record.deleted_at == BEING_ERASED:
                raise NotFound(f"There is no agent {agent_id!r}.")
            record.deleted_at = None

        await self._database.write(work)


def require_revision(agent: StoredAgent, expected: int) -> None:
    """Raises `Conflict` where the agent is not at that revision."""
    if agent.revision != expected:
        raise Conflict(
            f"The agent is at revision {agent.revision}, not {expected}. Load it and try again.",
            revision=agent.revision,
        )


def living(session: Session, owner: str, agent_id: str, *, lock: bool = False) -> AgentRecord:
    """The user's row of an agent that was not deleted. Raises `NotFound`."""
    record = owned(session, AgentRecord, owner, agent_id, lock=lock)
    if record.deleted_at is not None:
        raise NotFound(f"There is no agent {agent_id!r}.")
    return record


def stored_agent(record: AgentRecord) -> StoredAgent:
    return StoredAgent(
        id=record.id,
        owner=record.owner,
        config=AgentConfig.from_json(record.document),
        revision=record.revision,
        created=record.created,
        updated=record.updated,
        marks=read_marks(record.marks),
        locks=read_list(record.locks),
    )


def readable(documents: Iterable[str]) -> list[AgentConfig]:
    """Those of the documents that this version can read."""
    found: list[AgentConfig] = []
    for document in documents:
        with suppress(ConfigError):
            found.append(AgentConfig.from_json(document))
    return found
