"""What finding is: an agent's passages, searched by a question. `finding/` has the indexes themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from user_agent.knowledge.passages import Passage
from user_agent.words import Words

Engine = Literal["lexical", "hybrid"]

LEAST_SCORE = 0.06
"""What fits less only shares a word with the question: an agent is not shown it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and how well it fits: 0 to 1, comparable between questions."""

    file: str
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a question found, best first, and by which means."""

    hits: tuple[Hit, ...]
    engine: Engine
    reranked: bool = False
    problem: Words | None = None
    """Why embeddings or the reranker were not at work, although they are set."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much an index holds."""

    files: int
    passages: int
    tokens: int
    """Estimated: what the texts would cost in a prompt."""
    with_vectors: int
    """Passages that embeddings can find."""
    problem: Words | None = None
    """Why embeddings were not at work when they were last tried, although they are set."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A passage with its vectors, by the names of the models that made them: numbers of four bytes each."""

    passage: Passage
    vectors: Mapping[str, bytes]


class KnowledgeIndex(Protocol):
    """One agent's passages."""

    async def put(self, file: str, passages: Sequence[Passage]) -> None:
        """Replaces what the file had. Costs that file alone."""
        ...

    async def remove(self, file: str) -> None:
        """The file is gone from every later search."""
        ...

    async def search(self, query: str, limit: int, files: Collection[str] | None = None) -> Found:
        """The passages nearest to a question; among `files` alone where they are named."""
        ...

    async def passages(self, file: str, start: int = 0, limit: int = 50) -> tuple[Passage, ...]:
        """Passages of a file in their order, from number `start` on."""
        ...

    async def statistics(self, files: Collection[str] | None = None) -> Statistics:
        """How much it holds; of `files` alone where they are named."""
        ...

    async def carried(self) -> Mapping[str, Sequence[Carried]]:
        """All that it has, by file, for another index."""
        ...

    async def close(self) -> None: ...
