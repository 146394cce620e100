"""Pieces of a file become passages: what is searched, shown and cited, each small enough to be read at once.

Sizes are counted in signs: a character of Chinese is one, any other character 0.4, so that a passage says about as much
in both scripts. A paragraph up to `WHOLE` stays whole, a longer one falls apart between sentences, and those that say
next to nothing join their neighbours.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from user_agent.knowledge.pieces import Piece, PieceKind, Reading
from user_agent.lexical.sentences import sentence_ends

TARGET = 480
"""Signs of a passage that is made of a longer text: 480 characters of Chinese, 200 English words."""
WHOLE = 900
"""A paragraph of so many signs is not cut."""
SMALL = 100
"""A paragraph below this joins the one before or after it."""

_GAP = 2
"""How many characters stand between two pieces in a file's text."""
_NARROW = 0.4
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
_BLANK_LINES = re.compile(r"\n[^\S\n]*+\n\s*+")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a passage stands. Offsets count characters of the file's text."""

    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None
    sheet: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a file: its text at `place`. Of a table that was cut, `text` has the header before that again."""

    number: int
    """From 0, in the file's order."""
    text: str
    kind: PieceKind
    place: Place


@dataclass(frozen=True, slots=True)
class _Part:
    """A passage to be."""

    kind: PieceKind
    place: Place
    size: float
    """In signs."""
    header: str = ""
    is_heading: bool = False


def split(pieces: Iterable[Piece]) -> Iterator[Passage]:
    """The passages of a file, in its order."""
    reading = Reading(tuple(pieces))
    text = reading.text
    for number, part in enumerate(_joined(_parts(reading.pieces))):
        yield Passage(number, part.header + text[part.place.start : part.place.end], part.kind, part.place)


def signs(text: str) -> float:
    """How much a text says, as a number of Chinese characters."""
    narrow = len(text) if text.isascii() else len(_WIDE.sub("", text))
    return len(text) - narrow + _NARROW * narrow


def _parts(pieces: Iterable[Piece]) -> Iterator[_Part]:
    at = 0
    for piece in pieces:
        match piece.kind:
            case "text":
                yield from _of_text(piece, at)
            case "table":
                yield from _of_table(piece, at)
            case "code":
                yield from _between(piece, at, _fitting(piece.text, 0, len(piece.text), _code_ends(piece.text)))
        at += len(piece.text) + _GAP


def _of_text(piece: Piece, at: int) -> Iterator[_Part]:
    """Its paragraphs, those that are too long cut between sentences."""
    text = piece.text
    bounds = [0, *(found.end() for found in _BLANK_LINES.finditer(text)), len(text)]
    for start, end in pairwise(bounds):
        ends = (start + place for place in sentence_ends(text[start:end]))
        yield from _between(piece, at, _fitting(text, start, end, ends))


def _of_table(piece: Piece, at: int) -> Iterator[_Part]:
    """Groups of rows, each under the header."""
    text = piece.text
    header = text[: _header_end(text)]
    rows = (end for end in _line_ends(text) if end > len(header))
    repeated = header if signs(header) < TARGET / 2 else ""
    for number, part in enumerate(_between(piece, at, _fitting(text, 0, len(text), rows))):
        yield replace(part, header=repeated) if number else part


def _between(piece: Piece, at: int, bounds: Iterable[int]) -> Iterator[_Part]:
    """The parts of a piece between bounds, without the space around them."""
    for start, end in pairwise(bounds):
        text = piece.text[start:end]
        # The space before the first line of code belongs to it.
        begin = start + (0 if piece.kind == "code" else len(text) - len(text.lstrip()))
        end = start + len(text.rstrip())
        if begin < end:
            place = Place(at + begin, at + end, piece.headings, piece.page, piece.sheet, piece.member)
            is_heading = piece.headings[-1:] == (piece.text,)
            yield _Part(piece.kind, place, signs(piece.text[begin:end]), is_heading=is_heading)


def _header_end(table: str) -> int:
    """Where the header and the rule under it end; 0 where there is no rule."""
    ends = [*_line_ends(table)][:2]
    return ends[1] if len(ends) == 2 and _RULE.fullmatch(table, ends[0], ends[1]) else 0


def _line_ends(text: str) -> Iterator[int]:
    yield from (found.end() for found in re.finditer(r"\n|[^\n]\Z", text))


def _code_ends(text: str) -> Iterator[int]:
    """The places after blank lines, and after every line of what has none for long."""
    start = 0
    for end in (*(found.end() for found in _BLANK_LINES.finditer(text)), len(text)):
        # The first line of what follows keeps the space before it.
        end = text.rfind("\n", start, end) + 1 if end < len(text) else end
        if _is_above(TARGET, text, start, end):
            yield from (start + place for place in _line_ends(text[start:end]))
        elif end > start:
            yield end
        start = max(start, end)


def _fitting(text: str, start: int, stop: int, ends: Iterable[int]) -> list[int]:
    """Bounds between which a stretch of text falls apart: none inside where it is small enough to stay whole, else some
    of `ends`, so that the parts are of about the same size."""
    if not _is_above(WHOLE, text, start, stop):
        return [start, stop]
    places = [*_bounded(text, start, ends)]
    sizes = [signs(text[a:b]) for a, b in pairwise([start, *places])]
    aim = sum(sizes) / math.ceil(sum(sizes) / TARGET - 0.25)
    kept, filled = [start], 0.0
    for last, size in zip([start, *places], sizes, strict=False):
        # It ends before the next or after it: whichever is nearer to the aim.
        if filled and aim - filled <= filled + size - aim:
            kept.append(last)
            filled = 0.0
        filled += size
    return [*kept, *places[-1:]]


def _bounded(text: str, start: int, ends: Iterable[int]) -> Iterator[int]:
    """The same ends, with more between those that stand too far apart: at spaces if there are any, else anywhere."""
    for end in ends:
        while _is_above(WHOLE, text, start, end):
            ahead = text[start : start + TARGET]
            cut = start + int(TARGET * len(ahead) / signs(ahead))
            spaces = [found.end() for found in _SPACE.finditer(text, (start + cut) // 2, cut)]
            start = spaces[-1] if spaces else cut
            yield start
        yield end
        start = end


def _is_above(limit: int, text: str, start: int, end: int) -> bool:
    """Whether that part of a text has more signs. Looks at no more of it than it must."""
    return signs(text[start : min(end, start + int(limit / _NARROW) + 1)]) > limit


def _joined(parts: Iterable[_Part]) -> Iterator[_Part]:
    """The same parts, where headings and those that say next to nothing have joined a neighbour."""
    waiting: _Part | None = None
    for part in parts:
        if waiting is not None and _belong_together(waiting, part):
            place = replace(part.place, start=waiting.place.start)
            waiting = replace(part, place=place, size=waiting.size + part.size)
            continue
        if waiting is not None and not (waiting.is_heading and _is_under(part, waiting)):
            yield waiting
        waiting = part
    if waiting is not None:
        yield waiting


def _belong_together(first: _Part, second: _Part) -> bool:
    if first.place.page != second.place.page:
        return False
    if first.is_heading:
        return second.kind == "text" and not second.is_heading and _is_under(second, first)
    return (
        first.kind == second.kind == "text"
        and min(first.size, second.size) < SMALL
        and first.size + second.size <= TARGET
        and first.place.headings == second.place.headings
        and _in_one_part(first.place, second.place)
    )


def _is_under(part: _Part, heading: _Part) -> bool:
    """Whether a part belongs to what stands under a heading, which then travels in its `headings`."""
    path = heading.place.headings
    return part.place.headings[: len(path)] == path and _in_one_part(part.place, heading.place)


def _in_one_part(one: Place, other: Place) -> bool:
    return (one.sheet, one.member) == (other.sheet, other.member)
