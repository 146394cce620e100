"""What a passage gains by being near a question. Only whoever has embeddings imports this, and NumPy with it.

A similarity says something only beside the others: models differ in how near they put any two texts. So what counts is
by how many standard deviations a passage stands out from a sample of all. Vectors that know nothing stand out by two or
three; these are worth nothing here, so that a poor model does not spoil what words find.

A model for another language does worse than knowing nothing: it puts texts near each other, and the wrong ones. So
each is tried on a sentence from the middle of some passages: one that does not recognise whose they are is not asked.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from user_agent.knowledge.embeddings.vectors import Vectors
from user_agent.lexical.sentences import sentences
from user_agent.lexical.terms import words

NEAREST = 60
"""So many passages are found by their vectors."""
WORTH = 0.3
"""What a passage that stands out most adds to its score."""
STANDS_OUT = (3.0, 6.0)
"""Standard deviations from which on it adds anything, and from which on it adds all."""
_LEAST_WORDS = 4
SAMPLE = 500
"""So many vectors tell what is usual."""


TRIED = 40
"""So many passages tell whether a model knows what a collection is about."""
TRIED_FROM = 50
"""In a smaller collection a model cannot show much, nor do much harm."""
RECOGNISED = (0.5, 0.9)
"""The share of passages recognised by one of their sentences from which on a model counts at all, and fully."""
_ALIKE = 1e-3
"""Two passages that are nearer than this to each other are the same."""


def probe_of(text: str) -> str:
    """A sentence from the middle of a passage."""
    said = [sentence.strip() for sentence in sentences(text) if len(words(sentence)) >= _LEAST_WORDS]
    return said[len(said) // 2] if said else text


def recognised(probes: Vectors, own: Vectors, sample: Vectors) -> int:
    """How many probes are nearer to their own passages than to any of the sample."""
    nearness = (probes * own).sum(axis=1)
    return int((nearness + _ALIKE >= (probes @ sample.T).max(axis=1)).sum())


def trust_in(known: int, tried: int) -> float:
    """How much a model counts that recognised so many of the passages that were tried, from 0 to 1."""
    least, most = RECOGNISED
    return min(1.0, max(0.0, (known / tried - least) / (most - least)))


def worth(similarities: Mapping[int, float], sample: Vectors, vector: Vectors) -> dict[int, float]:
    """What passages gain, by their rows, of those that are near enough to a question's vector."""
    usual, spread = _usual(sample @ vector, len(vector))
    least, most = STANDS_OUT
    shares = {row: ((similarity - usual) / spread - least) / (most - least) for row, similarity in similarities.items()}
    return {row: WORTH * min(1.0, share) for row, share in shares.items() if share > 0}


def sample_of(vectors: Vectors) -> Vectors:
    """Up to `SAMPLE` of them, spread evenly."""
    # A copy: a view would keep all of them in memory.
    return vectors[:: -(-len(vectors) // SAMPLE)].copy()


def _usual(similarities: Any, dimension: int) -> tuple[float, float]:
    """How near a passage is as a rule, and by how much that differs. The nearest, which may be the one that is looked
    for, is left out; of few others the spread is hardly known, so that of vectors which chance made counts, too."""
    others = np.sort(similarities)[:-1]
    if not len(others):
        return 1.0, 1.0  # nothing to stand out from
    return float(others.mean()), float(np.sqrt(others.var() + 1 / (dimension * len(others))))
