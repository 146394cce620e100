"""Conversations as doors tell them: values, and the JSON that `static/chat/` reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from user_agent.errors import IdempotencyKeyReused
from user_agent.messages import DataPart, FilePart, Message
from user_agent.storable import cleaned

MAX_TITLE_CHARS = 80

Json = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """A conversation as a list shows it. `head` is the id of the last turn shown, `busy` that of the one that runs, if
    one does."""

    id: str
    title: str
    created: datetime
    updated: datetime
    """When something was last said of what is shown."""
    head: str | None
    busy: str | None
    waiting: str | None
    """The id of the last turn shown where it ended in calls that a person has to decide on."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with the turn it came in."""

    id: str
    turn: str
    message: Message


@dataclass(frozen=True, slots=True)
class Thread:
    """What is shown of a conversation."""

    conversation: ConversationHead
    messages: Sequence[StoredMessage]
    versions: Mapping[str, Sequence[str]]
    """For each turn that was asked more than once: the turns beside it, itself included."""


def head_view(conversation: ConversationHead) -> Json:
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created.isoformat(),
        "updated": conversation.updated.isoformat(),
        "turn": conversation.head,
        "busy": conversation.busy,
        "waiting": conversation.waiting,
    }


def thread_view(thread: Thread) -> Json:
    return {
        **head_view(thread.conversation),
        "messages": [
            {"id": item.id, "turn": item.turn, **item.message.model_dump(mode="json")} for item in thread.messages
        ],
        "versions": {turn: list(beside) for turn, beside in thread.versions.items()},
    }


def title_of(message: Message) -> str:
    """What a conversation is called that begins so: its first words, else the names of its files."""
    names = (part.name for part in message.parts if isinstance(part, FilePart))
    return title_from(message.text[:1_000]) or title_from(", ".join(names))


def title_from(text: str) -> str:
    """The text as a title: in one line, cut to a length."""
    return cleaned(" ".join(text.split())[:MAX_TITLE_CHARS])


def require_same(there: Message, message: Message) -> None:
    """Raises `IdempotencyKeyReused` where a message that comes under the key of another one says something else."""
    if _said(there) != _said(message):
        raise IdempotencyKeyReused("Another message was sent under this key. Give each message a key of its own.")


def _said(message: Message) -> tuple[str, list[tuple[str, int]], list[DataPart]]:
    """What tells a message from others: the ids of its files are new each time that it comes."""
    files = [(part.name, part.size_bytes) for part in message.parts if isinstance(part, FilePart)]
    return message.text, files, [part for part in message.parts if isinstance(part, DataPart)]


def as_turns(messages: Sequence[Message]) -> list[StoredMessage]:
    """Messages that are kept elsewhere, each of a person beginning a turn."""
    turn, stored = 0, list[StoredMessage]()
    for number, message in enumerate(messages):
        turn += message.role == "user"
        stored.append(StoredMessage(str(number), str(turn), message))
    return stored
