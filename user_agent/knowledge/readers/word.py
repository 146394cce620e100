"""Word documents: headings, paragraphs, lists and tables in their order."""

import io
from collections.abc import Iterator

from docx import Document
from docx.table import Table

from user_agent.knowledge.readers.outline import Outline
from user_agent.knowledge.readers.packed import opened
from user_agent.knowledge.readers.source import Progress, Read, Source, Title
from user_agent.knowledge.readers.tables import tables

_BETWEEN_WORDS = 200


def read(source: Source) -> Iterator[Read]:
    """A piece for each heading, paragraph, entry of a list, and table."""
    with opened(source):
        document = Document(io.BytesIO(source.data))
    if document.core_properties.title:
        yield Title(document.core_properties.title)
    blocks, outline = list(document.iter_inner_content()), Outline()
    # Asked of each paragraph, a style is looked up from the beginning of all of them.
    styles = {style.style_id: str(style.name) for style in document.styles}
    for number, block in enumerate(blocks, 1):
        if isinstance(block, Table):
            for table in tables(_rows(block)):
                yield source.piece(table, "table", outline.path)
        elif words := block.text.strip():
            style = styles.get(block._p.style or "", "")  # pyright: ignore[reportPrivateUsage]
            if level := _level(style):
                yield source.piece(words, "text", outline.enter(level, words))
            else:
                yield source.piece(f"- {words}" if style.startswith("List") else words, "text", outline.path)
        if number % _BETWEEN_WORDS == 0:
            yield Progress(number / len(blocks))


def _level(style: str) -> int:
    """The level of a heading's style, by the name that Word keeps in every language; 0 for others."""
    if style == "Title":
        return 1
    name, _, level = style.partition(" ")
    return int(level) + 1 if name == "Heading" and level.isdecimal() else 0


def _rows(table: Table) -> Iterator[list[str]]:
    for row in table.rows:
        cells, before = list[str](), None
        for cell in row.cells:
            if cell._tc is not before:  # pyright: ignore[reportPrivateUsage]  a cell across columns comes once for each
                cells.append(cell.text)
            before = cell._tc  # pyright: ignore[reportPrivateUsage]
        yield cells
