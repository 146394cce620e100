"""Summaries of what no longer fits of conversations: each belongs to the turn up to which it covers its branch."""

from collections.abc import Collection
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.records import SummaryRecord, TurnRecord
from user_agent.serve.past import Author, StoredSummary


class SummaryStore:
    """The summaries of conversations that their readers may see: who asks has been checked before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, conversation_id: str, turns: Collection[str]) -> dict[str, StoredSummary]:
        """Those that end with one of these turns, by turn."""

        def work(session: Session) -> dict[str, StoredSummary]:
            wanted = select(SummaryRecord).where(SummaryRecord.conversation_id == conversation_id)
            found = [
                StoredSummary(record.turn_id, record.text, cast(Author, record.author))
                for record in session.scalars(wanted)
            ]
            return {summary.turn: summary for summary in found if summary.turn in turns}

        return await self._database.read(work)

    async def keep(self, conversation_id: str, summary: StoredSummary) -> None:
        """In the place of another that ends there. Nothing is kept of a conversation that was erased meanwhile."""

        def work(session: Session) -> None:
            if session.get(TurnRecord, summary.turn) is None:
                return
            session.merge(
                SummaryRecord(
                    turn_id=summary.turn, conversation_id=conversation_id, text=summary.text, author=summary.by
                )
            )

        await self._database.write(work)
