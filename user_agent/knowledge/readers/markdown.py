"""Markdown, by its blocks: it stays as it was written, and only where a block begins and ends is looked at."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from user_agent.knowledge.pieces import PieceKind
from user_agent.knowledge.readers.outline import Outline
from user_agent.knowledge.readers.source import Read, Source
from user_agent.knowledge.readers.text import text_of

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def read(source: Source) -> Iterator[Read]:
    """A piece for each heading, paragraph, list, table and block of code."""
    yield from blocks(source, text_of(source))


def blocks(source: Source, text: str, outline: Outline | None = None) -> Iterator[Read]:
    """The pieces of a Markdown text, below the headings that are open already."""
    outline = outline or Outline()
    for block in _blocks(_without_front_matter(_COMMENT.sub("", text).split("\n"))):
        if block.level:
            yield source.piece(block.text, "text", outline.enter(block.level, block.text))
        else:
            yield source.piece(block.text, block.kind, outline.path)


class _Block(NamedTuple):
    text: str
    kind: PieceKind = "text"
    level: int = 0
    """Of a heading, from 1."""


def _blocks(lines: list[str]) -> Iterator[_Block]:
    waiting, fence = list[str](), ""
    for line in lines:
        fenced = _FENCE.match(line)
        if fence:
            waiting.append(line)
            if fenced and fenced[1].startswith(fence) and not line.strip(" `~"):
                yield from _block(waiting, "code")
                fence = ""
        elif fenced:
            yield from _block(waiting)
            waiting.append(line)
            fence = fenced[1]
        elif heading := _heading(line, waiting):
            yield from _block(waiting)
            yield heading
        elif line.strip():
            waiting.append(line)
        else:
            yield from _block(waiting)
    yield from _block(waiting, "code" if fence else None)


def _block(waiting: list[str], kind: PieceKind | None = None) -> Iterator[_Block]:
    """The lines that wait, as one block; none wait any more."""
    text = "\n".join(waiting).strip("\n").rstrip()
    is_table = len(waiting) > 1 and "|" in waiting[0] and _RULE.match(waiting[1])
    waiting.clear()
    if text.strip():
        yield _Block(text, kind or ("table" if is_table else "text"))


def _heading(line: str, waiting: list[str]) -> _Block | None:
    """The heading that a line is, or that it underlines: then its words wait no more."""
    if heading := _HEADING.match(line):
        return _Block(heading[2], level=len(heading[1])) if heading[2] else None
    if len(waiting) == 1 and "|" not in waiting[0] and (under := _UNDERLINE.match(line)):
        return _Block(waiting.pop().strip(), level=1 if under[1][0] == "=" else 2)
    return None


def _without_front_matter(lines: list[str]) -> list[str]:
    """What stands between two lines of dashes at the very top is about the file, and not in it."""
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:60], 1):
            if line.strip() in ("---", "..."):
                return lines[number + 1 :]
    return lines
