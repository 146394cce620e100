"""Messages that come again: a client that lost the answer sends the same one under the same key."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.records import MessageRecord, TurnRecord
from user_agent.messages import Message
from user_agent.serve.conversations import require_same


class Repeated(Exception):
    """The message came before: `turn` is the one that it began."""

    def __init__(self, turn: str) -> None:
        super().__init__(f"The message began the turn {turn!r}.")
        self.turn = turn


def require_new(session: Session, conversation_id: str, key: str, message: Message) -> None:
    """Raises `Repeated` where the conversation has the message under that key, `IdempotencyKeyReused` where another."""
    asked = (
        select(TurnRecord.id, MessageRecord.body)
        .join(MessageRecord, MessageRecord.turn_id == TurnRecord.id)
        .where(TurnRecord.conversation_id == conversation_id, TurnRecord.message_key == key)
        .order_by(MessageRecord.position)
        .limit(1)
    )
    found = session.execute(asked).first()
    if found is None:
        return
    turn, body = found
    require_same(Message.model_validate_json(body), message)
    raise Repeated(turn)
