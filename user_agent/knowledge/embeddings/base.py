"""What turns texts into vectors, and what puts passages in order for a question."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    """One row of length 1 for each text."""

EmbeddingKind = Literal["query", "document"]


class Embedder(Protocol):
    """A model that makes vectors. Texts are near each other in meaning where their vectors' product is large."""

    @property
    def name(self) -> str:
        """What its vectors are told from those of other models by: whoever has another name makes other vectors."""
        ...

    async def embed(self, texts: Sequence[str], kind: EmbeddingKind) -> "Vectors":
        """The vectors of texts, in their order. Raises `ModelError` or `NotAtWork`, which say the cure."""
        ...


class Reranker(Protocol):
    """A model that reads a question and a passage together, and says how well they fit."""

    @property
    def name(self) -> str: ...

    async def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text fits, 0 to 1, in the texts' order. Raises `ModelError`."""
        ...
