"""What people send is read once, however many wait for it: before it goes out, and the turn that answers it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Protocol

from user_agent.knowledge.hearing import Progress
from user_agent.knowledge.looking import Describe
from user_agent.knowledge.pieces import Reading
from user_agent.knowledge.reading import ReadingRoom


class Readings(Protocol):
    """What was read of files, by their owner and content."""

    async def get(self, owner: str, digest: str, /) -> Reading | None: ...

    async def put(self, owner: str, digest: str, reading: Reading, /) -> None: ...


def digest_of(data: bytes, name: str) -> str:
    """Of a file's content, and of the ending of its name: that says which reader reads it."""
    ending = Path(name).suffix.lower()
    return hashlib.sha256(ending.encode() + b"\0" + data).hexdigest()


DescribeOf = Callable[[], Awaitable[Describe | None]]
"""Who looks at pictures, asked for where a file has to be read."""


class _UnderWay:
    """A reading that somebody waits for."""

    def __init__(self, read: Callable[[Progress], Coroutine[None, None, Reading]]) -> None:
        self.share = 0.0
        self.waiting = 0
        self.told: list[Progress] = []
        self.job = asyncio.create_task(read(self._tell))

    def _tell(self, share: float) -> None:
        self.share = share
        for progress in self.told:
            progress(share)


class SharedReadings:
    """Readings by their owner and content. One that nobody waits for any more is ended."""

    def __init__(self, cache: Readings, room: ReadingRoom) -> None:
        self._cache = cache
        self._room = room
        self._under_way: dict[tuple[str, str], _UnderWay] = {}

    async def read(self, user: str, data: bytes, name: str, describe_of: DescribeOf, progress: Progress) -> Reading:
        """All that is in the file; `progress` is told how far it is, from 0 to 1. Raises `FileUnreadable`."""
        digest = await asyncio.to_thread(digest_of, data, name)
        kept = await self._cache.get(user, digest)
        if kept is not None:
            return kept
        key = (user, digest)
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._under_way[key] = _UnderWay(partial(self._read, key, data, name, describe_of))
        progress(under_way.share)
        under_way.told.append(progress)
        under_way.waiting += 1
        try:
            return await asyncio.shield(under_way.job)
        finally:
            under_way.waiting -= 1
            if not under_way.waiting:
                under_way.job.cancel()
                if self._under_way.get(key) is under_way:
                    del self._under_way[key]

    async def _read(
        self, key: tuple[str, str], data: bytes, name: str, describe_of: DescribeOf, progress: Progress
    ) -> Reading:
        reading = await self._room.read(data, name, progress=progress, describe=await describe_of())
        await self._cache.put(*key, reading)
        return reading
