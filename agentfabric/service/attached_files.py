"""The files of conversations as knowledge: read when somebody asks about them, searched in their conversation alone."""

import asyncio
import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agentfabric.service.knowledge_cache import ReadingCache, digest_of
from agentfabric.service.knowledge_indexes import AgentIndexes
from agentfabric.store.files import FileStore
from user_agent.events import KnowledgeFile
from user_agent.knowledge.index import Found
from user_agent.knowledge.passages import Passage, split
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


@dataclass(frozen=True, slots=True)
class AttachedFiles:
    """Reads and searches what came with messages. A file is its conversation's, and no other one's."""

    files: FileStore
    cache: ReadingCache
    room: ReadingRoom
    indexes: AgentIndexes
    """By conversation."""
    folder: Path
    """Where these are, each in a folder of its conversation's."""
    unreadable: dict[str, Words] = field(default_factory=dict[str, Words])
    """Why files have nothing to search, by id, as far as this process knows: they are not read at every message."""

    async def known(self, user: str, conversation_id: str, parts: Sequence[FilePart]) -> tuple[KnowledgeFile, ...]:
        """The files, each read by now, unless it cannot be."""
        return tuple(await asyncio.gather(*(self._known(user, conversation_id, part) for part in parts)))

    async def forget(self, conversations: Iterable[str]) -> None:
        """What was read for conversations that are erased."""
        for conversation_id in conversations:
            await self.indexes.forget(conversation_id)
            await asyncio.to_thread(shutil.rmtree, self.folder / conversation_id, ignore_errors=True)

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
