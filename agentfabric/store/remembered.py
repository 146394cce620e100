"""What was read of the database, kept in memory until it is written again: one process at a time uses a database."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Remembered(Generic[T]):
    """One value for each owner, which nobody may change. Every write that touches one goes through `write`."""

    def __init__(self) -> None:
        self._known: dict[str, T] = {}
        self._writes = 0

    async def get(self, owner: str, read: Callable[[], Awaitable[T]]) -> T:
        """The owner's value, read where it is not known."""
        if owner in self._known:
            return self._known[owner]
        writes = self._writes
        value = await read()
        if writes == self._writes:  # else it may be of before that write
            self._known[owner] = value
        return value

    async def write(self, owner: str, writing: Coroutine[object, object, R]) -> R:
        """What `writing` returns. The owner's value is read anew after it, also where its caller did not wait."""

        async def written() -> R:
            try:
                return await writing
            finally:
                self._writes += 1
                self._known.pop(owner, None)

        return await asyncio.shield(asyncio.create_task(written()))
