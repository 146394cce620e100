"""Web pages: what a person would see, with its headings, tables and code.

The library that finds the words of a page gives them without the headings' levels and the tables' cells. So these are
written into the page before, between marks that no page is allowed to bring along, and read out of its text again.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from resiliparse.extract.html2text import extract_plain_text  # pyright: ignore[reportMissingModuleSource]
from resiliparse.parse.encoding import (  # pyright: ignore[reportMissingModuleSource]
    detect_encoding,
    map_encoding_to_html5,
)
from resiliparse.parse.html import HTMLTree

from user_agent.knowledge.decoding import decode_text
from user_agent.knowledge.readers.outline import Outline
from user_agent.knowledge.readers.source import Read, Source, Title
from user_agent.knowledge.readers.tables import tables

if TYPE_CHECKING:
    from resiliparse.parse.html import ElementNode, ElementNodeList

_SHORT_CHARS = 400
"""A main part below this may be a wrong guess, so the whole page is looked at too."""
_AROUND = ("nav", "footer", "aside", "form", "dialog")
_MAX_TABLES, _MAX_CELLS = 500, 200_000
_HEADING, _TABLE, _CODE, _END = "\ue0f1", "\ue0f2", "\ue0f3", "\ue0f4"
_MARKS = re.compile(f"[{_HEADING}-{_END}]")
_MARKED = re.compile(f"{_HEADING}([1-6])(.*?){_END}|([{_TABLE}{_CODE}])(.*?){_END}", re.DOTALL)
_LINES = re.compile(r"\n\s*\n")


def _styles(name: str, value: str) -> list[str]:
    """Selectors of inline styles. What ends in a number has to end there: `opacity:0.9` is seen."""
    written = (f"{name}:{value}", f"{name}: {value}")
    if not value.isdecimal():
        return [f'[style*="{style}" i]' for style in written]
    ended = [f'[style*="{style}{end}" i]' for style in written for end in (";", "px", "!", " ")]
    return [*ended, *(f'[style$="{style}" i]' for style in written)]


_HIDDEN = (
    *("[hidden]", '[aria-hidden="true" i]', "template"),
    *_styles("display", "none"),
    *_styles("visibility", "hidden"),
    *_styles("font-size", "0"),
    *_styles("opacity", "0"),
)
"""What a person does not see, as far as the page's own attributes say."""


def read(source: Source) -> Iterator[Read]:
    """A piece for each heading, block of words, table and block of code."""
    tree = HTMLTree.parse(_MARKS.sub("", _decoded(source)))
    if tree.title:
        yield Title(str(tree.title))
    _mark(tree)
    yield from _pieces(source, _words(tree, main_only=source.main_only))


def _decoded(source: Source) -> str:
    """The page in the encoding that its server or it itself names, else in the one that its bytes show."""
    named = map_encoding_to_html5(source.charset, False) if source.charset else None
    within = detect_encoding(source.data[:4_096], from_html_meta=True) if b"charset" in source.data[:4_096] else None
    return decode_text(source.data, str(named or within or ""))


def _words(tree: HTMLTree, *, main_only: bool) -> str:
    """What is to be read, with the marks in it."""
    best = ""
    if main_only:
        best = _plain(tree, _HIDDEN, main=True)
        if len(best) >= _SHORT_CHARS:
            return best
    for skipped in ((*_HIDDEN, *_AROUND), _HIDDEN):
        whole = _plain(tree, skipped)
        if len(whole) > len(best):
            return whole
    return best


def _plain(tree: HTMLTree, skipped: tuple[str, ...], *, main: bool = False) -> str:
    return str(extract_plain_text(tree, main_content=main, alt_texts=False, skip_elements=list(skipped))).strip()


def _mark(tree: HTMLTree) -> None:
    """Writes the headings' levels and the tables' cells into the page. What has hidden parts stays as it is: the
    library leaves those out, and here they would be read."""
    body, hidden = tree.body, ", ".join(_HIDDEN)
    if body is None:
        return
    for level in range(1, 7):
        for heading in body.query_selector_all(f"h{level}"):
            words = " ".join((heading.text or "").split())
            if words and heading.query_selector(hidden) is None:
                heading.text = f"{_HEADING}{level}{words}{_END}"
    cells = 0
    # Tables that hold others, or whole paragraphs, are how pages used to be laid out.
    layout = f"table, h1, h2, h3, p + p, div > div, {hidden}"
    for table in body.query_selector_all("table")[:_MAX_TABLES]:
        rows = table.query_selector_all("tr")
        cells += sum(len(row.child_nodes) for row in rows)
        if cells < _MAX_CELLS and len(rows) > 1 and table.query_selector(layout) is None:
            _rewrite(tree, table, rows)
    for code in body.query_selector_all("pre"):
        words = code.text or ""
        if words.strip() and _TABLE not in words and code.query_selector(hidden) is None:
            code.text = f"{_CODE}{words}{_END}"


def _rewrite(tree: HTMLTree, table: "ElementNode", rows: "ElementNodeList") -> None:
    written = [[value.text or "" for value in row.query_selector_all("td, th")] for row in rows]
    text = "\n\n".join(f"{_TABLE}{part}{_END}" for part in tables(written))
    block, parent = tree.create_element("pre"), table.parent
    if text and block is not None and parent is not None:
        block.text = text
        parent.replace_child(block, table)


def _pieces(source: Source, text: str) -> Iterator[Read]:
    outline, at = Outline(), 0
    for marked in _MARKED.finditer(text):
        yield from _blocks(source, text[at : marked.start()], outline)
        at = marked.end()
        level, heading, kind, words = marked.groups()
        if level:
            heading = " ".join(heading.split())
            yield source.piece(heading, "text", outline.enter(int(level), heading))
        elif words.strip():
            yield source.piece(words.strip("\n"), "table" if kind == _TABLE else "code", outline.path)
    yield from _blocks(source, text[at:], outline)


def _blocks(source: Source, text: str, outline: Outline) -> Iterator[Read]:
    for block in _LINES.split(_MARKS.sub("", text)):
        if words := block.strip():
            yield source.piece(words, "text", outline.path)
