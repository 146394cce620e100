"""What goes by itself when its time is over, on a server that runs for weeks."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from user_agent.errors import FabricError

DAY_S = 86_400.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


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
