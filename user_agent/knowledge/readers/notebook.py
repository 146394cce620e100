"""Jupyter notebooks: words as Markdown, code as code, and what it printed."""

import json
from collections.abc import Iterator
from typing import Any, cast

from user_agent.knowledge.readers import markdown
from user_agent.knowledge.readers.outline import Outline
from user_agent.knowledge.readers.source import Read, Source, Unreadable
from user_agent.knowledge.readers.text import text_of

_MAX_OUTPUT_CHARS = 4_000


def read(source: Source) -> Iterator[Read]:
    """The cells in their order, below the headings of the words between them."""
    try:
        notebook = json.loads(text_of(source))
        # What a notebook holds is anything, until it turns out to be cells.
        cells: list[Any] = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise Unreadable("broken") from error
    outline = Outline()
    for cell in cells:
        words = _joined(cell.get("source", cell.get("input", "")))
        if cell.get("cell_type") in ("markdown", "heading"):
            yield from markdown.blocks(source, words, outline)
        elif words.strip():
            yield source.piece(words.strip("\n").rstrip(), "code", outline.path)
        for output in cell.get("outputs", ()):
            text = _joined(output.get("text") or cast("dict[str, Any]", output.get("data", {})).get("text/plain", ""))
            if printed := text.strip():
                yield source.piece(printed[:_MAX_OUTPUT_CHARS], "code", outline.path)


def _joined(lines: object) -> str:
    """Text, which notebooks keep whole or by lines."""
    return "".join(map(str, cast("list[object]", lines))) if isinstance(lines, list) else str(lines)
