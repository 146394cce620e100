"""One way to find a row: by its id and its owner. What belongs to somebody else is not there."""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from sqlalchemy import ScalarSelect, Select, bindparam, func, select
from sqlalchemy.orm import Session

from agentfabric.store.records import (
    AgentRecord,
    ConversationRecord,
    EndpointModelRecord,
    EndpointRecord,
    FileRecord,
    MessageRecord,
    TurnRecord,
)
from user_agent.errors import NotFound
from user_agent.storable import is_clean

R = TypeVar("R", AgentRecord, ConversationRecord, TurnRecord, FileRecord, EndpointRecord, EndpointModelRecord)


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


def living_agent(session: Session, owner: str, agent_id: str, *, lock: bool = False) -> AgentRecord:
    """The user's agent. Raises `NotFound`, also for one that was deleted."""
    record = owned(session, AgentRecord, owner, agent_id, lock=lock)
    if record.deleted_at is not None:
        raise NotFound(f"There is no agent {agent_id!r}.")
    return record


def living_conversation(
    session: Session, owner: str, conversation_id: str, *, lock: bool = False
) -> ConversationRecord:
    """The user's conversation, whoever owns the agent. Raises `NotFound`, also where it or its agent was deleted."""
    record = owned(session, ConversationRecord, owner, conversation_id, lock=lock)
    if session.get_one(AgentRecord, record.agent_id).deleted_at is not None:
        raise NotFound(f"There is no agent {record.agent_id!r}.")
    if record.deleted_at is not None:
        raise NotFound(f"There is no conversation {conversation_id!r}.")
    return record


@dataclass(frozen=True, slots=True)
class Facing:
    """What the next turn of a conversation has to know of it."""

    agent_id: str
    kind: str
    title: str
    head: str | None
    last: int
    """The position of its last message, 0 where there is none."""
    running: str | None
    """The turn that is being answered."""


def last_position() -> ScalarSelect[int]:
    """As a column of a query that reads a conversation: the position of its last message, 0 where there is none."""
    last = select(func.coalesce(func.max(MessageRecord.position), 0))
    return (
        last.where(MessageRecord.conversation_id == ConversationRecord.id)
        .correlate(ConversationRecord)
        .scalar_subquery()
    )


LIVING_CONVERSATION = (
    ConversationRecord.id == bindparam("conversation_id"),
    ConversationRecord.owner == bindparam("owner"),
    ConversationRecord.deleted_at.is_(None),
    AgentRecord.deleted_at.is_(None),
)
"""Of a statement over conversations and their agents: the `owner`'s own, unless it or its agent was deleted."""
_RUNNING = (
    select(TurnRecord.id)
    .where(TurnRecord.conversation_id == ConversationRecord.id, TurnRecord.state == "running")
    .correlate(ConversationRecord)
    .scalar_subquery()
)
_FACING = (
    select(
        ConversationRecord.agent_id,
        ConversationRecord.kind,
        ConversationRecord.title,
        ConversationRecord.head,
        last_position(),
        _RUNNING,
    )
    .join(AgentRecord, ConversationRecord.agent_id == AgentRecord.id)
    .where(*LIVING_CONVERSATION)
)
_HELD = select(ConversationRecord.id).where(ConversationRecord.id == bindparam("conversation_id")).with_for_update()


def locked_conversation(session: Session, owner: str, conversation_id: str) -> Facing:
    """What `living_conversation` finds, held until the transaction ends, in one question. Raises `NotFound`."""
    wanted = {"conversation_id": conversation_id, "owner": owner}
    connection = session.connection()
    if connection.dialect.name != "sqlite" and is_clean(conversation_id):
        # Held first: a statement that waits for a row sees other tables as they were before it waited.
        connection.execute(_HELD, {"conversation_id": conversation_id})
    found = connection.execute(_FACING, wanted).one_or_none() if is_clean(conversation_id) else None
    if found is None:
        living_conversation(session, owner, conversation_id)  # which says what is missing
        raise NotFound(f"There is no conversation {conversation_id[:40]!r}.")
    return Facing(*found)
