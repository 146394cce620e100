"""Workbooks, sheet by sheet, as tables with the values that their formulas had when they were saved."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from user_agent.knowledge.readers.packed import opened
from user_agent.knowledge.readers.source import Note, Progress, Read, Source, Unreadable
from user_agent.knowledge.readers.tables import tables

_Value = int | float | str | bool | time | date | datetime | timedelta
_NO_VALUE = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>")
_CHUNK_BYTES = 1_000_000


def read(source: Source) -> Iterator[Read]:
    """Each sheet as tables of a readable size, each with the header row."""
    uncalculated = False
    if zipfile.is_zipfile(io.BytesIO(source.data)):
        with opened(source) as archive:
            uncalculated = any(_uncalculated(archive, name) for name in archive.namelist() if "/worksheets/" in name)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(source.data))
        sheets = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        for number, name in enumerate(sheets, 1):
            for table in tables(map(_row, workbook.get_sheet_by_name(name).iter_rows())):
                yield source.piece(table, "table", (name,), sheet=name)
            yield Progress(number / len(sheets))
    except PasswordError as error:
        raise Unreadable("locked") from error
    except CalamineError as error:
        raise Unreadable("broken") from error
    if uncalculated:
        yield Note("no_values", {"name": source.shown})


def _row(row: list[_Value]) -> list[str]:
    cells = [_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: _Value) -> str:
    """As a person would write it: no point behind whole numbers, no midnight behind days."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)


def _uncalculated(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a formula has no value: programs that are no spreadsheet write them so."""
    with archive.open(name) as file:
        before = b""
        while chunk := file.read(_CHUNK_BYTES):
            if _NO_VALUE.search(before + chunk):
                return True
            before = chunk[-40:]
    return False
