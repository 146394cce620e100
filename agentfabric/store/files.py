"""Files that people bring: what is known about them, beside their bytes."""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.blobs import Blobs
from agentfabric.store.database import Database
from agentfabric.store.owned import owned
from agentfabric.store.records import AgentRecord, ConversationRecord, FilePurpose, FileRecord
from user_agent.errors import NotFound
from user_agent.storable import cleaned

MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file. `blob` is None where its bytes never came along, as with paths in an imported configuration."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    purpose: FilePurpose
    agent_id: str | None
    conversation_id: str | None
    blob: str | None
    created: datetime
    source: str | None = None
    """The address that its bytes come from."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that comes with an agent. Its id is known before it is kept, so that the configuration can name it."""

    id: str
    purpose: FilePurpose
    name: str
    media_type: str
    data: bytes | None
    tags: tuple[str, ...] = ()


class FileStore:
    """Each user's files. Those of somebody else are `NotFound`."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def add(
        self,
        owner: str,
        *,
        purpose: FilePurpose,
        name: str,
        media_type: str,
        data: bytes | None,
        agent_id: str | None = None,
        conversation_id: str | None = None,
        source: str | None = None,
        tags: Sequence[str] = (),
    ) -> StoredFile:
        """Keep a file. Its name is shown and never becomes a path; without `data` only the name is kept.

        Raises `NotFound` for an agent or a conversation that is not the user's.
        """
        blob = None if data is None else await self._blobs.put(data)

        def work(session: Session) -> StoredFile:
            if conversation_id is not None:  # whoever speaks with an agent need not be its owner
                conversation = owned(session, ConversationRecord, owner, conversation_id)
                if agent_id not in (None, conversation.agent_id):
                    raise NotFound(f"The agent has no conversation {conversation_id!r}.")
            elif agent_id is not None:
                owned(session, AgentRecord, owner, agent_id)
            record = FileRecord(
                owner=owner,
                purpose=purpose,
                name=_shown(name),
                media_type=_shown(media_type),
                size_bytes=len(data or b""),
                blob=blob,
                agent_id=agent_id,
                conversation_id=conversation_id,
                source=source,
                tags=json.dumps([*tags], ensure_ascii=False),
            )
            session.add(record)
            session.flush()
            return _value(record)

        try:
            return await self._database.write(work)
        except NotFound:
            if blob is not None:
                await self._blobs.delete(blob)
            raise

    @asynccontextmanager
    async def arriving(
        self, owner: str, agent_id: str, files: Sequence[NewFile]
    ) -> AsyncGenerator[Callable[[Session], None]]:
        """Keeps the bytes, and gives what adds the files to the agent within the transaction that writes it.

        Where that raises, the bytes go again.
        """
        blobs = [None if file.data is None else await self._blobs.put(file.data) for file in files]

        def work(session: Session) -> None:
            owned(session, AgentRecord, owner, agent_id)
            for file, blob in zip(files, blobs, strict=True):
                session.add(
                    FileRecord(
                        id=file.id,
                        owner=owner,
                        purpose=file.purpose,
                        name=_shown(file.name),
                        media_type=_shown(file.media_type),
                        size_bytes=len(file.data or b""),
                        blob=blob,
                        agent_id=agent_id,
                        tags=json.dumps([*file.tags], ensure_ascii=False),
                    )
                )

        try:
            yield work
        except BaseException:
            for blob in blobs:
                if blob is not None:
                    await self._blobs.delete(blob)
            raise

    async def get(self, owner: str, file_id: str) -> StoredFile:
        return await self._database.read(lambda session: _value(owned(session, FileRecord, owner, file_id)))

    async def read(self, owner: str, file_id: str, at_most: int = -1, start: int = 0) -> bytes:
        """The file's bytes from `start` on, or `at_most` of them. Raises `NotFound`, also for a file that has none."""
        file = await self.get(owner, file_id)
        if file.blob is None:
            raise NotFound(f"The content of {file.name!r} is missing. Upload it again.", name=file.name)
        return await self._blobs.read(file.blob, at_most, start)

    async def replace(self, owner: str, file_id: str, *, data: bytes, media_type: str) -> None:
        """Other bytes for a file, as its source has them now. Raises `NotFound`."""
        blob = await self._blobs.put(data)

        def work(session: Session) -> str | None:
            record = owned(session, FileRecord, owner, file_id)
            old, record.blob = record.blob, blob
            record.size_bytes, record.media_type = len(data), _shown(media_type)
            return old

        try:
            old = await self._database.write(work)
        except NotFound:
            await self._blobs.delete(blob)
            raise
        if old is not None:
            await self._blobs.delete(old)

    async def file_under(self, owner: str, file_id: str, tags: Sequence[str]) -> None:
        """File it under these tags, and no others. Raises `NotFound`."""

        def work(session: Session) -> None:
            owned(session, FileRecord, owner, file_id).tags = json.dumps([*tags], ensure_ascii=False)

        await self._database.write(work)

    async def delete(self, owner: str, file_id: str) -> None:
        """Forget the file and its bytes."""

        def work(session: Session) -> str | None:
            record = owned(session, FileRecord, owner, file_id)
            session.delete(record)
            return record.blob

        blob = await self._database.write(work)
        if blob is not None:
            await self._blobs.delete(blob)

    async def of_conversation(self, owner: str, conversation_id: str) -> list[StoredFile]:
        """What came with a conversation's messages and what tools made in it, the oldest first."""
        wanted = (
            select(FileRecord)
            .where(FileRecord.owner == owner, FileRecord.conversation_id == conversation_id)
            .order_by(FileRecord.created, FileRecord.id)
        )
        return await self._database.read(lambda session: [_value(record) for record in session.scalars(wanted)])

    async def list(self, owner: str, agent_id: str, purpose: FilePurpose) -> list[StoredFile]:
        """The agent's files of that purpose, in the order in which they came."""
        wanted = (
            select(FileRecord)
            .where(FileRecord.owner == owner, FileRecord.agent_id == agent_id, FileRecord.purpose == purpose)
            .order_by(FileRecord.created, FileRecord.id)
        )

        def work(session: Session) -> list[StoredFile]:
            owned(session, AgentRecord, owner, agent_id)
            return [_value(record) for record in session.scalars(wanted)]

        return await self._database.read(work)


def _shown(text: str) -> str:
    """The text as it may be shown in one line: without control and formatting characters, cut to a length."""
    return "".join(char for char in cleaned(text) if char.isprintable())[:MAX_NAME_CHARS].strip()


def _value(record: FileRecord) -> StoredFile:
    return StoredFile(
        id=record.id,
        name=record.name,
        media_type=record.media_type,
        size_bytes=record.size_bytes,
        purpose=cast(FilePurpose, record.purpose),
        agent_id=record.agent_id,
        conversation_id=record.conversation_id,
        blob=record.blob,
        created=record.created,
        source=record.source,
        tags=tuple(json.loads(record.tags)),
    )
