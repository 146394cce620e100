"""Wrong tokens, counted where every process sees them: who guesses is slowed down, whoever has a token is not."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.records import GuessRecord
from user_agent.addresses import subscriber_of
from user_agent.errors import TooManyGuesses

WINDOW = timedelta(minutes=15)
CLIENT_LIMIT = 10
"""Wrong tokens of one client within a window."""
TOTAL_LIMIT = 200
"""Wrong tokens of all clients within a window. Beyond it each client has one try."""
_EVERYBODY = "*"


class Guesses:
    """How often each client, and all together, brought a wrong token lately."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._one_by_one = asyncio.Lock()
        self._judged_now: Counter[str] = Counter()
        """How many tokens of a client are judged now or wait for it, from its first wrong one on."""

    async def judge(self, address: str, *, right: bool) -> None:
        """Count a wrong token. Raises `TooManyGuesses` where that client has to wait, whatever it brings.

        Wrong tokens are judged one by one, and a right one behind those that its client sent before it: else as many
        guesses as come at the same moment would be read.
        """
        client = subscriber_of(address)
        if right and client not in self._judged_now:
            await self._check(client)
            return
        self._judged_now[client] += 1
        try:
            async with self._one_by_one:
                await self._check(client)
                if not right:
                    await self._add(client)
        finally:
            self._judged_now -= Counter((client,))

    async def _check(self, client: str) -> None:
        wanted = select(GuessRecord).where(GuessRecord.client.in_((client, _EVERYBODY)))

        def work(session: Session) -> dict[str, GuessRecord]:
            return {record.client: record for record in session.scalars(wanted) if record.since > now() - WINDOW}

        found = await self._database.read(work)
        own, total = found.get(client), found.get(_EVERYBODY)
        limit = CLIENT_LIMIT if total is None or total.count < TOTAL_LIMIT else 1
        if own is not None and own.count >= limit:
            seconds = max(1, int((own.since + WINDOW - now()).total_seconds()))
            raise TooManyGuesses("Too many wrong tokens came from your address. Wait, then try again.", seconds=seconds)

    async def _add(self, client: str) -> None:
        def work(session: Session) -> None:
            moment = now()
            session.execute(delete(GuessRecord).where(GuessRecord.since <= moment - WINDOW))
            for name in (client, _EVERYBODY):
                _count(session, name, moment)

        # Another process counted the first one of that client at the same moment: one is not told from two.
        with suppress(IntegrityError):
            await self._database.write(work)


def _count(session: Session, client: str, moment: datetime) -> None:
    record = session.get(GuessRecord, client, with_for_update=True)
    if record is None:
        session.add(GuessRecord(client=client, count=1, since=moment))
    else:
        record.count += 1
