"""The draft that a builder turn edits: what may change, what did change. The store implements it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from builder_core.policies import APIS, operation_keys, policy_field, without_policies
from user_agent.config import AgentConfig, Document, Generation, Retrieval
from user_agent.policies import ToolPolicy
from user_agent.words import Language

Author = Literal["user", "builder", "form", "import", "api", "default", "undo", "restore"]
"""Who set a field: the person in so many words, the builder's proposal, the form, an imported file, an API client,
nobody (what new agents start with); or that a change was taken back, or a version restored."""


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
    policies: dict[str, ToolPolicy] | None = None
    """Which tools ask a person before each call, by id, and which operations of APIs, by key. No builder sets them."""
    memory: bool | None = None
    """Whether the agent notes facts about the person. The builder sets it only where they ask for it."""
    model: Annotated[str, Field(max_length=300)] | None = None
    generation: Generation | None = None
    retrieval: Retrieval | None = None
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
    """A field's name; a tool's tick is `tools.<id>`, whether it asks before each call `tools.<id>.policy`, and an API
    or MCP server `openapi.<id>` or `mcpServers.<name>`; whether an operation asks is
    `openapi.<id>.<operation>.policy`."""
    before: JsonValue
    after: JsonValue
    author: Author
    id: str = ""
    """Its name in the agent's history."""


SERVICES = ("openapi", "mcpServers")
"""Fields that hold services by name, each of which is proposed, allowed and taken away by itself: `openapi.<id>`."""
LOCKED = "it is locked"
OVERTAKEN = "it was set by hand meanwhile"
CLASHES = "a later change stands in its place"
NOT_STORED = "the store does not hold it"
QUOTED = "only quoted text asks for it"
"""Reasons of refusals that a page puts into its own words."""


class Clash(BaseModel):
    """Two values for one field, of which neither may silently win. `current` is what the store holds."""

    model_config = ConfigDict(frozen=True)

    wanted: JsonValue
    current: JsonValue


class Refusal(BaseModel):
    """One field that was named and not stored."""

    model_config = ConfigDict(frozen=True)

    field: str
    why: str
    clash: Clash | None = None


class PastChange(FieldChange):
    """A change of the agent's history. `said` is the message that asked for it, empty where none did."""

    revision: int
    at: datetime
    turn: str | None = None
    said: str = ""
    accepted: bool = False
    """Whether the person accepted what the builder had proposed."""
    undone: bool = False


class Change(BaseModel):
    """What a write did, as the store found it by comparing before and after. Never what somebody said it did."""

    model_config = ConfigDict(frozen=True)

    revision: int
    changes: tuple[FieldChange, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Draft(Protocol):
    """The one agent that a builder turn may read and edit. Bound to it by the session, not by the model."""

    async def current(self) -> AgentConfig: ...

    async def locks(self) -> frozenset[str]:
        """The fields that the person has locked: writing one is refused."""
        ...

    async def past(self) -> Sequence[PastChange]:
        """What was changed so far and can be taken back, the newest first."""
        ...

    async def undo(self, changes: Collection[str]) -> Change:
        """Take these changes back, each by itself. One whose place a later one has taken is refused, with both texts.

        Raises `NotFound` for a change that this agent does not have.
        """
        ...

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
        elif key in SERVICES:
            found.extend(_service_differences(key, old.get(key), new.get(key), author_of))
            found.extend(_operation_differences(before, after, author_of) if key == APIS else ())
        else:
            found.append(FieldChange(field=key, before=old.get(key), after=new.get(key), author=author_of(key)))
    return tuple(found)


def allowed(service: JsonValue) -> JsonValue:
    """A service as it is once a person has allowed what was proposed."""
    return {key: value for key, value in service.items() if key != "proposed"} if isinstance(service, dict) else service


def with_all_allowed(config: AgentConfig) -> AgentConfig:
    """The configuration as it is once every proposed service is allowed."""
    held = {field: entries for field in SERVICES if isinstance(entries := config.document.get(field), dict)}
    changes: dict[str, JsonValue] = {
        field: {name: allowed(entry) for name, entry in entries.items()} for field, entries in held.items()
    }
    return config.replaced(changes) if changes else config


def proposed_services(config: AgentConfig) -> list[str]:
    """The services that were proposed and that nobody has allowed yet, by their fields: `openapi.<id>`."""
    apis = [f"openapi.{name}" for name, api in config.openapi.items() if api.proposed]
    return [*apis, *(f"mcpServers.{name}" for name, server in config.mcp_servers.items() if server.proposed)]


def services_but(config: AgentConfig, without: Collection[str]) -> Document:
    """The fields of the configuration that hold services, without those of these fields."""
    held = {top: entries for top in SERVICES if isinstance(entries := config.document.get(top), dict)}
    return {
        top: {name: entry for name, entry in entries.items() if f"{top}.{name}" not in without}
        for top, entries in held.items()
    }


class AuthorOf(Protocol):
    def __call__(self, field: str, /) -> Author: ...


def _service_differences(key: str, before: JsonValue, after: JsonValue, author_of: AuthorOf) -> Sequence[FieldChange]:
    values = map(without_policies, (before, after)) if key == APIS else (before, after)
    old, new = (value if isinstance(value, dict) else {} for value in values)
    return [
        FieldChange(field=f"{key}.{name}", before=old.get(name), after=new.get(name), author=author_of(f"{key}.{name}"))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]


def _tool_differences(before: AgentConfig, after: AgentConfig, author_of: AuthorOf) -> Sequence[FieldChange]:
    was, now = set(before.enabled_tools), set(after.enabled_tools)
    found: list[FieldChange] = []
    for tool in dict.fromkeys((*before.tools, *after.tools)):
        pairs: dict[str, tuple[JsonValue, JsonValue]] = {
            f"tools.{tool}": (tool in was, tool in now),
            policy_field(tool): (before.policy_of(tool), after.policy_of(tool)),
        }
        for field, (old, new) in pairs.items():
            if old != new:
                found.append(FieldChange(field=field, before=old, after=new, author=author_of("tools")))
    return found


def _operation_differences(before: AgentConfig, after: AgentConfig, author_of: AuthorOf) -> Sequence[FieldChange]:
    keys = dict.fromkeys((*operation_keys(before), *operation_keys(after)))
    pairs = ((policy_field(key), before.policy_of(key), after.policy_of(key)) for key in keys)
    return [
        FieldChange(field=field, before=old, after=new, author=author_of(APIS))
        for field, old, new in pairs
        if old != new
    ]
