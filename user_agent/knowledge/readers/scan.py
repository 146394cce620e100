"""The words in a picture, by Tesseract. It runs as a child of the reading process, with its limits and its end."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache

from user_agent.knowledge.readers.source import Note, Read, Source, Unreadable
from user_agent.knowledge.readers.text import paragraphs

_WANTED = ("chi_sim", "chi_tra", "eng")
_CHINESE = "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_BETWEEN = re.compile(f"(?<=[{_CHINESE}]) +(?=[{_CHINESE}])")
"""Tesseract sets a space between any two characters of Chinese."""


def read(source: Source) -> Iterator[Read]:
    """The paragraphs that are seen in a picture."""
    languages = _languages(source.tesseract)
    if not languages:
        raise Unreadable("nobody_looks")
    if "chi_sim" not in languages:
        yield Note("no_chinese")
    command = [source.tesseract, "stdin", "stdout", "-l", "+".join(languages)]
    done = subprocess.run(command, input=source.data, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise Unreadable("broken")
    yield from paragraphs(source, _BETWEEN.sub("", done.stdout.decode("utf-8", "replace").replace("\f", "\n")))


@cache
def _languages(tesseract: str) -> tuple[str, ...]:
    """The languages of those wanted that are installed."""
    done = subprocess.run([tesseract, "--list-langs"], capture_output=True, check=False)  # noqa: S603
    there = done.stdout.decode("utf-8", "replace").split()
    return tuple(language for language in _WANTED if language in there)
