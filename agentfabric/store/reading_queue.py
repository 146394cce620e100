"""The queue of knowledge files to be read: whoever takes one has it for a while, and nobody else in any process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.readings import AT_WORK, fail, queue, write_notes
from agentfabric.store.records import AgentRecord, FileRecord, ReadingRecord, ReadingState
from user_agent.words import Words

LEASE_S = 20.0
"""How long somebody who died keeps a file from being read by another."""
MAX_ATTEMPTS = 3
GIVEN_UP = Words(
    zh=f"读取时服务器中断了 {MAX_ATTEMPTS} 次，已不再尝试。请把文件拆小或换一种格式后重新上传，或重试。",
    en=f"The server ended {MAX_ATTEMPTS} times while reading it, so it is left alone. Split it or save it in another "
    "format and upload that, or try again.",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is to be read now."""

    file: str
    agent_id: str
    owner: str
    name: str
    source: str = ""
    """Where its bytes are to be fetched from first; empty where they are here."""


class ReadingQueue:
    """What all users' files wait for. `worker` is one who takes a file at a time: its name is new at every start."""

    def __init__(self, database: Database, worker: str, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._worker = worker
        self._clock = clock

    async def take(self) -> Taken | None:
        """The next file, for this worker alone; None where none waits.

        People of whom nothing is being read come first, then who waits longest. A file whose reader died is taken
        again, up to `MAX_ATTEMPTS` times.
        """

        def work(session: Session) -> Taken | None:
            while (record := self._next(session)) is not None:
                if record.attempts < MAX_ATTEMPTS:
                    break
                fail(record, GIVEN_UP)
                session.flush()
            if record is None:
                return None
            record.state, record.progress, record.attempts = "reading", 0.0, record.attempts + 1
            record.leased_by, record.leased_until = self._worker, self._lease()
            file = session.get_one(FileRecord, record.file_id)
            source = (file.source or "") if record.fetch else ""
            return Taken(file.id, record.agent_id, record.owner, file.name, source)

        return await self._database.write(work)

    async def report(self, file: str, state: ReadingState, progress: float) -> bool:
        """Tell how far it is, and keep it for longer. False where it is not this worker's any more: let it be."""
        return await self._change(file, state=state, progress=progress, leased_until=self._lease())

    async def finish(self, file: str, *, digest: str, passages: int, notes: tuple[Words, ...]) -> bool:
        """The file is there. False where nobody wants it any more: what was put somewhere must go again."""

        def work(session: Session) -> bool:
            record = session.get(ReadingRecord, file)
            if record is None or record.state == "failed":
                return False
            if record.leased_by == self._worker:
                record.state, record.progress, record.reason, record.fetch = "ready", 1.0, "", False
                record.digest, record.passages = digest, passages
                record.leased_by = record.leased_until = None
                write_notes(record, notes)
            return True

        return await self._database.write(work)

    async def fail(self, file: str, reason: Words) -> None:
        """The file cannot be read."""

        def work(session: Session) -> None:
            record = session.get(ReadingRecord, file)
            if record is not None and record.leased_by == self._worker:
                fail(record, reason)

        await self._database.write(work)

    async def is_wanted(self, file: str) -> bool:
        """Whether the file is there or waited for, whoever reads it."""

        def work(session: Session) -> bool:
            record = session.get(ReadingRecord, file)
            return record is not None and record.state != "failed"

        return await self._database.read(work)

    async def take_over(self) -> None:
        """Free what anybody has: whoever calls this knows that they are dead. Before anything is taken."""
        leased = update(ReadingRecord).where(ReadingRecord.leased_by.is_not(None))

        def work(session: Session) -> None:
            session.connection().execute(leased.values(leased_by=None, leased_until=None))

        await self._database.write(work)

    async def let_go(self) -> None:
        """Give back what this worker has: the server ends, and who starts next goes on at once."""

        def work(session: Session) -> None:
            for record in session.scalars(select(ReadingRecord).where(ReadingRecord.leased_by == self._worker)):
                queue(record, fetch=record.fetch)

        await self._database.write(work)

    def _next(self, session: Session) -> ReadingRecord | None:
        moment = self._clock()
        at_work = select(ReadingRecord.owner).where(ReadingRecord.leased_until > moment)
        busy = [*session.scalars(at_work.distinct())]
        free = or_(ReadingRecord.leased_until.is_(None), ReadingRecord.leased_until <= moment)
        wanted = (
            select(ReadingRecord)
            .join(AgentRecord, ReadingRecord.agent_id == AgentRecord.id)
            .where(ReadingRecord.state.in_(AT_WORK), free, AgentRecord.deleted_at.is_(None))
            .order_by(case((ReadingRecord.owner.in_(busy), 1), else_=0), ReadingRecord.queued_at, ReadingRecord.file_id)
            .limit(1)
            .with_for_update(of=ReadingRecord, skip_locked=True)
        )
        return session.scalar(wanted)

    async def _change(self, file: str, **values: object) -> bool:
        mine = update(ReadingRecord).where(ReadingRecord.file_id == file, ReadingRecord.leased_by == self._worker)

        def work(session: Session) -> bool:
            return bool(session.connection().execute(mine.values(**values)).rowcount)

        return await self._database.write(work)

    def _lease(self) -> datetime:
        return self._clock() + timedelta(seconds=LEASE_S)
