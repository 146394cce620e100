"""How well a passage fits a question, told by their words: the second, closer look at the candidates.

BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework", 2009) knows a passage's words and their
rarity. The other parts of a score are what it does not know: that the words stand in one sentence, that this sentence
says little else, that they stand side by side as in the question, that a word is spelled nearly as one of the question.
Each part is a share of what the question could have found at best, so the score is one too.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

_SATURATION = 1.2
_LENGTH_MATTERS = 0.75
"""The usual constants of BM25."""
_DENSE_WORDS = 25
"""A sentence of so many words counts half as dense as one that has nothing but the question's."""

# How much each part counts, chosen by one half of the questions that `bench.knowledge` asks.
WORDS = 1.0
SENTENCE = 0.2
DENSE = 0.5
PAIRS = 0.3
SIMILAR = 0.25
ABOVE = 0.3
_ALL = WORDS + SENTENCE + DENSE + PAIRS


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as one collection reads it."""

    rarity: Mapping[str, float]
    """How much each of its terms counts there."""
    means: Mapping[str, str]
    """The words of the collection that are one of its terms."""
    similar: Mapping[str, tuple[str, float]]
    """Those that may be one: which, and how surely, from 0 to 1."""
    pairs: frozenset[tuple[str, str]]
    """Terms that follow each other in the question."""
    usual: float
    """How many words a passage has on average."""
    implied: Mapping[str, str] = field(default_factory=dict[str, str])
    """By terms another one that is there wherever they are."""


class Rank:
    """Scores passages for one question."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._known = frozenset((*asked.means, *asked.similar))
        self._pairs = {(one, other): asked.rarity[one] + asked.rarity[other] for one, other in asked.pairs}
        self._all = sum(asked.rarity.values()) or 1.0
        self._all_pairs = sum(self._pairs.values()) or 1.0

    def score(self, terms: str, above: str) -> float:
        """From 0 to 1. `terms` has a line for each sentence."""
        asked, rarity = self._asked, self._asked.rarity
        counts: defaultdict[str, int] = defaultdict(int)
        similar: dict[str, float] = {}
        beside: set[tuple[str, str]] = set()
        length, best, best_length = 0, 0.0, 0
        for line in terms.split("\n"):
            words = line.split(" ")
            length += len(words)
            if self._known.isdisjoint(words):
                continue
            found: set[str] = set()
            last, last_at = "", -2
            for at, word in enumerate(words):
                if (term := asked.means.get(word)) is not None:
                    counts[term] += 1
                    found.add(term)
                    if (other := asked.implied.get(term)) is not None:
                        counts[other] += 1
                        found.add(other)
                    if last_at == at - 1:
                        beside.add((last, term))
                    last, last_at = term, at
                elif word in asked.similar:
                    term, surely = asked.similar[word]
                    similar[term] = max(surely, similar.get(term, 0.0))
            said = sum(rarity[term] for term in found)
            if said > best:
                best, best_length = said, len(words)
        flat = _SATURATION * (1 - _LENGTH_MATTERS + _LENGTH_MATTERS * length / asked.usual)
        headed = {asked.means[word] for word in above.split() if word in asked.means}
        headed.update([asked.implied[term] for term in headed if term in asked.implied])
        parts = (
            WORDS * sum(rarity[term] * count / (count + flat) for term, count in counts.items())
            + SENTENCE * best
            + DENSE * best / (1 + best_length / _DENSE_WORDS)
            + SIMILAR * sum(rarity[term] * surely for term, surely in similar.items() if term not in counts)
            + ABOVE * sum(rarity[term] for term in headed)
        ) / self._all
        return min(1.0, (parts + PAIRS * self._share_of_pairs(beside)) / _ALL)

    def _share_of_pairs(self, beside: set[tuple[str, str]]) -> float:
        return sum(self._pairs.get(pair, 0.0) for pair in beside) / self._all_pairs
