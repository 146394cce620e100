"""A table that a tool answers with: seen on a page, kept as CSV, read by the model as far as a prompt can bear."""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real

from user_agent.messages import Cell, FilePart, TablePart
from user_agent.storable import cleaned
from user_agent.words import Language, Words

MAX_SHOWN_ROWS = 500
MAX_SHOWN_COLUMNS = 50
MAX_SHOWN_CHARS = 100_000
"""How much of a table goes to a page; the file has all of it."""
MAX_CELL_CHARS = 500
MAX_READ_CHARS = 6_000
"""How much of a table a model reads."""
_LARGEST_INT = 2**53
"""Up to here every language's numbers are exact (JavaScript's are doubles)."""

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\s.]+')

_SEEN = Words(
    zh="用户已经看到这张表，就在你这段回答的上方。不要再把整张表写一遍，说说它说明了什么。",
    en="The person sees this table already, right above your answer. Do not write it out again: say what it shows.",
)
_CUT = Words(zh="（以上是 {total} 行中的前 {read} 行。）", en="(These are the first {read} of {total} rows.)")
_FILE = Words(zh="完整的表在文件“{name}”里（编号 {file}）。", en="All of it is in the file {name!r} (number {file}).")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name and rows in their order. Cells are words, numbers, true or false, or None for nothing; what is
    anything else is shown as `str()` writes it. Raises `ValueError` where there is no column."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError("A table has at least one column.")


def shown_table(table: Table, file: FilePart | None = None) -> TablePart:
    """The beginning of the table, as much as a page shows."""
    columns = tuple(_short(str(name)) for name in table.columns[:MAX_SHOWN_COLUMNS])
    rows, room = list[tuple[Cell, ...]](), MAX_SHOWN_CHARS
    for row in table.rows[:MAX_SHOWN_ROWS]:
        cells = tuple(_cell(value) for value in _filled(row, len(columns)))
        room -= sum(len(str(cell)) for cell in cells)
        if room < 0:
            break
        rows.append(cells)
    return TablePart(
        title=_short(table.title),
        columns=columns,
        rows=tuple(rows),
        total_columns=len(table.columns),
        total_rows=len(table.rows),
        file=file,
    )


def table_text(shown: TablePart, language: Language) -> str:
    """What the model reads of the table: as CSV, with how much there is beside it, and that the person sees it."""
    lines, room = [_line(shown.columns)], MAX_READ_CHARS
    for row in shown.rows:
        line = _line(row)
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    told = [shown.title, *lines] if shown.title else lines
    if len(lines) - 1 < shown.total_rows:
        told.append(_CUT[language].format(read=len(lines) - 1, total=shown.total_rows))
    if shown.file:
        told.append(_FILE[language].format(name=shown.file.name, file=shown.file.file))
    return "\n".join((*told, _SEEN[language]))


def csv_of(table: Table) -> bytes:
    """All of the table as CSV that a spreadsheet opens as it is meant: in UTF-8 with its mark, and no cell a formula.

    Words that a spreadsheet would calculate stand after an apostrophe.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for row in (table.columns, *table.rows):
        writer.writerow([_harmless(value) for value in _filled(row, len(table.columns))])
    return written.getvalue().encode("utf-8-sig", errors="replace")


def csv_name(table: Table) -> str:
    """What the file of the table is called, after its title."""
    return f"{_NOT_IN_FILE_NAMES.sub(' ', cleaned(table.title))[:60].strip() or 'table'}.csv"


def _filled(row: Sequence[object], width: int) -> Sequence[object]:
    """The row with as many cells as there are columns."""
    return [*row[:width], *[None] * (width - len(row))]


def _cell(value: object) -> Cell:
    match value:
        case None | bool():
            return value
        case Integral() if abs(int(value)) <= _LARGEST_INT:  # numpy's too
            return int(value)
        case Real() if not isinstance(value, Integral) and math.isfinite(value):
            return float(value)
        case _:
            return _short(str(value))


def _short(text: str) -> str:
    text = cleaned(text)
    return text if len(text) <= MAX_CELL_CHARS else f"{text[: MAX_CELL_CHARS - 1]}…"


def _line(cells: Sequence[Cell]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return written.getvalue()


def _harmless(value: object) -> object:
    """The cell as no spreadsheet calculates it. https://owasp.org/www-community/attacks/CSV_Injection"""
    if value is None or isinstance(value, Real):
        return value
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
