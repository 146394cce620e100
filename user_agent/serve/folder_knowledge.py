"""What an agent in a folder knows: the passages that came along, in an index of this process."""

import asyncio
import re
import shutil
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from user_agent.config import AgentConfig
from user_agent.errors import ConfigError
from user_agent.events import KnowledgeFile
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.knowledge.finding.carried import read
from user_agent.knowledge.finding.sqlite import SqliteIndex
from user_agent.knowledge.index import Found, KnowledgeIndex
from user_agent.knowledge.passages import Passage, split
from user_agent.knowledge.pieces import Reading
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.reading import ReadingRoom
from user_agent.serve.finding import Searched
from user_agent.words import Words

KNOWN, PASSAGES = "knowledge.json", "knowledge.jsonl"
"""Beside the configuration: which files there are, and what was read of them."""
_WAITING = Words("文件还没有读过，也读不出来。", "The file was never read, and cannot be.")


class CarriedFile(BaseModel):
    """A file that the agent knows. `file` is its name in the folder, by which passages say whose they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Annotated[str, Field(max_length=300)]
    name: Annotated[str, Field(max_length=300)]
    """What people call it."""
    tags: tuple[str, ...] = ()
    reason: Words | None = None
    """Why nothing of it is found, where that is so."""


FILES: TypeAdapter[tuple[CarriedFile, ...]] = TypeAdapter(tuple[CarriedFile, ...])


def files_in(folder: Path, config: AgentConfig) -> tuple[CarriedFile, ...]:
    """The files that the configuration names; older folders say nothing more of them. Raises `ConfigError`."""
    path = folder / KNOWN
    if not path.exists():
        return tuple(CarriedFile(file=name, name=name) for name in (_base(entry) for entry in config.knowledge))
    try:
        return FILES.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ConfigError(f"{KNOWN} cannot be read.", field=KNOWN, reason="not what this program writes") from error


def _base(entry: str) -> str:
    return re.split(r"[/\\]", entry)[-1]


@dataclass(frozen=True, slots=True)
class Finders:
    """The models that help to find."""

    embedders: Sequence[Embedder]
    reranker: Reranker | None


class FolderKnowledge:
    """A `Place` of a folder's files. Opened when a question first needs it."""

    def __init__(
        self,
        folder: Path,
        config: AgentConfig,
        files: Sequence[CarriedFile],
        scratch: Path,
        finders: Finders,
        room: ReadingRoom,
    ) -> None:
        self._folder = folder
        self._files = files
        self._tags = frozenset(config.retrieval.tags or ())
        self._index = SqliteIndex(
            scratch / "knowledge" / "index.db", embedders=finders.embedders, reranker=finders.reranker
        )
        self._room = room
        self._unreadable: dict[str, Words] = {}
        self._filling: asyncio.Task[None] | None = None

    async def files(self) -> tuple[Searched, ...]:
        if self._files:
            await self._filled()
        wanted = [file for file in self._files if not self._tags or self._tags & {*file.tags}]
        return tuple(Searched(self._told(file), file.tags) for file in wanted)

    async def search(self, query: str, limit: int, files: Collection[str]) -> Found:
        return await self._index.search(query, limit, files)

    async def passages(self, file: str, limit: int) -> tuple[Passage, ...]:
        return await self._index.passages(file, limit=limit)

    async def close(self) -> None:
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.wait([self._filling])
        await self._index.close()

    def _told(self, file: CarriedFile) -> KnowledgeFile:
        why = file.reason or self._unreadable.get(file.file)
        return KnowledgeFile(file=file.file, name=file.name, state="failed" if why else "searched", why=why)

    async def _filled(self) -> None:
        """Returns when the index has all there is. Whoever asks meanwhile waits for the same work."""
        if self._filling is None or (self._filling.done() and self._filling.exception() is not None):
            self._filling = asyncio.create_task(self._fill())
        await asyncio.shield(self._filling)

    async def _fill(self) -> None:
        path = self._folder / PASSAGES
        carried = await asyncio.to_thread(lambda: read(path.read_bytes()) if path.exists() else {})
        named = {file.file for file in self._files}
        await self._index.put_carried({file: carried[file] for file in carried if file in named})
        for file in self._files:
            if file.file not in carried and file.reason is None:
                await self._read(file)

    async def _read(self, file: CarriedFile) -> None:
        """A folder that a person, or the predecessor, filled holds files that nobody has read yet."""
        path = self._folder / _base(file.file)
        try:
            reading: Reading = await self._room.read(path, file.name)
        except FileUnreadable as failure:
            self._unreadable[file.file] = failure.words
            return
        passages = await asyncio.to_thread(lambda: tuple(split(reading.pieces)))
        if not passages:
            self._unreadable[file.file] = reading.notes[0] if reading.notes else _WAITING
            return
        await self._index.put(file.file, passages)


class ConversationIndexes:
    """An index for each conversation's files, which finds by words alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, SqliteIndex] = {}

    @property
    def names(self) -> Collection[str]:
        return tuple(self._open)

    @asynccontextmanager
    async def of(self, user: str, name: str) -> AsyncGenerator[KnowledgeIndex]:
        if name not in self._open:
            self._open[name] = SqliteIndex(self._folder / name / "index.db")
        yield self._open[name]

    async def forget(self, name: str) -> None:
        if index := self._open.pop(name, None):
            await index.close()
            await asyncio.to_thread(shutil.rmtree, self._folder / name, ignore_errors=True)

    async def close(self) -> None:
        for name in self.names:
            await self.forget(name)


class NoReadings:
    """Keeps nothing of what was read: a conversation's index has it."""

    async def get(self, owner: str, digest: str) -> Reading | None:
        return None

    async def put(self, owner: str, digest: str, reading: Reading) -> None:
        pass
