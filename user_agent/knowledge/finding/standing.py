"""What a passage gains by being near a question. Only whoever has embeddings imports this, and NumPy with it.

A similarity says something only beside the others: models differ in how near they put any two texts. So what counts is
by how many standard deviations a passage stands out from a sample of all. Vectors that know nothing stand out by two or
three; these are worth nothing here, so that a poor model does not spoil what words find.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from user_agent.knowledge.embeddings.vectors import Vectors

NEAREST = 60
"""So many passages are found by their vectors."""
WORTH = 0.3
"""What a passage that stands out most adds to its score."""
STANDS_OUT = (3.0, 6.0)
"""Standard deviations from which on it adds anything, and from which on it adds all."""
SAMPLE = 500
"""So many vectors tell what is usual."""


def worth(similarities: Mapping[int, float], sample: Vectors, vector: Vectors) -> dict[int, float]:
    """What passages gain, by their rows, of those that are near enough to a question's vector."""
    usual, spread = _usual(sample @ vector, len(vector))
    least, most = STANDS_OUT
    shares = {row: ((similarity - usual) / spread - least) / (most - least) for row, similarity in similarities.items()}
    return {row: WORTH * min(1.0, share) for row, share in shares.items() if share > 0}


def sample_of(vectors: Vectors) -> Vectors:
    """Up to `SAMPLE` of them, spread evenly."""
    return vectors[:: -(-len(vectors) // SAMPLE)] if len(vectors) > SAMPLE else vectors


def _usual(similarities: Any, dimension: int) -> tuple[float, float]:
    """How near a passage is as a rule, and by how much that differs. The nearest, which may be the one that is looked
    for, is left out; of few others the spread is hardly known, so that of vectors which chance made counts, too."""
    others = np.sort(similarities)[:-1]
    if not len(others):
        return 1.0, 1.0  # nothing to stand out from
    return float(others.mean()), float(np.sqrt(others.var() + 1 / (dimension * len(others))))
