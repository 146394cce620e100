"""Which places a message names: the known ones, and unknown names where the words around them say that it is one."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from user_agent.chinese import fold
from user_agent.gazetteer import COUNTRIES_EN, DISTRICTS
from user_agent.models.rules.lexicon import WIDE_ZH
from user_agent.models.rules.tokens import Token, Utterance

MAX_PLACES = 4
MAX_PLACE_CHARS = 60
"""As long a name as every tool here takes."""

_INNER_ENDS = ("区", "县", "镇", "乡", "村", "街道")
_OUTER_ENDS = ("省", "自治区")
_AROUND = frozenset({"glue", "at", "join", "end", "day"})
"""What may stand beside the places of a message that only answers, or goes on: "那上海明天呢？", "and in London?"."""
_GOES_ON = re.compile(r"^(?:那|换成|再查|也)|呢\W*$|^(?:what about|how about|and)\b", re.IGNORECASE)
"""How a message begins or ends that goes on from an answered question."""


@dataclass(frozen=True, slots=True)
class Places:
    """What a message says about where."""

    names: tuple[str, ...] = ()
    there: bool = False
    """It points to the place that was spoken of: 那里, "there"."""
    guessed: bool = False
    """An unknown Chinese name is taken for a place only because of what follows it."""
    unread: bool = False
    """It leads to a place that could not be read, as in "time in <something>"."""


def places(said: Utterance) -> Places:
    """The places of a question, in order, each once."""
    tokens = _joined(said)
    known = [token for token in tokens if token.kind == "place"]
    named = [token for number, token in enumerate(tokens) if token.kind == "place" or _is_marked(tokens, number)]
    if known and len(named) > len(known):
        named = [token for token in named if token.kind == "place" or _is_joined_to(token, known, tokens)]
    names = tuple(dict.fromkeys(token.text for token in named))[:MAX_PLACES]
    return Places(
        names=tuple(name for name in names if len(name) <= MAX_PLACE_CHARS),
        there=any(token.kind == "there" for token in tokens),
        guessed=any(token.kind == "name" and not _is_led_to(tokens, tokens.index(token)) for token in named),
        unread=not names and _leads_nowhere(tokens),
    )


def known_places(said: Utterance) -> tuple[str, ...]:
    """The places that a message consists of, all of them known; empty where it says anything else."""
    return () if any(token.kind == "name" for token in _joined(said)) else _only_places(said)


def next_places(said: Utterance, *, asked: bool) -> tuple[str, ...]:
    """The places of a message that goes on from an earlier one; empty where it says anything else.

    In the answer to "Which city?" (`asked`), and in "那…呢" and "what about …", they may have any name.
    """
    return _only_places(said) if asked or _GOES_ON.search(said.folded.strip()) else known_places(said)


def is_only_a_day(said: Utterance) -> bool:
    """Whether a message says a time and nothing else, as in "明天呢？" and "and on Friday?"."""
    return all(token.kind in _AROUND for token in said.tokens)


def _only_places(said: Utterance) -> tuple[str, ...]:
    tokens = _joined(said)
    named = [token for token in tokens if token.kind in ("place", "name")]
    if any(token.kind not in _AROUND for token in tokens if token not in named):
        return ()
    unknown = [token for token in named if token.kind == "name"]
    if len(unknown) > 1 and not any(token.kind == "join" for token in tokens):
        return ()
    if any(len(token.text) > MAX_PLACE_CHARS or len(token.text.split()) > 3 for token in unknown):
        return ()
    return tuple(dict.fromkeys(token.text for token in named))[:MAX_PLACES]


def unread_words(said: Utterance) -> tuple[Token, ...]:
    """Words of a message that no list knows, and that are no place of it."""
    tokens = _joined(said)
    return tuple(
        token for number, token in enumerate(tokens) if token.kind == "name" and not _is_marked(tokens, number)
    )


def _is_marked(tokens: Sequence[Token], number: int) -> bool:
    """Whether an unknown word is a place by what stands beside it."""
    token = tokens[number]
    if token.kind != "name" or len(token.text.split()) > 4:
        return False
    if _is_led_to(tokens, number):
        return True
    before, after = _beside(tokens, number, -1), _beside(tokens, number, 1)
    if is_chinese(token.text):
        begins = all(kind in ("day", "glue", "noise", "join", "end") for kind in before[:1])
        return begins and any(kind in ("about", "day", "sky") for kind in after[:1])
    if any(kind == "about" for kind in (*before[:1], *after[:1])):
        return True
    return token.text[0].isupper() and "sky" in after[:1] and before[:1] in (("noise",), ("at",))


def _is_led_to(tokens: Sequence[Token], number: int) -> bool:
    """Whether a word like "in" or 在 stands before, or an article after one."""
    before = _beside(tokens, number, -1)
    return "at" in before[:1] or ("at" in before[:2] and before[:1] == ("glue",))


def _beside(tokens: Sequence[Token], number: int, step: Literal[-1, 1]) -> tuple[str, ...]:
    """The kinds of the two words before or after, without 的."""
    kinds: list[str] = []
    position = number + step
    while 0 <= position < len(tokens) and len(kinds) < 2:
        if tokens[position].text != "的":
            kinds.append(tokens[position].kind)
        position += step
    return tuple(kinds)


def _is_joined_to(token: Token, known: Sequence[Token], tokens: Sequence[Token]) -> bool:
    """Whether an unknown name stands in one list with a known place: 北京和乌有镇."""
    number = tokens.index(token)
    near = [tokens[at] for at in (number - 2, number + 2) if 0 <= at < len(tokens)]
    between = [tokens[at] for at in (number - 1, number + 1) if 0 <= at < len(tokens)]
    return any(other in known for other in near) and any(link.kind == "join" for link in between)


def _leads_nowhere(tokens: Sequence[Token]) -> bool:
    return any(
        token.kind == "at"
        and token.text.lower() in ("in", "at", "在")
        and following.kind in ("number", "name", "noise")
        for token, following in itertools.pairwise(tokens)
        if following.text.lower() != "a"
    )


def _joined(said: Utterance) -> list[Token]:
    """The words with names that belong together as one: 杭州西湖区, "Paris, Texas", "new plymouth"."""
    joined: list[Token] = []
    for token in said.tokens:
        before = joined[-1] if joined else None
        comma = before is not None and before.text == "," and len(joined) > 1
        partner = joined[-2] if comma else before
        if partner is None or (one := _as_one(said, partner, token, comma=comma)) is None:
            joined.append(token)
            continue
        del joined[-2 if comma else -1 :]
        joined.append(one)
    return joined


def _as_one(said: Utterance, first: Token, second: Token, *, comma: bool) -> Token | None:
    """Both as one place, where the second says where the first is, or is a part of it; else None."""
    names = {first.kind, second.kind}
    if not names <= {"place", "name"}:
        return None
    between = said.folded[first.end : second.start].strip(" ")
    if is_chinese(first.text) and is_chinese(second.text):
        return _chinese_as_one(first, second) if not between and first.kind == "place" else None
    if between not in ("", ",") or is_chinese(first.text + second.text):
        return None
    if (
        second.kind == "place"
        and second.text.lower().rstrip(".") in _OUTER_EN
        and first.text.lower() not in COUNTRIES_EN
    ):
        return Token("place", f"{first.text}, {second.text}", first.start, second.end)
    if comma and len(second.text) == 2 and second.text.isupper():
        return Token("place", f"{first.text}, {second.text}", first.start, second.end)
    if names == {"name"} and not comma and first.end + 1 == second.start:
        return Token("name", f"{first.text} {second.text}", first.start, second.end)
    return None


_OUTER_EN = COUNTRIES_EN | {"d.c", "dc"}


def _chinese_as_one(outer: Token, inner: Token) -> Token | None:
    if first_has_no_inside := fold(outer.text) in WIDE_ZH:
        first_has_no_inside = fold(inner.text) in WIDE_ZH
    if first_has_no_inside:
        return None
    name = fold(inner.text)
    is_part = (
        name.endswith(_INNER_ENDS) or name in DISTRICTS or (inner.kind == "place" and outer.text.endswith(_OUTER_ENDS))
    )
    if is_part:
        return Token("place", outer.text + inner.text, outer.start, inner.end)
    # 日本东京: a vendor knows the city by its own name.
    return Token("place", inner.text, outer.start, inner.end) if fold(outer.text) in WIDE_ZH else None


def is_chinese(text: str) -> bool:
    """Whether any character of a text is Chinese."""
    return any("\u3400" <= char <= "\u9fff" for char in text)
