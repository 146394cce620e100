"""Passages that may contradict each other: found by the index, put in order by rules, judged by a model."""

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pydantic import JsonValue

from user_agent.knowledge.checking.asking import Task, ask, number_in, quoted, with_headings
from user_agent.knowledge.checking.duplicates import At, near_duplicates
from user_agent.knowledge.index import KnowledgeIndex
from user_agent.knowledge.passages import Passage
from user_agent.lexical.sentences import sentences
from user_agent.lexical.terms import words
from user_agent.models.base import ChatModel
from user_agent.storable import cleaned
from user_agent.words import Language

PROBES = 100
"""So many passages are looked for among the others: with an embedding model each of them is a request."""
MAX_SHOWN_CHARS = 1_200
MAX_QUOTE_CHARS = 300
_NEAR = 0.12
"""How well a passage must fit another to be looked at at all."""
_ABOUT_THE_SAME = 0.35
"""How well it must fit one that it does not differ from in a number, a date or a negation, to be shown to a model."""
_SAME_MATTER = 0.3
"""How many of their words two sentences share that speak of one thing."""
_NEIGHBOURS = 5
_MAX_QUERY_CHARS = 200
_MARK = re.compile(
    r"\d+(?:[.,:]\d+)*|[零〇一二两三四五六七八九十百千万亿]{2,}|[一二两三四五六七八九十百千](?=[天日周月年个元次人件小岁级层])"
    r"|[不没未无勿]|禁止|\b(?:not|no|never|none|without|cannot|nor)\b|n['’]t\b"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety"
    r"|hundred|thousand|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june"
    r"|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_EDGE = " \t\r\n\"'“”‘’「」『』《》.。…,，;；:：|"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two passages about the same thing, the earlier first. `differs` from 0 to 1: how much one says, with other
    numbers, dates or negations, what the other says."""

    one: At
    other: At
    differs: float
    score: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The words of two passages that contradict each other."""

    first: str
    second: str


def marks(text: str) -> frozenset[str]:
    """What of a text can be contradicted by another: its numbers, dates and negations."""
    folded = unicodedata.normalize("NFKC", text)
    return frozenset(mark.casefold().replace(",", "") for mark in _MARK.findall(folded))


def is_copy(one: str, other: str) -> bool:
    """Whether two passages say the same, with the same numbers, dates and negations."""
    return marks(one) == marks(other) and bool(near_duplicates({At("", 0): one, At("", 1): other}))


async def near_pairs(index: KnowledgeIndex, passages: Mapping[At, Passage]) -> list[Pair]:
    """Pairs of passages about the same thing, those that differ in a number, a date or a negation first.

    At most `PROBES` passages are looked for, from all over the files.
    """
    files = list(dict.fromkeys(place.file for place in passages))
    near = dict[tuple[At, At], float]()
    for place in await asyncio.to_thread(_probes, passages):
        for hit in (await index.search(_query(passages[place].text), _NEIGHBOURS + 1, files)).hits:
            other = At(hit.file, hit.passage.number)
            if other != place and other in passages and hit.score >= _NEAR:
                near.setdefault((min(place, other), max(place, other)), hit.score)
    return await asyncio.to_thread(_in_order, near, passages)


def _in_order(near: Mapping[tuple[At, At], float], passages: Mapping[At, Passage]) -> list[Pair]:
    found: list[Pair] = []
    for (one, other), score in near.items():
        texts = passages[one].text, passages[other].text
        differs = _difference(*texts)
        if (differs or score >= _ABOUT_THE_SAME) and not is_copy(*texts):
            found.append(Pair(one, other, differs, score))
    return sorted(found, key=lambda pair: (-pair.differs, -pair.score, pair.one, pair.other))


def task_of(pairs: Sequence[tuple[Passage, Passage]]) -> Task:
    """What a model is asked about these pairs."""
    shown = "\n".join(
        f'<pair number="{number}">\n{_shown(one)}\n{_shown(other)}\n</pair>'
        for number, (one, other) in enumerate(pairs, 1)
    )
    return Task("contradictions", shown)


async def judged_by(
    model: ChatModel, pairs: Sequence[tuple[Passage, Passage]], language: Language
) -> tuple[dict[int, Verdict], int]:
    """Which of the pairs contradict themselves, by their places in the sequence, and what it cost in tokens.

    A verdict counts only where its words stand in the passages. Raises `ModelError`.
    """
    answer = await ask(model, task_of(pairs), language)
    verdicts = dict[int, Verdict]()
    for item in answer.items:
        number = number_in(item.get("pair"))
        if number is None or not 1 <= number <= len(pairs):
            continue
        first, second = _quote(item.get("first")), _quote(item.get("second"))
        one, other = (passage.text for passage in pairs[number - 1])
        if _stands_in(first, one) and _stands_in(second, other) and _folded(first) != _folded(second):
            verdicts.setdefault(number - 1, Verdict(first, second))
    return verdicts, answer.tokens


def _probes(passages: Mapping[At, Passage]) -> list[At]:
    """Which passages to look for: those with something that can be contradicted, in turns from each file."""
    by_file = dict[str, list[At]]()
    for place in passages:
        if marks(passages[place].text):
            by_file.setdefault(place.file, []).append(place)
    share = max(1, PROBES // max(1, len(by_file)))
    spread = [places[:: max(1, len(places) // share)] for places in by_file.values()]
    return [place for turn in zip_longest(*spread) for place in turn if place is not None][:PROBES]


def _query(text: str) -> str:
    """What a passage says in the sentences that can be contradicted, without what can be: that would not be alike."""
    said = [sentence for sentence in sentences(text) if marks(sentence)]
    return " ".join(_MARK.sub(" ", " ".join(said)).split())[:_MAX_QUERY_CHARS]


def _difference(one: str, other: str) -> float:
    """How alike the two most alike sentences are that differ in a number, a date or a negation."""
    mine, theirs = _told(one), _told(other)
    alike = (
        len(said & heard) / len(said | heard)
        for said, mark in mine
        for heard, counter in theirs
        if mark != counter and said and heard
    )
    best = max(alike, default=0.0)
    return best if best >= _SAME_MATTER else 0.0


def _told(text: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """The words of each sentence that can be contradicted, and its marks."""
    return [(frozenset(words(_MARK.sub(" ", said))), found) for said in sentences(text) if (found := marks(said))]


def _shown(passage: Passage) -> str:
    text = quoted(with_headings(passage), MAX_SHOWN_CHARS)
    return f"<passage>\n{text}\n</passage>"


def _quote(value: JsonValue) -> str:
    return " ".join(cleaned(value).split()).strip(_EDGE)[:MAX_QUOTE_CHARS] if isinstance(value, str) else ""


def _stands_in(quote: str, text: str) -> bool:
    return len(quote) > 1 and _folded(quote) in _folded(text)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
