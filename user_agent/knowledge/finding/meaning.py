"""The half of an index that finds by meaning: vectors of passages are made, kept, and compared with a question's."""

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from user_agent.errors import ModelError
from user_agent.knowledge.embeddings.base import Embedder
from user_agent.knowledge.embeddings.problems import NotAtWork, OtherLength, knows_little, without_embeddings
from user_agent.knowledge.finding.keeping import Dense, Replaced, VectorKeeping
from user_agent.words import Words

if TYPE_CHECKING:
    from types import ModuleType

    from user_agent.knowledge.embeddings.base import Vectors

AT_A_TIME = 100
"""So many passages are embedded before their vectors are kept: what is lost where an endpoint dies half way."""
REST_S = 30.0
"""For so long a model that failed is left alone: neither a hundred files nor a hundred questions wait for it one by
one."""


class Meaning:
    """The vectors of one index. The first of `embedders` is wanted; until all passages have its vectors, one of the
    others serves that has more of them."""

    def __init__(self, kept: VectorKeeping, embedders: Sequence[Embedder]) -> None:
        self._kept = kept
        self._embedders = tuple(embedders)
        self._serving: Embedder | None = None
        self._dense: Dense | None = None
        self._loading = asyncio.Lock()
        self._filling = asyncio.Lock()
        self._rests_until = 0.0
        self._is_complete = False
        self._trying = asyncio.Lock()
        self._trust: float | None = None
        self._tried_of = 0
        self._has_grown = True
        self._knows_little: Words | None = None
        self.problem: Words | None = None
        """Why some passages have no vector, or a question had none."""

    @property
    def is_due(self) -> bool:
        """Whether passages may be without a vector, and the model may be asked for it."""
        return bool(self._embedders) and not self._is_complete and time.monotonic() >= self._rests_until

    async def changed(self, replaced: Replaced) -> None:
        """A file has other passages."""
        self._is_complete = False
        self._has_grown = True
        await self.forget(replaced.gone)
        if self._dense is not None and self._serving is not None and replaced.carried:
            read = await self._kept.vectors_of(self._serving.name, replaced.carried)
            if read is not None:
                await self._dense.add(*read)

    async def use(self, embedders: Sequence[Embedder]) -> None:
        """Others are wanted from now on. `complete` makes their vectors."""
        async with self._loading:
            self._embedders = tuple(embedders)
            self._dense = self._serving = self.problem = None
            self._rests_until = 0.0
            self._is_complete = False
            self._trust = self._knows_little = None
            self._has_grown = True

    async def complete(self) -> None:
        """Makes the vectors that are missing. Where the model does not answer, `problem` says why, and what there is
        stays; it is then left alone for a while."""
        if not self._embedders:
            return  # what is being made for others is waited for by those who want it
        async with self._filling:
            if not self.is_due:
                return
            wanted, self._is_complete = self._embedders[0], True
            try:
                await self._make_missing(wanted)
            except (ModelError, NotAtWork) as error:
                self._failed(error)
                self._is_complete = False
                return
            except BaseException:
                self._is_complete = False
                self._rests_until = time.monotonic() + REST_S
                raise
            self.problem = None
            if self._embedders and wanted is self._embedders[0]:  # others may have been chosen meanwhile, or none
                await self._serve_alone(wanted)

    async def vector(self, query: str) -> "Vectors | None":
        """A question's vector. None where nothing can be compared with it; where that is the model's fault, `problem`
        says so."""
        async with self._loading:
            if self._serving is None and self._embedders:
                try:
                    await self._load()
                except NotAtWork as error:
                    self._failed(error)
            embedder, dense = self._serving, self._dense
        if embedder is None or dense is None or not query.strip():
            return None
        if time.monotonic() < self._rests_until:
            return None
        try:
            vectors, _ = await asyncio.gather(embedder.embed([query], "query"), self._try_out(embedder, dense))
            vector = vectors[0]
            if vector.shape != (dense.dimension,):
                raise OtherLength(embedder.name)
        except (ModelError, NotAtWork) as error:
            self._failed(error)
            return None
        if self._is_complete or self._knows_little:
            self.problem = self._knows_little
        return None if self._knows_little else vector

    async def worth(
        self, vector: "Vectors", rows: Collection[int], among: Collection[int] | None
    ) -> dict[int, float] | None:
        """What passages gain by being near a question: the nearest, and those in `rows`."""
        dense = self._dense
        if dense is None or vector.shape != (dense.dimension,):  # another model serves since the question was read
            return None
        standing = await asyncio.to_thread(_standing)
        similarities = await dense.near(vector, rows, among)
        gains = await asyncio.to_thread(standing.worth, similarities, dense.sample, vector)
        trust = 1.0 if self._trust is None else self._trust
        return {row: trust * gain for row, gain in gains.items()}

    async def forget(self, rows: Collection[int]) -> None:
        """Passages that are gone are found no more."""
        if self._dense is not None and rows:
            await self._dense.remove(rows)

    def _failed(self, error: ModelError | NotAtWork) -> None:
        self.problem = without_embeddings(error)
        self._rests_until = time.monotonic() + REST_S

    async def _try_out(self, embedder: Embedder, dense: Dense) -> None:
        """Finds out how far a model knows what the collection is about: once, and again when it has doubled."""
        async with self._trying:
            if not self._has_grown:
                return
            standing = await asyncio.to_thread(_standing)
            count = await dense.count()
            if count < max(standing.TRIED_FROM, 0 if self._trust is None else 2 * self._tried_of):
                self._has_grown = False
                return
            probes = await self._kept.sampled(embedder.name, standing.TRIED)
            read = await self._kept.vectors_of(embedder.name, [row for row, _ in probes])
            if read is None:  # it was forgotten since
                return
            texts, (rows, own) = dict(probes), read
            asked = await embedder.embed([standing.probe_of(texts[row]) for row in rows], "query")
            if asked.shape != own.shape:
                raise OtherLength(embedder.name)
            known = standing.recognised(asked, own, dense.sample)
            self._trust, self._tried_of, self._has_grown = standing.trust_in(known, len(rows)), count, False
            self._knows_little = None if self._trust else knows_little(known, len(rows))

    async def _make_missing(self, embedder: Embedder) -> None:
        name, last = embedder.name, 0
        while batch := await self._kept.missing(name, last, AT_A_TIME):
            rows, last = [row for row, _ in batch], batch[-1][0]
            vectors = await embedder.embed([text for _, text in batch], "document")
            there = frozenset(await self._kept.store(name, rows, vectors))
            kept = [at for at, row in enumerate(rows) if row in there]
            self._has_grown = True
            if self._serving is embedder and self._dense is not None and kept:
                await self._dense.add([rows[at] for at in kept], vectors[kept])

    async def _serve_alone(self, embedder: Embedder) -> None:
        covered = (await self._kept.coverage()).get(embedder.name, 0)
        # A question may have loaded them while more were being made, so those in memory are counted, too.
        if self._serving is not embedder or self._dense is None or await self._dense.count() != covered:
            dense = await self._kept.load(embedder.name)
            async with self._loading:
                if self._serving is not embedder:
                    self._trust = self._knows_little = None
                    self._has_grown = True
                self._serving, self._dense = embedder, dense
        await self._kept.forget_others(embedder.name)

    async def _load(self) -> None:
        covered = await self._kept.coverage()
        # Of equals the first, which is wanted.
        best = max(self._embedders, key=lambda embedder: covered.get(embedder.name, 0))
        if covered.get(best.name):
            self._dense = await self._kept.load(best.name)
            self._serving = best


def _standing() -> "ModuleType":
    """What needs NumPy, in a thread, for those who have embeddings."""
    from user_agent.knowledge.finding import standing

    return standing
