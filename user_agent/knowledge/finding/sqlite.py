"""One agent's index in a file of its own, that SQLite keeps."""

import sqlite3
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from user_agent.knowledge.finding import tables
from user_agent.knowledge.finding.lexical import candidates, hits_of, scored, search_for
from user_agent.knowledge.finding.reading import question
from user_agent.knowledge.finding.turns import Turns
from user_agent.knowledge.index import Found, Hit, Statistics
from user_agent.knowledge.passages import Passage


class SqliteIndex:
    """A `KnowledgeIndex` at a path. Opens nothing before it is asked; who made it closes it.

    What was put is found at once, also while more is being put. A file that is damaged, or of another version of this
    program, is begun anew: `files` says what it holds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._writing = Turns(self._open)
        self._reading = Turns(self._open_reading)

    async def put(self, file: str, passages: Sequence[Passage]) -> None:
        """Replaces what the file had. Raises `StorageFailed`, and then nothing has changed."""
        await self._writing.take(lambda connection: tables.put(connection, file, passages))

    async def remove(self, file: str) -> None:
        await self._writing.take(lambda connection: tables.remove(connection, file))

    async def search(self, query: str, limit: int, files: Collection[str] | None = None) -> Found:
        return Found(await self._reading.take(lambda connection: _by_words(connection, query, limit, files)), "lexical")

    async def passages(self, file: str, start: int = 0, limit: int = 50) -> tuple[Passage, ...]:
        return await self._reading.take(lambda connection: tables.passages_of(connection, file, start, limit))

    async def files(self) -> frozenset[str]:
        """The files that it holds."""
        return await self._reading.take(tables.files_of)

    async def statistics(self) -> Statistics:
        return await self._reading.take(tables.statistics_of)

    async def close(self) -> None:
        await self._reading.close()
        await self._writing.close()

    def _open(self) -> sqlite3.Connection:
        with self._opening:
            return tables.open_writing(self._path)

    def _open_reading(self) -> sqlite3.Connection:
        # Reading alone makes no tables, and every file may be the first.
        self._open().close()
        return tables.open_reading(self._path)


def _by_words(connection: sqlite3.Connection, query: str, limit: int, files: Collection[str] | None) -> tuple[Hit, ...]:
    """The passages that share words with a question, best first."""
    search = search_for(connection, question(query))
    return hits_of(connection, scored(search, candidates(connection, search, files))[:limit])
