"""The files of conversations as knowledge: read when somebody asks about them, searched in their conversation alone."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from user_agent.events import EventBase, FileReading, KnowledgeFile
from user_agent.knowledge.index import Found, KnowledgeIndex
from user_agent.knowledge.looking import Describe
from user_agent.knowledge.passages import Passage, split
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.reading import ReadingRoom
from user_agent.messages import FilePart, Message
from user_agent.serve.shared_readings import DescribeOf, Readings, SharedReadings
from user_agent.serve.uploads import Upload
from user_agent.words import NOTHING, Words

TOLD_EVERY_S = 0.4
"""How often it is told how far a file is."""
LEAST_EMBEDDED = 40
"""So few passages are looked at one by one: nothing of them goes to an embedding model."""
MOST_EMBEDDED = 3_000
"""A conversation with more of them is searched by words alone: its vectors would cost more than it lasts."""

_MEDIA = ("image/", "audio/", "video/")
"""What models and tools are given as it is."""
_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff"})
_EMPTY = Words("里面没有文字。", "There are no words in it.")


def searchable(messages: Sequence[Message], *, sees: bool = True) -> tuple[FilePart, ...]:
    """The files that people sent with these messages to be read, each once, the last ones first. Pictures are read for
    whoever does not see them."""
    parts = [part for message in reversed(messages) if message.role == "user" for part in message.parts]
    files = [part for part in parts if isinstance(part, FilePart) and _is_read(part.media_type, sees=sees)]
    return tuple({part.file: part for part in files}.values())


def _is_read(media_type: str, *, sees: bool) -> bool:
    return not media_type.startswith(_MEDIA) or (not sees and media_type in _PICTURES)


class Contents(Protocol):
    """The bytes of files, by their owner and their id."""

    async def read(self, owner: str, file_id: str, /) -> bytes: ...


class Indexes(Protocol):
    """An index for each conversation, by its id."""

    def of(self, user: str, name: str, /) -> AbstractAsyncContextManager[KnowledgeIndex]: ...

    async def forget(self, name: str, /) -> None:
        """Do away with one that nobody uses any more."""
        ...


class Help(Protocol):
    """The models of an agent's owner, as they help with the files of one conversation."""

    async def describe(self) -> Describe | None:
        """Who looks at pictures; None where nobody does."""
        ...

    def index(self) -> AbstractAsyncContextManager[KnowledgeIndex]:
        """The conversation's index, which finds by meaning, too, where there is an embedding model for that."""
        ...


class FileRead(EventBase):
    """A file that is to be sent has been read, or cannot be."""

    type: Literal["file_read"] = "file_read"
    name: str
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """Reads and searches what came with messages. A file is its conversation's, and no other one's."""

    files: Contents
    cache: Readings
    room: ReadingRoom
    indexes: Indexes
    """By conversation; each finds by words alone."""
    readings: SharedReadings = field(init=False)
    unreadable: dict[str, Words] = field(default_factory=dict[str, Words])
    """Why files have nothing to search, by id, as far as this process knows: they are not read at every message."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "readings", SharedReadings(self.cache, self.room))

    async def read(
        self, user: str, conversation_id: str, parts: Sequence[FilePart], help: Help | None = None
    ) -> AsyncGenerator[FileReading]:
        """Have all of them read that were not, and tell how far each is while that takes long."""
        shares = dict.fromkeys((part.file for part in parts), -1.0)
        told = dict(shares)
        known = (self._known(user, conversation_id, part, help, shares) for part in parts)
        job = asyncio.ensure_future(asyncio.gather(*known))
        try:
            while not (await asyncio.wait([job], timeout=TOLD_EVERY_S))[0]:
                for part in parts:
                    if (share := shares[part.file]) > told[part.file]:
                        told[part.file] = share
                        yield FileReading(file=part.file, name=part.name, share=share)
            await job
        finally:
            job.cancel()

    async def ahead(
        self, user: str, upload: Upload, help: Help | None = None
    ) -> AsyncGenerator[FileReading | FileRead]:
        """Read a file before it is sent, and tell how far that is: whoever then sends it finds it read. Ended early, so
        is the reading."""
        share = told = -1.0

        def progress(now: float) -> None:
            nonlocal share
            share = now

        job = asyncio.create_task(self.readings.read(user, upload.data, upload.name, _eyes(help), progress))
        try:
            while not (await asyncio.wait([job], timeout=TOLD_EVERY_S))[0]:
                if share > told:
                    told = share
                    yield FileReading(file="", name=upload.name, share=share)
            await job
        except FileUnreadable as failure:
            yield FileRead(name=upload.name, why=failure.words)
        else:
            yield FileRead(name=upload.name)
        finally:
            job.cancel()

    async def known(
        self, user: str, conversation_id: str, parts: Sequence[FilePart], help: Help | None = None
    ) -> tuple[KnowledgeFile, ...]:
        """The files, each read by now, unless it cannot be. A picture in which there are no words is none of them."""
        known = await asyncio.gather(*(self._known(user, conversation_id, part, help, {}) for part in parts))
        return tuple(file for file in known if file is not None)

    async def forget(self, conversations: Iterable[str]) -> None:
        """What was read for conversations that are erased."""
        for conversation_id in conversations:
            await self.indexes.forget(conversation_id)

    async def search(
        self,
        user: str,
        conversation_id: str,
        query: str,
        limit: int,
        files: Collection[str],
        help: Help | None = None,
    ) -> Found:
        """What the files have for a question: by words, and by meaning where there are many passages and an embedding
        model that has been through them."""
        async with self.indexes.of(user, conversation_id) as index:
            passages = (await index.statistics()).passages
            if help is None or not LEAST_EMBEDDED < passages <= MOST_EMBEDDED:
                return await index.search(query, limit, files)
        async with help.index() as index:
            return await index.search(query, limit, files)

    async def passages(
        self, user: str, conversation_id: str, file: str, start: int = 0, limit: int = 50
    ) -> tuple[Passage, ...]:
        async with self.indexes.of(user, conversation_id) as index:
            return await index.passages(file, start, limit)

    async def _known(
        self, user: str, conversation_id: str, part: FilePart, help: Help | None, shares: dict[str, float]
    ) -> KnowledgeFile | None:
        try:
            await self._learn(user, conversation_id, part, help, shares)
        except FileUnreadable as failure:
            is_plain = failure.why == "empty" and part.media_type in _PICTURES
            self.unreadable[part.file] = NOTHING if is_plain else failure.words
        why = self.unreadable.get(part.file)
        if why is NOTHING:
            return None
        return KnowledgeFile(file=part.file, name=part.name, state="failed" if why else "searched", why=why)

    async def _learn(
        self, user: str, conversation_id: str, part: FilePart, help: Help | None, shares: dict[str, float]
    ) -> None:
        if part.file in self.unreadable or await self.passages(user, conversation_id, part.file, limit=1):
            return
        data = await self.files.read(user, part.file)

        def progress(share: float) -> None:
            shares[part.file] = share

        reading = await self.readings.read(user, data, part.name, _eyes(help), progress)
        passages = await asyncio.to_thread(lambda: tuple(split(reading.pieces)))
        if not passages:
            self.unreadable[part.file] = reading.notes[0] if reading.notes else _EMPTY
            return
        # By words at once: vectors are made in the background from the first search of a larger conversation on.
        async with self.indexes.of(user, conversation_id) as index:
            await index.put(part.file, passages)


def _eyes(help: Help | None) -> DescribeOf:
    async def nobody() -> Describe | None:
        return None

    return nobody if help is None else help.describe
