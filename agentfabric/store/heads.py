"""A conversation as a list shows it: its name, its times, its last turn."""

from dataclasses import dataclass
from typing import cast

from agentfabric.store.records import ConversationKind, ConversationRecord, TurnRecord
from user_agent.serve.conversations import ConversationHead


@dataclass(frozen=True, slots=True)
class Conversation(ConversationHead):
    """A conversation with an agent, or with the builder about one."""

    agent_id: str
    kind: ConversationKind


def conversation_value(record: ConversationRecord, head: TurnRecord | None) -> Conversation:
    """The conversation, by its row and by that of its head."""
    return Conversation(
        id=record.id,
        agent_id=record.agent_id,
        kind=cast(ConversationKind, record.kind),
        title=record.title,
        created=record.created,
        updated=(head.ended or head.started) if head else record.created,
        head=record.head,
        busy=head.id if head and head.state == "running" else None,
        waiting=head.id if head and head.state == "input_needed" else None,
    )
