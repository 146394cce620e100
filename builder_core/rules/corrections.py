"""Reads what a person asks to change in an agent, clause by clause.

A wish is heard only where a clause begins, so that it is told apart from a mention.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from builder_core.rules.chinese_wishes import CHINESE_WISHES
from builder_core.rules.courtesy import opening_end
from builder_core.rules.edits import Force, Reach, Rule
from builder_core.rules.english_wishes import ENGLISH_WISHES
from builder_core.rules.plan import Plan
from builder_core.rules.speech import Speech

_SENTENCE_END = re.compile(
    r"[。！？；!?;\n]+\s*|(?<!Mr)(?<!Mrs)(?<!Ms)(?<!Dr)(?<!St)(?<!Jr)(?<!Sr)\.(?=\s|$)\s*|\.\.+\s*"
)
_CLAUSE_END = re.compile(
    (
        rf"{_SENTENCE_END.pattern}|，\s*|,(?=\D)\s*|,?\s+(?:and|but)(?:\s+then)?\s+|(?:并且|而且|然后|同时)|"
        rf"(?<=[\ue000-\uefff])(?:和|并)"
    ),
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:[-*•·]\s+|please|now|ok(?:ay)?|and|also|then|but|so|just|actually|maybe|perhaps|well|hmm|oh|instead|"
    r"from now on|"
    r"(?:can|could|would|will) (?:you|we|it)(?: please| just| also)?|(?:i|we)(?:'d| would)? (?:want|like|need|"
    r"love|prefer)(?: you)? to|"
    r"(?:i|we) (?:want|need|would like|'d like) (?:it|him|her|(?:the|my|this) (?:agent|assistant|bot|chatbot)) "
    r"to(?: be able to)?|"
    r"i(?:'d| would) like (?:it|him|her|(?:the|my|this) (?:agent|assistant|bot)) to(?: be able to)?|i think "
    r"(?:it would be (?:good|nice) (?:if|to) |we should |you should )?|"
    r"let's|i(?:'d| would) rather|teach (?:it|him|her)(?: how)? to|i want(?= (?:the|my) )|you should|"
    r"make sure (?:that )?(?=it)|next|finally|first|make (?:it|him|"
    r"her)(?= [\u3400-\u9fff])|one (?:more|last) thing|quick (?:one|question|thing)|small thing|sorry|(?:have|"
    r"make|let|get) (?:it|him|her)(?: to)?(?= (?:always|never|only|not)\b)|by the way|oh)\b[,:\s]*"
    r"|(?:请你?|麻烦你?|帮我|帮忙|我想要?|我们?希望|希望|然后|另外|对了|以后|今后|从现在起|从今以后|那就|那么?|"
    r"并且|并|而且|同时|顺便|现在|再|也|还有|还|但是?|不过|其实|首先|最后|接着|"
    r"好的?|教(?:它|他|她)(?:怎么|如何|会)?(?=.{2})|(?:在)?工具(?:里|中|列表里)(?=加|去|删|关|再)|能不能|"
    r"能否|可不可以|可否|是否可以|"
    r"你?可以(?=[^，。]*(?:吗|么|不)\s*$)|你?能(?=[^，。]*(?:吗|么)\s*$)|(?:我想|我要|我希望|我们想|我们要|希望|"
    r"想|要)(?:让|叫)?"
    r"(?:它|这个?智能体|智能体|这个?助手|我的?(?:助手|智能体|机器人)|机器人)(?=[^，。]))[,，:：\s]*",
    re.IGNORECASE,
)
_MAX_LEADS = 4
MAX_CLAUSES = 60
"""Nobody asks for so many things at once: beyond them a message is left as it is."""
MAX_VALUE_CLAUSES = 12
_TRAIL = re.compile(
    r"(?:[\s,，]*(?:\b(?:please|for me|from now on|if possible|if you can|thanks|thank you|ok(?:ay)?|now|"
    r"instead)|谢谢(?:你|您|啦|了)?|多谢|谢啦|辛苦了|可以吗|可以么|可以不|行不行|行吗|行么|好不好|好吗|好么|吗|"
    r"(?<![什怎那这多])么|吧|呗|"
    r"啊|哦|呀|嘛|哈|啦|就好了?|就行了?|就可以了?|好了))+[\s?？。.!！]*$",
    re.IGNORECASE,
)
_TRAIL_CHARS = 40
_WISHES: tuple[Rule, ...] = (*ENGLISH_WISHES, *CHINESE_WISHES)
_PLAIN: Mapping[Force, Sequence[Rule]] = {
    "command": [rule for rule in _WISHES if rule.force == "command"],
    "wish": [rule for rule in _WISHES if rule.force != "hunch"],
    "hunch": _WISHES,
}


def correct(plan: Plan, speech: Speech, *, least: Force = "hunch") -> str:
    """Write every wish of a message into the plan. What no rule took comes back, in the person's order.

    `least` is how plain a wish has to be: "command" hears only what names the thing to change.
    """
    rules = _PLAIN[least]
    reading = _Reading(speech)
    left: list[str] = []
    text, at = reading.text, 0
    for _ in range(MAX_CLAUSES):
        if at >= len(text):
            break
        at = opening_end(text, at)
        if (behind := _take(plan, reading, rules, at)) > at:
            at = behind
            continue
        boundary = reading.clause_end(at)
        end = max(boundary[1], at + 1) if boundary else len(text)
        left.append(speech.own[at:end])
        at = end
    return "".join([*left, speech.own[at:]]).strip(" ,，")


class _Reading:
    """A message as the rules match it, and where its clauses, sentences and lines end."""

    def __init__(self, speech: Speech) -> None:
        self.speech = speech
        self.text = speech.folded
        self._clause_ends = [found.span() for found in _CLAUSE_END.finditer(self.text)]
        self._sentence_ends = [found.span() for found in _SENTENCE_END.finditer(self.text)]
        self._is_wish: dict[tuple[int, bool], bool] = {}

    def clause_end(self, at: int, before: int | None = None) -> tuple[int, int] | None:
        """Where the clause at `at` ends and where the next one begins."""
        return _next(self._clause_ends, at, len(self.text) if before is None else before)

    def starts(self, at: int) -> list[int]:
        """Where a wish can begin in the clause at `at`: behind every word that only leads up to it, the last first."""
        found = [at]
        while len(found) <= _MAX_LEADS and (lead := _LEAD.match(self.text, found[-1])) and lead.end() > found[-1]:
            found.append(lead.end())
        return found[::-1]

    def reach(self, at: int, reach: Reach) -> int:
        """How far the value of a wish that begins here may go."""
        if reach == "line":
            line = self.text.find("\n", at)
            return self._until_wish(at, len(self.text) if line < 0 else line, commands=True)
        sentence = _next(self._sentence_ends, at, len(self.text))
        end = sentence[0] if sentence else len(self.text)
        if reach == "whole":
            return self._trimmed(at, end)
        if reach in ("sentence", "orders"):
            return self._trimmed(at, self._until_wish(at, end, commands=reach == "orders"))
        boundary = self.clause_end(at + 1, end)
        return self._trimmed(at, boundary[0] if boundary else end)

    def is_asked(self, end: int) -> bool:
        """Whether a question mark follows."""
        return self.text[end : end + 3].lstrip()[:1] in ("?", "？")

    def _until_wish(self, at: int, end: int, *, commands: bool) -> int:
        boundary = self.clause_end(at + 1, end)
        for _ in range(MAX_VALUE_CLAUSES):
            if not boundary or self._wish_at(boundary[1], commands=commands):
                break
            boundary = self.clause_end(boundary[1], end)
        return boundary[0] if boundary else end

    def _trimmed(self, at: int, end: int) -> int:
        """The end without what only rounds a request off: "…, please", "…好吗"."""
        begin = max(at, end - _TRAIL_CHARS)
        tail = _TRAIL.search(self.text[begin:end])
        return begin + tail.start() if tail and begin + tail.start() > at else end

    def _wish_at(self, at: int, *, commands: bool) -> bool:
        if (at, commands) not in self._is_wish:
            rules = _PLAIN["command" if commands else "wish"]
            self._is_wish[at, commands] = any(
                rule.pattern.match(self.text, start, end)
                for start, end in [(start, self.reach(start, "clause")) for start in self.starts(at)]
                for rule in rules
            )
        return self._is_wish[at, commands]


def _next(spans: Sequence[tuple[int, int]], at: int, before: int) -> tuple[int, int] | None:
    """The first of these that begins at `at` or behind it, and before `before`."""
    place = bisect_left(spans, (at, 0))
    return spans[place] if place < len(spans) and spans[place][0] < before else None


def _take(plan: Plan, reading: _Reading, rules: Sequence[Rule], at: int) -> int:
    """Where the text goes on behind a wish that begins here; `at` itself where none does."""
    starts = reading.starts(at)
    ends: dict[tuple[int, Reach], int] = {}
    for rule in rules:
        for start in starts:
            if (start, rule.reach) not in ends:
                ends[start, rule.reach] = reading.reach(start, rule.reach)
            end = ends[start, rule.reach]
            if rule.force == "hunch" and start == at and reading.is_asked(end):
                continue  # a question, and no request in the form of one: that has "can you" before it
            match = rule.pattern.match(reading.text, start, end)
            if match and (behind := _apply(plan, reading.speech, rule, match)):
                trail = (
                    _TRAIL.match(reading.text, behind, reading.reach(behind, "clause"))
                    if behind < len(reading.text)
                    else None
                )
                behind = trail.end() if trail else behind
                boundary = _CLAUSE_END.match(reading.text, behind)
                return boundary.end() if boundary else behind
    return at


_ALONE = re.compile(
    r"\s*[\ue000-\uefff](?=\s*(?:$|[，,。.;；!！?？、\n]|and\b|but\b|\(|吧|好|啊|呀|啦|吗|可以吗|然后|并|再))",
    re.IGNORECASE,
)
"""A quoted value and nothing else: what follows it is another wish."""


def _apply(plan: Plan, speech: Speech, rule: Rule, match: re.Match[str]) -> int:
    """Where the wish ends; 0 where the edit does not take it."""
    name = next((key for key, said in match.groupdict().items() if said is not None and key != "which"), None)
    start, end = match.span(name) if name else (match.end(), match.end())
    if not rule.several and (alone := _ALONE.match(speech.own, start, end)):
        end = alone.end()
    piece = speech.own[start:end]
    if not rule.dictated and speech.holds_material(piece):
        return 0
    value = speech.value(piece).strip(" ,，")
    if rule.pointed is not None:
        taken = rule.pointed(plan, value, speech.value(match["which"]))
    else:
        taken = rule.edit is not None and rule.edit(plan, value)
    return max(end, match.end() if not name or end == match.end(name) else end) if taken else 0
