"""What agents keep for their users from one conversation to the next: values by key, each agent's apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import ValueRecord
from user_agent.storable import is_clean

MAX_VALUES = 500
MAX_CHARS = 1_000_000
"""Of the values of one agent together."""


@dataclass(frozen=True, slots=True)
class StoredValue:
    key: str
    value: str
    """As JSON."""
    updated: datetime


class ValueStore:
    """The values of each user's agents. An agent of somebody else, and a deleted one, is `NotFound`.

    They go with their agent: out of sight when it is put away, for good when it is erased. A copy of it begins empty.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, owner: str, agent_id: str) -> Sequence[StoredValue]:
        """All of them, in the order of their keys."""

        def work(session: Session) -> list[StoredValue]:
            living_agent(session, owner, agent_id)
            wanted = select(ValueRecord).where(ValueRecord.agent_id == agent_id).order_by(ValueRecord.key)
            return [StoredValue(row.key, row.value, row.updated) for row in session.scalars(wanted)]

        return await self._database.read(work)

    async def get(self, owner: str, agent_id: str, key: str) -> str | None:
        """The value as JSON; None where there is none."""

        def work(session: Session) -> str | None:
            living_agent(session, owner, agent_id)
            found = session.get(ValueRecord, (agent_id, key)) if is_clean(key) else None
            return found.value if found else None

        return await self._database.read(work)

    async def put(self, owner: str, agent_id: str, key: str, value: str) -> bool:
        """Keep a value, in place of an older one. False, and nothing is kept, where there is no room for it."""

        def work(session: Session) -> bool:
            living_agent(session, owner, agent_id, lock=True)
            others = select(func.count(), func.coalesce(func.sum(func.length(ValueRecord.value)), 0)).where(
                ValueRecord.agent_id == agent_id, ValueRecord.key != key
            )
            count, chars = session.execute(others).one()
            if count >= MAX_VALUES or chars + len(value) > MAX_CHARS:
                return False
            session.merge(ValueRecord(agent_id=agent_id, key=key, value=value, updated=now()))
            return True

        return await self._database.write(work)

    async def delete(self, owner: str, agent_id: str, key: str) -> bool:
        """The value is gone afterwards; whether there was one."""

        def work(session: Session) -> bool:
            living_agent(session, owner, agent_id)
            gone = delete(ValueRecord).where(ValueRecord.agent_id == agent_id, ValueRecord.key == key)
            return is_clean(key) and bool(session.connection().execute(gone).rowcount)

        return await self._database.write(work)

    async def clear(self, owner: str, agent_id: str) -> None:
        """All values of the agent are gone afterwards."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            session.execute(delete(ValueRecord).where(ValueRecord.agent_id == agent_id))

        await self._database.write(work)
