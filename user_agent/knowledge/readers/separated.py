"""Tables in text: values between commas, tabs, semicolons or bars."""

import csv
import io
from collections.abc import Iterator

from user_agent.knowledge.readers.source import Progress, Read, Source, Unreadable
from user_agent.knowledge.readers.tables import tables
from user_agent.knowledge.readers.text import text_of

_SAMPLE_CHARS = 20_000
_MAX_FIELD_CHARS = 1_000_000
_ROWS_BETWEEN_WORDS = 5_000


def read(source: Source) -> Iterator[Read]:
    """The rows as tables of a readable size, each with the header row."""
    text = text_of(source)
    csv.field_size_limit(_MAX_FIELD_CHARS)
    rows = _Rows(text, "\t" if source.name.lower().endswith((".tsv", ".tab")) else _delimiter(text[:_SAMPLE_CHARS]))
    told = 0
    try:
        for table in tables(rows):
            yield source.piece(table, "table")
            if rows.number - told > _ROWS_BETWEEN_WORDS:
                told = rows.number
                yield Progress(min(1.0, rows.chars / len(text)))
    except csv.Error as error:
        raise Unreadable("broken") from error


class _Rows:
    """The rows, counted as they are read."""

    def __init__(self, text: str, delimiter: str) -> None:
        self.number = self.chars = 0
        self._rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)

    def __iter__(self) -> Iterator[list[str]]:
        for row in self._rows:
            self.number += 1
            self.chars += sum(map(len, row)) + len(row)
            yield row


def _delimiter(sample: str) -> str:
    """What stands equally often in the first lines, and most often."""
    lines = [line for line in sample.split("\n")[:20] if line.strip()][:-1] or [sample]
    counts = {mark: [line.count(mark) for line in lines] for mark in ",;\t|"}
    return max(counts, key=lambda mark: (min(counts[mark]), sum(counts[mark])))
