"""Agents, kept as the JSON documents they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.owned import owned
from agentfabric.store.records import AgentRecord, new_id, now
from builder_core.draft import Author, AuthorOf, Change, differences
from user_agent.config import AgentConfig, parse_document
from user_agent.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent as the store has it. `revision` counts from 1 and rises at every write."""

    id: str
    owner: str
    config: AgentConfig
    revision: int
    created: datetime
    updated: datetime


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

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, owner: str, config: AgentConfig, author: Author, *, agent_id: str | None = None
    ) -> StoredAgent:
        """A new agent at revision 1, under a new id or the given one. Raises `ConfigError` for an unusable document."""

        def work(session: Session) -> StoredAgent:
            record = AgentRecord(id=agent_id or new_id(), owner=owner, revision=1, author=author)
            _write(record, config)
            session.add(record)
            session.flush()
            return _stored(record, config)

        return await self._database.write(work)

    async def get(self, owner: str, agent_id: str) -> StoredAgent:
        return await self._database.read(lambda session: _read(_living(session, owner, agent_id)))

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
        expected_revision: int | None = None,
    ) -> Edited:
        """Read, change and write in one transaction, in a worker thread. `change` is called once, whatever else writes.

        The revision rises only where the document differs afterwards. Raises `Conflict` where the agent is not at
        `expected_revision`, and what `change` raises; then nothing is written.
        """

        def work(session: Session) -> Edited:
            record = _living(session, owner, agent_id, lock=True)
            stored = _read(record)
            if expected_revision is not None:
                require_revision(stored, expected_revision)
            before = stored.config
            after = change(before)
            changes = differences(before, after, author_of)
            if after.to_json() != record.document:
                _write(record, after)
                record.revision += 1
                record.updated = now()
                record.author = changes[-1].author if changes else record.author
            return Edited(_stored(record, after), Change(revision=record.revision, changes=changes))

        return await self._database.write(work)

    async def delete(self, owner: str, agent_id: str) -> None:
        """Take the agent out of sight, with its conversations. `undelete` brings everything back."""

        def work(session: Session) -> None:
            _living(session, owner, agent_id, lock=True).deleted_at = now()

        await self._database.write(work)

    async def undelete(self, owner: str, agent_id: str) -> None:
        """Bring a deleted agent back as it was. Nothing happens to one that was not deleted."""

        def work(session: Session) -> None:
            owned(session, AgentRecord, owner, agent_id, lock=True).deleted_at = None

        await self._database.write(work)


def require_revision(agent: StoredAgent, expected: int) -> None:
    """Raises `Conflict` where the agent is not at that revision."""
    if agent.revision != expected:
        raise Conflict(
            f"The agent is at revision {agent.revision}, not {expected}. Load it and try again.",
            revision=agent.revision,
        )


def _living(session: Session, owner: str, agent_id: str, *, lock: bool = False) -> AgentRecord:
    record = owned(session, AgentRecord, owner, agent_id, lock=lock)
    if record.deleted_at is not None:
        raise NotFound(f"There is no agent {agent_id!r}.")
    return record


def _read(record: AgentRecord) -> StoredAgent:
    return _stored(record, AgentConfig.from_json(record.document))


def _write(record: AgentRecord, config: AgentConfig) -> None:
    """Put the document into the row. Raises `ConfigError` for one that could not be read back."""
    document = config.to_json()
    parse_document(document)
    record.document = document
    record.name, record.avatar, record.description = config.name, config.avatar, config.description


def _stored(record: AgentRecord, config: AgentConfig) -> StoredAgent:
    return StoredAgent(record.id, record.owner, config, record.revision, record.created, record.updated)
