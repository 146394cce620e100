"""Which turns of a conversation are shown.

Turns form a tree: a question that is changed, or asked again, begins a turn beside the one it replaces. What is shown
leads from the conversation's head back to a first turn. Nothing that was said is lost by asking differently.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from agentfabric.store.records import ConversationRecord, MessageRecord, TurnRecord
from user_agent.errors import Busy, NotFound

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


class Tree:
    """Every turn of one conversation, shown or not."""

    def __init__(self, session: Session, conversation_id: str) -> None:
        wanted = select(TurnRecord.id, TurnRecord.parent, TurnRecord.state, TurnRecord.started)
        rows = session.execute(
            wanted.where(TurnRecord.conversation_id == conversation_id).order_by(TurnRecord.started, TurnRecord.id)
        ).all()
        self.started: Mapping[str, datetime] = {turn: started for turn, _, _, started in rows}
        self._parents: dict[str, str | None] = {turn: parent for turn, parent, _, _ in rows}
        self._failed = {turn for turn, _, state, _ in rows if state in _FAILED}
        self._followers: dict[str | None, list[str]] = defaultdict(list)
        for turn, parent, _, _ in rows:
            self._followers[parent].append(turn)

    def versions(self, head: str | None) -> Mapping[str, Sequence[str]]:
        """For each turn that leads to `head` and has others beside it: all of them, in the order in which they came.

        An attempt that failed, and that nothing followed, is no version of anything.
        """
        found: dict[str, Sequence[str]] = {}
        turn = head
        while turn is not None:
            parent = self._parents[turn]
            beside = [other for other in self._followers[parent] if other == turn or not self._is_void(other)]
            if len(beside) > 1:
                found[turn] = beside
            turn = parent
        return found

    def last_after(self, turn: str) -> str:
        """The end of the newest conversation that leads through the turn. Raises `NotFound`."""
        if turn not in self._parents:
            raise NotFound(f"The conversation has no turn {turn[:40]!r}.")
        while self._followers[turn]:
            turn = self._followers[turn][-1]
        return turn

    def _is_void(self, turn: str) -> bool:
        return turn in self._failed and not self._followers[turn]


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
