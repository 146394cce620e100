"""A message as words of known kinds: places, days, and the words around them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from user_agent.models.rules.days import TimeWord, time_words
from user_agent.models.rules.lexicon import (
    GLUE_ZH,
    LEADING_ZH,
    LEXICON,
    PLACES_EN,
    PLACES_ZH,
    SUFFIXES_ZH,
    TRAILING_ZH,
    Kind,
)

MAX_WORD_ZH = 8
MAX_NAME_WORDS = 4
_SHOUTED_CHARS = 2
"""Names as short as `us` and `la` are meant only where they are written in capitals."""

_PIECE = re.compile(
    r"(?P<zh>[\u3400-\u9fff·]+)|(?P<word>[^\W\d_\u3400-\u9fff](?:[^\W_\u3400-\u9fff]|"
    r"[.'’\-](?=[^\W\d_\u3400-\u9fff]))*\.?)|"
    r"(?P<number>\d[\w.,:%/\-]*)|(?P<comma>[,&、])|(?P<end>[，。！!？?；;：:\n()（）])"
)
_SUFFIX = re.compile(SUFFIXES_ZH)
_AT_ZH = re.compile(r"[在去到飞]")
_JOIN_ZH = re.compile(r"[和与跟比或]")
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+|St\.|Mt\.|Ft\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, as typed, with its place in the text."""

    kind: Kind | Literal["day"]
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message as the readers take it. `folded` has simplified characters at the places of those in `text`."""

    text: str
    folded: str
    tokens: tuple[Token, ...]
    times: tuple[TimeWord, ...]


def utterance(text: str, folded: str) -> Utterance:
    """The message with its words. Both texts have the same length."""
    times = time_words(folded)
    return Utterance(text, folded, tuple(_tokens(text, folded, times)), times)


def _tokens(text: str, folded: str, times: Sequence[TimeWord]) -> Iterator[Token]:
    start = 0
    for word in times:
        yield from _pieces(text, folded, start, word.start)
        yield Token("day", text[word.start : word.end], word.start, word.end)
        start = word.end
    yield from _pieces(text, folded, start, len(text))


def _pieces(text: str, folded: str, start: int, end: int) -> Iterator[Token]:
    pieces = list(_PIECE.finditer(folded, start, end))
    number = 0
    while number < len(pieces):
        piece = pieces[number]
        number += 1
        match piece.lastgroup:
            case "zh":
                yield from _chinese(text, folded, piece.start(), piece.end())
            case "word":
                words = _following_words(folded, pieces, number - 1)
                token = _english(text, words)
                number += token.text.count(" ")
                yield token
            case "comma":
                yield Token("join", piece[0], piece.start(), piece.end())
            case kind:
                yield Token("number" if kind == "number" else "end", piece[0], piece.start(), piece.end())


def _following_words(folded: str, pieces: Sequence[re.Match[str]], number: int) -> list[re.Match[str]]:
    """The words that follow one another with single spaces between, as many as a name can have."""
    words = [pieces[number]]
    for piece in pieces[number + 1 : number + MAX_NAME_WORDS]:
        if piece.lastgroup != "word" or folded[words[-1].end() : piece.start()] != " ":
            break
        words.append(piece)
    return words


def _english(text: str, words: Sequence[re.Match[str]]) -> Token:
    first = words[0].start()
    for count in range(len(words), 0, -1):
        typed = _name(text[first : words[count - 1].end()])
        if _is_place(typed):
            return Token("place", typed, first, first + len(typed))
    typed = words[0][0].rstrip(".")
    known = LEXICON.get(typed.lower().replace("’", "'"))
    if known is None:
        typed = _name(words[0][0])
    return Token(known or "name", text[first : first + len(typed)], first, first + len(typed))


def _name(typed: str) -> str:
    """The word without a possessive, and without the full stop of a sentence."""
    typed = typed if _ABBREVIATION.search(typed.rsplit(" ", 1)[-1]) else typed.rstrip(".")
    return re.sub(r"['’]s$", "", typed, flags=re.IGNORECASE)


def _is_place(typed: str) -> bool:
    name = typed.lower().rstrip(".")
    return name in PLACES_EN and (len(name) > _SHOUTED_CHARS or typed.isupper() or name == "uk")


def _chinese(text: str, folded: str, start: int, end: int) -> Iterator[Token]:
    unknown = start
    at = start
    while at < end:
        kind, length = _known(folded, at, end)
        if kind is None:
            at += 1
            continue
        yield from _unknown(text, folded, unknown, at)
        yield Token(kind, text[at : at + length], at, at + length)
        at = unknown = at + length
    yield from _unknown(text, folded, unknown, end)


def _known(folded: str, at: int, end: int) -> tuple[Kind | None, int]:
    for length in range(min(MAX_WORD_ZH, end - at), 0, -1):
        word = folded[at : at + length]
        if word in PLACES_ZH:
            suffix = _SUFFIX.match(folded, at + length, end)
            return "place", length + (len(suffix[0]) if suffix else 0)
        if word in LEXICON:
            return LEXICON[word], length
    return None, 0


def _unknown(text: str, folded: str, start: int, end: int) -> Iterator[Token]:
    """What no list knows: a name, with the single characters that lead to it and follow it as tokens of their own."""
    if leads := list(_AT_ZH.finditer(folded, start, end)):
        lead = leads[-1]
        yield from _stripped(text, folded, start, lead.start())
        yield Token("at", lead[0], lead.start(), lead.end())
        start = lead.end()
    joins = list(_JOIN_ZH.finditer(folded, start, end))
    if joins and all(_splits(folded, start, join, end) for join in joins):
        for join in joins:
            yield from _stripped(text, folded, start, join.start())
            yield Token("join", join[0], join.start(), join.end())
            start = join.end()
    yield from _stripped(text, folded, start, end)


def _splits(folded: str, start: int, join: re.Match[str], end: int) -> bool:
    """Whether a 和 joins two names: on neither side does it leave a single character, which would be part of one."""
    return all(len(side.strip("的")) != 1 for side in (folded[start : join.start()], folded[join.end() : end]))


def _stripped(text: str, folded: str, start: int, end: int) -> Iterator[Token]:
    first, last = start, end
    while first < last and folded[first] in LEADING_ZH and last - first != 2:
        first += 1
    while first < last and folded[last - 1] in TRAILING_ZH and last - first != 2:
        last -= 1
    if last - first < 2 or set(folded[first:last]) <= (LEADING_ZH | TRAILING_ZH):
        first = last = end
    for position in (*range(start, first), *range(last, end)):
        kind: Kind = "glue" if folded[position] in GLUE_ZH else "noise"
        yield Token(kind, text[position], position, position + 1)
    if first < last:
        yield Token("name", text[first:last], first, last)
