"""One way to find a row: by its id and its owner. What belongs to somebody else is not there."""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.records import AgentRecord, ConversationRecord, FileRecord, TurnRecord
from user_agent.config import is_clean
from user_agent.errors import NotFound

R = TypeVar("R", AgentRecord, ConversationRecord, TurnRecord, FileRecord)


def owned(session: Session, record: type[R], owner: str, row_id: str, *, lock: bool = False) -> R:
    """The user's row of that id, held until the transaction ends with `lock`. Raises `NotFound`."""
    found = None
    if is_clean(row_id):  # no database takes other text, and no id is such
        wanted = select(record).where(record.id == row_id, record.owner == owner)
        found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound(f"There is no {record.__tablename__.rstrip('s')} {row_id[:40]!r}.")
    return found
