"""Small text files that go whole into the prompt, as far as the model has room for them."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from user_agent.events import KnowledgeFile

READABLE_SUFFIXES = (".txt", ".md", ".markdown")


@dataclass(frozen=True, slots=True)
class KnowledgeText:
    """A knowledge file as it was read. `text` is None for kinds that are not read yet."""

    file: str
    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """What the prompt shows of one file."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """The sections that fit, and what became of every file."""

    sections: tuple[Section, ...]
    files: tuple[KnowledgeFile, ...]


def is_readable(name: str) -> bool:
    """Whether files of that name are read in this version."""
    return name.lower().endswith(READABLE_SUFFIXES)


def decode_text(data: bytes) -> str:
    """The text of a file, or of its beginning: a character cut off at the end is left out.

    UTF-8 or UTF-16 by its mark, else UTF-8, else GB18030, with broken bytes shown as U+FFFD.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16", "replace")
    try:
        return _decoded(data, "utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(data, "gb18030", "replace")


def bytes_for(chars: int) -> int:
    """How many bytes hold more than that many characters, in each of the encodings that are read."""
    return 4 * chars + 16


def _decoded(data: bytes, encoding: str, errors: str = "strict") -> str:
    return codecs.getincrementaldecoder(encoding)(errors).decode(data)


def fit_whole(texts: Sequence[KnowledgeText], budget_chars: int) -> Fitted:
    """The files in order, within `budget_chars` characters: one that crosses the limit is cut, later ones stay out."""
    left, sections, files = budget_chars, list[Section](), list[KnowledgeFile]()
    for item in texts:
        if item.text is None:
            files.append(KnowledgeFile(file=item.file, name=item.name, state="not_read"))
            continue
        shown = item.text[:left]
        left -= len(shown)
        if shown or not item.text:
            sections.append(Section(item.name, shown))
        state = "whole" if len(shown) == len(item.text) else "cut" if shown else "left_out"
        files.append(KnowledgeFile(file=item.file, name=item.name, state=state))
    return Fitted(tuple(sections), tuple(files))
