"""What an index needs of whatever keeps it: SQLite with vectors in memory, or PostgreSQL with vectors in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from user_agent.knowledge.index import Hit, Statistics
from user_agent.knowledge.passages import Passage

if TYPE_CHECKING:
    from user_agent.knowledge.embeddings.base import Vectors


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of the rows of a file that was put again."""

    gone: list[int]
    carried: list[int]
    """New rows that have the vectors of old ones with the same content."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a question found by its words."""

    scores: dict[int, float]
    """By the rows of passages."""
    among: list[int] | None
    """All rows of the files that were named; None for all files."""


class Dense(Protocol):
    """The vectors of one model over one collection, ready to be compared with a question's."""

    @property
    def dimension(self) -> int: ...

    @property
    def sample(self) -> "Vectors":
        """Some hundred of them, which tell what is usual."""
        ...

    async def count(self) -> int: ...

    async def add(self, rows: Sequence[int], vectors: "Vectors") -> None:
        """These are kept by now."""
        ...

    async def remove(self, rows: Collection[int]) -> None: ...

    async def near(self, vector: "Vectors", others: Collection[int], among: Collection[int] | None) -> dict[int, float]:
        """How similar the nearest passages, and those `others` that have a vector, are to it. `among` limits the
        former."""
        ...


class VectorKeeping(Protocol):
    """Vectors of passages, by model. Each method raises `NotAtWork` where no vectors can be kept."""

    async def missing(self, model: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Passages without a vector of a model, from a row on: their rows, and what is to be embedded of each."""
        ...

    async def store(self, model: str, rows: Sequence[int], vectors: "Vectors") -> list[int]:
        """Keeps vectors. Returns the rows that are still there to have one. Raises `OtherLength`."""
        ...

    async def sampled(self, model: str, most: int) -> list[tuple[int, str]]:
        """The rows and texts of some passages that have a vector of a model, evenly spread."""
        ...

    async def vectors_of(self, model: str, rows: Sequence[int]) -> "tuple[list[int], Vectors] | None":
        """Those of a model that some rows have, and which rows. None where there are none."""
        ...

    async def coverage(self) -> dict[str, int]:
        """How many passages have a vector, by model."""
        ...

    async def load(self, model: str) -> Dense | None:
        """All vectors of a model, ready to be searched. None where there are none."""
        ...

    async def forget_others(self, model: str) -> None:
        """The vectors of all other models are gone."""
        ...


class Keeping(VectorKeeping, Protocol):
    """The passages of one collection."""

    async def put(self, file: str, passages: Sequence[Passage]) -> Replaced:
        """Replaces what a file had, all at once. What it has again keeps its vectors."""
        ...

    async def remove(self, file: str) -> list[int]:
        """Takes a file out. Returns the rows that are gone."""
        ...

    async def look(self, query: str, files: Collection[str] | None) -> Looked:
        """The passages that share words with a question."""
        ...

    async def hits(self, best: list[tuple[int, float]]) -> tuple[Hit, ...]:
        """The passages of rows with their scores, in their order."""
        ...

    async def passages(self, file: str, start: int, limit: int) -> tuple[Passage, ...]: ...

    async def files(self) -> frozenset[str]: ...

    async def statistics(self, files: Collection[str] | None) -> Statistics: ...

    async def close(self) -> None: ...
