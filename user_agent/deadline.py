"""A limit of time that does not count while a person is waited for."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Self


class Deadline:
    """`async with Deadline(seconds)` raises `TimeoutError` as `asyncio.timeout` does; `stopped()` stops its clock."""

    def __init__(self, seconds: float) -> None:
        self._limit = asyncio.timeout(seconds)
        self._left_s = seconds
        self._stops = 0
        self._is_running = False

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        self._is_running = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_running = False
        await self._limit.__aexit__(kind, error, trace)

    @contextmanager
    def stopped(self) -> Generator[None]:
        """While any such block is open, no time passes; also in another task than the one that is limited."""
        self._stops += 1
        now = asyncio.get_running_loop().time
        if self._stops == 1 and self._can_move and (end := self._limit.when()) is not None:
            self._left_s = end - now()
            self._limit.reschedule(None)
        try:
            yield
        finally:
            self._stops -= 1
            if self._stops == 0 and self._can_move:
                self._limit.reschedule(now() + self._left_s)

    @property
    def _can_move(self) -> bool:
        return self._is_running and not self._limit.expired()
