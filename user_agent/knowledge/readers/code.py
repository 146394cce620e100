"""Source code, cut where something new begins at the left margin."""

import re
from collections.abc import Iterator

from user_agent.knowledge.readers.source import Read, Source
from user_agent.knowledge.readers.text import text_of

MAX_CHARS = 1_500
_MAX_LINE_CHARS = 2_000
_CLOSING = re.compile(r"[)\]}]|end\b|else\b|elif\b|except\b|finally\b|catch\b")


def read(source: Source) -> Iterator[Read]:
    """A piece for each definition, or for several small ones that follow each other."""
    lines, length = list[str](), 0
    for block in _blocks(text_of(source)):
        size = sum(map(len, block)) + len(block)
        if lines and length + size > MAX_CHARS:
            yield from _piece(source, lines)
            lines, length = [], 0
        lines += block
        length += size
    yield from _piece(source, lines)


def _piece(source: Source, lines: list[str]) -> Iterator[Read]:
    text = "\n".join(lines).strip("\n").rstrip()
    if text.strip():
        yield source.piece(text, "code")


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines that belong together: they end before an empty line that something at the margin follows."""
    block, after_empty = list[str](), False
    for line in text.split("\n"):
        begins = after_empty and line[:1].strip() and not _CLOSING.match(line)
        if block and begins:
            yield block
            block = []
        block.append(line[:_MAX_LINE_CHARS] if len(line) > 10 * _MAX_LINE_CHARS else line)
        after_empty = not line.strip()
    yield block
