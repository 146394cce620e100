"""What answers used of links and keys, counted when they end, and forgotten when it counts no more."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update

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

    async def settle_abandoned(self) -> None:
        """Count all that is reserved as used: whoever had it died and cannot say how much of it was. Only for a server
        that is alone on its database, before it gives any answer."""
        wanted = [
            update(kind)
            .where(or_(kind.reserved_tokens != 0, kind.reserved_cost != 0))
            .values(
                tokens=kind.tokens + kind.reserved_tokens,
                cost=kind.cost + kind.reserved_cost,
                reserved_tokens=0,
                reserved_cost=0,
            )
            for kind in (ShareUsageRecord, AgentKeyUsageRecord)
        ]
        await self._database.write(lambda session: [session.execute(each) for each in wanted])

    async def forget_old(self) -> None:
        """Delete what counts no more: no limit asks for it, and no page shows it."""
        oldest = (self._clock() - KEPT).date().isoformat()
        past = [delete(kind).where(kind.day < oldest) for kind in (ShareUsageRecord, AgentKeyUsageRecord)]
        await self._database.write(lambda session: [session.execute(each) for each in past])
