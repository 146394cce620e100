"""What was changed in an agent, by whom, and the way back."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agentfabric.store.agents import Edited, living, stored_agent
from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import AgentRecord, ChangeRecord
from agentfabric.store.undoing import Undoing, with_allowed
from agentfabric.store.writing import Mark, Source, read_list, read_marks, write, write_marks
from builder_core.draft import Change, PastChange, proposed_services
from user_agent.config import AgentConfig
from user_agent.errors import NotFound

MAX_CHANGES = 300
"""How far back a list of changes goes."""


class HistoryStore:
    """The changes of each user's agents. An agent of somebody else, and a deleted one, is `NotFound`."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def changes(self, owner: str, agent_id: str) -> list[PastChange]:
        """The last changes, the newest first."""

        def work(session: Session) -> list[PastChange]:
            marks = read_marks(living(session, owner, agent_id).marks)
            wanted = (
                select(ChangeRecord)
                .where(ChangeRecord.agent_id == agent_id)
                .order_by(ChangeRecord.revision.desc(), ChangeRecord.id)
                .limit(MAX_CHANGES)
            )
            return [_past(change, marks) for change in session.scalars(wanted)]

        return await self._database.read(work)

    async def undo(
        self, owner: str, agent_id: str, ids: Collection[str] = (), *, turn: str | None = None, source: Source
    ) -> Edited:
        """Take changes back: those of these ids, or all that a builder's turn made. Each by itself, the newest first.

        A change whose place a later one has taken is refused, with both values. Raises `NotFound` for an id that the
        agent does not have, and for a turn that changed nothing.
        """

        def work(session: Session) -> Edited:
            record = living(session, owner, agent_id, lock=True)
            chosen = [change for change in _chosen(session, agent_id, ids, turn) if change.undone_by is None]
            undoing = Undoing(AgentConfig.from_json(record.document), locks=read_list(record.locks))
            taken_back = [change for change in chosen if undoing.take_back(change)]
            done = write(
                session,
                record,
                undoing.config,
                author_of=lambda _: "undo",
                moment=self._clock(),
                source=source,
                marks=undoing.marks,
            )
            _mark_undone(session, taken_back, done)
            refused = (*done.refused, *undoing.refused)
            return Edited(stored_agent(record), done.model_copy(update={"refused": refused}))

        return await self._database.write(work)

    async def accept(self, owner: str, agent_id: str, ids: Collection[str], services: Collection[str] = ()) -> Edited:
        """What the builder proposed in these changes is what the person wants, where it is still there.

        A service that was only proposed is used from now on, and so are these, named by their fields. Raises `NotFound`
        for changes that the agent does not have, and for services that are not proposed.
        """

        def work(session: Session) -> Edited:
            record = living(session, owner, agent_id, lock=True)
            proposed = proposed_services(AgentConfig.from_json(record.document))
            unknown = [field for field in services if field not in proposed]
            if unknown:
                raise NotFound(f"The agent has no proposed service {unknown[0][:60]!r}.")
            if ids:
                _chosen(session, agent_id, ids, None)
            accepted = {
                field: mark.model_copy(update={"accepted": True})
                for field, mark in read_marks(record.marks).items()
                if mark.change in ids and mark.author == "builder"
            }
            noted = _noted(record, marks=write_marks({**read_marks(record.marks), **accepted}), locks=record.locks)
            config = with_allowed(noted.agent.config, {*accepted, *services})
            if config is noted.agent.config:
                return noted
            done = write(session, record, config, author_of=lambda _: "form", moment=self._clock())
            return Edited(stored_agent(record), done)

        return await self._database.write(work)

    async def lock(self, owner: str, agent_id: str, field: str, *, locked: bool) -> Edited:
        """Lock a field of the configuration, or let go of it."""

        def work(session: Session) -> Edited:
            record = living(session, owner, agent_id, lock=True)
            others = set(read_list(record.locks)) - {field}
            locks = sorted({field, *others} if locked else others)
            return _noted(record, marks=record.marks, locks=json.dumps(locks, ensure_ascii=False))

        return await self._database.write(work)


def _chosen(session: Session, agent_id: str, ids: Collection[str], turn: str | None) -> Sequence[ChangeRecord]:
    """The changes of these ids, or of a turn, the newest first. Raises `NotFound`."""
    which = ChangeRecord.turn_id == turn if turn is not None else ChangeRecord.id.in_(ids)
    found = session.scalars(
        select(ChangeRecord)
        .where(ChangeRecord.agent_id == agent_id, which)
        .order_by(ChangeRecord.revision.desc(), ChangeRecord.id)
    ).all()
    missing = set(ids) - {change.id for change in found}
    if missing or not found:
        raise NotFound(f"The agent has no change {min(missing, default=turn or '')[:40]!r}.")
    return found


def _mark_undone(session: Session, taken_back: Sequence[ChangeRecord], done: Change) -> None:
    """Remember what took a change back; where that one is taken back itself, the first one holds again."""
    by = {change.field: change.id for change in done.changes}
    for change in taken_back:
        change.undone_by = by.get(change.field, change.id)
        session.execute(update(ChangeRecord).where(ChangeRecord.undone_by == change.id).values(undone_by=None))


def _noted(record: AgentRecord, *, marks: str, locks: str) -> Edited:
    """What is known of the agent, written beside its configuration. Other windows hear of it by the revision."""
    if (marks, locks) != (record.marks, record.locks):
        record.marks, record.locks = marks, locks
        record.revision += 1
    return Edited(stored_agent(record), Change(revision=record.revision))


def _past(change: ChangeRecord, marks: Mapping[str, Mark]) -> PastChange:
    mark = marks.get(change.field)
    return PastChange.model_validate(
        {
            "id": change.id,
            "field": change.field,
            "before": json.loads(change.before),
            "after": json.loads(change.after),
            "author": change.author,
            "revision": change.revision,
            "at": change.created,
            "turn": change.turn_id,
            "said": change.said,
            "accepted": mark is not None and mark.change == change.id and mark.accepted,
            "undone": change.undone_by is not None,
        }
    )
