"""How tools are offered to a model and its reply is read back."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from user_agent.events import ReasoningDelta, TextDelta, ToolDrafting, Usage
from user_agent.models.base import ChatModel, ModelRequest


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a reply asks for. `problem` says why its arguments could not be read, empty where they could."""

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


Reading = TextDelta | ReasoningDelta | ToolDrafting | ReplyEnd


class Dialect(Protocol):
    """One way of speaking with a model about tools."""

    def reply(self, model: ChatModel, request: ModelRequest) -> AsyncGenerator[Reading, None]:
        """The model's reply, read as it streams; exactly one `ReplyEnd` at its end. Raises `ModelError`."""
        ...
