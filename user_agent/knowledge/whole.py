"""Small text files whose passages go into the prompt, as far as the model has room for them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from user_agent.events import KnowledgeFile
from user_agent.knowledge.hits import KnowledgeHit

READABLE_SUFFIXES = (".txt", ".md", ".markdown")


@dataclass(frozen=True, slots=True)
class KnowledgeText:
    """A knowledge file as it was read. `text` is None for kinds that are not read yet."""

    file: str
    name: str
    text: str | None


def is_readable(name: str) -> bool:
    """Whether files of that name are read in this version."""
    return name.lower().endswith(READABLE_SUFFIXES)


def bytes_for(chars: int) -> int:
    """How many bytes hold more than that many characters, in each of the encodings that are read."""
    return 4 * chars + 16


def passages_of(texts: Iterable[KnowledgeText]) -> Iterator[KnowledgeHit]:
    """The files that were read, in order, each as one passage."""
    return (
        KnowledgeHit(number=None, file=item.file, name=item.name, text=item.text, score=0.0)
        for item in texts
        if item.text
    )


def states_of(texts: Iterable[KnowledgeText], shown: Sequence[KnowledgeHit]) -> tuple[KnowledgeFile, ...]:
    """What became of every file, of whose passages those with a number are shown."""
    return tuple(KnowledgeFile(file=item.file, name=item.name, state=_state_of(item, shown)) for item in texts)


def _state_of(item: KnowledgeText, shown: Sequence[KnowledgeHit]) -> Literal["whole", "cut", "left_out", "not_read"]:
    if item.text is None:
        return "not_read"
    hit = next((hit for hit in shown if hit.file == item.file), None)
    if hit is not None and hit.number is None:
        return "left_out"
    return "whole" if hit is None or hit.text == item.text else "cut"
