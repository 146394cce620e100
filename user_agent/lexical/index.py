"""A search by words over short documents: BM25 over weighted fields, with nothing but dictionaries in memory.

Scores follow S. Robertson, H. Zaragoza, M. Taylor, "Simple BM25 extension to multiple weighted fields" (CIKM 2004).
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from user_agent.lexical.kinds import kinds
from user_agent.lexical.terms import grams, neighbours, words

GRAM_WEIGHT = 0.25
NEIGHBOURS_WEIGHT = 0.3
KIND_WEIGHT = 0.3
TITLE_BONUS = 0.2
"""How much more a document scores whose title was said whole."""
_SATURATION = 1.2

Document = Mapping[str, str]
"""Texts by field."""


@dataclass(frozen=True, slots=True)
class Field:
    """How much a word in this field counts, and how much less in one that is longer than others (0 to 1)."""

    weight: float = 1.0
    length_matters: float = 0.75


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that shares something with the text, by its place. `score` only orders."""

    place: int
    score: float


class Index:
    """Documents that can be searched. Made once and never changed; a thousand take about a second."""

    def __init__(self, documents: Sequence[Document], fields: Mapping[str, Field], *, title: str = "") -> None:
        """`title` names the field whose words, said whole, count more."""
        self._postings = _postings(documents, fields)
        self._rarity = {term: _rarity(len(found), len(documents)) for term, found in self._postings.items()}
        self._titles = [frozenset(words(document.get(title, ""))) for document in documents] if title else []

    def search(self, text: str, limit: int) -> list[Hit]:
        """The documents nearest to a text, best first; of equals the first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for term, weight in _asked(text).items():
            rarity = weight * self._rarity.get(term, 0.0)
            for place, value in self._postings.get(term, ()):
                scores[place] += rarity * value
        if self._titles:
            said = frozenset(words(text))
            for place in scores:
                scores[place] *= 1 + TITLE_BONUS * self._covered(self._titles[place], said)
        best = heapq.nsmallest(limit, scores.items(), key=lambda item: (-item[1], item[0]))
        return [Hit(place, score) for place, score in best]

    def _covered(self, title: frozenset[str], said: frozenset[str]) -> float:
        """The share of a title that was said, each word by how rare it is."""
        whole = sum(self._rarity.get(word, 0.0) for word in title)
        return sum(self._rarity.get(word, 0.0) for word in title & said) / whole if whole else 0.0


def _asked(text: str) -> dict[str, float]:
    """What to look for, and how much each of it counts."""
    said = words(text)
    asked: defaultdict[str, float] = defaultdict(float)
    for weight, terms in (
        (1.0, said),
        (GRAM_WEIGHT, grams(text)),
        (NEIGHBOURS_WEIGHT, neighbours(said)),
        (KIND_WEIGHT, [word for kind in kinds(text) for word in words(kind)]),
    ):
        for term in set(terms):
            asked[term] += weight
    return asked


def _postings(documents: Sequence[Document], fields: Mapping[str, Field]) -> dict[str, list[tuple[int, float]]]:
    """For each term the documents that have it, with how much of it they have: 0 to `_SATURATION` + 1."""
    read = {name: [words(document.get(name, "")) for document in documents] for name in fields}
    usual = {name: max(1e-9, sum(map(len, texts)) / max(1, len(texts))) for name, texts in read.items()}
    postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, document in enumerate(documents):
        amounts: defaultdict[str, float] = defaultdict(float)
        for name, field in fields.items():
            found = read[name][place]
            length = 1 + field.length_matters * (len(found) / usual[name] - 1)
            for term, count in Counter((*found, *neighbours(found), *grams(document.get(name, "")))).items():
                amounts[term] += field.weight * count / length
        for term, amount in amounts.items():
            postings[term].append((place, amount * (_SATURATION + 1) / (_SATURATION + amount)))
    return dict(postings)


def _rarity(having: int, documents: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5))
