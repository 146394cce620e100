"""Reads one document from standard input, in a process of its own: whoever made it chose what its parser goes through.

A file of a few thousand nested elements, or a PDF of a million objects, keeps a parser busy for minutes, and a thread
cannot be ended. Run by its path (`reading.py`), so it imports nothing of this package.
"""

import contextlib
import io
import json
import os
import sys
from typing import NamedTuple

MOST_MEMORY_BYTES = 1_500_000_000
MOST_SECONDS = 6
MOST_TITLE_CHARS = 300
_SHORT_CHARS = 400
"""A main part below this may be a wrong guess, so the whole page is looked at too."""
_AROUND = ("nav", "footer", "aside", "form", "dialog")


class Asked(NamedTuple):
    kind: str
    charset: str
    """What the server said; empty where it said nothing."""
    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


class Said(NamedTuple):
    """A title and a text; `whole` unless the reading ended before the document did."""

    title: str
    text: str
    whole: bool = True


class Unreadable(Exception):
    """The document has nothing to read; the message is one of the words that `reading.py` knows."""


def _limit() -> None:
    """The most that this process may take. Windows has no such limits; there the parent's clock is the only one."""
    try:
        import resource
    except ImportError:
        return
    os.nice(10)  # answers that stream come first
    for what, most in ((resource.RLIMIT_AS, MOST_MEMORY_BYTES), (resource.RLIMIT_CPU, MOST_SECONDS)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


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


def _decoded(data: bytes, charset: str, *, is_html: bool) -> str:
    # Written in Rust, so there is no source beside its types.
    from resiliparse.parse.encoding import (  # pyright: ignore[reportMissingModuleSource]
        bytes_to_str,
        detect_encoding,
        map_encoding_to_html5,
    )

    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    named = map_encoding_to_html5(charset, False) if charset else None
    encoding = named or detect_encoding(data, from_html_meta=is_html) or "utf-8"
    # The larger set of the same family: pages say GB2312 and mean it.
    return str(bytes_to_str(data, "gb18030" if encoding in ("gbk", "gb2312") else encoding))


def _html(data: bytes, asked: Asked) -> Said:
    from resiliparse.extract.html2text import extract_plain_text  # pyright: ignore[reportMissingModuleSource]
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(_decoded(data, asked.charset, is_html=True))
    skipped = list(_HIDDEN)
    text = str(extract_plain_text(tree, main_content=True, alt_texts=False, skip_elements=skipped)).strip()
    if len(text) < _SHORT_CHARS:
        for skipping in ([*skipped, *_AROUND], skipped):
            whole = str(extract_plain_text(tree, alt_texts=False, skip_elements=skipping)).strip()
            if len(whole) > len(text):
                text = whole
                break
    return Said(str(tree.title or ""), text)


def _text(data: bytes, asked: Asked) -> Said:
    return Said("", _decoded(data, asked.charset, is_html=False).strip())


def _pdf(data: bytes, asked: Asked) -> Said:
    """The pages as far as they are asked for, each under its number."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("locked")
        title = str((reader.metadata and reader.metadata.title) or "")
        parts, length, anything = list[str](), 0, False
        for number, page in enumerate(reader.pages, 1):
            if length > asked.end:
                return Said(title, "".join(parts), whole=False)
            words = page.extract_text().strip()
            anything = anything or bool(words)
            parts.append(f"[{number}]\n{words}\n\n")
            length += len(parts[-1])
    except PyPdfError as error:
        raise Unreadable("broken") from error
    return Said(title, "".join(parts).strip() if anything else "")


_READERS = {"html": _html, "text": _text, "pdf": _pdf}


def main(asked: Asked) -> None:
    """Writes one JSON object: what was asked for, or why there is nothing."""
    _limit()
    try:
        said = _READERS[asked.kind](sys.stdin.buffer.read(), asked)
    except Unreadable as error:
        sys.stdout.write(json.dumps({"problem": str(error)}))
        return
    answer = {
        "title": " ".join(said.title.split())[:MOST_TITLE_CHARS],
        "text": said.text[asked.start : asked.end],
        "total": len(said.text) if said.whole else None,
        "empty": not said.text,
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    sys.path[:] = sys.argv[5:]
    main(Asked(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
