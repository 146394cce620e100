"""One way to find a row: by its id and its owner. What belongs to somebody else is not there."""

from functools import cache
from typing import TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from agentfabric.store.records import AgentRecord, ConversationRecord, FileRecord, TurnRecord
from user_agent.config import is_clean
from user_agent.errors import NotFound

R = TypeVar("R", AgentRecord, ConversationRecord, TurnRecord, FileRecord)


@cache
def _wanted(record: type[R], lock: bool) -> Select[R]:
    """Made once: building a statement costs as much as running it."""
    wanted = select(record).where(record.id == bindparam("row_id"), record.owner == bindparam("owner"))
    return wanted.with_for_update() if lock else wanted


def owned(session: Session, record: type[R], owner: str, row_id: str, *, lock: bool = False) -> R:
    """The user's row of that id, held until the transaction ends with `lock`. Raises `NotFound`."""
    found = None
    if is_clean(row_id):  # no database takes other text, and no id is such
        found = session.scalar(_wanted(record, lock), {"row_id": row_id, "owner": owner})
    if found is None:
        raise NotFound(f"There is no {record.__tablename__.rstrip('s')} {row_id[:40]!r}.")
    return found
