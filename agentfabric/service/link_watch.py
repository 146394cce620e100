"""Ends what runs for links that open no more, whichever process was told so."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from agentfabric.store.shares import ShareStore
from user_agent.errors import StorageFailed
from user_agent.serve.turns import Turns

LOOK_S = 2.0
"""How often it is looked which links open yet, while anything runs for one."""


class LinkWatch:
    """Knows for which links the turns of this process run."""

    def __init__(self, store: ShareStore, turns: Turns, *, look_s: float = LOOK_S) -> None:
        self._store = store
        self._turns = turns
        self._look_s = look_s
        self._running: dict[str, set[str]] = defaultdict(set)
        self._watching: asyncio.Task[None] | None = None

    def began(self, share_id: str, turn_id: str) -> None:
        self._running[share_id].add(turn_id)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="links")

    def ended(self, share_id: str, turn_id: str) -> None:
        self._running[share_id].discard(turn_id)
        if not self._running[share_id]:
            del self._running[share_id]

    async def look(self) -> None:
        """End the turns of those links that open no more."""
        asked = [*self._running]
        still = await self._store.still_open(asked)
        closed = [turn for share in asked if share not in still for turn in self._running.get(share, ())]
        await asyncio.gather(*map(self._turns.stop, closed))

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        while self._running:
            await asyncio.sleep(self._look_s)
            with suppress(StorageFailed):
                await self.look()
