"""What is kept about an agent's knowledge: what a model said of its passages, and what a person knows of already."""

from collections.abc import Collection
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import KnowledgeNoteRecord

NoteKind = Literal["questions", "pair", "dismissed", "told"]
"""What a model asks a file; what it said of two passages; what a person waved aside; what the builder told."""


class NoteStore:
    """The notes of each user's agents: JSON by kind and key. Raises `NotFound` for those of others, or deleted ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, owner: str, agent_id: str, kind: NoteKind) -> dict[str, str]:
        """Those of a kind, by their keys."""
        wanted = select(KnowledgeNoteRecord.key, KnowledgeNoteRecord.value).where(
            KnowledgeNoteRecord.agent_id == agent_id, KnowledgeNoteRecord.kind == kind
        )

        def work(session: Session) -> dict[str, str]:
            living_agent(session, owner, agent_id)
            return {key: value for key, value in session.connection().execute(wanted)}

        return await self._database.read(work)

    async def put(self, owner: str, agent_id: str, kind: NoteKind, notes: dict[str, str]) -> None:
        """Each in the place of the one before."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            for key, value in notes.items():
                session.merge(KnowledgeNoteRecord(agent_id=agent_id, kind=kind, key=key, value=value, made=now()))

        await self._database.write(work)

    async def drop(self, owner: str, agent_id: str, kind: NoteKind, keys: Collection[str]) -> None:
        """Forget these, where they are there."""
        gone = delete(KnowledgeNoteRecord).where(
            KnowledgeNoteRecord.agent_id == agent_id,
            KnowledgeNoteRecord.kind == kind,
            KnowledgeNoteRecord.key.in_(keys),
        )

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            session.connection().execute(gone)

        await self._database.write(work)
