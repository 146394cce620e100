"""Turns as server-sent events: `id: <seq>`, `event: <type>`, `data: <json>`, and a comment while nothing happens."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson
from starlette.responses import StreamingResponse

from agentfabric.turns import Envelope
from user_agent.events import EventBase

HEARTBEAT_S = 15.0
BEAT = b": beat\n\n"


def frame(seq: int, event: EventBase) -> bytes:
    """One event on the wire."""
    data = event.model_dump(mode="json", exclude={"type"})
    kind: str = getattr(event, "type")  # noqa: B009  every event has one, but the base class cannot say so
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, kind.encode(), orjson.dumps(data))


async def frames(
    batches: AsyncGenerator[list[Envelope], None], heartbeat_s: float = HEARTBEAT_S
) -> AsyncGenerator[bytes, None]:
    """Batches of events as bytes, with a heartbeat after every `heartbeat_s` of silence."""
    async with aclosing(batches):
        pending: asyncio.Task[list[Envelope]] | None = None
        try:
            while True:
                pending = pending or asyncio.ensure_future(_next(batches))
                done, _ = await asyncio.wait([pending], timeout=heartbeat_s)
                if not done:
                    yield BEAT
                    continue
                batch, pending = pending.result(), None
                if not batch:
                    return
                yield b"".join(frame(item.seq, item.event) for item in batch)
        finally:
            if pending is not None:
                pending.cancel()
                await asyncio.gather(pending, return_exceptions=True)


async def _next(batches: AsyncGenerator[list[Envelope], None]) -> list[Envelope]:
    return await anext(batches, list[Envelope]())


def stream(batches: AsyncGenerator[list[Envelope], None]) -> StreamingResponse:
    """The response of every door that streams a turn. Proxies are asked not to gather it."""
    return StreamingResponse(
        frames(batches),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
