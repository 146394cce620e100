"""The turns of a conversation as rows: which are shown, and which one runs."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from agentfabric.store.records import ConversationRecord, MessageRecord, TurnRecord
from user_agent.errors import Busy, NotFound
from user_agent.serve.tree import TurnTree

_FAILED = ("failed", "interrupted")


def _shown_messages() -> Select[str, str, str]:
    """The messages of the turns that are shown, in order."""
    head = select(TurnRecord.id, TurnRecord.parent).join(ConversationRecord, ConversationRecord.head == TurnRecord.id)
    shown = head.where(ConversationRecord.id == bindparam("conversation_id")).cte("shown", recursive=True)
    shown = shown.union_all(select(TurnRecord.id, TurnRecord.parent).join(shown, TurnRecord.id == shown.c.parent))
    return (
        select(MessageRecord.id, MessageRecord.turn_id, MessageRecord.body)
        .join(shown, MessageRecord.turn_id == shown.c.id)
        .order_by(MessageRecord.position)
    )


# Made once: building a statement costs as much as running it.
SHOWN_MESSAGES = _shown_messages()
_RUNNING_TURN = select(TurnRecord.id).where(
    TurnRecord.conversation_id == bindparam("conversation_id"), TurnRecord.state == "running"
)


class Tree(TurnTree):
    """Every turn of one conversation, as the store has them."""

    def __init__(self, session: Session, conversation_id: str) -> None:
        wanted = select(TurnRecord.id, TurnRecord.parent, TurnRecord.state, TurnRecord.started)
        rows = session.execute(
            wanted.where(TurnRecord.conversation_id == conversation_id).order_by(TurnRecord.started, TurnRecord.id)
        ).all()
        self.started: Mapping[str, datetime] = {turn: started for turn, _, _, started in rows}
        failed = {turn for turn, _, state, _ in rows if state in _FAILED}
        super().__init__({turn: parent for turn, parent, _, _ in rows}, failed)


def parent_of(session: Session, conversation_id: str, turn_id: str) -> str | None:
    """The turn before that one. Raises `NotFound` for a turn of another conversation."""
    wanted = select(TurnRecord.id, TurnRecord.parent)
    found = session.execute(
        wanted.where(TurnRecord.id == turn_id, TurnRecord.conversation_id == conversation_id)
    ).first()
    if found is None:
        raise NotFound(f"The conversation has no turn {turn_id[:40]!r}.")
    return found[1]


def require_idle(session: Session, conversation_id: str) -> None:
    """Raises `Busy` while the conversation is answering."""
    raise_busy(session.scalar(_RUNNING_TURN, {"conversation_id": conversation_id}))


def raise_busy(running: str | None) -> None:
    """Raises `Busy` where a turn runs."""
    if running is not None:
        raise Busy("The conversation is still answering. Stop it, or wait until it is done.", turn=running)
