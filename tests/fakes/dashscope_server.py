"""DashScope's own protocol on real HTTP, as help.aliyun.com/zh/model-studio/qwen-api-via-dashscope has it.

Requests: `{"model", "input": {"messages"}, "parameters"}` with `Authorization: Bearer`, and `X-DashScope-SSE: enable`
for a stream. Events: `id:`, `event:result`, `:HTTP_STATUS/200`, `data:{"output": {"choices"}, "usage", "request_id"}`.
"""

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.fakes.http_fake import HttpFake

Json = dict[str, Any]
Route = Literal["text", "multimodal"]
KEY = "sk-ds-canary-77aa"


@dataclass(frozen=True)
class Native:
    """An answer: its pieces, and what belongs to the last of them."""

    pieces: Sequence[str] = ()
    reasoning: Sequence[str] = ()
    calls: Sequence[Json] = ()
    """Pieces of `tool_calls`, one event each."""
    sources: Sequence[Json] = ()
    finish: str = "stop"
    ending: Literal["done", "cut", "ends", "silent"] = "done"


@dataclass(frozen=True)
class Refused:
    """An error: as a status, or as an event in the stream."""

    status: int
    code: str
    message: str = "Not now."
    in_stream: bool = False
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Page:
    """Something else under status 200."""

    body: str
    content_type: str = "text/html"


@dataclass
class Recorded:
    route: Route
    body: Json
    headers: dict[str, str]
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class FakeDashScope(HttpFake):
    """Plays its replies in order. Refuses every key but `KEY`."""

    hears_leaving = True

    def __init__(self, *replies: Native | Refused | Page) -> None:
        self.replies = deque(replies)
        self.requests: list[Recorded] = []

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api/v1"

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/v1/services/aigc/text-generation/generation", self._text)
        app.router.add_post("/api/v1/services/aigc/multimodal-generation/generation", self._multimodal)
        return app

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    async def _text(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "text")

    async def _multimodal(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "multimodal")

    async def _answer(self, request: web.Request, route: Route) -> web.StreamResponse:
        recorded = Recorded(route, await request.json(), dict(request.headers))
        self.requests.append(recorded)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refusal(Refused(401, "InvalidApiKey", "Invalid API-key provided."))
        reply = self.replies.popleft()
        match reply:
            case Page():
                return web.Response(text=reply.body, content_type=reply.content_type)
            case Refused() if not reply.in_stream:
                return _refusal(reply)
            case _:
                pass
        if request.headers.get("X-DashScope-SSE") != "enable":
            assert isinstance(reply, Native)
            return web.json_response(_whole(reply, route))
        try:
            return await _streamed(request, reply, route)
        except (asyncio.CancelledError, ConnectionError):
            recorded.gone.set()
            raise


def _refusal(reply: Refused) -> web.Response:
    body = {"code": reply.code, "message": reply.message, "request_id": "r-1"}
    return web.json_response(body, status=reply.status, headers=reply.headers)


async def _streamed(request: web.Request, reply: Native | Refused, route: Route) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream;charset=UTF-8"})
    await response.prepare(request)
    if isinstance(reply, Refused):
        error = json.dumps({"code": reply.code, "message": reply.message, "request_id": "r-1"})
        await response.write(f"id:1\nevent:error\n:HTTP_STATUS/{reply.status}\ndata:{error}\n\n".encode())
        return response
    for number, event in enumerate(_events(reply, route), start=1):
        data = json.dumps(event, ensure_ascii=False)
        await response.write(f"id:{number}\nevent:result\n:HTTP_STATUS/200\ndata:{data}\n\n".encode())
        await asyncio.sleep(0)
    if reply.ending == "cut" and request.transport is not None:
        request.transport.abort()
    if reply.ending == "silent":
        await asyncio.Event().wait()
    return response


def _events(reply: Native, route: Route) -> list[Json]:
    events = [_event(route, reasoning=piece) for piece in reply.reasoning]
    events += [_event(route, text=piece) for piece in reply.pieces]
    events += [_event(route, calls=[call]) for call in reply.calls]
    if reply.sources and events:
        events[0]["output"]["search_info"] = {"search_results": list(reply.sources)}
    if reply.ending == "done":
        events.append(_event(route, finish=reply.finish))
    return events


def _event(
    route: Route, *, text: str = "", reasoning: str = "", calls: Sequence[Json] = (), finish: str = "null"
) -> Json:
    content: Any = text if route == "text" else ([{"text": text}] if text else [])
    message: Json = {"role": "assistant", "content": content, "reasoning_content": reasoning}
    if calls:
        message["tool_calls"] = list(calls)
    return {
        "output": {"choices": [{"message": message, "finish_reason": finish}]},
        "usage": {"total_tokens": 16, "input_tokens": 9, "output_tokens": 7},
        "request_id": "r-1",
    }


def _whole(reply: Native, route: Route) -> Json:
    answer = _event(route, text="".join(reply.pieces), reasoning="".join(reply.reasoning), finish=reply.finish)
    if reply.calls:
        answer["output"]["choices"][0]["message"]["tool_calls"] = list(reply.calls)
    if reply.sources:
        answer["output"]["search_info"] = {"search_results": list(reply.sources)}
    return answer
