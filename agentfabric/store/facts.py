"""What agents know of the people they talk with: facts by person and agent, each pair apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import FactRecord
from user_agent.errors import NotFound

MAX_FACTS = 100
"""Of one person, for one agent."""


@dataclass(frozen=True, slots=True)
class StoredFact:
    id: str
    text: str
    created: datetime
    updated: datetime


class FactStore:
    """The facts about each person. An agent of somebody else, and a deleted one, is `NotFound`.

    They are about the agent's owner, or with `about` of somebody else who speaks with it. They go with their agent: out
    of sight when it is put away, for good when it is erased. A copy of it knows nothing.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, owner: str, agent_id: str, *, about: str | None = None) -> Sequence[StoredFact]:
        """In the order in which they were noted."""

        def work(session: Session) -> list[StoredFact]:
            living_agent(session, owner, agent_id)
            return [_value(record) for record in session.scalars(_facts(about or owner, agent_id))]

        return await self._database.read(work)

    async def add(self, owner: str, agent_id: str, text: str, *, about: str | None = None) -> StoredFact | None:
        """The fact as it is kept; the one that says the same already, where there is one. None: there are too many."""

        def work(session: Session) -> StoredFact | None:
            living_agent(session, owner, agent_id, lock=True)
            known = session.scalars(_facts(about or owner, agent_id)).all()
            same = next((record for record in known if record.text.casefold() == text.casefold()), None)
            if same is not None:
                return _value(same)
            if len(known) >= MAX_FACTS:
                return None
            record = FactRecord(agent_id=agent_id, owner=about or owner, text=text)
            session.add(record)
            session.flush()
            return _value(record)

        return await self._database.write(work)

    async def change(self, owner: str, agent_id: str, fact_id: str, text: str) -> StoredFact:
        """The fact with another text."""

        def work(session: Session) -> StoredFact:
            living_agent(session, owner, agent_id)
            record = session.scalar(_facts(owner, agent_id).where(FactRecord.id == fact_id))
            if record is None:
                raise NotFound(f"There is no fact {fact_id[:40]!r}.")
            record.text, record.updated = text, now()
            return _value(record)

        return await self._database.write(work)

    async def delete(self, owner: str, agent_id: str, fact_id: str, *, about: str | None = None) -> bool:
        """The fact is gone afterwards; whether there was one."""

        def work(session: Session) -> bool:
            living_agent(session, owner, agent_id)
            gone = delete(FactRecord).where(
                FactRecord.agent_id == agent_id, FactRecord.owner == (about or owner), FactRecord.id == fact_id
            )
            return bool(session.connection().execute(gone).rowcount)

        return await self._database.write(work)

    async def clear(self, owner: str, agent_id: str, *, about: str | None = None) -> None:
        """Nothing is known afterwards."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            person = about or owner
            session.execute(delete(FactRecord).where(FactRecord.agent_id == agent_id, FactRecord.owner == person))

        await self._database.write(work)


def _facts(person: str, agent_id: str) -> Select[FactRecord]:
    wanted = select(FactRecord).where(FactRecord.agent_id == agent_id, FactRecord.owner == person)
    return wanted.order_by(FactRecord.created, FactRecord.id)


def _value(record: FactRecord) -> StoredFact:
    return StoredFact(record.id, record.text, record.created, record.updated)
