"""What goes by itself when its time is over, on a server that runs for weeks."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog

from user_agent.errors import FabricError

DAY_S = 86_400.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def meanwhile(work: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Have it done as long as the block lasts. It is cancelled at the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def every_day(*works: Callable[[], Awaitable[object]]) -> None:
    """Do all of it once a day, beginning in a day, until it is cancelled."""
    await every(DAY_S, *works)


async def every(seconds: float, *works: Callable[[], Awaitable[object]]) -> None:
    """Do all of it again and again, so long after it was done, until it is cancelled."""
    while True:
        await asyncio.sleep(seconds)
        for work in works:
            try:
                await work()
            except FabricError as error:
                log.warning("not_tidied", reason=error.message)
            except Exception as error:  # whatever one brings, the others are done, and it is tried again
                log.error("not_tidied", exc_info=error)
