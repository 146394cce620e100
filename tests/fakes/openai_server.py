"""An OpenAI-compatible endpoint on real HTTP that does what a test wrote down, every misbehaviour included.

In a test: `async with FakeOpenAI(Says("Hello")) as server:` and ask `server.base_url`.
By itself: `python -m tests.fakes.openai_server --port 8000`, which answers as `openai_demo.py` thinks fit, or plays the
replies of a file: `--script FILE` (`load_script` says what it looks like).
"""

import argparse
import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from aiohttp import web

from tests.fakes.http_fake import HttpFake
from tests.fakes.openai_demo import demo_reply
from tests.fakes.openai_replies import (
    HangsUp,
    Json,
    NeverAnswers,
    Raw,
    Reply,
    Says,
    Status,
    error,
    load_script,
    stream_events,
    whole_answer,
)


@dataclass
class Recorded:
    """A request as it came."""

    body: Json
    headers: dict[str, str]
    query: dict[str, str]
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the client has closed the connection before the reply was over."""


class FakeOpenAI(HttpFake):
    """Plays its replies in order, then asks `fallback`; without one, a further request is answered with status 500."""

    hears_leaving = True

    def __init__(
        self, *replies: Reply, fallback: Callable[[Json], Reply] | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.replies: deque[Reply] = deque(replies)
        self.requests: deque[Recorded] = deque(maxlen=1_000)
        self.fallback = fallback
        self.host, self.port = host, port

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64_000_000)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        return app

    def script(self, *replies: Reply) -> None:
        """More replies, after those that are still to come."""
        self.replies.extend(replies)

    @property
    def last(self) -> Recorded:
        return self.requests[-1]

    def assert_complete(self) -> None:
        assert not self.replies, f"{len(self.replies)} replies were never asked for."

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "fake", "object": "model", "owned_by": "tests"}]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body: Json = await request.json()
        recorded = Recorded(body, dict(request.headers), dict(request.query))
        self.requests.append(recorded)
        try:
            return await self._reply(request, self._next(body), body)
        except (asyncio.CancelledError, ConnectionError):
            recorded.gone.set()
            raise

    def _next(self, body: Json) -> Reply:
        if self.replies:
            return self.replies.popleft()
        return self.fallback(body) if self.fallback else Status(500, error("The script of this fake is over."))

    async def _reply(self, request: web.Request, reply: Reply, body: Json) -> web.StreamResponse:
        match reply:
            case NeverAnswers():
                return await _forever()
            case Status():
                content = reply.error if isinstance(reply.error, str) else json.dumps({"error": reply.error})
                return web.Response(
                    status=reply.status, text=content, headers=reply.headers, content_type="application/json"
                )
            case Raw():
                return await _raw(request, reply)
            case HangsUp():
                _hang_up(request)
                return await _forever()
            case Says():
                await asyncio.sleep(reply.first_delay_s)
                if reply.in_one_piece or not body.get("stream"):
                    return web.json_response(whole_answer(reply, body))
                return await _stream(request, reply, body)
            case _:
                assert_never(reply)


async def _forever() -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _raw(request: web.Request, reply: Raw) -> web.StreamResponse:
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    headers = {"Content-Type": reply.content_type, **reply.headers}
    response = web.StreamResponse(status=reply.status, headers=headers)
    await response.prepare(request)
    size = reply.piece_bytes or max(1, len(body))
    for start in range(0, len(body), size):
        await asyncio.sleep(reply.delay_s)
        await response.write(body[start : start + size])
    return response


async def _stream(request: web.Request, reply: Says, body: Json) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    async for event in _paced(reply, body):
        await response.write(event)
    match reply.ending:
        case "cut":
            await response.write(b'data: {"choices": [{"delta": {"cont')
            _hang_up(request)
        case "silent" | "kept_open":
            await _forever()
        case _:
            pass
    return response


async def _paced(reply: Says, body: Json) -> AsyncGenerator[bytes]:
    """The events of a stream, each at its time: delays do not add up with the time that sending takes."""
    clock = asyncio.get_running_loop().time
    due = clock()
    for event in stream_events(reply, body):
        due += reply.delay_s
        # Also without a delay, so that the client gets the pieces as pieces.
        await asyncio.sleep(max(0.0, due - clock()))
        data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        yield f"data: {data}\n\n".encode()


def refused_base_url() -> str:
    """An address on this machine where nothing listens."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


async def _serve(arguments: argparse.Namespace) -> None:
    played = load_script(arguments.script) if arguments.script else []
    again = deque(played if arguments.repeat else ())

    def fallback(body: Json) -> Reply:
        if not again:
            return demo_reply(body, delay_s=arguments.delay)
        again.rotate(-1)
        return again[-1]

    replies = () if arguments.repeat else played
    async with FakeOpenAI(*replies, fallback=fallback, host=arguments.host, port=arguments.port) as server:
        print(server.base_url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description="An OpenAI-compatible endpoint for tests, demonstrations and benchmarks."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--script", type=Path, help="a JSON file with the replies to play")
    parser.add_argument("--repeat", action="store_true", help="play the script over and over")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds between the tokens of a demonstration")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
