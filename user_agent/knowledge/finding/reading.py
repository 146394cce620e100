"""How passages and questions are read, so that one can be found by the other."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from user_agent.knowledge.finding.matters import ALONE, AS_SAID, BESIDE_OTHERS, addresses, addresses_another, asked_in
from user_agent.lexical.sentences import sentences
from user_agent.lexical.terms import is_chinese, pairs, runs, words

READING = 1
"""Raised when passages are read differently: an index that was read in another way is begun anew."""
MOST_TERMS = 200
"""Of a question that somebody pasted a page into, the beginning counts."""

_ASKING = re.compile(
    r"请问|为[什甚]么|为何|什么时候|[什甚]么|多少钱(?!币)|多少|哪[些个里儿一位年种家座所部国天]|怎么样|怎[么样]|如何|是谁|谁|"
    r"几[个年月天位次种点]|多[久长大高远快]|多长时间|可不可以|能不能|有没有|是不是|要不要|可以|能否|是否|需要|应该|应当|告诉我|"
    r"想知道|(?<!迷)你们?|您们?|咱们|我们|[吗呢]"
)
_HOW = re.compile(r"\bhow (?:long|often|old|far|many|much|big|large)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[的是]")
_LITTLE = frozenset("的是了在有和与为于及或被由对以其这那此该从到等之而也都就")
"""Characters that say little: a pair with one of them counts less, with two hardly."""
_WEIGHTS = (1.0, 0.3, 0.1)


def terms_of(text: str) -> str:
    """The words of a passage, those of each sentence on a line."""
    return "\n".join(" ".join(found) for sentence in sentences(text) if (found := words(sentence)))


def terms_above(headings: Iterable[str]) -> str:
    """The words of the headings over a passage."""
    return "\n".join(" ".join(words(heading)) for heading in headings)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for."""

    weights: dict[str, float]
    """How much each term counts, in the question's order. A single character of Chinese is one by itself."""
    pairs: frozenset[tuple[str, str]]
    """Terms that follow each other in it."""
    meant: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Words by which a term is found that nobody writes; see `matters.py`."""

    def said_in(self, text: str) -> frozenset[str]:
        """Which of its terms a text has."""
        there = {*words(text)}
        return frozenset(
            term
            for term in self.weights
            if term in there or (is_single(term) and term in text) or not there.isdisjoint(self.meant.get(term, ()))
        )


def question(text: str) -> Question:
    """A question by its words, without those that only ask."""
    asked = _read(text)
    for matter in asked_in(text):
        rest = _read(matter.rest(text)).weights
        others = {term: weight for term, weight in rest.items() if term not in matter.asking_terms}
        if others and (others == asked.weights or not addresses(text)):
            continue
        said = dict.fromkeys(asked.weights.keys() & matter.terms, AS_SAID)
        weights = {**others, matter.name: BESIDE_OTHERS if others else ALONE, **said}
        pairs = frozenset(pair for pair in asked.pairs if weights.keys() >= {*pair})
        return Question(weights, pairs, {matter.name: matter.terms})
    return asked


def stands_alone(text: str) -> bool:
    """Whether it asks somebody for something of themselves and nothing else, so that no earlier question is a part of
    it: "Where are you?"."""
    own = [matter for matter in asked_in(text) if not matter.of_things]
    asked = question(text).weights.keys() if own and addresses_another(text) else ()
    return any(matter.name in asked and matter.terms >= {*asked} - {matter.name} for matter in own)


def _read(text: str) -> Question:
    weights: dict[str, float] = {}
    followed: set[tuple[str, str]] = set()
    for stretch in _stretches(text):
        for term in stretch:
            weights.setdefault(term, _weight(term))
        followed.update(pairwise(stretch))
        if len(weights) >= MOST_TERMS:
            break
    return Question(weights, frozenset(followed))


def is_single(term: str) -> bool:
    """Whether a term is one character of Chinese, which passages have within pairs alone."""
    return len(term) == 1 and is_chinese(term)


def _stretches(text: str) -> Iterator[list[str]]:
    """Terms that stand together: English words up to a Chinese one, Chinese up to a character that joins nouns."""
    together: list[str] = []
    for run in runs(_HOW.sub(" ", text)):
        if not is_chinese(run):
            together.append(run)
            continue
        yield together
        together = []
        for part in _BETWEEN.split(_ASKING.sub("的", run)):
            if part and part not in _LITTLE:
                yield pairs(part)
    yield together


def _weight(term: str) -> float:
    return _WEIGHTS[sum(sign in _LITTLE for sign in term)] if is_chinese(term) else 1.0
