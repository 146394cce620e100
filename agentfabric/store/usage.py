"""What answers used of links and keys, counted when they end, and forgotten when it counts no more."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import AgentKeyUsageRecord, ShareUsageRecord
from agentfabric.store.share_limits import Grant, settle
from user_agent.events import Usage

KEPT = timedelta(days=2)
"""Only the present day counts; an answer that began before midnight ends in its own."""


class UsageStore:
    """The counts of all links and keys."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def settle(self, grant: Grant, usage: Usage) -> None:
        await self._database.write(lambda session: settle(session, grant, usage))

    async def forget_old(self) -> None:
        """Delete what counts no more: no limit asks for it, and no page shows it."""
        oldest = (self._clock() - KEPT).date().isoformat()
        past = [delete(kind).where(kind.day < oldest) for kind in (ShareUsageRecord, AgentKeyUsageRecord)]
        await self._database.write(lambda session: [session.execute(each) for each in past])
