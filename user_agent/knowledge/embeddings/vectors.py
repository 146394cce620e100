"""Vectors in memory. NumPy is imported here, so whoever has no embeddings never waits for it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_DIMENSION = 8_192

Vectors = NDArray[np.float32]


class NotVectors(Exception):
    """What came is no vector: no numbers, of different lengths, or one that points nowhere."""


def unit_vectors(rows: Sequence[Any]) -> Vectors:
    """Rows of numbers as vectors of length 1. Raises `NotVectors`."""
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as that
        try:
            made = np.asarray(rows, dtype=np.float32)
        except (ValueError, TypeError) as error:
            raise NotVectors from error
        if made.ndim != 2 or not 0 < made.shape[1] <= MAX_DIMENSION:
            raise NotVectors
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise NotVectors
    return made / lengths
