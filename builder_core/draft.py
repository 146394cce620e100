"""The draft that a builder turn edits: what may change, what did change. The store implements it."""

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from user_agent.config import AgentConfig, Generation, Language

Author = Literal["user", "builder", "form", "import", "api"]
"""Who set a field: the person in so many words, the builder's proposal, the form, an imported file, an API client."""


class ConfigPatch(BaseModel):
    """Fields to set, by the configuration's own names. None leaves a field as it is, byte for byte."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(max_length=120)] | None = None
    avatar: Annotated[str, Field(max_length=300)] | None = None
    description: Annotated[str, Field(max_length=2_000)] | None = None
    instruction: Annotated[str, Field(max_length=100_000)] | None = None
    language: Language | None = None
    prologue: Annotated[str, Field(max_length=10_000)] | None = None
    prompt_recommend: Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=50)] | None = None
    knowledge: Annotated[list[str], Field(max_length=1_000)] | None = None
    tools: dict[str, bool] | None = None
    """Ticks to set, by tool id; tools not named stay as they are."""
    model: Annotated[str, Field(max_length=300)] | None = None
    generation: Generation | None = None
    proposed: tuple[str, ...] = ()
    """Which of the named fields the person did not say themselves."""

    @property
    def fields(self) -> dict[str, JsonValue]:
        """The named fields with their values."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"proposed"})


class FieldChange(BaseModel):
    """One field that the store now holds differently."""

    model_config = ConfigDict(frozen=True)

    field: str
    """A field's name; a tool's tick is `tools.<id>`."""
    before: JsonValue
    after: JsonValue
    author: Author


class Refusal(BaseModel):
    """One field that was named and not stored."""

    model_config = ConfigDict(frozen=True)

    field: str
    why: str


class Change(BaseModel):
    """What a write did, as the store found it by comparing before and after. Never what somebody said it did."""

    model_config = ConfigDict(frozen=True)

    revision: int
    changes: tuple[FieldChange, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Draft(Protocol):
    """The one agent that a builder turn may read and edit. Bound to it by the session, not by the model."""

    async def current(self) -> AgentConfig: ...

    async def apply(self, patch: ConfigPatch) -> Change:
        """Store the patch and say what changed. Raises `ConfigError`.

        A patch without fields stores nothing; its answer tells the present revision.
        """
        ...


def differences(before: AgentConfig, after: AgentConfig, author_of: "AuthorOf") -> tuple[FieldChange, ...]:
    """The fields in which two configurations differ, tools one by one, in the document's order."""
    old, new = before.document, after.document
    found: list[FieldChange] = []
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) == new.get(key):
            continue
        if key == "tools":
            found.extend(_tool_differences(before, after, author_of))
        else:
            found.append(FieldChange(field=key, before=old.get(key), after=new.get(key), author=author_of(key)))
    return tuple(found)


class AuthorOf(Protocol):
    def __call__(self, field: str, /) -> Author: ...


def _tool_differences(before: AgentConfig, after: AgentConfig, author_of: AuthorOf) -> Sequence[FieldChange]:
    was, now = set(before.enabled_tools), set(after.enabled_tools)
    return [
        FieldChange(field=f"tools.{tool}", before=tool in was, after=tool in now, author=author_of("tools"))
        for tool in dict.fromkeys((*before.tools, *after.tools))
        if (tool in was) != (tool in now)
    ]
