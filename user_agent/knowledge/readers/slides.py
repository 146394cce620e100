"""Presentations, slide by slide: titles, text, tables and the speaker's notes."""

import io
from collections.abc import Iterable, Iterator

from pptx import Presentation
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide

from user_agent.knowledge.readers.packed import opened
from user_agent.knowledge.readers.source import MAX_HEADING_CHARS, Progress, Read, Source, Title
from user_agent.knowledge.readers.tables import tables

_MAX_DEPTH = 8


def read(source: Source) -> Iterator[Read]:
    """A piece for each title, text and table of a slide, and one for its notes."""
    with opened(source):
        presentation = Presentation(io.BytesIO(source.data))
    if presentation.core_properties.title:
        yield Title(presentation.core_properties.title)
    count = len(presentation.slides)
    for number, slide in enumerate(presentation.slides, 1):
        yield from _slide(source, slide, number)
        yield Progress(number / count)


def _slide(source: Source, slide: Slide, number: int) -> Iterator[Read]:
    title = slide.shapes.title
    heading = " ".join(title.text_frame.text.split())[:MAX_HEADING_CHARS] if title is not None else ""
    path = (heading,) if heading else ()
    if heading:
        yield source.piece(heading, "text", path, page=number)
    for shape in _flat(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if isinstance(shape, GraphicFrame) and shape.has_table:
            for table in tables([cell.text for cell in row.cells] for row in shape.table.rows):
                yield source.piece(table, "table", path, page=number)
        elif isinstance(shape, Shape) and (words := _clean(shape.text_frame.text)):
            yield source.piece(words, "text", path, page=number)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) and (words := _clean(frame.text)):
        yield source.piece(words, "text", path, page=number)


def _flat(shapes: Iterable[BaseShape], depth: int = 0) -> Iterator[BaseShape]:
    """The shapes with those of groups in their place."""
    for shape in shapes:
        if isinstance(shape, GroupShape):
            if depth < _MAX_DEPTH:
                yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _clean(text: str) -> str:
    return text.replace("\v", "\n").strip()
