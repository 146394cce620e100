"""Which reader reads a file: by its name, and where that says nothing, by how it begins."""

import importlib
from collections.abc import Iterator

from user_agent.knowledge.readers.source import Read, Reader, Source, Unreadable

_HERE = "user_agent.knowledge.readers"
_READERS = {
    "text": f"{_HERE}.text:read",
    "markdown": f"{_HERE}.markdown:read",
    "html": f"{_HERE}.html:read",
    "json": f"{_HERE}.data:read",
    "jsonl": f"{_HERE}.data:read_lines",
    "separated": f"{_HERE}.separated:read",
    "code": f"{_HERE}.code:read",
    "pdf": f"{_HERE}.pdf:read",
    "word": f"{_HERE}.word:read",
    "slides": f"{_HERE}.slides:read",
    "workbook": f"{_HERE}.workbook:read",
    "book": f"{_HERE}.book:read",
    "notebook": f"{_HERE}.notebook:read",
    "mail": f"{_HERE}.mail:read",
    "archive": f"{_HERE}.archive:read",
    "picture": f"{_HERE}.picture:read",
    "scan": f"{_HERE}.scan:read",
}
"""Where each reader is. They are imported when the first file of their kind is read, and in reading processes only."""
_SUFFIXES = {
    "text": "txt text log rst adoc org tex srt vtt",
    "markdown": "md markdown mdx",
    "html": "html htm xhtml",
    "json": "json geojson",
    "jsonl": "jsonl ndjson",
    "separated": "csv tsv tab",
    "pdf": "pdf",
    "word": "docx docm dotx",
    "slides": "pptx pptm ppsx potx",
    "workbook": "xlsx xlsm xlsb xls ods",
    "book": "epub",
    "notebook": "ipynb",
    "mail": "eml",
    "archive": "zip",
    "picture": "png jpg jpeg webp gif bmp tif tiff",
    "code": "py pyi js mjs cjs jsx ts tsx java kt kts scala groovy c h cc cpp cxx hpp cs go rs rb php pl lua r jl "
    "swift m dart sql sh bash zsh ps1 bat vue svelte css scss less xml xsd svg yaml yml toml ini cfg conf properties "
    "env proto graphql gradle cmake dockerfile makefile tf",
}
KIND_OF = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
"""The kind that each suffix stands for."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def suffix_of(name: str) -> str:
    """What a file's name ends in, in small letters; the whole name for such as `Makefile`."""
    return name.replace("\\", "/").rpartition("/")[2].rpartition(".")[2].lower()


def kind_of(name: str, beginning: bytes) -> str:
    """The kind of a file. Raises `Unreadable` where there is no reader for it."""
    kind = KIND_OF.get(suffix_of(name))
    if beginning.startswith(_OLE) and (_ENCRYPTED in beginning or suffix_of(name) != "xls"):
        raise Unreadable("locked" if _ENCRYPTED in beginning else "old_format")
    if kind:
        return kind
    start = beginning[:1_024].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"%pdf-"):
        return "pdf"
    return "text"  # its reader says so where it is none


def read(source: Source, kind: str = "") -> Iterator[Read]:
    """What is in the file, in reading order; whatever its name says if the kind is known. Raises `Unreadable`."""
    yield from _reader(kind or kind_of(source.name, source.data))(source)


def _reader(kind: str) -> Reader:
    module, _, function = _READERS[kind].partition(":")
    reader: Reader = getattr(importlib.import_module(module), function)
    return reader
