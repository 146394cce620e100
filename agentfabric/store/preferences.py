"""What people chose about the page itself."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.records import PreferenceRecord
from user_agent.storable import cleaned


class Preferences:
    """Each user's choices, as text by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, owner: str, key: str) -> str | None:
        """The choice, None where none was made."""
        wanted = select(PreferenceRecord.value).where(PreferenceRecord.owner == owner, PreferenceRecord.key == key)
        return await self._database.read(lambda session: session.scalar(wanted))

    async def set(self, owner: str, key: str, value: str) -> None:
        def work(session: Session) -> None:
            session.merge(PreferenceRecord(owner=owner, key=key, value=cleaned(value)))

        await self._database.write(work)
