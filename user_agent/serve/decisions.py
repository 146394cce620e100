"""Turns that ended in calls which wait for a person, and the messages that decide on them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from user_agent.errors import BadRequest, NotWaiting
from user_agent.events import Decision
from user_agent.messages import DataPart, Message, ToolCallPart

Choice = Literal["allow", "always", "refuse"]
"""What a person says to a call: make it, make it and ask no more for its tool, do not make it."""

WAITING, DECIDED = "input_needed", "decided"
"""The kinds of the parts that keep which calls wait, and what was decided."""


class Decided(BaseModel):
    """What a person decided of the calls in which `turn` ended, by the calls' ids: `allow`, `always` (the tool asks no
    more), or `refuse`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    turn: Annotated[str, Field(max_length=100)]
    calls: Annotated[dict[str, Choice], Field(max_length=100)]


_CALLS: TypeAdapter[tuple[ToolCallPart, ...]] = TypeAdapter(tuple[ToolCallPart, ...])


def waiting_part(calls: Sequence[ToolCallPart]) -> DataPart:
    """The calls that wait, for the end of what their turn said."""
    return DataPart(kind=WAITING, data={"calls": _CALLS.dump_python(tuple(calls), mode="json")})


def waiting_calls(messages: Sequence[Message]) -> tuple[ToolCallPart, ...]:
    """The calls in which these messages of one turn ended; none where it did not wait for anybody."""
    for message in messages:
        for part in message.parts:
            if isinstance(part, DataPart) and part.kind == WAITING and isinstance(part.data, dict):
                return _CALLS.validate_python(part.data.get("calls"))
    return ()


def decided_message(decided: Decided) -> Message:
    """The decisions as the message that begins a turn."""
    return Message(role="user", parts=(DataPart(kind=DECIDED, data=decided.model_dump(mode="json")),))


def decided_in(message: Message) -> Decided | None:
    """What a message decides; None where it says something else."""
    match message.parts:
        case (DataPart(kind=kind, data=data), *_) if kind == DECIDED:
            return Decided.model_validate(data)
        case _:
            return None


def require_waits(decided: Decided, *, is_last: bool, messages: Sequence[Message]) -> None:
    """Raises `NotWaiting` where the turn, whose `messages` these are, is not the last that is shown and waits, and
    `BadRequest` for a call that it did not end in."""
    if not is_last:
        raise NotWaiting(
            "Nothing waits for this decision any more: it was made already, or the conversation went on. Load it again."
        )
    _require_known(decided.calls, {call.id for call in waiting_calls(messages)})


def _require_known(calls: Mapping[str, Choice], known: Collection[str]) -> None:
    if not calls:
        raise BadRequest(f"Name at least one of the calls that wait: {', '.join(sorted(known))}.")
    for call in calls:
        if call not in known:
            raise BadRequest(f"No call {call[:100]!r} waits there. The calls are: {', '.join(sorted(known))}.")


def decisions_of(decided: Decided | None) -> dict[str, Decision]:
    """What the loop is told of each call."""
    calls: Mapping[str, Choice] = decided.calls if decided else {}
    return {call: "refuse" if choice == "refuse" else "allow" for call, choice in calls.items()}
