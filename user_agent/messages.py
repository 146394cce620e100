"""What goes to a model and comes back: pure values, equal by content. Ids and order belong to the store."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from user_agent.knowledge.hits import KnowledgeHit

INTERRUPTED = "[The call was interrupted before it had a result.]"
"""What a model is told of a call that has no result."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TextPart(Part):
    type: Literal["text"] = "text"
    text: str


class ReasoningPart(Part):
    """What a model thought aloud before it answered."""

    type: Literal["reasoning"] = "reasoning"
    text: str


class FilePart(Part):
    """A file that travels with a message, named by its id; its bytes are in the store."""

    type: Literal["file"] = "file"
    file: str
    name: str
    media_type: str
    size_bytes: int
    alt: str = ""
    """What it shows, in words, for whoever cannot see it; empty where nobody said."""


Cell = str | int | float | bool | None


class TablePart(Part):
    """A table that a tool made for the person, as far as a page shows it. No model is sent it: it reads the result."""

    type: Literal["table"] = "table"
    title: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_columns: int
    total_rows: int
    """How many there are in all, in the file."""
    file: FilePart | None = None
    """All of it as CSV; None where there is no place to keep it."""


class DataPart(Part):
    """Something a page shows and no model reads, such as the list of what a builder turn changed."""

    type: Literal["data"] = "data"
    kind: str
    data: JsonValue


class ToolCallPart(Part):
    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: dict[str, JsonValue]


class ToolResultPart(Part):
    type: Literal["tool_result"] = "tool_result"
    id: str
    name: str
    output: str
    failed: bool = False
    seconds: float = 0.0
    files: tuple[FilePart, ...] = ()
    """What the tool made for the person; the model reads of it in `output`."""
    tables: tuple[TablePart, ...] = ()
    refused: bool = False
    """Whether a person did not allow the call."""
    sources: tuple[KnowledgeHit, ...] = ()
    """What it found that an answer can cite; the model reads it in `output`."""


AnyPart = Annotated[
    TextPart | ReasoningPart | FilePart | DataPart | ToolCallPart | ToolResultPart,
    Field(discriminator="type"),
]

Role = Literal["user", "assistant", "tool"]


class Message(BaseModel):
    """One entry of a conversation. The system prompt is not a message: it is made anew for every turn."""

    model_config = ConfigDict(frozen=True)

    role: Role
    parts: tuple[AnyPart, ...]

    @property
    def text(self) -> str:
        """The written words of the message, without its thinking, calls and files."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def calls(self) -> tuple[ToolCallPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolCallPart))

    @property
    def results(self) -> tuple[ToolResultPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolResultPart))


def user_message(text: str, *files: FilePart) -> Message:
    """The message of a person: their words, then the files that came along."""
    return Message(role="user", parts=(TextPart(text=text), *files))


def results_after(following: Sequence[Message]) -> dict[str, ToolResultPart]:
    """The results that came before the model spoke again, by call."""
    results: dict[str, ToolResultPart] = {}
    for message in following:
        if message.role == "assistant":
            break
        results |= {result.id: result for result in message.results}
    return results
