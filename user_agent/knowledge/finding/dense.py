"""Vectors of passages in memory, searched by FAISS. Only whoever has embeddings imports this, and NumPy with it."""

import asyncio
import threading
from collections.abc import Collection, Sequence
from typing import Any

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from user_agent.knowledge.embeddings.vectors import Vectors
from user_agent.knowledge.finding.standing import NEAREST, SAMPLE, sample_of, worth

EXACT = 20_000
"""Up to so many vectors each is compared; more are rounded to a byte for each number, a quarter of the room."""

# Each search is one of many: threads of its own would wait for each other.
faiss.omp_set_num_threads(1)
faiss_index: Any = faiss


class InMemory:
    """A `Dense` of FAISS. What counts is done in threads, one at a time."""

    def __init__(self, rows: Sequence[int], vectors: Vectors) -> None:
        self._lock = threading.Lock()
        self.dimension = int(vectors.shape[1])
        self._sample = sample_of(vectors)
        flat = faiss_index.IndexFlatIP(self.dimension)
        if len(rows) > EXACT:
            kind = faiss_index.ScalarQuantizer.QT_8bit
            flat = faiss_index.IndexScalarQuantizer(self.dimension, kind, faiss_index.METRIC_INNER_PRODUCT)
            flat.train(self._sample)
        self._index: Any = faiss_index.IndexIDMap2(flat)
        self._index.add_with_ids(vectors, np.asarray(rows, dtype=np.int64))

    async def count(self) -> int:
        return int(self._index.ntotal)

    async def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        await asyncio.to_thread(self._add, rows, vectors)

    async def remove(self, rows: Collection[int]) -> None:
        await asyncio.to_thread(self._remove, rows)

    async def worth(self, vector: Vectors, others: Collection[int], among: Collection[int] | None) -> dict[int, float]:
        return await asyncio.to_thread(self._worth, vector, others, among)

    def _add(self, rows: Sequence[int], vectors: Vectors) -> None:
        with self._lock:
            self._index.add_with_ids(vectors, np.asarray(rows, dtype=np.int64))
            if len(self._sample) < SAMPLE:
                self._sample = sample_of(np.concatenate([self._sample, vectors]))

    def _remove(self, rows: Collection[int]) -> None:
        with self._lock:
            self._index.remove_ids(np.fromiter(rows, dtype=np.int64))

    def _worth(self, vector: Vectors, others: Collection[int], among: Collection[int] | None) -> dict[int, float]:
        with self._lock:
            found = self._nearest(vector, among)
            for row in others:
                if row not in found and (similarity := self._similarity(vector, row)) is not None:
                    found[row] = similarity
            sample = self._sample
        return worth(found, sample, vector)

    def _nearest(self, vector: Vectors, among: Collection[int] | None) -> dict[int, float]:
        limits: Any = None
        if among is not None:
            selector = faiss_index.IDSelectorBatch(np.fromiter(among, dtype=np.int64))
            limits = faiss_index.SearchParameters(sel=selector)
        similarities, rows = self._index.search(vector.reshape(1, -1), NEAREST, params=limits)
        return {int(row): float(near) for row, near in zip(rows[0], similarities[0], strict=True) if row >= 0}

    def _similarity(self, vector: Vectors, row: int) -> float | None:
        try:
            return float(self._index.reconstruct(row) @ vector)
        except RuntimeError:  # it has none yet
            return None
