"""Which of the earlier changes a person points at by place: "the second change", "the last two", "倒数第二个改动"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from builder_core.past import Past
from user_agent.chinese import fold
from user_agent.words import Words

_NUMBERS: Mapping[str, int] = {
    **{"one": 1, "two": 2, "couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8},
    **{"ninth": 9, "tenth": 10},
    **{"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10},
}
_COUNT = r"(?P<n>\d{1,2}|two|couple of|three|four|five|six|seven|eight|[两二三四五六七八九十])"
_ORDINAL = r"(?P<n>\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
_THING = r"(?: (?:changes?|edits?|steps?|ones?|things?|updates?|modifications?|turns?|requests?))"
_LAST = r"(?:(?:very )?last|latest|most recent|previous|past|final)"
_THE = r"(?:(?:the|my|your|these|those|all) )*"
_MEASURE = r"[次步个条处项回]的?"
_THING_ZH = rf"{_MEASURE}(?:修改|改动|更改|变更|操作|编辑|要求)?(?:都|全)?"
_NUMBER_ZH = r"(?P<n>\d{1,2}|[一两二三四五六七八九十])"

_Place = Literal["from the end", "last ones", "from the start", "first ones", "before that"]
_PLACE_WORDS: Sequence[tuple[_Place, str]] = (
    ("from the end", rf"{_THE}{_ORDINAL}[ -](?:to[ -]|from the )?last{_THING}?"),
    ("before that", rf"{_THE}(?:next[ -]to[ -]last|penultimate|last but one){_THING}?"),
    ("before that", rf"{_THE}(?:one|change|edit|step) before (?:that|it|this|the last)(?: one)?"),
    ("last ones", rf"{_THE}{_LAST} {_COUNT}{_THING}?"),
    ("last ones", rf"{_THE}{_COUNT} {_LAST}{_THING}"),
    ("first ones", rf"{_THE}first {_COUNT}{_THING}"),
    ("from the start", rf"{_THE}{_ORDINAL}{_THING}"),
    ("from the start", r"(?:change|edit|step|number|no\.?)(?: (?:number|no\.?))? ?#?(?P<n>\d{1,2})|#(?P<m>\d{1,2})"),
    ("from the end", rf"倒数第?{_NUMBER_ZH}{_THING_ZH}"),
    ("before that", rf"(?:再上|上上)一?{_THING_ZH}"),
    ("last ones", rf"(?:最近|最后|上|前|刚才|刚刚)面?的?这?{_COUNT}{_THING_ZH}"),
    ("first ones", rf"(?:头|最初|最开始|一开始)的?{_COUNT}{_THING_ZH}"),
    ("from the start", rf"第{_NUMBER_ZH}(?:{_THING_ZH})?"),
    ("from the start", r"(?:改动|修改|编号)第?(?P<n>\d{1,2})"),
)
_PLACES: Sequence[tuple[_Place, re.Pattern[str]]] = [(place, re.compile(words)) for place, words in _PLACE_WORDS]
_NUMBER_SAID = re.compile(rf"{_ORDINAL}|(?P<m>\d{{1,2}}|[一二三四五六七八九](?!下))")
_AROUND_NUMBERS = re.compile(
    r"\b(?:undo|revert|take back|roll back|the|and|number|no|changes?|edits?|ones?|please|both|i mean|it's|just|only)\b"
    r"|撤销|撤回|还原|把|第|[个条次项步]|改动|修改|的|和|跟|与|吧|那|就|请|都|掉|了|[\s,，、.。#!！&]",
)
_SHOWN_CHARS = 40
MOST_LISTED = 12
WHICH = Words("你说的是哪一个？按先后是：", "Which one do you mean? In order they are:")
_SAY = Words("说编号就行，比如“撤销 {n}”。", "Say its number, for example “undo {n}”.")


@dataclass(frozen=True, slots=True)
class Pointed:
    """The changes at a place, by their names; or what to ask where the place may be either of two."""

    names: tuple[str, ...] = ()
    ask: Words | None = None


def pointed_at(past: Past, words: str) -> Pointed | None:
    """What is at the place that `words` are; None where they are no place."""
    said = " ".join(fold(words).lower().split())
    for place, pattern in _PLACES:
        if match := pattern.fullmatch(said):
            return _at(past, place, match.groupdict())
    return None


def _at(past: Past, place: _Place, groups: Mapping[str, str | None]) -> Pointed:
    count = _number(groups.get("n") or groups.get("m") or "two")
    match place:
        case "last ones":
            return Pointed(_names(past.turns[-count:]))
        case "from the end":
            return Pointed(_names(past.turns[-count:][:1] if count <= len(past.turns) else ()))
        case "before that":
            # Of what was just taken back nothing holds any more: the one before it is the last.
            back = 1 if past.last_was_undo else 2
            return Pointed(_names(past.turns[-back:][:1] if back <= len(past.turns) else ()))
        case "from the start":
            return _counted(past, range(count - 1, count))
        case "first ones":
            return _counted(past, range(count))


def chosen(past: Past, words: str) -> tuple[str, ...]:
    """The changes whose numbers in the list are said, and nothing besides; none where it is no such answer."""
    said = fold(words).lower()
    numbers = [_number(found["n"] or found["m"]) for found in _NUMBER_SAID.finditer(said)]
    if _AROUND_NUMBERS.sub("", _NUMBER_SAID.sub(" ", said)):
        return ()
    edits = past.edits
    return _names([edits[number - 1] for number in numbers if 0 < number <= len(edits)])


def asked_which(said: str) -> bool:
    """Whether a text of the guide asks which change is meant, with a list."""
    return WHICH.zh in said or WHICH.en in said


def _counted(past: Past, places: range) -> Pointed:
    """Places from the beginning. A first turn that described the agent may be counted as a change, or not."""
    with_it, without_it = ([turns[at] for at in places if at < len(turns)] for turns in (past.turns, past.edits))
    if with_it and without_it and with_it != without_it:
        return Pointed(ask=_which(past))
    return Pointed(_names(without_it or with_it))


def _which(past: Past) -> Words:
    """The question which one is meant, with every change since the agent was described."""
    wishes = [past.by_name[turn[0]].said for turn in past.edits]
    lines = [f"{number}. “{_short(wish)}”" for number, wish in enumerate(wishes, start=1)][-MOST_LISTED:]
    listed, last = "\n".join(lines), len(wishes)
    return Words(
        f"{WHICH.zh}\n{listed}\n{_SAY.zh.format(n=last)}",
        f"{WHICH.en}\n{listed}\n{_SAY.en.format(n=last)}",
    )


def _short(wish: str) -> str:
    said = " ".join(wish.split())
    return said if len(said) <= _SHOWN_CHARS else f"{said[:_SHOWN_CHARS]}…"


def _names(turns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(name for turn in turns for name in turn)


def _number(said: str) -> int:
    return _NUMBERS.get(said) or int(re.sub(r"\D", "", said))
