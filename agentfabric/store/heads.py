"""A conversation as a list shows it: its name, its times, its last turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from agentfabric.store.records import ConversationKind, ConversationRecord, TurnRecord
from user_agent.config import cleaned
from user_agent.messages import FilePart, Message

MAX_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation. `head` is the id of the last turn shown, `busy` that of the one that runs, if one does."""

    id: str
    agent_id: str
    kind: ConversationKind
    title: str
    created: datetime
    updated: datetime
    """When something was last said of what is shown."""
    head: str | None
    busy: str | None
    waiting: str | None
    """The id of the last turn shown where it ended in calls that a person has to decide on."""


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


def title_of(message: Message) -> str:
    """What a conversation is called that begins so: its first words, else the names of its files."""
    names = (part.name for part in message.parts if isinstance(part, FilePart))
    return title_from(message.text[:1_000]) or title_from(", ".join(names))


def title_from(text: str) -> str:
    """The text as a title: in one line, cut to a length."""
    return cleaned(" ".join(text.split())[:MAX_TITLE_CHARS])
