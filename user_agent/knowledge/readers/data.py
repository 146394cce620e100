"""JSON, cut along its own structure, with the path to each part as its headings."""

import json
from collections.abc import Iterator
from typing import cast

from user_agent.knowledge.readers.source import MAX_HEADING_CHARS, Note, Progress, Read, Source
from user_agent.knowledge.readers.text import paragraphs, text_of

MAX_CHARS = 1_500
_LINES_BETWEEN_WORDS = 2_000


def read(source: Source) -> Iterator[Read]:
    """Parts of a readable size, as JSON. What is no JSON is read as the text that it is, with a note."""
    text = text_of(source)
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        yield Note("no_json", {"name": source.shown})
        yield from paragraphs(source, text)
        return
    yield from _parts(source, value, ())


def read_lines(source: Source) -> Iterator[Read]:
    """A part for each line; a line that is no JSON as it stands."""
    lines = text_of(source).split("\n")
    bad = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield from _parts(source, json.loads(line), ())
        except (ValueError, RecursionError):
            bad += 1
            yield source.piece(line.strip(), "code")
        if number % _LINES_BETWEEN_WORDS == 0:
            yield Progress(number / len(lines))
    if bad:
        yield Note("no_json_lines", {"name": source.shown, "count": bad})


def _parts(source: Source, value: object, path: tuple[str, ...]) -> Iterator[Read]:
    """The value whole if it is small, else its members: small neighbours together, large ones cut further."""
    written = _written(value)
    if len(written) <= MAX_CHARS or not isinstance(value, dict | list) or not value or len(path) > 20:
        yield source.piece(written, "code", path)
        return
    keyed = isinstance(value, dict)
    if keyed:
        members = [(str(key), part) for key, part in cast("dict[str, object]", value).items()]
    else:
        members = [(f"[{number}]", part) for number, part in enumerate(cast("list[object]", value))]
    together, length = list[tuple[str, object]](), 0
    for key, part in members:
        size = len(_written(part)) + len(key)
        if together and length + size > MAX_CHARS:
            yield _together(source, together, path, keyed=keyed)
            together, length = [], 0
        if size > MAX_CHARS:
            yield from _parts(source, part, (*path, key[:MAX_HEADING_CHARS]))
        else:
            together.append((key, part))
            length += size
    if together:
        yield _together(source, together, path, keyed=keyed)


def _together(source: Source, members: list[tuple[str, object]], path: tuple[str, ...], *, keyed: bool) -> Read:
    part: object = dict(members) if keyed else [value for _, value in members]
    return source.piece(_written(part), "code", path)


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
