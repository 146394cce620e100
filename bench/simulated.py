"""Embedders for measuring: one of set quality, and one that is asked for each text once."""

import hashlib
from collections.abc import Sequence

import numpy as np

from bench.retrieval import Collection
from user_agent.knowledge.embeddings.base import Embedder, EmbeddingKind
from user_agent.knowledge.embeddings.vectors import Vectors, unit_vectors
from user_agent.knowledge.index import Hit
from user_agent.knowledge.passages import split
from user_agent.knowledge.pieces import Piece


class Simulated:
    """An embedder of set quality: a question's vector is its right passage's, `strength` times, and chance."""

    def __init__(
        self, collection: Collection, strength: float, *, dimension: int = 384, texts: Sequence[str] = ()
    ) -> None:
        self.name = f"simulated {strength}"
        self._strength = strength
        self._dimension = dimension
        found = {file: [*split([Piece(text)])] for file, text in collection.files.items()}
        self._texts = [*texts] or [passage.text for passages in found.values() for passage in passages]
        self._right = {
            asked.text: next((one.text for one in found[asked.file] if asked.is_hit(Hit(asked.file, one, 0))), "")
            for asked in collection.questions
        }

    async def embed(self, texts: Sequence[str], kind: EmbeddingKind) -> Vectors:
        return unit_vectors([self._vector(text, kind) for text in texts])

    def _vector(self, text: str, kind: EmbeddingKind) -> Vectors:
        # Texts are all near each other, as those of real models are.
        shared, own = self._chance("shared"), self._chance(f"{kind} {text}")
        if kind == "document":
            return shared + own
        return shared + own + self._strength * self._chance(f"document {self._right_of(text)}")

    def _right_of(self, text: str) -> str:
        """The passage that a question is about, or that a sentence is of."""
        return self._right.get(text) or next((passage for passage in self._texts if text in passage), "")

    def _chance(self, seed: str) -> Vectors:
        digest = hashlib.sha256(seed.encode()).digest()
        drawn = np.random.default_rng(int.from_bytes(digest[:8])).standard_normal(self._dimension, dtype=np.float32)
        return drawn / np.linalg.norm(drawn)


class Remembering:
    """An embedder that is asked for each text once, as a real one takes its time."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._known: dict[tuple[str, EmbeddingKind], Vectors] = {}

    async def embed(self, texts: Sequence[str], kind: EmbeddingKind) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if (text, kind) not in self._known]
        if new:
            vectors = await self._embedder.embed(new, kind)
            self._known |= {(text, kind): vector for text, vector in zip(new, vectors, strict=True)}
        return np.stack([self._known[text, kind] for text in texts])
