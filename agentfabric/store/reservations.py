"""What answers may use yet that are being given, by the process that gives them: of dead ones, it counts as used."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import new_id, now
from agentfabric.store.counts import Counted, Counts, Kind, add
from agentfabric.store.database import Database
from agentfabric.store.records import AgentKeyUsageRecord, ReservationRecord, ShareUsageRecord
from agentfabric.store.running_turns import of_dead

_KINDS: dict[str, Kind] = {kind.__tablename__: kind for kind in (ShareUsageRecord, AgentKeyUsageRecord)}
# Made once: building a statement costs as much as running it.
_HOLD = insert(ReservationRecord)
_LET_GO = delete(ReservationRecord).where(ReservationRecord.id == bindparam("reservation_id"))


def hold(session: Session, process: str, places: Sequence[Counted], tokens: int, cost: int) -> str:
    """The id of a reservation that is counted at these places."""
    reservation_id = new_id()
    counted = json.dumps([(place.kind.__tablename__, *place.key) for place in places])
    held = {"id": reservation_id, "process": process, "places": counted, "tokens": tokens, "cost": cost}
    session.connection().execute(_HOLD, held)
    return reservation_id


def let_go(session: Session, reservation_id: str) -> bool:
    """Whether it was held until now: not where another process took this one for dead."""
    return session.connection().execute(_LET_GO, {"reservation_id": reservation_id}).rowcount > 0


class Reservations:
    """Those of all links and keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, process: str) -> None:
        """Say that this process still gives the answers that it gives."""
        mine = update(ReservationRecord).where(ReservationRecord.process == process)
        await self._database.write(lambda session: session.execute(mine.values(heard=now())))

    async def settle(self, process: str, *, silent_for: timedelta, dead: str) -> None:
        """Count what processes hold that are dead, as `RunningTurns.interrupt` has it: nobody can say how much of it
        they used."""
        lost = of_dead(ReservationRecord.process, ReservationRecord.heard, process, silent_for, dead)
        wanted = select(ReservationRecord.id).where(*lost)
        for reservation_id in await self._database.read(lambda session: session.scalars(wanted).all()):
            # Each by itself: two of one link would wait for rows of each other's.
            await self._database.write(partial(_count_as_used, reservation_id=reservation_id))


def _count_as_used(session: Session, reservation_id: str) -> None:
    held = session.get(ReservationRecord, reservation_id, with_for_update=True)
    if held is None:
        return
    places = [Counted(_KINDS[kind], tuple(key)) for kind, *key in json.loads(held.places)]
    reserved = {"reserved_tokens": -held.tokens, "reserved_cost": -held.cost}
    add(session, places, Counts(tokens=held.tokens, cost=held.cost, **reserved))
    session.delete(held)
