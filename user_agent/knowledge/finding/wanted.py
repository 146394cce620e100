"""A question as it is looked for in one collection: which of its words find passages, and how much each counts."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from user_agent.knowledge.finding.rank import Asked, Rank
from user_agent.knowledge.finding.reading import Question, is_single
from user_agent.lexical.terms import grams

CANDIDATES = 60
"""So many passages are looked at closely."""
MOST_LOOKED_UP = 40
"""So many words of a question find candidates, the rarest."""
ENOUGH = 500
ENOUGH_SHARE = 0.1
"""Words are looked up, the rarest first, until so many passages may have one, and so large a share of all: what has the
common words alone is not what is looked for, and each passage costs time."""
_MOST_WITH_ONE_CHARACTER = 100
"""A character that more pairs begin with says too little by itself."""
_MOST_LIKE_ONE = 2_000
_LETTERS = 5
"""Shorter words are not taken for others that are spelled nearly like them."""
_SAME_BEGINNING = 4
_SAME_BEGINNING_OF_UNKNOWN = 2
_LIKE = 0.6
"""So large a part of two words must be the same beginning, or the same pieces where one is unknown."""
_LIKE_UNKNOWN = 0.5


class Vocabulary(Protocol):
    """The words of a collection. Each comes with how many passages have it."""

    def totals(self) -> tuple[int, int]:
        """How many passages there are, and how many words in all of them."""
        ...

    def having(self, words: Collection[str]) -> dict[str, int]:
        """Those of some words that there are."""
        ...

    def beginning(self, beginnings: Collection[str], limit: int) -> dict[str, dict[str, int]]:
        """By beginnings the words that begin so, up to `limit` for each, in the order of their letters."""
        ...

    def ending(self, sign: str, limit: int) -> dict[str, int]:
        """Words that end so. Reads the whole vocabulary."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage by its row, and what was read of it."""

    id: int
    terms: str
    above: str


@dataclass(frozen=True, slots=True)
class Search:
    """A question as it is looked for in one collection."""

    rank: Rank
    words: dict[str, int]
    """Any of these makes a passage a candidate. Each with how many passages have it."""
    passages: int
    usual: float
    """How many words a passage has on average."""


def search_for(vocabulary: Vocabulary, question: Question, most: float = math.inf) -> Search:
    """How a question is looked for among what is in a collection now. Words that more than `most` passages have find
    candidates only where no rarer ones do."""
    passages, words = vocabulary.totals()
    same = _same(vocabulary, question)
    near = _near(vocabulary, {term: bool(same[term]) for term in question.weights})
    having = {term: min(passages, sum(found.values())) for term, found in same.items()}
    means = {word: term for term, found in same.items() for word in found}
    similar: dict[str, tuple[str, float]] = {}
    finding: dict[str, int] = {}
    for term in question.weights:
        for word, surely in near[term].items():
            similar.setdefault(word, (term, surely))
        finding |= {word: max(having[term], finding.get(word, 0)) for word in same[term] or near[term]}
    rarity = {
        term: weight * math.log(1 + (passages - having[term] + 0.5) / (having[term] + 0.5))
        for term, weight in question.weights.items()
    }
    implied = {term: whole for whole, words in question.meant.items() for term in words if term in question.weights}
    usual = max(1.0, words / max(1, passages))
    enough = min(most, max(ENOUGH, ENOUGH_SHARE * passages))
    return Search(
        Rank(Asked(rarity, means, similar, question.pairs, usual, implied)),
        dict(_rarest(finding, enough)),
        passages,
        usual,
    )


def scored(search: Search, found: Iterable[Candidate]) -> dict[int, float]:
    """The rows of candidates with their scores."""
    return {one.id: search.rank.score(one.terms, one.above) for one in found}


def after(begun: str) -> str:
    """What sorts behind everything that begins so."""
    return begun[:-1] + chr(ord(begun[-1]) + 1)


def _same(vocabulary: Vocabulary, question: Question) -> dict[str, dict[str, int]]:
    """By terms the words of the collection that are the term: of a single character the pairs that begin with it and,
    where it is asked for alone, those that end with it."""
    singles = [term for term in question.weights if is_single(term)]
    alone = len(question.weights) == 1
    meant = {term: question.meant.get(term, {term}) for term in question.weights if not is_single(term)}
    having = vocabulary.having({word for words in meant.values() for word in words})
    found = {term: {word: having[word] for word in meant.get(term, ()) if word in having} for term in question.weights}
    for sign, pairs in vocabulary.beginning(singles, _MOST_WITH_ONE_CHARACTER).items():
        if alone:
            pairs = pairs | vocabulary.ending(sign, MOST_LOOKED_UP)
        found[sign] = pairs if alone or len(pairs) < _MOST_WITH_ONE_CHARACTER else {}
    return found


def _near(vocabulary: Vocabulary, known: Mapping[str, bool]) -> dict[str, dict[str, float]]:
    """By terms the words of the collection that are spelled nearly like them, with how nearly: those that begin like
    one, and of one that nobody wrote those that share its pieces, too."""
    beginnings = {
        term: term[: _SAME_BEGINNING if there else _SAME_BEGINNING_OF_UNKNOWN]
        for term, there in known.items()
        if len(term) >= _LETTERS and term.isascii() and term.isalpha()
    }
    begun = vocabulary.beginning({*beginnings.values()}, _MOST_LIKE_ONE)
    return {
        term: dict(_spelled_nearly(term, begun[beginnings[term]], known=there)) if term in beginnings else {}
        for term, there in known.items()
    }


def _spelled_nearly(term: str, words: Iterable[str], *, known: bool) -> Iterator[tuple[str, float]]:
    pieces = set(grams(term))
    for word in words:
        alike = _alike(term, word)
        if word != term and alike >= _LIKE:
            yield word, alike
        elif not known and len(word) >= _LETTERS - 1:
            shared = 2 * len(pieces & (others := set(grams(word)))) / (len(pieces) + len(others))
            if shared >= _LIKE_UNKNOWN:
                yield word, shared


def _alike(one: str, other: str) -> float:
    """How large a part of the longer word both begin with."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same / max(len(one), len(other))


def _rarest(words: Mapping[str, int], enough: float) -> Iterator[tuple[str, int]]:
    """Those of the words that find candidates, the rarest first."""
    found = 0
    for word, having in sorted(words.items(), key=lambda one: (one[1], one[0]))[:MOST_LOOKED_UP]:
        if found and found + having > enough:
            return
        found += having
        yield word, having
