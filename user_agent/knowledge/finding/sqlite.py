"""One agent's index in a file of its own, that SQLite keeps, with its vectors in memory."""

import asyncio
import sqlite3
import threading
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.knowledge.finding import tables
from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.knowledge.finding.keeping import Dense, Looked, Replaced
from user_agent.knowledge.finding.lexical import candidates, hits_of, rows_among, search_in
from user_agent.knowledge.finding.reading import question
from user_agent.knowledge.finding.turns import Turns
from user_agent.knowledge.finding.wanted import scored
from user_agent.knowledge.index import Hit, Statistics
from user_agent.knowledge.passages import Passage

if TYPE_CHECKING:
    from types import ModuleType

    from user_agent.knowledge.embeddings.base import Vectors


class SqliteIndex(FusedIndex):
    """An index at a path. A file that is damaged, or of another version of this program, is begun anew: `files` says
    what it holds."""

    def __init__(self, path: Path, *, embedders: Sequence[Embedder] = (), reranker: Reranker | None = None) -> None:
        super().__init__(SqliteKeeping(path), embedders=embedders, reranker=reranker)


class SqliteKeeping:
    """A `Keeping` in a file. Reads and writes take turns, each on a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opening = threading.Lock()
        self.writing = Turns(self._open)
        self._reading = Turns(self._open_reading)

    async def put(self, file: str, passages: Sequence[Passage]) -> Replaced:
        return await self.writing.take(lambda connection: tables.put(connection, file, passages))

    async def remove(self, file: str) -> list[int]:
        return await self.writing.take(lambda connection: tables.remove(connection, file))

    async def look(self, query: str, files: Collection[str] | None) -> Looked:
        return await self._reading.take(partial(_look, query=query, files=files))

    async def hits(self, best: list[tuple[int, float]]) -> tuple[Hit, ...]:
        return await self._reading.take(lambda connection: hits_of(connection, best))

    async def passages(self, file: str, start: int, limit: int) -> tuple[Passage, ...]:
        return await self._reading.take(lambda connection: tables.passages_of(connection, file, start, limit))

    async def files(self) -> frozenset[str]:
        return await self._reading.take(tables.files_of)

    async def statistics(self, files: Collection[str] | None) -> Statistics:
        return await self._reading.take(partial(tables.statistics_of, files=files))

    async def missing(self, model: str, after: int, limit: int) -> list[tuple[int, str]]:
        stored = await asyncio.to_thread(_stored_vectors)
        return await self._reading.take(partial(stored.missing, model=model, after=after, limit=limit))

    async def store(self, model: str, rows: Sequence[int], vectors: "Vectors") -> list[int]:
        stored = await asyncio.to_thread(_stored_vectors)
        return await self.writing.take(partial(stored.store, model=model, rows=rows, vectors=vectors))

    async def sampled(self, model: str, most: int) -> list[tuple[int, str]]:
        stored = await asyncio.to_thread(_stored_vectors)
        return await self._reading.take(partial(stored.sampled, model=model, most=most))

    async def vectors_of(self, model: str, rows: Sequence[int]) -> "tuple[list[int], Vectors] | None":
        stored = await asyncio.to_thread(_stored_vectors)
        return await self._reading.take(partial(stored.vectors_of, model=model, rows=rows))

    async def coverage(self) -> dict[str, int]:
        stored = await asyncio.to_thread(_stored_vectors)
        return await self._reading.take(stored.coverage)

    async def load(self, model: str) -> Dense | None:
        stored = await asyncio.to_thread(_stored_vectors)
        return await self._reading.take(partial(stored.load, model=model))

    async def forget_others(self, model: str) -> None:
        stored = await asyncio.to_thread(_stored_vectors)
        await self.writing.take(partial(stored.forget_others, model=model))

    async def close(self) -> None:
        await self._reading.close()
        await self.writing.close()

    def _open(self) -> sqlite3.Connection:
        with self._opening:
            return tables.open_writing(self.path)

    def _open_reading(self) -> sqlite3.Connection:
        # Reading alone makes no tables, and every file may be the first.
        self._open().close()
        return tables.open_reading(self.path)


def _look(connection: sqlite3.Connection, query: str, files: Collection[str] | None) -> Looked:
    search = search_in(connection, question(query))
    if files is not None and tables.files_of(connection) <= set(files):
        files = None
    among = None if files is None else rows_among(connection, files)
    return Looked(scored(search, candidates(connection, search, files)), among)


def _stored_vectors() -> "ModuleType":
    """What needs FAISS and NumPy: a quarter of a second, in a thread, for those who have embeddings."""
    from user_agent.knowledge.finding import stored_vectors

    return stored_vectors
