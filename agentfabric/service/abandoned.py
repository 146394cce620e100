"""Turns whose server died, and what was reserved for its answers. Where several servers share a database, each says
that it is there, and ends what those left that have fallen silent; a server that is alone on its database ends all of
it at its start."""

import hashlib
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agentfabric.service.tidying import every
from agentfabric.store.reservations import Reservations
from agentfabric.store.running_turns import RunningTurns
from user_agent.serve.record import interruption
from user_agent.serve.turns import INTERRUPTED

HEARD_EVERY_S = 5.0
SILENT = timedelta(seconds=30)


def process_name(home: Path) -> str:
    """What a server on this home is called. All that ran on it before begin with the same word: a home is one server's
    alone, so they are dead."""
    place = f"{socket.gethostname()}\n{home.resolve()}"
    return f"{hashlib.sha256(place.encode()).hexdigest()[:16]} {secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Abandoned:
    """As the server `process` looks after them."""

    turns: RunningTurns
    reservations: Reservations
    process: str

    async def end_all(self) -> None:
        """Those of every other process: nobody else can be running any."""
        await self._end(timedelta(0))

    async def end_dead(self) -> None:
        """Those of processes that were on this home, or that have not been heard for a while."""
        await self._end(SILENT)

    async def watch(self) -> None:
        """Keep the turns of this process from being ended, and end those of the dead, until it is cancelled."""
        await every(HEARD_EVERY_S, self._say, self.end_dead)

    async def _say(self) -> None:
        await self.turns.keep(self.process)
        await self.reservations.keep(self.process)

    async def _end(self, silent_for: timedelta) -> None:
        place, _, _ = self.process.partition(" ")
        dead, outcome = f"{place} ", INTERRUPTED.model_dump_json()
        await self.turns.interrupt(
            self.process, silent_for=silent_for, dead=dead, note=[interruption()], outcome=outcome
        )
        await self.reservations.settle(self.process, silent_for=silent_for, dead=dead)
