"""A limit on many short waits, at the price of about one timer.

`asyncio.timeout` sets and removes a timer for each wait: around a piece of an answer that costs more than reading it.
"""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

Result = TypeVar("Result")


class Alarm:
    """Ends waits that take too long, one at a time. Use it as a context, in a running event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._waiting: asyncio.Task[object] | None = None
        self._due = 0.0
        self._rang = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def rang(self) -> bool:
        """Whether the last wait was ended by this alarm, and not by a `TimeoutError` of somebody else."""
        return self._rang

    async def wait(self, arriving: Awaitable[Result], due: float) -> Result:
        """What arrives. Raises `TimeoutError` where it has not by `due`, a time of the event loop's clock."""
        task = asyncio.current_task(self._loop)  # without it, the loop is looked up by a call of the system
        assert task is not None  # noqa: S101  a coroutine that runs is run by a task
        cancelled = task.cancelling()
        self._waiting, self._due, self._rang = task, due, False
        if self._timer is None or due < self._rings_at:
            self._set(due)
        try:
            return await arriving
        except asyncio.CancelledError as error:
            # As `asyncio.timeout` has it: who cancelled this task besides gets their cancellation.
            if self._rang and task.cancelling() - 1 <= cancelled:
                raise TimeoutError from error
            raise
        finally:
            self._waiting = None
            if self._rang:
                task.uncancel()

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = due
        self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiting is None:
            return
        if self._loop.time() < self._due:
            self._set(self._due)
            return
        self._rang = True
        self._waiting.cancel()
