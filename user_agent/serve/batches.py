"""A run's events in batches: what writes them asks for more when it is ready, and is told of silence."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from user_agent.events import EventBase


async def in_batches(
    events: AsyncGenerator[EventBase, None], *, silence_s: float
) -> AsyncGenerator[list[EventBase], None]:
    """All that has come since the last batch was taken; an empty one where nothing came for `silence_s`.

    Who leaves early ends the run.
    """
    arrived: list[EventBase] = []
    news = asyncio.Event()

    async def read() -> None:
        async with aclosing(events):
            async for event in events:
                arrived.append(event)
                news.set()

    reading = asyncio.create_task(read())
    reading.add_done_callback(lambda _: news.set())
    try:
        while arrived or not reading.done():
            try:
                async with asyncio.timeout(silence_s):
                    await news.wait()
            except TimeoutError:
                pass
            news.clear()
            batch, arrived[:] = [*arrived], []
            if batch or not reading.done():
                yield batch
        reading.result()
    finally:
        reading.cancel()
        await asyncio.wait([reading])
