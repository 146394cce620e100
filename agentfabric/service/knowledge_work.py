"""The work behind knowledge: files are taken from the queue, read, cut into passages and put into an index."""

import asyncio
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import structlog

from agentfabric.service.knowledge_cache import ReadingCache
from agentfabric.service.knowledge_indexes import AgentIndexes
from agentfabric.service.knowledge_seeing import Seers
from agentfabric.service.knowledge_sources import Sources, charset_in, name_for_reader
from agentfabric.service.workers import Workers, while_wanted
from agentfabric.store.files import FileStore
from agentfabric.store.reading_queue import LEASE_S, ReadingQueue, Taken
from agentfabric.store.records import ReadingState
from user_agent.errors import FetchFailed, NotFound, StorageFailed
from user_agent.knowledge.passages import Passage, split
from user_agent.knowledge.pieces import Reading
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.reading import ReadingRoom
from user_agent.serve.shared_readings import digest_of
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

WORKERS = 2
IDLE_S = LEASE_S
"""After so long without work, what other processes left lying is looked for."""
WATCH_S = 0.4
"""How often it is told how far a file is, and noticed that nobody wants it any more."""

NO_SPACE = Words(
    zh="服务器无法写入：磁盘可能已满。请腾出空间后重试。",
    en="The server could not write: its disk may be full. Make room there and try again.",
)


After = Callable[[str, str], Awaitable[object]]


class KnowledgeWork:
    """Reads what is queued, one file for each of its queues at a time, from when it is entered until it is left."""

    def __init__(
        self,
        queues: Sequence[ReadingQueue],
        files: FileStore,
        cache: ReadingCache,
        indexes: AgentIndexes,
        room: ReadingRoom,
        sources: Sources,
        seers: Seers,
        after: After,
    ) -> None:
        """`queues` are the same one under a name for each who takes from it: what one had and lost is then never taken
        for its own because another here has it. `after` is called for each agent of whom something was read, once
        nothing waits any more."""
        self._queues = queues
        self._files = files
        self._cache = cache
        self._indexes = indexes
        self._room = room
        self._sources = sources
        self._seers = seers
        self._after = after
        self._read: set[tuple[str, str]] = set()
        self._attending = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._workers = Workers(idle_s=IDLE_S, interrupted="reading_interrupted")

    async def __aenter__(self) -> Self:
        self._workers.begin([partial(self._one, queue) for queue in self._queues])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._workers.end()
        with suppress(StorageFailed):  # the lease ends by itself, later
            for queue in self._queues:
                await queue.let_go()

    def wake(self) -> None:
        """There is something to read."""
        self._workers.wake()

    async def _one(self, queue: ReadingQueue) -> bool:
        """Attend to the next file; False where none waits, after a look at what was read."""
        taken = await _taken(queue)
        if taken is None:
            await self._look_back()
            return False
        self._attending += 1
        try:
            # Whoever had it before, and lost it, has let go of it and of the index.
            async with self._locks.setdefault(taken.file, asyncio.Lock()):
                await self._attended(queue, taken)
        finally:
            self._attending -= 1
        return True

    async def _look_back(self) -> None:
        while self._read and not self._attending and not self._workers.are_woken:
            owner, agent_id = self._read.pop()
            try:
                await self._after(owner, agent_id)
            except (NotFound, StorageFailed) as error:
                log.info("knowledge_not_checked", reason=error.message)

    async def _attended(self, queue: ReadingQueue, taken: Taken) -> None:
        """Process a file, telling how far it is, until it is done or nobody wants it any more."""
        progress = _Progress()
        processed = self._processed(queue, taken, progress)
        job = await while_wanted(processed, lambda: _told(queue, taken, progress), every_s=WATCH_S)
        if job.cancelled() and not await queue.is_wanted(taken.file):
            # What it had begun to write may have been written after it was removed there.
            async with self._indexes.of(taken.owner, taken.agent_id) as index:
                await index.remove(taken.file)

    async def _processed(self, queue: ReadingQueue, taken: Taken, progress: "_Progress") -> None:
        try:
            reason = await self._tried(queue, taken, progress)
        except Exception as error:  # a defect in one file's way must not end the work on all others
            incident = secrets.token_hex(4)
            log.error("file_not_read", incident=incident, file=taken.file, exc_info=error)
            reason = Words(
                zh=f"读取时出了错，日志里的编号是 {incident}。请换一种格式后重新上传，或重试。",
                en=f"Something went wrong while reading it. The log has it under incident {incident}. Save it in "
                "another format and upload that, or try again.",
            )
        if reason:
            with suppress(StorageFailed):  # then its lease ends, and it is tried again
                await queue.fail(taken.file, reason)

    async def _tried(self, queue: ReadingQueue, taken: Taken, progress: "_Progress") -> Words | None:
        """Why the file cannot be known, if it cannot."""
        try:
            await self._learnt(queue, taken, progress)
        except FileUnreadable as failure:
            return failure.words
        except FetchFailed as failure:
            return failure.told
        except NotFound:
            return None  # it was removed meanwhile
        except (OSError, sqlite3.OperationalError, StorageFailed) as error:
            log.warning("file_not_kept", file=taken.file, reason=str(error))
            return NO_SPACE
        return None

    async def _learnt(self, queue: ReadingQueue, taken: Taken, progress: "_Progress") -> None:
        notes = await self._fetched(taken) if taken.source else ()
        file = await self._files.get(taken.owner, taken.file)
        data = await self._files.read(taken.owner, taken.file)
        name = name_for_reader(file.name, file.media_type) if file.source else file.name
        digest = await asyncio.to_thread(digest_of, data, name)
        reading = await self._cache.get(taken.owner, digest)
        if reading is None:
            reading = await self._room.read(
                data,
                name,
                progress=progress.set,
                describe=await self._seers.of(taken.owner, taken.agent_id),
                charset=charset_in(file.media_type) if file.source else "",
                main_only=file.source is not None,
            )
            if not reading.notes:  # what could not be read may be read next time: with a program or a model more
                await self._cache.put(taken.owner, digest, reading)
        progress.state, progress.share = "indexing", 0.0
        passages = await asyncio.to_thread(_passages, reading)
        async with self._indexes.of(taken.owner, taken.agent_id) as index:
            await index.put(taken.file, passages)
            kept = await queue.finish(taken.file, digest=digest, passages=len(passages), notes=(*notes, *reading.notes))
            if not kept:
                await index.remove(taken.file)
        self._read.add((taken.owner, taken.agent_id))

    async def _fetched(self, taken: Taken) -> tuple[Words, ...]:
        """Put what the source has now in the place of the file's bytes. Where it has nothing, the old ones stay, and
        the reason is given. Raises `FetchFailed` where there are no old ones."""
        try:
            content = await self._sources.fetch(taken.owner, taken.agent_id, taken.source)
        except FetchFailed as failure:
            file = await self._files.get(taken.owner, taken.file)
            if file.blob is None or failure.told is None:
                raise
            return (failure.told,)
        await self._files.replace(taken.owner, taken.file, data=content.data, media_type=content.media_type)
        return ()


class _Progress:
    """How far a file is."""

    def __init__(self) -> None:
        self.state: ReadingState = "reading"
        self.share = 0.0

    def set(self, share: float) -> None:
        self.share = share


async def _taken(queue: ReadingQueue) -> Taken | None:
    try:
        return await queue.take()
    except StorageFailed as error:
        log.warning("queue_not_read", reason=error.message)
        return None


async def _told(queue: ReadingQueue, taken: Taken, progress: _Progress) -> bool:
    try:
        return await queue.report(taken.file, progress.state, progress.share)
    except StorageFailed:
        return True


def _passages(reading: Reading) -> tuple[Passage, ...]:
    return tuple(split(reading.pieces))
