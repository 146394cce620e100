"""What has become of each agent's knowledge files. The configuration says which there are; the rows follow it."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.records import FileRecord, ReadingRecord, ReadingState
from agentfabric.store.releases import released_tags
from user_agent.config import AgentConfig
from user_agent.errors import BadRequest, NotFound
from user_agent.storable import is_clean
from user_agent.words import Words

AT_WORK: tuple[ReadingState, ...] = ("queued", "reading", "indexing")
CANCELLED = Words(zh="已取消。需要它时请重试。", en="Cancelled. Try again when you need it.")
MISSING = Words(
    zh="文件内容没有随配置一起带来。请重新上传，并移除这一项。",
    en="Its content did not come along with the configuration. Upload it again, and remove this entry.",
)

_WORDS: TypeAdapter[Words] = TypeAdapter(Words)
_NOTES: TypeAdapter[tuple[Words, ...]] = TypeAdapter(tuple[Words, ...])


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A knowledge file of an agent, and how far it has come."""

    id: str
    name: str
    size_bytes: int
    state: ReadingState
    progress: float = 0.0
    """How much of what its state says is done, from 0 to 1."""
    reason: Words | None = None
    """Why it failed, with the cure."""
    notes: tuple[Words, ...] = ()
    """What could not be read of it."""
    passages: int = 0
    digest: str = ""
    """Of its content, once it was read."""
    source: str | None = None
    """The address that it comes from."""
    tags: tuple[str, ...] = ()
    missing: bool = False
    """Whether its bytes never came along."""

    @property
    def is_found(self) -> bool:
        """Whether a search finds it: also what was read before, while it is fetched anew."""
        return self.state == "ready" or (self.state in AT_WORK and self.passages > 0)


@dataclass(frozen=True, slots=True)
class Settled:
    """An agent's files in the configuration's order, and those that neither it nor the live release names any more."""

    files: tuple[KnownFile, ...]
    released: tuple[KnownFile, ...] = ()
    """Those of the release that is live, with the tags that they had when it was published."""
    gone: tuple[str, ...] = ()
    queued: bool = False
    """Whether there are new ones to read."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What an index holds that belongs to no file any more, and whether files that it lost were queued."""

    left: tuple[str, ...]
    queued: bool


class ReadingStore:
    """How far each user's knowledge files are. Those of somebody else, and of a deleted agent, are `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self, owner: str, agent_id: str, *, fetch: Collection[str] = ()) -> Settled:
        """Make the rows follow the configuration: what it names anew is queued, what it names no more is gone, unless
        the release that is live names it. New ones of `fetch` are fetched from their source first.

        Where they follow it already, nothing is written.
        """
        beside = await self._database.read(lambda session: _beside(session, owner, agent_id))
        if not beside.new and not beside.gone:
            return Settled(beside.files, beside.released)

        def work(session: Session) -> Settled:
            living_agent(session, owner, agent_id, lock=True)
            beside = _beside(session, owner, agent_id)
            for file_id in beside.gone:
                session.delete(session.get_one(ReadingRecord, file_id))
            for file_id in beside.new:
                record = ReadingRecord(file_id=file_id, agent_id=agent_id, owner=owner)
                queue(record, fetch=file_id in fetch or session.get_one(FileRecord, file_id).blob is None)
                session.add(record)
            return Settled(beside.files, beside.released, beside.gone, queued=bool(beside.new))

        return await self._database.write(work)

    async def compare(self, agent_id: str, held: Collection[str]) -> Compared:
        """Set an agent's rows beside the files that its index holds: what should be there and is not, is queued."""

        def work(session: Session) -> Compared:
            of_agent = select(ReadingRecord).where(ReadingRecord.agent_id == agent_id)
            rows = {row.file_id: row for row in session.scalars(of_agent)}
            lost = [row for row in rows.values() if row.state == "ready" and row.file_id not in held]
            for row in lost:
                queue(row, fetch=False)
            return Compared(left=tuple(set(held) - rows.keys()), queued=bool(lost))

        return await self._database.write(work)

    async def retry(self, owner: str, agent_id: str, file_id: str) -> None:
        """Queue a file again that failed; any other stays as it is."""

        def work(session: Session) -> None:
            record = _reading(session, owner, agent_id, file_id)
            if record.state == "failed":
                queue(record, fetch=record.fetch)

        await self._database.write(work)

    async def refresh(self, owner: str, agent_id: str, file_id: str) -> None:
        """Have a file fetched from its source anew, and read; what was read before is found until then.

        Raises `BadRequest` for one that comes from no address.
        """

        def work(session: Session) -> None:
            record = _reading(session, owner, agent_id, file_id)
            if session.get_one(FileRecord, file_id).source is None:
                raise BadRequest("The file comes from no address. Upload its new version and remove this one.")
            if record.state == "queued":
                record.fetch = True
            else:  # who reads what it had before notices
                queue(record, fetch=True)

        await self._database.write(work)

    async def cancel(self, owner: str, agent_id: str, file_id: str) -> None:
        """Leave a file unread that waits or is being read: who reads it notices. Any other stays as it is."""

        def work(session: Session) -> None:
            record = _reading(session, owner, agent_id, file_id)
            if record.state in AT_WORK:
                fail(record, CANCELLED)

        await self._database.write(work)


def queue(record: ReadingRecord, *, fetch: bool) -> None:
    """The file waits to be read, as if nobody had tried it; with `fetch`, it is fetched from its source first."""
    record.fetch = fetch
    record.state, record.progress, record.reason, record.notes, record.attempts = "queued", 0.0, "", "[]", 0
    record.queued_at, record.leased_by, record.leased_until = now(), None, None


def fail(record: ReadingRecord, reason: Words) -> None:
    """The file is not there, and nobody reads it."""
    record.state, record.progress, record.reason = "failed", 0.0, _WORDS.dump_json(reason).decode()
    record.leased_by = record.leased_until = None


def write_notes(record: ReadingRecord, notes: tuple[Words, ...]) -> None:
    record.notes = _NOTES.dump_json(notes).decode()


@dataclass(frozen=True, slots=True)
class _Beside:
    """The configuration, and the live release, beside the rows."""

    files: tuple[KnownFile, ...] = ()
    released: tuple[KnownFile, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def _beside(session: Session, owner: str, agent_id: str) -> _Beside:
    named = AgentConfig.from_json(living_agent(session, owner, agent_id).document).knowledge
    of_agent = select(ReadingRecord).where(ReadingRecord.agent_id == agent_id)
    rows = {row.file_id: row for row in session.scalars(of_agent)}
    tags = released_tags(session, agent_id)
    if not named and not rows and not tags:
        return _Beside()
    uploaded = select(FileRecord).where(
        FileRecord.agent_id == agent_id, FileRecord.owner == owner, FileRecord.purpose == "knowledge"
    )
    files = {file.id: file for file in session.scalars(uploaded)}
    wanted = [files[file_id] for file_id in dict.fromkeys(named) if file_id in files]
    released = [files[file_id] for file_id in tags if file_id in files]
    present = {file.id: None for file in (*wanted, *released) if _has_content(file)}
    return _Beside(
        files=tuple(_known(file, rows.get(file.id)) for file in wanted),
        released=tuple(replace(_known(file, rows.get(file.id)), tags=tags[file.id]) for file in released),
        new=tuple(file_id for file_id in present if file_id not in rows),
        gone=tuple(file_id for file_id in rows if file_id not in present),
    )


def _reading(session: Session, owner: str, agent_id: str, file_id: str) -> ReadingRecord:
    """The row of a file that the configuration names: what only a release names is nobody's to change."""
    named = AgentConfig.from_json(living_agent(session, owner, agent_id).document).knowledge
    record = session.get(ReadingRecord, file_id) if is_clean(file_id) and file_id in named else None
    if record is None or record.agent_id != agent_id:
        raise NotFound(f"The agent has no file {file_id[:40]!r}.")
    return record


def _has_content(file: FileRecord) -> bool:
    return file.blob is not None or file.source is not None


def _known(file: FileRecord, row: ReadingRecord | None) -> KnownFile:
    tags: tuple[str, ...] = tuple(json.loads(file.tags))
    if not _has_content(file):
        return KnownFile(file.id, file.name, 0, "failed", reason=MISSING, tags=tags, missing=True)
    if row is None:
        return KnownFile(file.id, file.name, file.size_bytes, "queued", source=file.source, tags=tags)
    return KnownFile(
        file.id,
        file.name,
        file.size_bytes,
        cast(ReadingState, row.state),
        progress=row.progress,
        reason=_WORDS.validate_json(row.reason) if row.reason else None,
        notes=_NOTES.validate_json(row.notes),
        passages=row.passages,
        digest=row.digest,
        source=file.source,
        tags=tags,
    )
