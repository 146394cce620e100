"""Turns that run, of whichever server, and what becomes of those whose server died."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import TurnRecord
from agentfabric.store.rows import append
from user_agent.messages import Message


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
        gone = heard <= now() - silent_for
        gone = gone if dead is None else or_(gone, TurnRecord.process.startswith(dead, autoescape=True))
        silent = TurnRecord.state == "running", TurnRecord.process != process, gone

        def work(session: Session) -> int:
            left = session.scalars(select(TurnRecord).where(*silent).with_for_update()).all()
            for turn in left:
                append(session, turn.conversation_id, turn.id, note)
                turn.state, turn.outcome, turn.ended = "interrupted", outcome, now()
            return len(left)

        return await self._database.write(work)
