"""A turn's events as the messages that are kept, and kept messages as a model is shown them."""

from collections.abc import Sequence

from agentfabric.store.conversations import StoredMessage
from agentfabric.store.waiting import decided_in, waiting_calls, waiting_part
from agentfabric.turns import INTERRUPTED, Ending
from builder_core.events import ConfigChanged
from user_agent.events import EventBase, InputNeeded, KnowledgeUsed, RunFailed, ToolsOffered
from user_agent.messages import DataPart, Message, ToolCallPart, ToolResultPart
from user_agent.transcript import Transcript

UNDECIDED = "The person did not allow this call, so it was not made: they said something else instead."
"""What a model is told of a call that nobody decided on."""


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
            case InputNeeded():
                notes.append(waiting_part(event.calls))
            case KnowledgeUsed():
                read.append(DataPart(kind="knowledge", data=event.model_dump(mode="json", include={"files"})))
            case ToolsOffered():
                # The last one says it all: a search only adds to what was at hand.
                data = event.model_dump(mode="json", include={"tools", "total"})
                read = [*(part for part in read if part.kind != "tools"), DataPart(kind="tools", data=data)]
            case _:
                pass
    match ending.last:
        case RunFailed():
            notes.append(_failed(ending.last))
        case finished if finished.stop not in ("answered", "input_needed"):
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

    The last turn, which is being answered, is always there. Calls that nobody decided on, because the person said
    something else, have that as their result.
    """
    by_turn: dict[str, list[Message]] = {}
    for item in stored:
        by_turn.setdefault(item.turn, []).append(item.message)
    shown: list[Message] = []
    waiting: Sequence[ToolCallPart] = ()
    for number, messages in enumerate(by_turn.values(), start=1):
        if waiting and decided_in(messages[0]) is None:
            shown.append(_undecided(waiting))
        waiting = waiting_calls(messages)
        said = [kept for message in messages if (kept := _without_notes(message)).parts]
        if number == len(by_turn) or any(message.role != "user" for message in said):
            shown += said
    return tuple(shown)


def _without_notes(message: Message) -> Message:
    parts = tuple(part for part in message.parts if not isinstance(part, DataPart))
    return message.model_copy(update={"parts": parts})


def _undecided(calls: Sequence[ToolCallPart]) -> Message:
    results = [ToolResultPart(id=call.id, name=call.name, output=UNDECIDED, failed=True) for call in calls]
    return Message(role="tool", parts=tuple(results))
