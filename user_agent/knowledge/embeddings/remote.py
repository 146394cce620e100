"""Embeddings and reranking over HTTP: OpenAI's wire, which most others speak, and DashScope's own.

help.aliyun.com/zh/model-studio: text-embedding-synchronous-api and text-rerank-api. Its own protocol tells questions
from documents (`text_type`), which the compatible mode leaves out. The wire of `/rerank` is Jina's and Cohere's.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from user_agent.knowledge.embeddings.asking import Endpoint
from user_agent.knowledge.embeddings.base import EmbeddingKind
from user_agent.models.entry import ModelEntry
from user_agent.models.reading import Json, Unreadable
from user_agent.models.retry import Persistence, asked_again

if TYPE_CHECKING:
    from user_agent.knowledge.embeddings.base import Vectors

AT_ONCE = 4
"""So many requests run at a time, for one model and user."""
USUAL_BATCH = 32
QUESTION_S = 5.0
"""A person waits for the vector of their question: no longer than this, asked twice at the most."""
MAX_TEXT_CHARS = 6_000
"""What is sent of a passage: more than any has, unless a table's row is that long."""
_DASHSCOPE_BATCHES = {"text-embedding-v1": 25, "text-embedding-v2": 25}
_DASHSCOPE_BATCH = 10
"""Of the newer models."""


class RemoteEmbedder:
    """An embedding model behind an address."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._entry = endpoint.entry
        self._free = asyncio.Semaphore(AT_ONCE)

    @property
    def name(self) -> str:
        length = f" {self._entry.dimension}" if self._entry.dimension else ""
        return f"{self._entry.model}{length} {self._entry.api_base}"

    async def embed(self, texts: Sequence[str], kind: EmbeddingKind) -> "Vectors":
        size = _batch(self._entry)
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(self._asked(batch, kind)) for batch in batches]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return await asyncio.to_thread(self._vectors, [task.result() for task in asked])

    async def _asked(self, texts: Sequence[str], kind: EmbeddingKind) -> list[Any]:
        entry = self._entry
        persistence = Persistence(total_s=entry.retry_for_s)
        answer_s = entry.answer_timeout_s
        if kind == "query":
            persistence, answer_s = Persistence(attempts=2, total_s=QUESTION_S, first_wait_s=0.2), QUESTION_S
        path, body = self._request([text[:MAX_TEXT_CHARS] or " " for text in texts], kind)

        async def ask() -> list[Any]:
            async with self._free:
                answer = await self._endpoint.post(path, body, answer_s=answer_s)
            rows = _rows(answer)
            if len(rows) != len(texts):
                raise self._endpoint.failures.unreadable("vectors")
            return rows

        return await asked_again(ask, persistence)

    def _request(self, texts: list[str], kind: EmbeddingKind) -> tuple[str, Json]:
        entry = self._entry
        length = {} if entry.dimension is None else {"dimensions": entry.dimension}
        if not entry.is_native:
            return "/embeddings", {"model": entry.model, "input": texts, **length, **entry.extra_body}
        length = {} if entry.dimension is None else {"dimension": entry.dimension}
        return "/services/embeddings/text-embedding/text-embedding", {
            "model": entry.model,
            "input": {"texts": texts},
            "parameters": {"text_type": kind, **length, **entry.extra_body},
        }

    def _vectors(self, batches: list[list[Any]]) -> "Vectors":
        from user_agent.knowledge.embeddings.vectors import NotVectors, unit_vectors

        try:
            return unit_vectors([*chain.from_iterable(batches)])
        except NotVectors:
            raise self._endpoint.failures.unreadable("vectors") from None


class RemoteReranker:
    """A reranking model behind an address."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._entry = endpoint.entry

    @property
    def name(self) -> str:
        return f"{self._entry.model} {self._entry.api_base}"

    async def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        documents = [text[:MAX_TEXT_CHARS] for text in texts]
        path, body = self._request(query[:MAX_TEXT_CHARS], documents)
        persistence = Persistence(attempts=2, total_s=QUESTION_S, first_wait_s=0.2)
        answer = await asked_again(lambda: self._endpoint.post(path, body, answer_s=QUESTION_S), persistence)
        try:
            return _scores(answer, len(texts))
        except Unreadable as error:
            raise self._endpoint.failures.unreadable(error.fault) from None

    def _request(self, query: str, documents: list[str]) -> tuple[str, Json]:
        entry = self._entry
        if not entry.is_native:
            asked = {"model": entry.model, "query": query, "documents": documents, "top_n": len(documents)}
            return "/rerank", {**asked, **entry.extra_body}
        return "/services/rerank/text-rerank/text-rerank", {
            "model": entry.model,
            "input": {"query": query, "documents": documents},
            "parameters": {"return_documents": False, "top_n": len(documents), **entry.extra_body},
        }


def _batch(entry: ModelEntry) -> int:
    if entry.batch is not None:
        return entry.batch
    return _DASHSCOPE_BATCHES.get(entry.model, _DASHSCOPE_BATCH) if entry.type == "dashscope" else USUAL_BATCH


def _rows(answer: Json) -> list[Any]:
    """The vectors of an answer by their texts' order, which it may have left."""
    found: Any = answer.get("data") or _inner(answer).get("embeddings")
    if not isinstance(found, list):
        return []
    items = [cast(Json, item) for item in cast(list[Any], found) if isinstance(item, dict)]
    places = [item.get("index", item.get("text_index", at)) for at, item in enumerate(items)]
    if sorted(place for place in places if isinstance(place, int)) != [*range(len(items))]:
        return []
    return [item.get("embedding") for _, item in sorted(zip(places, items, strict=True), key=lambda one: one[0])]


def _scores(answer: Json, texts: int) -> list[float]:
    """The scores of an answer, in the texts' order; of one that it does not name, 0. Raises `Unreadable`."""
    found: Any = answer.get("results") or _inner(answer).get("results")
    scores = [0.0] * texts
    if not isinstance(found, list) or not found:
        raise Unreadable("not_json")
    for item in cast(list[Any], found):
        fields = cast(Json, item) if isinstance(item, dict) else {}
        place, score = fields.get("index"), fields.get("relevance_score", fields.get("score"))
        # A comparison is false for NaN, too.
        if not isinstance(place, int) or not 0 <= place < texts or not isinstance(score, int | float):
            raise Unreadable("not_json")
        scores[place] = min(1.0, float(score)) if score > 0 else 0.0
    return scores


def _inner(answer: Json) -> Json:
    inner = answer.get("output")
    return cast(Json, inner) if isinstance(inner, dict) else {}
