"""Vectors of passages in memory, searched by FAISS. Only whoever has embeddings imports this, and NumPy with it.

A similarity says something only beside the others: models differ in how near they put any two texts. So what counts is
by how many standard deviations a passage stands out from a sample of all. Vectors that know nothing stand out by two or
three; these are worth nothing here, so that a poor model does not spoil what words find.
"""

import threading
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import faiss  # pyright: ignore[reportMissingTypeStubs]
import numpy as np

from user_agent.knowledge.embeddings.vectors import Vectors

NEAREST = 60
"""So many passages are found by their vectors."""
WORTH = 0.3
"""What a passage that stands out most adds to its score."""
STANDS_OUT = (3.0, 6.0)
"""Standard deviations from which on it adds anything, and from which on it adds all."""
_SAMPLE = 500
_EXACT = 20_000
"""Up to so many vectors each is compared; more are rounded to a byte for each number, a quarter of the room."""

# Each search is one of many: threads of its own would wait for each other.
faiss.omp_set_num_threads(1)
faiss_index: Any = faiss


class Dense:
    """The vectors of one model over one collection, by the passages' rows. Used by several threads."""

    def __init__(self, rows: Sequence[int], vectors: Vectors) -> None:
        self._lock = threading.Lock()
        self.dimension = int(vectors.shape[1])
        self._sample = _sample(vectors)
        flat = faiss_index.IndexFlatIP(self.dimension)
        if len(rows) > _EXACT:
            kind = faiss_index.ScalarQuantizer.QT_8bit
            flat = faiss_index.IndexScalarQuantizer(self.dimension, kind, faiss_index.METRIC_INNER_PRODUCT)
            flat.train(self._sample)
        self._index: Any = faiss_index.IndexIDMap2(flat)
        self._index.add_with_ids(vectors, np.asarray(rows, dtype=np.int64))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        with self._lock:
            self._index.add_with_ids(vectors, np.asarray(rows, dtype=np.int64))
            if len(self._sample) < _SAMPLE:
                self._sample = _sample(np.concatenate([self._sample, vectors]))

    def remove(self, rows: Iterable[int]) -> None:
        with self._lock:
            self._index.remove_ids(np.fromiter(rows, dtype=np.int64))

    def worth(self, vector: Vectors, others: Iterable[int], among: Collection[int] | None) -> dict[int, float]:
        """What the nearest passages, and those `others` that have a vector, gain by it. `among` limits the former."""
        with self._lock:
            found = self._nearest(vector, among)
            for row in others:
                if row not in found and (similarity := self._similarity(vector, row)) is not None:
                    found[row] = similarity
            usual, spread = _usual(self._sample @ vector, self.dimension)
        least, most = STANDS_OUT
        worth = {row: ((similarity - usual) / spread - least) / (most - least) for row, similarity in found.items()}
        return {row: WORTH * min(1.0, share) for row, share in worth.items() if share > 0}

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


def _sample(vectors: Vectors) -> Vectors:
    """Up to `_SAMPLE` of them, spread evenly."""
    return vectors[:: -(-len(vectors) // _SAMPLE)] if len(vectors) > _SAMPLE else vectors


def _usual(similarities: Any, dimension: int) -> tuple[float, float]:
    """How near a passage is as a rule, and by how much that differs. The nearest, which may be the one that is looked
    for, is left out; of few others the spread is hardly known, so that of vectors which chance made counts, too."""
    others = np.sort(similarities)[:-1]
    if not len(others):
        return 1.0, 1.0  # nothing to stand out from
    return float(others.mean()), float(np.sqrt(others.var() + 1 / (dimension * len(others))))
