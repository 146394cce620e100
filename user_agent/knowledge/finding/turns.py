"""A connection of SQLite that many tasks use: one at a time, each in a thread."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar

from user_agent.errors import StorageFailed

T = TypeVar("T")


class Turns:
    """Opens its connection at the first turn. Whoever waits does so outside of a thread."""

    def __init__(self, opened: Callable[[], sqlite3.Connection]) -> None:
        self._opened = opened
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self._next = asyncio.Lock()
        self._busy = threading.Lock()

    async def take(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, which runs in a thread. Raises `StorageFailed` where the file does not work."""
        async with self._next:
            return await asyncio.to_thread(self._run, work)

    async def close(self) -> None:
        """Once the work that runs has ended. A later turn raises."""
        async with self._next:
            await asyncio.to_thread(self._close)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._busy:  # the work of a caller that gave up may still run
            if self._closed:
                raise RuntimeError("the index is closed")
            try:
                if self._connection is None:
                    self._connection = self._opened()
                return work(self._connection)
            except sqlite3.DatabaseError as error:
                cure = "Check the disk's space and whether another program holds the file, then try again."
                raise StorageFailed(f"The knowledge index does not work just now: {error}. {cure}") from error

    def _close(self) -> None:
        with self._busy:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None
