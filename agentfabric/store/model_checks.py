"""Which agents' knowledge a model goes through: whoever takes one has it for a while, alone among all processes."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.owned import living_agent
from agentfabric.store.reading_queue import LEASE_S, MAX_ATTEMPTS
from agentfabric.store.records import AgentRecord, ModelCheckRecord

ModelCheckState = Literal["queued", "running", "done", "stopped", "failed"]
"""`stopped`: the person ended it. What the model had said by then is kept, whatever the state."""
INTERRUPTED = json.dumps(
    {"code": "interrupted", "message": "The server ended while the model was at it. Ask again.", "params": {}}
)
AT_WORK: tuple[ModelCheckState, ...] = ("queued", "running")


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """How far a check is, or how the last one ended."""

    state: ModelCheckState
    model: str
    done: int
    steps: int
    tokens: int
    reason: str
    """Why it ended early, as JSON."""
    settled: str
    """A digest of what was known by then, where the model has gone through all of it."""


@dataclass(frozen=True, slots=True)
class TakenCheck:
    owner: str
    agent_id: str
    tokens: int
    """What was spent on it before the server ended."""


class ModelCheckQueue:
    """The checks that all users asked for. `worker` is one process: its name is new at every start."""

    def __init__(self, database: Database, worker: str, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._worker = worker
        self._clock = clock

    async def get(self, owner: str, agent_id: str) -> ModelCheck | None:
        """The last one; None where there was none. Raises `NotFound`."""

        def work(session: Session) -> ModelCheck | None:
            living_agent(session, owner, agent_id)
            record = session.get(ModelCheckRecord, agent_id)
            return _check(record) if record else None

        return await self._database.read(work)

    async def begin(self, owner: str, agent_id: str, model: str) -> None:
        """Queue one, unless one is at work. Raises `NotFound`."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id, lock=True)
            record = session.get(ModelCheckRecord, agent_id)
            if record is None or record.state not in AT_WORK:
                begun = ModelCheckRecord(agent_id=agent_id, owner=owner, state="queued", model=model)
                begun.reason = begun.settled = ""
                begun.done = begun.steps = begun.tokens = begun.attempts = 0
                begun.asked_at, begun.leased_by, begun.leased_until = self._clock(), None, None
                session.merge(begun)

        await self._database.write(work)

    async def stop(self, owner: str, agent_id: str) -> None:
        """Have it end, where it is at work: who does it notices. Raises `NotFound`."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            record = session.get(ModelCheckRecord, agent_id)
            if record is not None and record.state in AT_WORK:
                record.state, record.leased_by, record.leased_until = "stopped", None, None

        await self._database.write(work)

    async def take(self) -> TakenCheck | None:
        """The one that waits longest, for this worker alone. One whose worker died is taken again, a few times."""

        def work(session: Session) -> TakenCheck | None:
            while (record := session.scalar(self._next())) is not None:
                if record.attempts < MAX_ATTEMPTS:
                    break
                record.state, record.reason, record.leased_by, record.leased_until = "failed", INTERRUPTED, None, None
                session.flush()
            if record is None:
                return None
            record.state, record.attempts = "running", record.attempts + 1
            record.leased_by, record.leased_until = self._worker, self._lease()
            return TakenCheck(record.owner, record.agent_id, record.tokens)

        return await self._database.write(work)

    async def report(self, agent_id: str, **values: int) -> bool:
        """Tell how far it is (`done`, `steps`, `tokens`), and keep it. False where nobody wants it any more."""
        return await self._change(agent_id, leased_until=self._lease(), **values)

    async def finish(self, agent_id: str, *, reason: str = "", settled: str = "") -> bool:
        """It is over: why early, if it is, and whether nothing is left of what is known."""
        ended = {"state": "failed" if reason else "done", "reason": reason, "settled": settled}
        return await self._change(agent_id, leased_by=None, leased_until=None, **ended)

    async def take_over(self) -> None:
        """Free what anybody has: whoever calls this knows that they are dead. Before anything is taken."""
        leased = update(ModelCheckRecord).where(ModelCheckRecord.leased_by.is_not(None))

        def work(session: Session) -> None:
            session.connection().execute(leased.values(leased_by=None, leased_until=None))

        await self._database.write(work)

    async def let_go(self) -> None:
        """Give back what this worker has: the server ends, and who starts next goes on at once."""
        mine = update(ModelCheckRecord).where(ModelCheckRecord.leased_by == self._worker)
        given = mine.values(state="queued", leased_by=None, leased_until=None, attempts=0)

        def work(session: Session) -> None:
            session.connection().execute(given)

        await self._database.write(work)

    async def _change(self, agent_id: str, **values: object) -> bool:
        mine = update(ModelCheckRecord).where(
            ModelCheckRecord.agent_id == agent_id,
            ModelCheckRecord.leased_by == self._worker,
            ModelCheckRecord.state == "running",
        )

        def work(session: Session) -> bool:
            return bool(session.connection().execute(mine.values(**values)).rowcount)

        return await self._database.write(work)

    def _next(self) -> Select[ModelCheckRecord]:
        moment = self._clock()
        free = or_(ModelCheckRecord.leased_until.is_(None), ModelCheckRecord.leased_until <= moment)
        return (
            select(ModelCheckRecord)
            .join(AgentRecord, ModelCheckRecord.agent_id == AgentRecord.id)
            .where(ModelCheckRecord.state.in_(AT_WORK), free, AgentRecord.deleted_at.is_(None))
            .order_by(ModelCheckRecord.asked_at, ModelCheckRecord.agent_id)
            .limit(1)
            .with_for_update(of=ModelCheckRecord, skip_locked=True)
        )

    def _lease(self) -> datetime:
        return self._clock() + timedelta(seconds=LEASE_S)


def _check(record: ModelCheckRecord) -> ModelCheck:
    state = cast(ModelCheckState, record.state)
    return ModelCheck(state, record.model, record.done, record.steps, record.tokens, record.reason, record.settled)
