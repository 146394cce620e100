"""`AgentConfig`: what an agent is, in the format that `builder_config.json` always had.

A configuration is a validated view of a JSON document. Changing a field replaces that key of the document and nothing
else, so what this version does not know stays as inert data: kept, never evaluated, prompted or exported.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, PrivateAttr, ValidationError

from user_agent.errors import ConfigError
from user_agent.mcp.stored import McpServer, servers_in
from user_agent.openapi.stored import MAX_APIS, Api, apis_in
from user_agent.policies import POLICIES, ToolPolicy, operation_at
from user_agent.storable import check_values
from user_agent.words import Language

MAX_DOCUMENT_BYTES = 2_000_000

Document = dict[str, JsonValue]


def _sound_policy(value: object) -> object:
    return value if value in POLICIES else None


class ToolEntry(BaseModel):
    """One tool of the agent. Entries of old files carry more, which is kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str = ""
    is_active: bool = True
    use: bool = False
    policy: Annotated[ToolPolicy | None, BeforeValidator(_sound_policy)] = None
    """None where nothing was chosen, which is as `ask_writes`."""


class Generation(BaseModel):
    """How the model answers. Unset values are left to the model's own entry."""

    model_config = ConfigDict(frozen=True, extra="allow")

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=200_000)] | None = None


class Retrieval(BaseModel):
    """How what the agent knows is searched."""

    model_config = ConfigDict(frozen=True, extra="allow")

    embedding: Annotated[str, Field(max_length=300)] | None = None
    """The key of the embedding model: "" for words alone, None for the first that is ready."""
    reranker: Annotated[str, Field(max_length=300)] | None = None
    """The key of the model that puts passages in order; None and "" for none."""
    tags: Annotated[tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=20)] | None = None
    """Only files with one of these tags are searched; without any, all."""
    budget: Annotated[int, Field(ge=500, le=200_000)] | None = None
    """How many characters of what was found the model is shown; None for as many as its entry says."""


def _none_as(nothing: object) -> BeforeValidator:
    """Older files write null for what is not set."""
    return BeforeValidator(lambda value: nothing if value is None else value)


Text = Annotated[str, _none_as("")]


class AgentConfig(BaseModel):
    """The configuration of one agent. Never holds a secret or an absolute path."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Annotated[Text, Field(max_length=120)] = ""
    avatar: Annotated[Text, Field(max_length=300)] = ""
    description: Annotated[Text, Field(max_length=2_000)] = ""
    instruction: Annotated[Text, Field(max_length=100_000)] = ""
    language: Annotated[Language, BeforeValidator(lambda value: value or "zh")] = "zh"
    prologue: Annotated[Text, Field(max_length=10_000)] = ""
    prompt_recommend: Annotated[
        tuple[Annotated[str, Field(max_length=1_000)], ...], Field(max_length=50), _none_as(())
    ] = ()
    knowledge: Annotated[tuple[str, ...], Field(max_length=1_000), _none_as(())] = ()
    tools: Annotated[dict[str, ToolEntry], _none_as({})] = {}
    openapi: Annotated[dict[str, Api], Field(max_length=MAX_APIS), BeforeValidator(apis_in)] = {}
    """Imported APIs. Their keys are secrets under names that follow from the id and the server."""
    mcp_servers: Annotated[dict[str, McpServer], BeforeValidator(servers_in), Field(alias="mcpServers")] = {}
    """MCP servers, by the name that the person gave each. What their headers hold is secret."""
    memory: Annotated[bool, BeforeValidator(lambda value: value is True)] = False
    """Whether it notes facts about the person it talks with. Nothing but `true` switches that on."""
    model: Annotated[Text, Field(max_length=300)] = ""
    generation: Annotated[Generation, _none_as({})] = Generation()
    retrieval: Annotated[Retrieval, _none_as({})] = Retrieval()

    _document: Document = PrivateAttr(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The configuration in a JSON object. Raises `ConfigError` naming the field."""
        try:
            config = cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(step) for step in first["loc"]) or "config"
            raise ConfigError(f"{place!r}: {first['msg']}.", field=place, reason=first["msg"]) from error
        config._document = dict(document)
        return config

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The configuration in a JSON text. Raises `ConfigError` naming the field, or line and column."""
        return cls.from_document(parse_document(text))

    @property
    def document(self) -> Document:
        """The JSON object this is a view of. Do not change it; `replaced` makes a new configuration."""
        return self._document

    def replaced(self, changes: Mapping[str, JsonValue]) -> Self:
        """The same configuration with these keys of the document replaced; every other byte stays."""
        return self.from_document({**self._document, **changes})

    def to_json(self) -> str:
        """The document as the predecessor wrote it: UTF-8, two spaces of indent, readable Chinese."""
        return json.dumps(self._document, ensure_ascii=False, indent=2)

    @property
    def enabled_tools(self) -> tuple[str, ...]:
        """Ids of the tools that are ticked, in the order of the document."""
        return tuple(tool for tool, entry in self.tools.items() if entry.use and entry.is_active)

    def policy_of(self, key: str) -> ToolPolicy | None:
        """What was chosen for the tool of that id, or for the operation of that key; None where nothing was."""
        place = operation_at(key)
        if place is not None:
            api = self.openapi.get(place.api)
            return api.policy_of(place.operation) if api else None
        return self.tools[key].policy if key in self.tools else None


def parse_document(text: str, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Document:
    """The JSON object in `text`. Raises `ConfigError` for what is not strict JSON, too deep, too large or no object."""
    if len(text.encode("utf-8", "surrogatepass")) > max_bytes:
        raise ConfigError(f"The configuration is over {max_bytes:,} bytes.", field="config", reason="too large")
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"Line {error.lineno}, column {error.colno}: {error.msg}.",
            field="config",
            reason=f"line {error.lineno}, column {error.colno}: {error.msg}",
        ) from error
    except ValueError as error:
        # Python reads whole numbers of at most 4,300 digits.
        raise ConfigError("A number has too many digits.", field="config", reason="number too large") from error
    except RecursionError as error:
        raise ConfigError("The configuration is nested too deeply.", field="config", reason="too deep") from error
    if not isinstance(value, dict):
        raise ConfigError("A configuration is a JSON object.", field="config", reason="not an object")
    document = cast(Document, value)
    check_values(document)
    return document


def _no_duplicates(pairs: list[tuple[str, JsonValue]]) -> Document:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise ConfigError(f"{twice!r} stands twice.", field=twice, reason="duplicate key")
    return document


def _no_constant(name: str) -> JsonValue:
    raise ConfigError(f"{name} is not JSON.", field="config", reason=f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ConfigError(f"{text} is beyond any number.", field="config", reason=f"{text} is not a finite number")
    return number
