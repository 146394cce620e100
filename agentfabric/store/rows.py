"""What every turn writes and reads, as rows: making objects of them costs several times what they do."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from agentfabric.store.base import new_id
from agentfabric.store.owned import LIVING_CONVERSATION, last_position, living_conversation
from agentfabric.store.records import AgentRecord, ConversationRecord, MessageRecord, TurnRecord
from user_agent.errors import Conflict, NotFound
from user_agent.messages import Message
from user_agent.storable import cleaned, is_clean

# Made once: building a statement costs as much as running it.
_LAST_POSITION = select(last_position()).where(ConversationRecord.id == bindparam("conversation_id"))
_ADD_TURN, _ADD_MESSAGES = insert(TurnRecord), insert(MessageRecord)
_SHOW_TURN = (
    update(ConversationRecord)
    .where(ConversationRecord.id == bindparam("conversation_id"))
    .values(head=bindparam("turn_id"), title=bindparam("shown_title"))
)
_ENDING = (
    select(TurnRecord.conversation_id, TurnRecord.state, last_position())
    .join(ConversationRecord, TurnRecord.conversation_id == ConversationRecord.id)
    .where(TurnRecord.id == bindparam("turn_id"))
    .with_for_update(of=TurnRecord)
)
_END_TURN = update(TurnRecord).where(TurnRecord.id == bindparam("turn_id"))
_TALKS = (
    select(ConversationRecord.id)
    .join(AgentRecord, ConversationRecord.agent_id == AgentRecord.id)
    .where(*LIVING_CONVERSATION)
)
_CONFIGURED = _TALKS.with_only_columns(AgentRecord.document)


def add_turn(
    session: Session, owner: str, conversation_id: str, parent: str | None, process: str, message_key: str | None
) -> str:
    """The id of a new turn, which runs. Raises `IntegrityError` where the conversation has one of that key."""
    turn_id = new_id()
    turn = {"id": turn_id, "conversation_id": conversation_id, "owner": owner, "parent": parent}
    how = {"state": "running", "process": process, "message_key": message_key}
    session.connection().execute(_ADD_TURN, {**turn, **how})
    return turn_id


def show_turn(session: Session, conversation_id: str, turn_id: str, *, title: str) -> None:
    """The turn is the last that is shown of its conversation, which has this title."""
    shown = {"conversation_id": conversation_id, "turn_id": turn_id, "shown_title": title}
    session.connection().execute(_SHOW_TURN, shown)


def ending(session: Session, turn_id: str) -> tuple[str, int]:
    """The conversation of a turn that runs, and the position of its last message; the turn is held until the
    transaction ends. Raises `NotFound`, and `Conflict`."""
    turn = session.connection().execute(_ENDING, {"turn_id": turn_id}).one_or_none()
    if turn is None:
        raise NotFound(f"There is no turn {turn_id!r}.")
    if turn.state != "running":
        raise Conflict(f"The turn {turn_id!r} has ended already: {turn.state}.", state=turn.state)
    return turn.conversation_id, turn[2]


def end_turn(session: Session, turn_id: str, *, state: str, outcome: str, last_seq: int, ended: datetime) -> None:
    how = {"state": state, "outcome": outcome, "last_seq": last_seq, "ended": ended}
    session.connection().execute(_END_TURN, {"turn_id": turn_id, **how})


def append(
    session: Session, conversation_id: str, turn_id: str, messages: Sequence[Message], *, after: int | None = None
) -> None:
    """The messages of a turn, after everything that its conversation holds: `after` is its last position, if known."""
    if not messages:
        return
    connection = session.connection()
    if after is None:
        after = connection.execute(_LAST_POSITION, {"conversation_id": conversation_id}).scalar_one()
    new = [
        {"conversation_id": conversation_id, "turn_id": turn_id, "position": position, "body": _body(message)}
        for position, message in enumerate(messages, start=after + 1)
    ]
    connection.execute(_ADD_MESSAGES, new)


def configured(session: Session, owner: str, conversation_id: str) -> str:
    """The document of the agent that the user talks with there, as it is now. Raises `NotFound`."""
    return _of_living(session, _CONFIGURED, owner, conversation_id)


def require_living(session: Session, owner: str, conversation_id: str) -> None:
    """Raises `NotFound` as `living_conversation` does."""
    _of_living(session, _TALKS, owner, conversation_id)


def _of_living(session: Session, wanted: Select[str], owner: str, conversation_id: str) -> str:
    asked = {"conversation_id": conversation_id, "owner": owner}
    found = session.connection().execute(wanted, asked).scalar_one_or_none() if is_clean(conversation_id) else None
    if found is None:
        living_conversation(session, owner, conversation_id)  # which says what is missing
        raise NotFound(f"There is no conversation {conversation_id!r}.")
    return found


def _body(message: Message) -> str:
    """The message as JSON. A model may send half a character: that must not cost the rest of its answer."""
    return cleaned(json.dumps(message.model_dump(), ensure_ascii=False))
