"""PDF files, page by page, below the headings of their outline."""

import importlib
import io
from collections.abc import Iterator
from typing import Any, cast

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import Destination

from user_agent.knowledge.readers.outline import Outline
from user_agent.knowledge.readers.picture import MAX_SIDE, taken
from user_agent.knowledge.readers.source import Note, Progress, Read, Source, Title, Unreadable
from user_agent.knowledge.readers.text import paragraphs

_FEW_CHARS = 20
_DOTS = 200
"""To the inch: as small letters want to be seen."""
_MAX_HEADINGS = 2_000
_MAX_DEPTH = 6


def read(source: Source) -> Iterator[Read]:
    """The words of each page. Pages that are pictures are told of."""
    try:
        reader = PdfReader(io.BytesIO(source.data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("locked")
        yield from _pages(source, reader)
    except PyPdfError as error:
        raise Unreadable("broken") from error


def _pages(source: Source, reader: PdfReader) -> Iterator[Read]:
    if reader.metadata and reader.metadata.title:
        yield Title(str(reader.metadata.title))
    count, pictures, outline = len(reader.pages), list[int](), Outline()
    headings = _headings(reader)
    for number, page in enumerate(reader.pages, 1):
        path = outline.path
        for level, words in headings.get(number, ()):
            # Where on the page it begins is not asked: its words are found below the heading that it brings.
            path = outline.enter(level, words)
        words = page.extract_text().strip()
        yield from paragraphs(source, words, path, page=number)
        # A number or a stamp is all that programs write over a scan.
        if len(words) < _FEW_CHARS and _has_picture(page):
            pictures.append(number)
            if source.looked_at:
                yield from _drawn(source, number)
        yield Progress(number / count)
        if source.late:
            yield Note("pages_left", {"name": source.shown, "first": number, "count": count})
            break
    if pictures and not source.looked_at:
        yield Note("pages_pictures", {"name": source.shown, "pages": _numbers(pictures)})


def _drawn(source: Source, number: int) -> Iterator[Read]:
    """The page as a picture."""
    # Few files need it, and it has no types.
    pdfium: Any = importlib.import_module("pypdfium2")
    # Each time anew: a page costs far more than the file's beginning, and few files have such pages.
    document = pdfium.PdfDocument(source.data)
    try:
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(_DOTS / 72, MAX_SIDE / max(width, height, 1))
        yield from taken(source, page.render(scale=scale).to_pil(), number)
    finally:
        document.close()


def _has_picture(page: PageObject) -> bool:
    try:
        return bool(page.images.keys())
    except (PyPdfError, KeyError, TypeError, ValueError):
        return True  # it has something that cannot be told


def _headings(reader: PdfReader) -> dict[int, list[tuple[int, str]]]:
    """The entries of the outline by the page that they lead to: level and words."""
    found: dict[int, list[tuple[int, str]]] = {}
    places = {page.indirect_reference.idnum: n for n, page in enumerate(reader.pages, 1) if page.indirect_reference}
    left = _MAX_HEADINGS

    def take(entries: list[object], level: int) -> None:
        nonlocal left
        for entry in entries:
            if left <= 0 or level > _MAX_DEPTH:
                return
            if isinstance(entry, Destination):
                left -= 1
                number = places.get(getattr(entry.page, "idnum", 0))
                if number and entry.title and entry.title.strip():
                    found.setdefault(number, []).append((level, entry.title))
            elif isinstance(entry, list):
                take(cast("list[object]", entry), level + 1)

    try:
        take(cast("list[object]", reader.outline), 1)
    except (PyPdfError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}  # an outline that is broken is no reason not to read the pages
    return found


def _numbers(numbers: list[int]) -> str:
    """`1, 3-5, 9` for 1, 3, 4, 5, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join("-".join(map(str, run)) for run in runs)
