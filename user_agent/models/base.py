"""What every model looks like to the loop, whatever its wire."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import JsonValue

from user_agent.events import Usage
from user_agent.messages import Message

FileKind = Literal["image", "other"]


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of a file that a message names, read by the owner of the store before the run."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as a model is told of it. `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model."""

    system: str
    messages: Sequence[Message]
    tools: Sequence[ToolSchema] = ()
    files: dict[str, FileContent] = field(default_factory=dict[str, FileContent])
    """Contents of the files that the messages name, by file id."""
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    """The longest answer, in tokens; None leaves it to the endpoint."""


@dataclass(frozen=True, slots=True)
class CallDelta:
    """A piece of a tool call. `index` tells the calls of one reply apart; `id` and `name` may come once, or never."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing of the reply yet: the endpoint failed in a way that passes, and is asked again after `seconds`."""

    seconds: float
    code: str
    """The `code` of the failure."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a reply. Any of its fields may be empty."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[CallDelta, ...] = ()
    usage: Usage | None = None
    finish: str = ""
    """The endpoint's reason for ending (`stop`, `length`, `tool_calls`, `content_filter`), in the last chunk."""
    waiting: Waiting | None = None
    pieces: int = 1
    """In how many pieces the endpoint sent these words."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the catalogue knows of a model. Nothing here is guessed from a name."""

    context_length: int | None = None
    """Tokens that fit, question and answer together; None where the catalogue does not say."""
    function_calling: bool = True
    vision: bool = False
    reasoning: bool = False


class ChatModel(Protocol):
    """A model that answers in pieces."""

    @property
    def facts(self) -> ModelFacts: ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The reply, piece by piece. Raises `ModelError`. Closing the iterator ends the request."""
        ...
