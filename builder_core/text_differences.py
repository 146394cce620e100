"""Where two texts differ, by words: in Chinese by characters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel, ConfigDict

MOST_PAIRS = 4_000_000
"""So many pairs of words are compared, which takes about a second; larger parts are told whole."""
ALIKE = 0.35
"""Parts that share less are told whole: single words that both happen to have make nothing clearer."""

_WORDS = re.compile(r"\n|[^\S\n]+|[^\W\u2e80-\uffff]+|.", re.DOTALL)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


class Piece(BaseModel):
    """A stretch of text that both have, or that only the earlier or the later one has."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["same", "gone", "come"]
    text: str


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as one sequence: without what came it is `before`, without what went `after`."""
    return tuple(_joined(_by_lines(_LINES.findall(before), _LINES.findall(after))))


def _by_lines(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    if len(before) * len(after) > MOST_PAIRS:
        yield from _by_words("".join(before), "".join(after))
        return
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(kind="same", text="".join(before[i:j]))
        else:
            yield from _by_words("".join(before[i:j]), "".join(after[k:m]))


def _by_words(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    yield Piece(kind="same", text="".join(old[:head]))
    yield from _apart(old[head : len(old) - tail], new[head : len(new) - tail])
    yield Piece(kind="same", text="".join(old[len(old) - tail :]))


def _apart(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if not old or not new or len(old) * len(new) > MOST_PAIRS or matcher.ratio() < ALIKE:
        yield Piece(kind="gone", text="".join(old))
        yield Piece(kind="come", text="".join(new))
        return
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(kind="same", text="".join(old[i:j]))
        else:
            yield Piece(kind="gone", text="".join(old[i:j]))
            yield Piece(kind="come", text="".join(new[k:m]))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    """Without empty pieces, and with neighbours of a kind as one."""
    last: Piece | None = None
    for piece in found:
        if not piece.text:
            continue
        if last is not None and last.kind == piece.kind:
            last = Piece(kind=last.kind, text=last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
