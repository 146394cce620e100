"""What one answer is given of a link or a key, and what it used: counted with the message that begins it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from agentfabric.service.metering import Meter
from agentfabric.store.share_limits import Grant, settle
from agentfabric.store.usage import UsageStore

Reserve = Callable[[Session], Grant]


@dataclass(slots=True)
class Account:
    """What one answer was given, and what it used."""

    usage: UsageStore
    meter: Meter
    grant: Grant | None = None
    settled: bool = False

    def reserving(self, reserve: Reserve | None) -> Callable[[Session], None] | None:
        """What counts the answer with the message that begins it."""
        if reserve is None:
            return None

        def work(session: Session) -> None:
            self.grant = reserve(session)

        return work

    def settling(self, session: Session) -> None:
        """Counts what it used with what ends it."""
        if self.grant is not None:
            settle(session, self.grant, self.meter.usage)

    async def settle(self) -> None:
        """Counts what it used by itself, once."""
        if not self.settled and self.grant is not None:
            await self.usage.settle(self.grant, self.meter.usage)
            self.settled = True

    async def settle_after(self, beginning: asyncio.Task[Any]) -> None:  # Any: whatever it gives
        """Counts what was used of an answer whose `beginning` counted it, if it did. To its end, also where a client
        has left: its request is cancelled again at every step that it waits for."""
        await asyncio.shield(asyncio.create_task(self._settled_after(beginning)))

    async def _settled_after(self, beginning: asyncio.Task[Any]) -> None:
        await asyncio.wait([beginning])
        if not beginning.cancelled() and beginning.exception() is None:
            await self.settle()
