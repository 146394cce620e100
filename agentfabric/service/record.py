"""A turn's events as the messages that are kept, and kept messages as a model is shown them."""

from collections.abc import Sequence

from agentfabric.store.conversations import StoredMessage
from agentfabric.turns import INTERRUPTED, Ending
from builder_core.events import ConfigChanged
from user_agent.events import EventBase, KnowledgeUsed, RunFailed
from user_agent.messages import DataPart, Message
from user_agent.transcript import Transcript


def as_messages(events: Sequence[EventBase], ending: Ending) -> tuple[Message, ...]:
    """What a turn added to its conversation: what was read for it, the messages, and what became of the configuration.

    The page draws it in this order, which is the order in which it happened.
    """
    transcript, read, notes = Transcript(), list[DataPart](), list[DataPart]()
    for event in events:
        transcript.add(event)
        match event:
            case ConfigChanged():
                data = event.model_dump(mode="json", include={"revision", "changes", "refused"})
                notes.append(DataPart(kind="changes", data=data))
            case KnowledgeUsed():
                read.append(DataPart(kind="knowledge", data=event.model_dump(mode="json", include={"files"})))
            case _:
                pass
    match ending.last:
        case RunFailed():
            notes.append(_failed(ending.last))
        case finished if finished.stop != "answered":
            notes.append(DataPart(kind="ended", data={"stop": finished.stop}))
        case _:
            pass
    return (*_shown(read), *transcript.new, *_shown(notes))


def _shown(parts: Sequence[DataPart]) -> list[Message]:
    """What only the page shows, as a message; none where there is nothing."""
    return [Message(role="assistant", parts=tuple(parts))] if parts else []


def interruption() -> Message:
    """What a conversation ends with whose server stopped in the middle of an answer."""
    return Message(role="assistant", parts=(_failed(INTERRUPTED),))


def _failed(failure: RunFailed) -> DataPart:
    return DataPart(kind="failed", data=failure.model_dump(mode="json", exclude={"type"}))


def shown_to_model(stored: Sequence[StoredMessage]) -> tuple[Message, ...]:
    """The conversation without what only pages show, and without turns that failed before they said anything.

    The last turn, which is being answered, is always there.
    """
    by_turn: dict[str, list[Message]] = {}
    for item in stored:
        parts = tuple(part for part in item.message.parts if not isinstance(part, DataPart))
        messages = by_turn.setdefault(item.turn, [])
        if parts:
            messages.append(item.message.model_copy(update={"parts": parts}))
    last = stored[-1].turn if stored else ""
    return tuple(
        message
        for turn, messages in by_turn.items()
        if turn == last or any(message.role == "assistant" for message in messages)
        for message in messages
    )
