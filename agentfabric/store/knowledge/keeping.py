"""Indexes of knowledge in PostgreSQL: who opens the room for them, and what one index keeps there."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.knowledge import tables, words, writing
from user_agent.knowledge.embeddings.problems import NoVectors
from user_agent.knowledge.finding.keeping import Dense, Keeping, Looked, Replaced
from user_agent.knowledge.index import Hit, Statistics
from user_agent.knowledge.passages import Passage

if TYPE_CHECKING:
    from types import ModuleType

    from user_agent.knowledge.embeddings.base import Vectors

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

T = TypeVar("T")


class KnowledgeDatabase:
    """All indexes in a database, which is opened for them alone: a long search holds up nobody's conversation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._has_vectors = False

    async def open(self) -> None:
        """Make what is missing. Raises `ConfigError` for a database that cannot be opened."""
        await self.database.open()
        while not await self.database.write(tables.prepare):
            pass
        try:
            await self.database.write(lambda session: session.execute(text("CREATE EXTENSION IF NOT EXISTS vector")))
            self._has_vectors = True
        except DBAPIError as error:
            reason = str(error.orig).splitlines()[0]
            cure = "Install pgvector 0.5 or later, and have an administrator say `CREATE EXTENSION vector`."
            log.warning("knowledge_without_vectors", reason=reason, cure=cure)

    def kept(self, name: str) -> Keeping:
        """What the index of that name keeps. It is made when something is put into it."""
        return _Kept(self.database, name, has_vectors=self._has_vectors)

    async def forget(self, name: str) -> None:
        """An index is gone, with all that was in it."""
        await self.database.write(lambda session: tables.erase(session, name))

    async def close(self) -> None:
        await self.database.close()


class _Kept:
    """A `Keeping` of one collection."""

    def __init__(self, database: Database, name: str, *, has_vectors: bool) -> None:
        self._database = database
        self._name = name
        self._has_vectors = has_vectors
        self._closed = False

    async def put(self, file: str, passages: Sequence[Passage]) -> Replaced:
        return await self._write(lambda session: writing.put(session, self._name, file, passages))

    async def remove(self, file: str) -> list[int]:
        return await self._write(lambda session: writing.remove(session, self._name, file))

    async def look(self, query: str, files: Collection[str] | None) -> Looked:
        return await self._read(lambda session: words.look(session, self._name, query, files))

    async def hits(self, best: list[tuple[int, float]]) -> tuple[Hit, ...]:
        return await self._read(lambda session: words.hits_of(session, best)) if best else ()

    async def passages(self, file: str, start: int, limit: int) -> tuple[Passage, ...]:
        return await self._read(lambda session: tables.passages_of(session, self._name, file, start, limit))

    async def files(self) -> frozenset[str]:
        return await self._read(lambda session: tables.files_of(session, self._name))

    async def statistics(self, files: Collection[str] | None) -> Statistics:
        return await self._read(lambda session: tables.statistics_of(session, self._name, files))

    async def missing(self, model: str, after: int, limit: int) -> list[tuple[int, str]]:
        stored = await self._vectors()
        return await self._read(lambda session: stored.missing(session, self._name, model, after, limit))

    async def store(self, model: str, rows: Sequence[int], vectors: "Vectors") -> list[int]:
        stored = await self._vectors()
        there = await self._write(lambda session: stored.store(session, self._name, model, rows, vectors))
        await self._write(lambda session: stored.ensure_index(session, self._name, model))
        return there

    async def sampled(self, model: str, most: int) -> list[tuple[int, str]]:
        stored = await self._vectors()
        return await self._read(lambda session: stored.sampled(session, self._name, model, most))

    async def vectors_of(self, model: str, rows: Sequence[int]) -> "tuple[list[int], Vectors] | None":
        stored = await self._vectors()
        return await self._read(lambda session: stored.vectors_of(session, self._name, model, rows))

    async def coverage(self) -> dict[str, int]:
        stored = await self._vectors()
        return await self._read(lambda session: stored.coverage(session, self._name))

    async def load(self, model: str) -> Dense | None:
        stored = await self._vectors()
        return await self._read(lambda session: stored.load(session, self._database, self._name, model))

    async def forget_others(self, model: str) -> None:
        stored = await self._vectors()
        await self._write(lambda session: stored.forget_others(session, self._name, model))

    async def close(self) -> None:
        self._closed = True

    async def _vectors(self) -> "ModuleType":
        if not self._has_vectors:
            raise NoVectors
        return await asyncio.to_thread(_load_vectors)

    async def _read(self, work: Callable[[Session], T]) -> T:
        self._refuse_when_closed()
        return await self._database.read(work)

    async def _write(self, work: Callable[[Session], T]) -> T:
        self._refuse_when_closed()
        return await self._database.write(work)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise RuntimeError("the index is closed")


def _load_vectors() -> "ModuleType":
    """What needs NumPy, in a thread, for those who have embeddings."""
    from agentfabric.store.knowledge import vectors

    return vectors
