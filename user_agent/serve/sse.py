"""Turns as server-sent events: `id: <seq>`, `event: <type>`, `data: <json>`, and a comment while nothing happens."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from user_agent.events import EventBase, TextDelta
from user_agent.serve.turns import Envelope

BEAT = b": beat\n\n"


def frame(seq: int, event: EventBase) -> bytes:
    """One event on the wire."""
    if isinstance(event, TextDelta):  # nearly all are
        return b"id: %d\nevent: text_delta\ndata: %s\n\n" % (seq, orjson.dumps({"text": event.text}))
    data = event.model_dump_json(exclude={"type"})
    kind: str = getattr(event, "type")  # noqa: B009  every event has one, but the base class cannot say so
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, kind.encode(), data.encode())


def seen_of(last_event_id: str, after: int = 0) -> int:
    """The number of the last event that a client has, as the header `Last-Event-ID` tells it; else `after`."""
    return int(last_event_id) if re.fullmatch(r"[0-9]{1,15}", last_event_id) else after


async def frames(batches: AsyncGenerator[list[Envelope], None]) -> AsyncGenerator[bytes, None]:
    """Batches of events as bytes; an empty batch is a heartbeat."""
    async with aclosing(batches):
        async for batch in batches:
            yield b"".join(frame(item.seq, item.event) for item in batch) or BEAT


def stream(batches: AsyncGenerator[list[Envelope], None], over: Callable[[], None] | None = None) -> StreamingResponse:
    """The response of every door that streams a turn. Proxies are asked not to gather it.

    `over` is called when it has ended, or its reader has gone.
    """
    return _Stream(
        frames(batches),
        over,
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


class _Stream(StreamingResponse):
    def __init__(self, content: AsyncGenerator[bytes], over: Callable[[], None] | None, **options: Any) -> None:
        super().__init__(content, **options)
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._over is not None:
                self._over()
