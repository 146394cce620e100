"""Deleted agents: what is in a person's bin, and how the last trace of one leaves the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, union
from sqlalchemy.orm import Session

from agentfabric.store.agents import BEING_ERASED, readable
from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import owned
from agentfabric.store.records import AgentRecord, ConversationRecord, FileRecord, ReleaseRecord, VersionRecord
from user_agent.config import AgentConfig
from user_agent.errors import NotFound

KEPT = timedelta(days=30)
"""How long a deleted agent can be brought back."""


@dataclass(frozen=True, slots=True)
class Binned:
    """A deleted agent as a list shows it."""

    id: str
    name: str
    description: str
    deleted: datetime

    @property
    def erased(self) -> datetime:
        """When it is erased."""
        return self.deleted + KEPT


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file of an agent that goes. `blob` is None where its bytes never arrived."""

    owner: str
    name: str
    media_type: str
    source: str | None
    blob: str | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an agent that goes has outside of its rows."""

    owner: str
    id: str
    conversations: Sequence[str]
    files: Sequence[LeftFile]
    configs: Sequence[AgentConfig]
    """Every configuration that it ever had: they name secrets."""
    others: Sequence[AgentConfig]
    """Those of the person's other agents, in the bin or not, and what is live of them: what they name stays."""


class BinStore:
    """The deleted agents of each user. Those of somebody else, and what is in no bin, are `NotFound`."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def list(self, owner: str) -> list[Binned]:
        """What can still be brought back, the last deleted first."""
        columns = (AgentRecord.id, AgentRecord.name, AgentRecord.description, AgentRecord.deleted_at)
        wanted = select(*columns).where(AgentRecord.owner == owner, AgentRecord.deleted_at > BEING_ERASED)
        wanted = wanted.order_by(AgentRecord.deleted_at.desc(), AgentRecord.id)
        return await self._database.read(lambda session: [Binned(*row) for row in session.execute(wanted)])

    async def claim(self, owner: str, agent_id: str) -> None:
        """Let nobody bring the agent back any more. Raises `NotFound` for one that is in no bin."""

        def work(session: Session) -> None:
            record = owned(session, AgentRecord, owner, agent_id, lock=True)
            if record.deleted_at is None:
                raise NotFound(f"There is no agent {agent_id!r} in the bin.")
            record.deleted_at = BEING_ERASED

        await self._database.write(work)

    async def claim_old(self) -> Sequence[str]:
        """The agents that were in a bin for too long, or whose erasing was interrupted. Nobody brings them back."""
        moment = self._clock() - KEPT

        def work(session: Session) -> list[str]:
            rows = session.scalars(select(AgentRecord).where(AgentRecord.deleted_at <= moment)).all()
            for row in rows:
                row.deleted_at = BEING_ERASED
            return [row.id for row in rows]

        return await self._database.write(work)

    async def leaving(self, agent_id: str) -> Leaving | None:
        """What goes with an agent that was claimed; None where it is gone already."""

        def work(session: Session) -> Leaving | None:
            agent = session.get(AgentRecord, agent_id)
            if agent is None or agent.deleted_at != BEING_ERASED:
                return None
            conversations = session.scalars(
                select(ConversationRecord.id).where(ConversationRecord.agent_id == agent_id)
            ).all()
            files = session.scalars(select(FileRecord).where(_of(agent_id)))
            versions = select(VersionRecord.document).where(VersionRecord.agent_id == agent_id)
            releases = select(ReleaseRecord.document).where(ReleaseRecord.agent_id == agent_id)
            documents = {agent.document, *session.scalars(versions), *session.scalars(releases)}
            of_others = AgentRecord.owner == agent.owner, AgentRecord.id != agent_id
            live = select(ReleaseRecord.document).join(AgentRecord, ReleaseRecord.agent_id == AgentRecord.id)
            others = union(select(AgentRecord.document).where(*of_others), live.where(*of_others, ReleaseRecord.live))
            return Leaving(
                agent.owner,
                agent_id,
                conversations,
                [LeftFile(file.owner, file.name, file.media_type, file.source, file.blob) for file in files],
                readable(documents),
                readable(session.scalars(others)),
            )

        return await self._database.read(work)

    async def erase(self, agent_id: str) -> None:
        """Every row that is the agent's, or of something that is: the database knows which."""

        def work(session: Session) -> None:
            session.execute(delete(FileRecord).where(_of(agent_id)))
            session.execute(
                delete(AgentRecord).where(AgentRecord.id == agent_id, AgentRecord.deleted_at == BEING_ERASED)
            )

        await self._database.write(work)


def _of(agent_id: str) -> ColumnElement[bool]:
    """The agent's own files, and those of conversations with it, whoever sent them."""
    conversations = select(ConversationRecord.id).where(ConversationRecord.agent_id == agent_id)
    return or_(FileRecord.agent_id == agent_id, FileRecord.conversation_id.in_(conversations))
