"""What agents' knowledge was found to be like when it was asked its own questions: the last report of each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import CheckRecord


@dataclass(frozen=True, slots=True)
class StoredCheck:
    basis: str
    """A digest of what was known by then."""
    report: str
    """As JSON."""
    made: datetime


class CheckStore:
    """The reports of each user's agents. Those of somebody else, and of a deleted agent, are `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, owner: str, agent_id: str) -> StoredCheck | None:
        def work(session: Session) -> StoredCheck | None:
            living_agent(session, owner, agent_id)
            record = session.get(CheckRecord, agent_id)
            return StoredCheck(record.basis, record.report, record.made) if record else None

        return await self._database.read(work)

    async def put(self, owner: str, agent_id: str, *, basis: str, report: str) -> None:
        """In the place of the one before."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            session.merge(CheckRecord(agent_id=agent_id, basis=basis, report=report, made=now()))

        await self._database.write(work)
