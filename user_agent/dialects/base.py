"""How tools are offered to a model and its reply is read back."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from user_agent.events import ModelWaiting, ReasoningDelta, TextDelta, ToolDrafting, Usage
from user_agent.models.base import ChatModel, Chunk, ModelRequest


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a reply asks for. `problem` says what is wrong with it as it was written, empty where nothing is."""

    id: str
    name: str
    arguments: dict[str, JsonValue]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The last thing a dialect yields: the calls, in the model's order, and what the reply cost."""

    calls: tuple[Call, ...]
    usage: Usage
    finish: str = ""


Reading = ModelWaiting | TextDelta | ReasoningDelta | ToolDrafting | ReplyEnd


def waiting_of(chunk: Chunk) -> Iterator[ModelWaiting]:
    """What a chunk says of waiting, for every dialect to pass on."""
    if chunk.waiting:
        yield ModelWaiting(seconds=chunk.waiting.seconds, code=chunk.waiting.code)


class Dialect(Protocol):
    """One way of speaking with a model about tools."""

    def reply(self, model: ChatModel, request: ModelRequest) -> AsyncGenerator[Reading, None]:
        """The model's reply, read as it streams; exactly one `ReplyEnd` at its end. Raises `ModelError`."""
        ...
