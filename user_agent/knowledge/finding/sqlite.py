"""One agent's index in a file of its own, that SQLite keeps."""

import asyncio
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from user_agent.errors import ModelError, StorageFailed
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.knowledge.embeddings.problems import without_reranker
from user_agent.knowledge.finding import tables
from user_agent.knowledge.finding.lexical import candidates, hits_of, rows_among, scored, search_for
from user_agent.knowledge.finding.meaning import Meaning
from user_agent.knowledge.finding.reading import question
from user_agent.knowledge.finding.turns import Turns
from user_agent.knowledge.index import Found, Hit, Statistics
from user_agent.knowledge.passages import Passage

RERANKED = 30
"""So many passages a reranker reads."""


class SqliteIndex:
    """A `KnowledgeIndex` at a path. Opens nothing before it is asked; who made it closes it.

    What was put is found at once, also while more is being put. A file that is damaged, or of another version of this
    program, is begun anew: `files` says what it holds. Without embedders words alone are searched. Of several the first
    is wanted, and the others may serve until all passages have its vectors.
    """

    def __init__(self, path: Path, *, embedders: Sequence[Embedder] = (), reranker: Reranker | None = None) -> None:
        self._path = path
        self._reranker = reranker
        self._opening = threading.Lock()
        self._writing = Turns(self._open)
        self._reading = Turns(self._open_reading)
        self._meaning = Meaning(self._reading, self._writing, embedders)
        self._completing: asyncio.Task[None] | None = None

    async def put(self, file: str, passages: Sequence[Passage]) -> None:
        """Replaces what the file had. Raises `StorageFailed`, and then nothing has changed.

        Returns when it has its vectors, too; where the embedding model fails, words find it without.
        """
        replaced = await self._writing.take(lambda connection: tables.put(connection, file, passages))
        await self._meaning.changed(replaced)
        await self._meaning.complete()

    async def remove(self, file: str) -> None:
        gone = await self._writing.take(lambda connection: tables.remove(connection, file))
        await self._meaning.forget(gone)

    async def search(self, query: str, limit: int, files: Collection[str] | None = None) -> Found:
        self._complete_later()
        looked, vector = await asyncio.gather(
            self._reading.take(partial(_by_words, query=query, files=files)), self._meaning.vector(query)
        )
        by_words, among = looked
        gains = None if vector is None else await self._meaning.worth(vector, by_words.keys(), among)
        best = _fused(by_words, gains or {})[: limit if self._reranker is None else max(limit, RERANKED)]
        hits = await self._reading.take(lambda connection: hits_of(connection, best))
        found = Found(hits, "lexical" if gains is None else "hybrid", problem=self._meaning.problem)
        if self._reranker is not None and hits:
            found = await self._reordered(found, query, self._reranker)
        return replace(found, hits=found.hits[:limit])

    async def passages(self, file: str, start: int = 0, limit: int = 50) -> tuple[Passage, ...]:
        return await self._reading.take(lambda connection: tables.passages_of(connection, file, start, limit))

    async def files(self) -> frozenset[str]:
        """The files that it holds."""
        return await self._reading.take(tables.files_of)

    async def statistics(self, files: Collection[str] | None = None) -> Statistics:
        return await self._reading.take(partial(tables.statistics_of, files=files))

    async def use(self, embedders: Sequence[Embedder], reranker: Reranker | None) -> None:
        """Others are at work from now on. Vectors of the first embedder are made in the background, and one of the
        others serves meanwhile, where it is the one that did so far."""
        self._reranker = reranker
        await self._meaning.use(embedders)
        self._complete_later()

    async def complete(self) -> None:
        """Makes the vectors that are missing: because the model did not answer, or because it is a new one."""
        await self._meaning.complete()

    async def close(self) -> None:
        if self._completing is not None:
            self._completing.cancel()
            with suppress(asyncio.CancelledError):
                await self._completing
        await self._reading.close()
        await self._writing.close()

    def _complete_later(self) -> None:
        if self._meaning.is_due and (self._completing is None or self._completing.done()):
            self._completing = asyncio.create_task(self._complete_quietly())

    async def _complete_quietly(self) -> None:
        with suppress(StorageFailed):  # whoever searches is told of the disk by other means
            await self._meaning.complete()

    async def _reordered(self, found: Found, query: str, reranker: Reranker) -> Found:
        """What was found as the reranker orders it, with its scores."""
        try:
            scores = await reranker.rerank(query, [_shown(hit) for hit in found.hits])
        except ModelError as error:
            return replace(found, problem=found.problem or without_reranker(error))
        hits = [replace(hit, score=score) for hit, score in zip(found.hits, scores, strict=True)]
        return replace(found, hits=tuple(sorted(hits, key=lambda hit: -hit.score)), reranked=True)

    def _open(self) -> sqlite3.Connection:
        with self._opening:
            return tables.open_writing(self._path)

    def _open_reading(self) -> sqlite3.Connection:
        # Reading alone makes no tables, and every file may be the first.
        self._open().close()
        return tables.open_reading(self._path)


def _by_words(
    connection: sqlite3.Connection, query: str, files: Collection[str] | None
) -> tuple[dict[int, float], list[int] | None]:
    """The rows of passages that share words with a question, with their scores; and all rows of the files."""
    search = search_for(connection, question(query))
    if files is not None and tables.files_of(connection) <= set(files):
        files = None
    among = None if files is None else rows_among(connection, files)
    return dict(scored(search, candidates(connection, search, files))), among


def _fused(by_words: Mapping[int, float], gains: Mapping[int, float]) -> list[tuple[int, float]]:
    """Rows with their scores by both, best first."""
    scores = {row: min(1.0, by_words.get(row, 0.0) + gains.get(row, 0.0)) for row in {**by_words, **gains}}
    return sorted(scores.items(), key=lambda one: (-one[1], one[0]))


def _shown(hit: Hit) -> str:
    return "\n".join([*hit.passage.place.headings, hit.passage.text])
