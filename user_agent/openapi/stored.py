"""An imported API as a configuration keeps it: the operations that were chosen, whole and without references.

What was chosen is pinned: a description that changes on its server changes nothing here until it is imported again.
"""

import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Literal, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from user_agent.memory.tokens import tool_tokens
from user_agent.policies import OTHER_METHOD_HEADERS, POLICIES, ToolPolicy

MAX_APIS = 20
MAX_CHOSEN = 100
"""How many operations of one API an agent takes."""
MAX_NAME_CHARS = 64
KEY_PREFIX = "openapi:"
"""What the names of imported APIs' keys begin with among the secrets."""

Place = Literal["path", "query", "header", "cookie"]
Style = Literal["form", "simple", "label", "matrix", "spaceDelimited", "pipeDelimited", "deepObject"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
AuthKind = Literal["none", "api_key", "bearer", "basic", "oauth2"]
"""The last one gets tokens by client credentials; one that a person got elsewhere is a bearer."""

_NOTHING: Mapping[object, object] = {}
_API_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_FROZEN = ConfigDict(frozen=True, extra="ignore")


class Auth(BaseModel):
    """How a request says who asks. The key itself is a secret, and never here."""

    model_config = _FROZEN

    kind: AuthKind = "none"
    place: Literal["header", "query", "cookie"] = "header"
    """Where an API key goes."""
    name: Annotated[str, Field(max_length=200, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z\[\]-]*$")] = ""
    """The header, query field or cookie that carries an API key."""
    token_url: Annotated[str, Field(max_length=1_000)] = ""
    """Where `oauth2` changes the key, `<client id>:<client secret>`, for a token."""
    scopes: Annotated[str, Field(max_length=1_000, pattern=r"^[\x20-\x7e]*$")] = ""
    """What the token is asked for, with spaces between."""


class Parameter(BaseModel):
    """One parameter outside the body. `argument` is what the model calls it."""

    model_config = _FROZEN

    argument: str
    name: Annotated[str, Field(max_length=200)]
    place: Place
    style: Style
    explode: bool = False
    as_json: bool = False
    """Whether the value is written as JSON, as parameters with a `content` are."""


class Body(BaseModel):
    """What a request carries, and how it is written."""

    model_config = _FROZEN

    argument: str
    encoding: Literal["json", "form", "multipart", "text"]
    media_type: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")]
    deep: tuple[str, ...] = ()
    """Fields of a form whose objects are written as `name[key]=value`."""
    files: tuple[str, ...] = ()
    """Fields of a multipart form that are files."""


class Operation(BaseModel):
    """One thing that the API can do."""

    model_config = _FROZEN

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    title: Annotated[str, Field(max_length=300)] = ""
    description: Annotated[str, Field(max_length=4_000)] = ""
    method: Method
    path: Annotated[str, Field(max_length=2_000, pattern=r"^/")]
    server: Annotated[str, Field(max_length=1_000)] = ""
    """Where this operation alone is; empty for the API's own server."""
    accept: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")] = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    asks_async: bool = False
    """Whether it says `X-DashScope-Async: enable`, as descriptions of the predecessor have it beside the body."""
    arguments: dict[str, JsonValue] = {}
    """The JSON schema of what the model gives."""
    answer: JsonValue = None
    """What a success looks like, for trying it without asking the API; None where the description does not tell."""

    @property
    def tokens(self) -> int:
        """About how many tokens it adds to every turn."""
        return tool_tokens(self.name, self.title, self.description, self.arguments)

    @property
    def told(self) -> str:
        """All that is pinned of it, as one text."""
        return self.model_dump_json(exclude_defaults=True, exclude={"answer"})

    @property
    def argument_names(self) -> tuple[str, ...]:
        properties = self.arguments.get("properties")
        return tuple(properties) if isinstance(properties, dict) else ()

    @property
    def writes(self) -> bool:
        headers = {parameter.name.lower() for parameter in self.parameters if parameter.place == "header"}
        return self.method not in ("GET", "HEAD") or not headers.isdisjoint(OTHER_METHOD_HEADERS)


AnswerPlace = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Ends = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=20)]


class Wait(BaseModel):
    """How the result of an operation is waited for that only begins a task: another one is asked until it ended."""

    model_config = _FROZEN

    look: Operation
    """What is asked how far the task is. It is kept here whole: the model need not be offered it."""
    argument: Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
    """Which of its arguments takes the task's id."""
    id_at: Annotated[AnswerPlace, Field(min_length=1)]
    """Where the first answer has the id: `output.task_id`, a name alone wherever it stands, or `header:Location`."""
    state_at: AnswerPlace = ""
    """Where the later answers have the state; empty where their status tells: 202 as long as it runs."""
    done: Ends = ()
    """States that end the task with a result, in any case of letters."""
    failed: Ends = ()
    """States that end it without. In every other one it is still waited for."""

    @model_validator(mode="after")
    def _only_reads(self) -> Self:
        if self.look.writes:
            raise ValueError("only an operation that reads can be asked again and again")
        return self


class Seen(BaseModel):
    """What a description had when it was last chosen from, for telling what is new in it."""

    model_config = _FROZEN

    servers: Annotated[tuple[Annotated[str, Field(max_length=1_000)], ...], Field(max_length=20)] = ()
    places: Annotated[str, Field(max_length=100_000)] = ""
    """A short mark for the method and path of each of its operations, one after the other."""


class Stopped(BaseModel):
    """An operation that its description has otherwise by now: it is not used until a person has seen that."""

    model_config = _FROZEN

    now: Operation | None = None
    """None where it is not there any more."""
    look: Operation | None = None
    """What tells how far its task is, by now; None where there is none, or no more."""

    @property
    def digest(self) -> str:
        """A name for exactly this change."""
        return digest("\n".join(each.told if each else "" for each in (self.now, self.look)))


class Leave(BaseModel):
    """What a person chose for one operation: whether they are asked before each call of it."""

    model_config = _FROZEN

    policy: ToolPolicy
    of: str = ""
    """What was allowed, as `Api.print_of` writes it: the leave is for nothing else that has its name."""


def _sound_leaves(value: object) -> object:
    """Only what can be read: of anything else it is as if nothing had been chosen."""
    return {name: leave for name, leave in _entries(value).items() if _is_leave(leave)}


def _entries(value: object) -> Mapping[object, object]:
    return cast(Mapping[object, object], value) if isinstance(value, dict) else _NOTHING


def _is_leave(value: object) -> bool:
    leave = _entries(value)
    return leave.get("policy") in POLICIES and isinstance(leave.get("of", ""), str)


def _readable(value: object, kind: type[BaseModel], otherwise: BaseModel | None = None) -> object:
    """Those that can be read as this, and instead of any other one `otherwise`, if that is given."""
    found: dict[object, BaseModel] = {}
    for name, entry in _entries(value).items():
        if otherwise is not None:
            found[name] = otherwise
        with suppress(ValidationError):
            found[name] = kind.model_validate(entry)
    return found


def _named_once(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The first of each name: what is chosen of a name is chosen of one operation."""
    first: dict[str, Operation] = {}
    for operation in operations:
        first.setdefault(operation.name, operation)
    return tuple(first.values())


class Api(BaseModel):
    """An API that an agent may use, with the operations that its person chose."""

    model_config = _FROZEN

    title: Annotated[str, Field(max_length=200)] = ""
    server: Annotated[str, Field(max_length=1_000)]
    source: Annotated[str, Field(max_length=1_000)] = ""
    """The web address that the description came from; empty where it was pasted."""
    auth: Auth = Auth()
    operations: Annotated[tuple[Operation, ...], Field(max_length=MAX_CHOSEN), AfterValidator(_named_once)] = ()
    proposed: bool = False
    """Whether a builder proposed it and no person allowed it yet: nothing of it is used."""
    waits: Annotated[
        dict[str, Wait], Field(max_length=MAX_CHOSEN), BeforeValidator(lambda value: _readable(value, Wait))
    ] = {}
    """The operations that only begin a task, by name, and how its result is waited for."""
    policies: Annotated[dict[str, Leave], BeforeValidator(_sound_leaves)] = {}
    """What was chosen for operations, by name. One without an entry asks where it writes."""
    seen: Seen | None = None
    """None for what was chosen before anybody could ask what is new."""
    stopped: Annotated[dict[str, Stopped], BeforeValidator(lambda value: _readable(value, Stopped, Stopped()))] = {}
    """The operations that changed since they were allowed, by name. An entry that cannot be read stops one as well."""
    moved_to: Annotated[str, Field(max_length=1_000)] = ""
    """The server that the description names by now, instead of this one: nothing of this one is used until a person has
    seen that. Empty where it is the same."""

    def operation(self, name: str) -> Operation | None:
        return next((operation for operation in self.operations if operation.name == name), None)

    @property
    def usable(self) -> tuple[Operation, ...]:
        """The operations that a person allowed as they are."""
        if self.proposed:
            return ()
        return tuple(each for each in self.operations if each.name not in self.stopped and not self.has_moved(each))

    def has_moved(self, operation: Operation) -> bool:
        return bool(self.moved_to) and not operation.server

    def print_of(self, operation: Operation) -> str:
        """Short for the operation as it is, with where it goes: another one for whatever differs in it."""
        server = operation.server or self.server
        wait = self.waits.get(operation.name)
        after = f"\n{wait.model_dump_json(exclude_defaults=True)}" if wait else ""
        return digest(f"{server}\n{operation.told}{after}")

    def policy_of(self, name: str) -> ToolPolicy | None:
        """What was chosen for the operation of that name as it is now, None where nothing was."""
        leave, operation = self.policies.get(name), self.operation(name)
        if leave is None or operation is None:
            return None
        return leave.policy if leave.policy != "allow" or leave.of == self.print_of(operation) else None


def apis_in(value: object) -> object:
    """The APIs of a configuration, by id. What else stands under that name, as in files of other programs and of other
    versions, is kept as it came and not used."""
    found: dict[object, Api] = {}
    for api_id, entry in _entries(value).items():
        with suppress(ValidationError):
            if isinstance(api_id, str) and _API_ID.fullmatch(api_id):
                found[api_id] = Api.model_validate(entry)
    return found


def digest(text: str) -> str:
    """Short for a text: another one for every other text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
