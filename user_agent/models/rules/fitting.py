"""How likely the nearest sentence of the files answers a question. Words that are shared do not tell it alone: files
about one matter have the question's words in many places, and the answer in one or in none."""

import re
from collections.abc import Iterator, Sequence

from user_agent.knowledge.hits import KnowledgeHit
from user_agent.lexical.terms import words

STANDS_OUT = 5.5
COUNTLESS = 0.7
NAMELESS = 0.7
YEARLESS = 1.0
"""How much each counts beside nearness, chosen by one half of the questions of `bench.answers`."""
_OTHERS = 5

_NUMBERS = (
    r"\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|dozens?|half|third|quarter|once|"
    r"twice|first|second|both|per ?cent|no|none|free|several|unlimited)\b"
)
_TIMES = (
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:[a-z]*)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|"
    r"\b(?:seconds?|minutes?|hours?|days?|weekdays?|weekends?|weeks?|months?|years?|decades?|century|centuries|daily|weekly|"
    r"monthly|yearly|annual(?:ly)?|always|never|noon|midnight|morning|evening|night|spring|summer|autumn|fall|winter|today|"
    r"tomorrow|before|after|until|during)\b"
)
_NUMBER = re.compile(_NUMBERS, re.IGNORECASE)
_TIME = re.compile(f"{_NUMBERS}|{_TIMES}", re.IGNORECASE)
_EXPECTED = (
    (
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:year|date|month|day|century|decade|time)\b"
            r"|\bhow (?:long|often|old|late|early)\b",
            re.IGNORECASE,
        ),
        _TIME,
    ),
    (
        re.compile(
            r"\bhow (?:many|much|far|large|big|high|tall|wide|deep|fast)\b|\bwhat (?:percent(?:age)?|number|amount)\b",
            re.IGNORECASE,
        ),
        _NUMBER,
    ),
)
_NAME = re.compile(r"(?<=[a-z0-9,;:)] )[A-Z][\w’'-]+")
_LONG_NUMBER = re.compile(r"\d{2,}")


def fit(asked: str, nearness: float, said: str, hit: KnowledgeHit, hits: Sequence[KnowledgeHit]) -> float:
    """How likely it is, on a scale of its own. `said` is the sentence with its neighbours, from the passage `hit`."""
    named, numbered = _missing(asked, hit)
    return (
        nearness
        + STANDS_OUT * _ahead(hit, hits)
        - COUNTLESS * (not has_what_is_expected(asked, said))
        - NAMELESS * named
        - YEARLESS * numbered
    )


def _ahead(hit: KnowledgeHit, hits: Sequence[KnowledgeHit]) -> float:
    """How much better a passage fits than the next ones. Copies of a passage are one."""
    scores: dict[str, float] = {}
    for other in hits:
        scores[other.text] = max(other.score, scores.get(other.text, 0.0))
    rest = sorted((score for text, score in scores.items() if text != hit.text), reverse=True)
    return hit.score - sum(rest[:_OTHERS]) / _OTHERS


def has_what_is_expected(asked: str, said: str) -> bool:
    """Whether a number is there, or a time, where one is asked for that the question does not say itself."""
    theirs = {*re.findall(r"\w+", asked.lower())}
    for question, answer in _EXPECTED:
        if question.search(asked):
            return any(found.group().lower() not in theirs for found in answer.finditer(said))
    return True


def _missing(asked: str, hit: KnowledgeHit) -> tuple[bool, bool]:
    """Whether the question has names, and longer numbers, that neither the passage nor what it stands in has."""
    there = {*words(" ".join((hit.text, hit.name, hit.member, hit.sheet, *hit.headings)))}
    return any(name not in there for name in _names(asked)), any(
        number not in there for number in _LONG_NUMBER.findall(asked)
    )


def _names(asked: str) -> Iterator[str]:
    for name in _NAME.findall(asked):
        yield from words(name)
