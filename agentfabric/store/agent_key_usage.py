"""What is used of a key on a day: reserved where an answer begins, settled where it ends, as for a link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import AgentKeyRecord, AgentKeyUsageRecord
from agentfabric.store.share_limits import RESERVED_TOKENS, limit_reached, rest_of
from user_agent.errors import NotSignedIn
from user_agent.events import Usage


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """What an answer was given. `tokens` is how many it may use; None for as many as any answer may."""

    key: str
    day: str
    tokens: int | None


class AgentKeyUsage:
    """Counts what programs use."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def reserve(self, key_id: str) -> KeyGrant:
        """Count an answer that begins. Raises `LimitReached`."""

        def work(session: Session) -> KeyGrant:
            moment = self._clock()
            # Held by this transaction, so that no two see the same rest.
            key = session.get(AgentKeyRecord, key_id, with_for_update=True)
            if key is None or key.revoked is not None:
                raise NotSignedIn("This key was revoked.")
            day = moment.date().isoformat()
            row = session.get(AgentKeyUsageRecord, (key_id, day))
            if row is None:
                row = AgentKeyUsageRecord(key_id=key_id, day=day, turns=0, tokens=0, reserved_tokens=0)
                session.add(row)
            if key.turns_per_day is not None and row.turns >= key.turns_per_day:
                raise limit_reached(moment)
            granted = None
            if key.tokens_per_day is not None:
                left = rest_of(key.tokens_per_day - row.tokens, row.reserved_tokens, moment)
                granted = min(RESERVED_TOKENS, left)
            row.turns += 1
            row.reserved_tokens += granted or 0
            return KeyGrant(key_id, day, granted)

        return await self._database.write(work)

    async def settle(self, grant: KeyGrant, usage: Usage) -> None:
        """Count what an answer really used, in the place of what was reserved for it."""

        def work(session: Session) -> None:
            row = session.get(AgentKeyUsageRecord, (grant.key, grant.day), with_for_update=True)
            if row is None:  # the key was erased with its agent
                return
            row.reserved_tokens -= grant.tokens or 0
            row.tokens += usage.input_tokens + usage.output_tokens

        await self._database.write(work)
