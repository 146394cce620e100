"""Embeddings and reranking on real HTTP: OpenAI's wire and Jina's and Cohere's `/rerank` below `/v1`, DashScope's own
below `/api/v1`. Texts are near each other where they mean the same of a few things, in whatever words."""

import asyncio
import hashlib
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Json = dict[str, Any]
KEY = "sk-embedding-canary-31"
MEANINGS = {
    "vehicle": ("car", "automobile", "汽车", "轿车", "vehicle"),
    "doctor": ("doctor", "physician", "医生", "大夫"),
    "price": ("price", "cost", "fee", "价格", "多少钱"),
    "dog": ("dog", "hound", "狗", "犬"),
}


def vector(text: str, length: int = 64) -> list[float]:
    """One direction for each thing that a text means, and a little of its own."""
    found = [name for name, words in MEANINGS.items() if any(word in text.lower() for word in words)]
    summed = [0.15 * number for number in _direction(text, length)]
    for name in found:
        summed = [one + other for one, other in zip(summed, _direction(name, length), strict=True)]
    return summed


def _direction(seed: str, length: int) -> list[float]:
    draw = random.Random(hashlib.sha256(seed.encode()).digest())
    return [draw.gauss(0, 1) for _ in range(length)]


@dataclass
class Recorded:
    path: str
    body: Json
    headers: dict[str, str]


@dataclass
class FakeEmbeddings:
    """Answers every request rightly, unless `replies` has something else for it: a status with a body, or bytes."""

    length: int = 64
    replies: deque[tuple[int, str]] = field(default_factory=deque[tuple[int, str]])
    requests: list[Recorded] = field(default_factory=list[Recorded])
    held: str = ""
    """A model that is not answered before `release` is set."""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    origin: str = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32_000_000)
        app.router.add_post("/{rest:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.origin = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def texts(self, kind: str = "") -> list[str]:
        """What was embedded so far, of one `text_type` where it is given."""
        found: list[str] = []
        for asked in self.requests:
            own = asked.body.get("parameters", {}).get("text_type", "")
            texts = asked.body["input"]["texts"] if "output" in self._whole(asked) else asked.body.get("input", [])
            found += texts if kind in ("", own) else []
        return found

    async def _answer(self, request: web.Request) -> web.Response:
        asked = Recorded(request.path, await request.json(), {k.lower(): v for k, v in request.headers.items()})
        self.requests.append(asked)
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response(
                {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, status=401
            )
        if self.held and asked.body["model"] == self.held:
            await self.release.wait()
        if self.replies:
            status, body = self.replies.popleft()
            if status:
                return web.Response(status=status, text=body, content_type="application/json")
        return web.json_response(self._whole(asked))

    def _whole(self, asked: Recorded) -> Json:
        body = asked.body
        match asked.path:
            case "/v1/embeddings":
                length = body.get("dimensions", self.length)
                data = [{"index": at, "embedding": vector(text, length)} for at, text in enumerate(body["input"])]
                return {"object": "list", "data": data[::-1], "model": body["model"]}
            case "/api/v1/services/embeddings/text-embedding/text-embedding":
                texts: Sequence[str] = body["input"]["texts"]
                found = [{"text_index": at, "embedding": vector(text, self.length)} for at, text in enumerate(texts)]
                return {"output": {"embeddings": found}, "usage": {"total_tokens": 1}, "request_id": "1"}
            case "/v1/rerank":
                return {"results": _ranked(body["query"], body["documents"])}
            case "/api/v1/services/rerank/text-rerank/text-rerank":
                return {"output": {"results": _ranked(body["input"]["query"], body["input"]["documents"])}}
            case _:
                return {"error": {"message": "no such route"}}


def _ranked(query: str, documents: Sequence[str]) -> list[Json]:
    """The more letters of the question's last word a text has, the better."""
    last = query.split()[-1]
    scores = [sum(text.count(letter) for letter in last) / (1 + len(text)) for text in documents]
    order = sorted(range(len(documents)), key=lambda at: -scores[at])
    return [{"index": at, "relevance_score": min(1.0, scores[at])} for at in order]
