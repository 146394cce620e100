"""Ends what runs for links that open no more, or not to whoever asked, whichever process was told so."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

from agentfabric.store.shares import OpenLink, ShareStore
from user_agent.errors import StorageFailed
from user_agent.serve.turns import Turns

LOOK_S = 2.0
"""How often it is looked which links open yet, while anything runs for one."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Who comes by a link, as far as a link asks."""

    is_user: bool
    """Of this server."""
    site: str | None = None
    """The origin of the page that shows it in a frame, where the link has to allow that."""

    def may_enter(self, link: OpenLink) -> bool:
        return (self.is_user or link.visibility != "private") and self.site in (None, *link.origins)


STRANGER = Guest(is_user=False)


class LinkWatch:
    """Knows for which links, and for whom, the turns of this process run."""

    def __init__(self, store: ShareStore, turns: Turns, *, look_s: float = LOOK_S) -> None:
        self._store = store
        self._turns = turns
        self._look_s = look_s
        self._running: dict[str, dict[str, Guest]] = defaultdict(dict)
        self._watching: asyncio.Task[None] | None = None

    def began(self, share_id: str, turn_id: str, guest: Guest) -> None:
        self._running[share_id][turn_id] = guest
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch(), name="links")

    def ended(self, share_id: str, turn_id: str) -> None:
        self._running[share_id].pop(turn_id, None)
        if not self._running[share_id]:
            del self._running[share_id]

    async def look(self) -> None:
        """End the turns of whoever may not come in any more."""
        links = {link.id: link for link in await self._store.open_ones([*self._running])}
        closed = [
            turn
            for share, turns in self._running.items()
            for turn, guest in turns.items()
            if share not in links or not guest.may_enter(links[share])
        ]
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
