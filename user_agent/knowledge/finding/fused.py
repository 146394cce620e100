"""One agent's index: what words find and what meaning adds, wherever the passages are kept."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from user_agent.errors import ModelError, StorageFailed
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.knowledge.embeddings.problems import without_reranker
from user_agent.knowledge.finding.carried import carried_of, put_carried
from user_agent.knowledge.finding.keeping import Keeping
from user_agent.knowledge.finding.meaning import Meaning
from user_agent.knowledge.index import Carried, Found, Hit, Statistics
from user_agent.knowledge.passages import Passage

RERANKED = 30
"""So many passages a reranker reads."""


class FusedIndex:
    """A `KnowledgeIndex` over what keeps its passages. Opens nothing before it is asked; who made it closes it.

    What was put is found at once, also while more is being put. Without embedders words alone are searched. Of several
    the first is wanted, and the others may serve until all passages have its vectors.
    """

    def __init__(self, kept: Keeping, *, embedders: Sequence[Embedder] = (), reranker: Reranker | None = None) -> None:
        self._kept = kept
        self._reranker = reranker
        self._meaning = Meaning(kept, embedders)
        self._completing: asyncio.Task[None] | None = None

    async def put(self, file: str, passages: Sequence[Passage]) -> None:
        """Replaces what the file had. Raises `StorageFailed`, and then nothing has changed.

        Returns when it has its vectors, too; where the embedding model fails, words find it without.
        """
        replaced = await self._kept.put(file, passages)
        await self._meaning.changed(replaced)
        await self._meaning.complete()

    async def remove(self, file: str) -> None:
        await self._meaning.forget(await self._kept.remove(file))

    async def search(self, query: str, limit: int, files: Collection[str] | None = None) -> Found:
        self._complete_later()
        looked, vector = await asyncio.gather(self._kept.look(query, files), self._meaning.vector(query))
        gains = None if vector is None else await self._meaning.worth(vector, looked.scores.keys(), looked.among)
        best = _fused(looked.scores, gains or {})[: limit if self._reranker is None else max(limit, RERANKED)]
        hits = await self._kept.hits(best)
        found = Found(hits, "lexical" if gains is None else "hybrid", problem=self._meaning.problem)
        if self._reranker is not None and hits:
            found = await self._reordered(found, query, self._reranker)
        return replace(found, hits=found.hits[:limit])

    async def passages(self, file: str, start: int = 0, limit: int = 50) -> tuple[Passage, ...]:
        return await self._kept.passages(file, start, limit)

    async def carried(self) -> dict[str, list[Carried]]:
        """All that it has, by file, for another index."""
        return await carried_of(self._kept)

    async def put_carried(self, carried: Mapping[str, Sequence[Carried]]) -> None:
        """Puts what another index had in the place of what these files had. No model is asked."""
        await put_carried(self._kept, carried)

    async def files(self) -> frozenset[str]:
        """The files that it holds."""
        return await self._kept.files()

    async def statistics(self, files: Collection[str] | None = None) -> Statistics:
        return replace(await self._kept.statistics(files), problem=self._meaning.problem)

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
        await self._kept.close()

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


def _fused(by_words: Mapping[int, float], gains: Mapping[int, float]) -> list[tuple[int, float]]:
    """Rows with their scores by both, best first."""
    scores = {row: min(1.0, by_words.get(row, 0.0) + gains.get(row, 0.0)) for row in {**by_words, **gains}}
    return sorted(scores.items(), key=lambda one: (-one[1], one[0]))


def _shown(hit: Hit) -> str:
    return "\n".join([*hit.passage.place.headings, hit.passage.text])
