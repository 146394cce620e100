"""The notes of programs in the database, where every process finds them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import BriefNoteRecord
from user_agent.errors import Conflict
from user_agent.serve.brief_notes import KEPT_S, BriefNotes, Note, NoteKind

_SINCE = "This has been written since."


class BriefNoteStore:
    """The notes of all keys."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    def of(self, key_id: str) -> BriefNotes:
        return _Of(self._database, self._clock, key_id)

    async def forget_old(self) -> None:
        """Delete what nobody used for too long."""
        gone = delete(BriefNoteRecord).where(BriefNoteRecord.used < _oldest(self._clock()))
        await self._database.write(lambda session: session.execute(gone))


@dataclass(frozen=True, slots=True)
class _Of:
    database: Database
    clock: Callable[[], datetime]
    key_id: str

    async def get(self, kind: NoteKind, name: str) -> Note | None:
        wanted = self._living(kind).where(BriefNoteRecord.digest == _digest(name))

        def work(session: Session) -> Note | None:
            found = session.scalar(wanted)
            return found and self._note(found)

        return await self.database.read(work)

    async def all(self, kind: NoteKind) -> Sequence[Note]:
        wanted = self._living(kind)
        return await self.database.read(lambda session: [self._note(row) for row in session.scalars(wanted)])

    async def put(self, kind: NoteKind, name: str, body: bytes, *, follows: int | None = None, at_most: int) -> int:
        place = (self.key_id, kind, _digest(name))

        def work(session: Session) -> int:
            moment = self.clock()
            forgotten = (BriefNoteRecord.key_id == self.key_id, BriefNoteRecord.used < _oldest(moment))
            session.execute(delete(BriefNoteRecord).where(*forgotten))
            row = session.get(BriefNoteRecord, place, with_for_update=True)
            version = row.version if row else 0
            if follows not in (None, version):
                raise Conflict(_SINCE)
            if row is None:
                row = BriefNoteRecord(key_id=self.key_id, kind=kind, digest=place[2])
                session.add(row)
            row.body, row.version, row.used = body, version + 1, moment
            session.flush()
            self._make_room(session, kind, at_most)
            return row.version

        try:
            return await self.database.write(work)
        except IntegrityError as error:  # another process wrote the first one at the same moment
            raise Conflict(_SINCE) from error

    async def touch(self, kind: NoteKind, name: str) -> None:
        touched = update(BriefNoteRecord).where(*self._place(kind, name)).values(used=self.clock())
        await self.database.write(lambda session: session.execute(touched))

    async def delete(self, kind: NoteKind, name: str) -> None:
        gone = delete(BriefNoteRecord).where(*self._place(kind, name))
        await self.database.write(lambda session: session.execute(gone))

    def _place(self, kind: NoteKind, name: str) -> Sequence[ColumnElement[bool]]:
        return (
            BriefNoteRecord.key_id == self.key_id,
            BriefNoteRecord.kind == kind,
            BriefNoteRecord.digest == _digest(name),
        )

    def _living(self, kind: NoteKind) -> Select[BriefNoteRecord]:
        return select(BriefNoteRecord).where(
            BriefNoteRecord.key_id == self.key_id,
            BriefNoteRecord.kind == kind,
            BriefNoteRecord.used >= _oldest(self.clock()),
        )

    def _note(self, row: BriefNoteRecord) -> Note:
        return Note(row.body, row.version, (self.clock() - row.used).total_seconds())

    def _make_room(self, session: Session, kind: NoteKind, at_most: int) -> None:
        same = (BriefNoteRecord.key_id == self.key_id, BriefNoteRecord.kind == kind)
        newest_first = select(BriefNoteRecord.digest).where(*same).order_by(BriefNoteRecord.used.desc()).offset(at_most)
        if too_many := session.scalars(newest_first).all():
            session.execute(delete(BriefNoteRecord).where(*same, BriefNoteRecord.digest.in_(too_many)))


def _oldest(moment: datetime) -> datetime:
    return moment - timedelta(seconds=KEPT_S)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
