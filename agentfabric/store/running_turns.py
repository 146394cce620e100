"""Turns that run, of whichever server, and what becomes of those whose server died."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, bindparam, func, literal_column, or_, select, text, update
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import TurnRecord
from agentfabric.store.rows import append
from user_agent.messages import Message
from user_agent.serve import limits

VISITORS = "visitor:"
"""What the owners of visitors' turns begin with. No user of the server has a colon in the name."""
_LOCK = 0x41674663  # any number that nobody else locks
"""Of PostgreSQL: who counts the answers of all visitors holds it, so that no two see the same rest."""
# As a literal, so that the index of what runs is used.
_VISITED = TurnRecord.state == literal_column("'running'"), TurnRecord.owner.startswith(VISITORS)
_RUNNING = select(func.count(), func.count().filter(TurnRecord.owner == bindparam("visitor"))).where(*_VISITED)


def require_few(session: Session, visitor: str, at_once: int) -> None:
    """One more answer to this `visitor` has just begun. Raises `LimitReached` where that are more at the same time than
    one visitor is given, or more than `at_once` of all visitors."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    all_together, own = connection.execute(_RUNNING, {"visitor": visitor}).one()
    if own > limits.ANSWERS_OF_A_VISITOR:
        raise limits.too_many_of_one()
    if all_together > at_once:
        raise limits.too_many_of_all()


def of_dead(
    runs: SQLColumnExpression[str],
    heard: SQLColumnExpression[Any],
    process: str,
    silent_for: timedelta,
    dead: str | None,
) -> Sequence[ColumnElement[bool]]:
    """Of a statement: what the process `runs` runs, which is not this one and was not `heard` for so long, or is one of
    those called `dead` and more."""
    gone = heard <= now() - silent_for
    return runs != process, gone if dead is None else or_(gone, runs.startswith(dead, autoescape=True))


class RunningTurns:
    """Those of every owner, by the process that runs them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, process: str) -> None:
        """Say that this process still runs the turns that it runs."""
        mine = update(TurnRecord).where(TurnRecord.state == "running", TurnRecord.process == process)

        def work(session: Session) -> None:
            session.execute(mine.values(heard=now()))

        await self._database.write(work)

    async def interrupt(
        self,
        process: str,
        *,
        silent_for: timedelta = timedelta(0),
        dead: str | None = None,
        note: Sequence[Message] = (),
        outcome: str = "",
    ) -> int:
        """Mark the turns of other processes as interrupted that were not kept for so long, or whose process is of those
        called `dead` and more, and say how many there were. Each conversation gets `note` at its end.
        """
        heard = func.coalesce(TurnRecord.heard, TurnRecord.started)
        silent = TurnRecord.state == "running", *of_dead(TurnRecord.process, heard, process, silent_for, dead)

        def work(session: Session) -> int:
            left = session.scalars(select(TurnRecord).where(*silent).with_for_update()).all()
            for turn in left:
                append(session, turn.conversation_id, turn.id, note)
                turn.state, turn.outcome, turn.ended = "interrupted", outcome, now()
            return len(left)

        return await self._database.write(work)
