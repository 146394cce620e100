"""Vectors of passages in memory, searched by FAISS. Only whoever has embeddings imports this, and NumPy with it."""

import asyncio
import threading
from collections.abc import Collection, Sequence
from typing import Any

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from user_agent.knowledge.embeddings.vectors import Vectors
from user_agent.knowledge.finding.standing import NEAREST, SAMPLE, sample_of

EXACT = 20_000
"""Up to so many vectors each is compared; more are rounded to a byte for each number, a quarter of the room."""
CLUSTERED = 100_000
"""More than so many are put into heaps by what they are near to, and the heaps nearest to a question are looked at."""
HEAPS = 256
LOOKED_AT = 32
_LEARNED_FROM = 64
"""So many vectors for each heap tell what the heaps are."""

# Each search is one of many: threads of its own would wait for each other.
faiss.omp_set_num_threads(1)
faiss_index: Any = faiss


class InMemory:
    """A `Dense` of FAISS. What counts is done in threads, one at a time."""

    def __init__(self, rows: Sequence[int], vectors: Vectors) -> None:
        self._lock = threading.Lock()
        self.dimension = int(vectors.shape[1])
        self.sample = sample_of(vectors)
        self._is_clustered = len(rows) > CLUSTERED
        self._index: Any = _clustered(vectors) if self._is_clustered else _compared(vectors)
        self._index.add_with_ids(vectors, np.asarray(rows, dtype=np.int64))

    async def count(self) -> int:
        return int(self._index.ntotal)

    async def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        await asyncio.to_thread(self._add, rows, vectors)

    async def remove(self, rows: Collection[int]) -> None:
        await asyncio.to_thread(self._remove, rows)

    async def near(self, vector: Vectors, others: Collection[int], among: Collection[int] | None) -> dict[int, float]:
        return await asyncio.to_thread(self._near, vector, others, among)

    def _add(self, rows: Sequence[int], vectors: Vectors) -> None:
        with self._lock:
            self._index.add_with_ids(vectors, np.asarray(rows, dtype=np.int64))
            if len(self.sample) < SAMPLE:
                self.sample = sample_of(np.concatenate([self.sample, vectors]))

    def _remove(self, rows: Collection[int]) -> None:
        with self._lock:
            # The kind of list that both kinds of index take.
            self._index.remove_ids(faiss_index.IDSelectorArray(np.fromiter(rows, dtype=np.int64)))

    def _near(self, vector: Vectors, others: Collection[int], among: Collection[int] | None) -> dict[int, float]:
        with self._lock:
            found = self._nearest(vector, among)
            for row in others:
                if row not in found and (similarity := self._similarity(vector, row)) is not None:
                    found[row] = similarity
        return found

    def _nearest(self, vector: Vectors, among: Collection[int] | None) -> dict[int, float]:
        limits: Any = None
        if among is not None:
            selector = faiss_index.IDSelectorBatch(np.fromiter(among, dtype=np.int64))
            # Of some files alone all heaps are looked at: what is to be found may lie in any.
            limits = (
                faiss_index.SearchParametersIVF(sel=selector, nprobe=HEAPS)
                if self._is_clustered
                else faiss_index.SearchParameters(sel=selector)
            )
        similarities, rows = self._index.search(vector.reshape(1, -1), NEAREST, params=limits)
        return {int(row): float(near) for row, near in zip(rows[0], similarities[0], strict=True) if row >= 0}

    def _similarity(self, vector: Vectors, row: int) -> float | None:
        try:
            return float(self._index.reconstruct(row) @ vector)
        except RuntimeError:  # it has none yet
            return None


def _compared(vectors: Vectors) -> Any:
    """An index that compares a question with every vector."""
    dimension = int(vectors.shape[1])
    if len(vectors) <= EXACT:
        return faiss_index.IndexIDMap2(faiss_index.IndexFlatIP(dimension))
    kind = faiss_index.ScalarQuantizer.QT_8bit
    rounded = faiss_index.IndexScalarQuantizer(dimension, kind, faiss_index.METRIC_INNER_PRODUCT)
    rounded.train(_evenly(vectors, HEAPS * _LEARNED_FROM))
    return faiss_index.IndexIDMap2(rounded)


def _clustered(vectors: Vectors) -> Any:
    """An index of heaps, of rounded vectors."""
    heaps = f"IVF{HEAPS},SQ8"
    index = faiss_index.index_factory(int(vectors.shape[1]), heaps, faiss_index.METRIC_INNER_PRODUCT)
    index.train(_evenly(vectors, HEAPS * _LEARNED_FROM))
    index.nprobe = LOOKED_AT
    index.set_direct_map_type(faiss_index.DirectMap.Hashtable)
    return index


def _evenly(vectors: Vectors, most: int) -> Vectors:
    return np.ascontiguousarray(vectors[:: -(-len(vectors) // most)])
