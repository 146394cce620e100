"""Those who do what is queued in the database, one thing after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import structlog

from user_agent.errors import NotFound

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

T = TypeVar("T")


class Workers:
    """Work from when they begin until they are ended."""

    def __init__(self, *, idle_s: float, interrupted: str) -> None:
        """After `idle_s` without work, what other processes left lying is looked for. `interrupted` is what the log
        says of a thing that broke off."""
        self._idle_s = idle_s
        self._interrupted = interrupted
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, works: Sequence[Callable[[], Awaitable[bool]]]) -> None:
        """One for each of `works`, which attends to the next thing; False where none waits."""
        self._tasks = [asyncio.create_task(self._work(work)) for work in works]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        """There is something to do."""
        self._wanted.set()

    @property
    def are_woken(self) -> bool:
        """Whether there is something that nobody looked at yet."""
        return self._wanted.is_set()

    async def _work(self, work: Callable[[], Awaitable[bool]]) -> None:
        while True:
            self._wanted.clear()
            try:
                if await work():
                    continue
            except NotFound:
                continue  # the agent went meanwhile, and its index with it
            except Exception as error:  # whatever one thing brings, the others are done
                log.error(self._interrupted, exc_info=error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self._idle_s)


async def while_wanted(
    work: Coroutine[Any, Any, T], is_wanted: Callable[[], Awaitable[bool]], *, every_s: float
) -> asyncio.Task[T]:
    """Do it until it is done, or `is_wanted`, which is asked so often, says no. Gives the task: done, or cancelled."""
    job = asyncio.create_task(work)
    try:
        while not (await asyncio.wait([job], timeout=every_s))[0]:
            if not await is_wanted():
                break
    finally:
        job.cancel()
        await asyncio.wait([job])
    return job
