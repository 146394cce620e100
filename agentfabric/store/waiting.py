"""Whether a turn still waits for the decision that a message makes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.records import MessageRecord, TurnRecord
from user_agent.messages import Message
from user_agent.serve.decisions import Decided, require_waits


def require_waiting(session: Session, head: str | None, decided: Decided) -> None:
    """Raises `NotWaiting` where the turn is not the last that is shown, or waits for nothing, and `BadRequest` for a
    call that it did not end in."""
    state = session.scalar(select(TurnRecord.state).where(TurnRecord.id == head))
    bodies = session.scalars(select(MessageRecord.body).where(MessageRecord.turn_id == decided.turn))
    messages = [Message.model_validate_json(body) for body in bodies]
    require_waits(decided, is_last=head == decided.turn and state == "input_needed", messages=messages)
