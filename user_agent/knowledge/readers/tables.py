"""Rows become Markdown tables: the header row first, and again in every part of a long one."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

MAX_ROWS = 60
MAX_CHARS = 6_000
MAX_CELL_CHARS = 2_000


def cell(text: str) -> str:
    """A cell's words on one line, with nothing in it that would end the cell."""
    return " ".join(text.split())[:MAX_CELL_CHARS].replace("|", "\\|")


def tables(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows as one table, or as several of a readable size. The first row that is not empty is the header."""
    filled = (row for row in rows if any(value.strip() for value in row))
    header = next(filled, None)
    if header is None:
        return
    head = f"{_line(header)}\n{_line(['---'] * len(header))}"
    first = next(filled, None)
    if first is None:
        yield head
        return
    lines, length = [head], len(head)
    for row in chain((first,), filled):
        line = _line(row, len(header))
        if len(lines) > 1 and (len(lines) > MAX_ROWS or length + len(line) > MAX_CHARS):
            yield "\n".join(lines)
            lines, length = [head], len(head)
        lines.append(line)
        length += len(line) + 1
    yield "\n".join(lines)


def _line(row: Sequence[str], width: int = 0) -> str:
    cells = [cell(value) for value in row]
    return f"| {' | '.join(cells + [''] * (width - len(cells)))} |"
