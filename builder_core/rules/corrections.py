"""Reads what a person asks to change in an agent, clause by clause.

A wish is heard only where a clause begins, so that it is told apart from a mention.
"""

import re
from typing import get_args

from builder_core.rules.chinese_wishes import CHINESE_WISHES
from builder_core.rules.edits import Reach, Rule
from builder_core.rules.english_wishes import ENGLISH_WISHES
from builder_core.rules.plan import Plan
from builder_core.rules.speech import Speech

_WISHES: tuple[Rule, ...] = (*ENGLISH_WISHES, *CHINESE_WISHES)
_SENTENCE_END = re.compile(r"[。！？；!?;\n]+\s*|(?<!Mr)(?<!Mrs)(?<!Ms)(?<!Dr)(?<!St)\.(?=\s|$)\s*")
_CLAUSE_END = re.compile(
    rf"{_SENTENCE_END.pattern}|，\s*|,(?=\D)\s*|\s+(?:and|but)(?:\s+then)?\s+|(?:并且|而且|然后|同时)",
    re.IGNORECASE,
)


def correct(plan: Plan, speech: Speech) -> str:
    """Write every wish of a message into the plan. What no rule took comes back, in the person's order."""
    reading = _Reading(speech)
    left: list[str] = []
    text, at = speech.own, 0
    while at < len(text):
        if (behind := _take(plan, reading, at)) > at:
            at = behind
            continue
        boundary = _CLAUSE_END.search(text, at)
        end = max(boundary.end(), at + 1) if boundary else len(text)
        left.append(text[at:end])
        at = end
    return "".join(left).strip(" ,，")


class _Reading:
    """A message and where its clauses, sentences and lines end. Wishes are looked for once at each place."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech
        self.text = speech.own
        self._is_wish: dict[int, bool] = {}

    def reach(self, at: int, reach: Reach) -> int:
        """How far the value of a wish that begins here may go."""
        if reach == "line":
            end = self.text.find("\n", at)
            return len(self.text) if end < 0 else end
        sentence = _SENTENCE_END.search(self.text, at)
        end = sentence.start() if sentence else len(self.text)
        boundary = _CLAUSE_END.search(self.text, at + 1, end)
        while boundary and reach == "sentence" and not self._wish_at(boundary.end()):
            boundary = _CLAUSE_END.search(self.text, boundary.end(), end)
        return boundary.start() if boundary else end

    def _wish_at(self, at: int) -> bool:
        if at not in self._is_wish:
            self._is_wish[at] = any(rule.pattern.match(self.text, at) for rule in _WISHES)
        return self._is_wish[at]


def _take(plan: Plan, reading: _Reading, at: int) -> int:
    """Where the text goes on behind a wish that begins here; `at` itself where none does."""
    ends = {reach: reading.reach(at, reach) for reach in get_args(Reach)}
    for rule in _WISHES:
        match = rule.pattern.match(reading.text, at, ends[rule.reach])
        if match and _apply(plan, reading.speech, rule, match):
            behind = _CLAUSE_END.match(reading.text, match.end())
            return behind.end() if behind else match.end()
    return at


def _apply(plan: Plan, speech: Speech, rule: Rule, match: re.Match[str]) -> bool:
    piece = match["value"] if "value" in match.re.groupindex else ""
    if not rule.dictated and speech.holds_material(piece):
        return False
    return rule.edit(plan, speech.value(piece).strip(" ,，"))
