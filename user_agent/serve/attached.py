"""The files of conversations as knowledge: read when somebody asks about them, searched in their conversation alone."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from user_agent.events import KnowledgeFile
from user_agent.knowledge.index import Found, KnowledgeIndex
from user_agent.knowledge.passages import Passage, split
from user_agent.knowledge.pieces import Reading
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.reading import ReadingRoom
from user_agent.messages import FilePart, Message
from user_agent.words import Words

_MEDIA = ("image/", "audio/", "video/")
"""What models and tools are given as it is."""
_EMPTY = Words("里面没有文字。", "There are no words in it.")


def searchable(messages: Sequence[Message]) -> tuple[FilePart, ...]:
    """The files that people sent with these messages to be read, each once, the last ones first."""
    parts = [part for message in reversed(messages) if message.role == "user" for part in message.parts]
    files = [part for part in parts if isinstance(part, FilePart) and not part.media_type.startswith(_MEDIA)]
    return tuple({part.file: part for part in files}.values())


class Contents(Protocol):
    """The bytes of files, by their owner and their id."""

    async def read(self, owner: str, file_id: str, /) -> bytes: ...


class Readings(Protocol):
    """What was read of files, by their owner and content."""

    async def get(self, owner: str, digest: str, /) -> Reading | None: ...

    async def put(self, owner: str, digest: str, reading: Reading, /) -> None: ...


class Indexes(Protocol):
    """An index for each conversation, by its id."""

    def of(self, user: str, name: str, /) -> AbstractAsyncContextManager[KnowledgeIndex]: ...

    async def forget(self, name: str, /) -> None:
        """Do away with one that nobody uses any more."""
        ...


def digest_of(data: bytes, name: str) -> str:
    """Of a file's content, and of the ending of its name: that says which reader reads it."""
    ending = Path(name).suffix.lower()
    return hashlib.sha256(ending.encode() + b"\0" + data).hexdigest()


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """Reads and searches what came with messages. A file is its conversation's, and no other one's."""

    files: Contents
    cache: Readings
    room: ReadingRoom
    indexes: Indexes
    """By conversation."""
    unreadable: dict[str, Words] = field(default_factory=dict[str, Words])
    """Why files have nothing to search, by id, as far as this process knows: they are not read at every message."""

    async def known(self, user: str, conversation_id: str, parts: Sequence[FilePart]) -> tuple[KnowledgeFile, ...]:
        """The files, each read by now, unless it cannot be."""
        return tuple(await asyncio.gather(*(self._known(user, conversation_id, part) for part in parts)))

    async def forget(self, conversations: Iterable[str]) -> None:
        """What was read for conversations that are erased."""
        for conversation_id in conversations:
            await self.indexes.forget(conversation_id)

    async def search(self, user: str, conversation_id: str, query: str, limit: int, files: Collection[str]) -> Found:
        async with self.indexes.of(user, conversation_id) as index:
            return await index.search(query, limit, files)

    async def passages(
        self, user: str, conversation_id: str, file: str, start: int = 0, limit: int = 50
    ) -> tuple[Passage, ...]:
        async with self.indexes.of(user, conversation_id) as index:
            return await index.passages(file, start, limit)

    async def _known(self, user: str, conversation_id: str, part: FilePart) -> KnowledgeFile:
        try:
            await self._learn(user, conversation_id, part)
        except FileUnreadable as failure:
            self.unreadable[part.file] = failure.words
        if why := self.unreadable.get(part.file):
            return KnowledgeFile(file=part.file, name=part.name, state="failed", why=why)
        return KnowledgeFile(file=part.file, name=part.name, state="searched")

    async def _learn(self, user: str, conversation_id: str, part: FilePart) -> None:
        if part.file in self.unreadable or await self.passages(user, conversation_id, part.file, limit=1):
            return
        data = await self.files.read(user, part.file)
        digest = await asyncio.to_thread(digest_of, data, part.name)
        reading = await self.cache.get(user, digest)
        if reading is None:
            reading = await self.room.read(data, part.name)
            await self.cache.put(user, digest, reading)
        passages = await asyncio.to_thread(lambda: tuple(split(reading.pieces)))
        if not passages:
            self.unreadable[part.file] = reading.notes[0] if reading.notes else _EMPTY
            return
        async with self.indexes.of(user, conversation_id) as index:
            await index.put(part.file, passages)
