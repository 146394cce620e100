"""A turn's events as the messages that are kept, and kept messages as a model is shown them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from user_agent.events import (
    EventBase,
    HistorySummarised,
    InputNeeded,
    KnowledgeUsed,
    MemoryChanged,
    RunFailed,
    TextDelta,
    ToolFinished,
    ToolsOffered,
)
from user_agent.knowledge.citing import cited, without_marks, without_numbers
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.messages import AnyPart, DataPart, Message, TextPart, ToolCallPart, ToolResultPart
from user_agent.serve.conversations import StoredMessage
from user_agent.serve.decisions import decided_in, waiting_calls, waiting_part
from user_agent.serve.turns import INTERRUPTED, Ending
from user_agent.transcript import Transcript

UNDECIDED = "The person did not allow this call, so it was not made: they said something else instead."
"""What a model is told of a call that nobody decided on."""
KEPT_OF_UNCITED_CHARS = 160
"""How much is kept of a passage that was found and not cited."""


def as_messages(
    events: Sequence[EventBase], ending: Ending, note_of: Callable[[EventBase], DataPart | None] = lambda _: None
) -> tuple[Message, ...]:
    """What a turn added to its conversation: what was read for it, the messages, and what became of it.

    The page draws it in this order, which is the order in which it happened. `note_of` is what the page shows of events
    that are not an agent's.
    """
    transcript, read, notes = Transcript(), list[DataPart](), list[DataPart]()
    named = cited("".join(event.text for event in events if isinstance(event, TextDelta)))
    for event in events:
        transcript.add(_with_kept(event, named) if isinstance(event, ToolFinished) else event)
        match event:
            case InputNeeded():
                notes.append(waiting_part(event.calls))
            case KnowledgeUsed():
                event = event.model_copy(update={"hits": _kept(event.hits, named)})
                read.append(DataPart(kind="knowledge", data=event.model_dump(mode="json", exclude={"type"})))
            case MemoryChanged():
                notes.append(DataPart(kind="memory", data=event.model_dump(mode="json", exclude={"type"})))
            case HistorySummarised():
                read.append(DataPart(kind="summary", data=event.model_dump(mode="json", exclude={"type"})))
            case ToolsOffered():
                # The last one says it all: a search only adds to what was at hand.
                data = event.model_dump(mode="json", include={"tools", "total"})
                read = [*(part for part in read if part.kind != "tools"), DataPart(kind="tools", data=data)]
            case _:
                if note := note_of(event):
                    notes.append(note)
    match ending.last:
        case RunFailed():
            notes.append(_failed(ending.last))
        case finished if finished.stop not in ("answered", "input_needed"):
            notes.append(DataPart(kind="ended", data={"stop": finished.stop}))
        case _:
            pass
    return (*_shown(read), *transcript.new, *_shown(notes))


def _with_kept(event: ToolFinished, named: Collection[int]) -> ToolFinished:
    return event.model_copy(update={"sources": _kept(event.sources, named)}) if event.sources else event


def _kept(hits: Sequence[KnowledgeHit], named: Collection[int]) -> tuple[KnowledgeHit, ...]:
    """What was found, with as much of each passage as somebody may want to check."""
    return tuple(
        hit if hit.number in named else hit.model_copy(update={"text": hit.text[:KEPT_OF_UNCITED_CHARS]})
        for hit in hits
    )


def _shown(parts: Sequence[DataPart]) -> list[Message]:
    """What only the page shows, as a message; none where there is nothing."""
    return [Message(role="assistant", parts=tuple(parts))] if parts else []


def interruption() -> Message:
    """What a conversation ends with whose server stopped in the middle of an answer."""
    return Message(role="assistant", parts=(_failed(INTERRUPTED),))


def _failed(failure: RunFailed) -> DataPart:
    return DataPart(kind="failed", data=failure.model_dump(mode="json", exclude={"type"}))


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """What a model is shown of one turn."""

    id: str
    messages: tuple[Message, ...]


def shown_to_model(stored: Sequence[StoredMessage]) -> tuple[Message, ...]:
    """The messages of `shown_by_turn`."""
    return tuple(message for turn in shown_by_turn(stored) for message in turn.messages)


def shown_by_turn(stored: Sequence[StoredMessage]) -> list[ShownTurn]:
    """The conversation without what only pages show, and without turns that failed before they said anything.

    The last turn, which is being answered, is always there. Calls that nobody decided on, because the person said
    something else, have that as their result, in the turn that made them. What earlier answers cited has no numbers any
    more: by now these are those of other passages.
    """
    by_turn: dict[str, list[Message]] = {}
    for item in stored:
        by_turn.setdefault(item.turn, []).append(item.message)
    asked = max((place for place, said in enumerate(by_turn.values(), 1) if decided_in(said[0]) is None), default=0)
    shown: list[ShownTurn] = []
    waiting: Sequence[ToolCallPart] = ()
    for number, (turn, messages) in enumerate(by_turn.items(), start=1):
        if waiting and decided_in(messages[0]) is None:
            shown[-1] = replace(shown[-1], messages=(*shown[-1].messages, _undecided(waiting)))
        waiting = waiting_calls(messages)
        numbers = _numbers(messages) if number < asked else frozenset[int]()
        said = [kept for message in messages if (kept := _without_notes(message, numbers)).parts]
        if number == len(by_turn) or any(message.role != "user" for message in said):
            shown.append(ShownTurn(turn, tuple(said)))
    return shown


def _without_notes(message: Message, numbers: frozenset[int]) -> Message:
    parts = tuple(_unnumbered(part, numbers) for part in message.parts if not isinstance(part, DataPart))
    return message.model_copy(update={"parts": parts})


def _numbers(messages: Sequence[Message]) -> frozenset[int]:
    """What passages could be cited by in these messages."""
    parts = [part for message in messages for part in message.parts]
    used = [KnowledgeUsed.model_validate(part.data) for part in parts if _is_knowledge(part)]
    hits = [hit for event in used for hit in event.hits]
    hits += [hit for part in parts if isinstance(part, ToolResultPart) for hit in part.sources]
    return frozenset(hit.number for hit in hits if hit.number is not None)


def _is_knowledge(part: AnyPart) -> TypeGuard[DataPart]:
    return isinstance(part, DataPart) and part.kind == "knowledge"


def _unnumbered(part: AnyPart, numbers: frozenset[int]) -> AnyPart:
    """The part without citations of these passages, and a search without the numbers that it gave."""
    match part:
        case TextPart() if numbers:
            return part.model_copy(update={"text": without_marks(part.text, numbers)})
        case ToolResultPart() if numbers and part.sources:
            return part.model_copy(update={"output": without_numbers(part.output)})
        case _:
            return part


def _undecided(calls: Sequence[ToolCallPart]) -> Message:
    results = [ToolResultPart(id=call.id, name=call.name, output=UNDECIDED, failed=True) for call in calls]
    return Message(role="tool", parts=tuple(results))
