"""Plain text, by paragraphs."""

import re
from collections.abc import Iterator

from user_agent.knowledge.decoding import decode_text
from user_agent.knowledge.readers.source import Progress, Read, Source, Unreadable

_BETWEEN = re.compile(r"\n[ \t\u3000]*\n\s*")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SAMPLE_CHARS = 4_096
_STEP_CHARS = 500_000


def text_of(source: Source) -> str:
    """The file's text, with one kind of line end. Raises `Unreadable` where it is no text."""
    text = decode_text(source.data, source.charset)
    sample = text[:_SAMPLE_CHARS]
    if len(_NO_TEXT.findall(sample)) * 20 > len(sample):
        raise Unreadable("unknown_kind")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def read(source: Source) -> Iterator[Read]:
    """A piece for each paragraph."""
    yield from paragraphs(source, text_of(source))


def paragraphs(source: Source, text: str, headings: tuple[str, ...] = (), *, page: int | None = None) -> Iterator[Read]:
    """Text between empty lines, as it stands."""
    start, told = 0, 0
    for between in _BETWEEN.finditer(text):
        if words := text[start : between.start()].strip():
            yield source.piece(words, "text", headings, page=page)
        start = between.end()
        if start - told > _STEP_CHARS:
            told = start
            yield Progress(start / len(text))
    if words := text[start:].strip():
        yield source.piece(words, "text", headings, page=page)
