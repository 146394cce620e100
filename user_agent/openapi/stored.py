"""An imported API as a configuration keeps it: the operations that were chosen, whole and without references.

What was chosen is pinned: a description that changes on its server changes nothing here until it is imported again.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from user_agent.policies import OTHER_METHOD_HEADERS, POLICIES, ToolPolicy

MAX_APIS = 20
MAX_CHOSEN = 100
"""How many operations of one API an agent takes."""
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
    arguments: dict[str, JsonValue] = {}
    """The JSON schema of what the model gives."""
    answer: JsonValue = None
    """What a success looks like, for trying it without asking the API; None where the description does not tell."""

    @property
    def tokens(self) -> int:
        """About how many tokens it adds to every turn: four letters to one, and one for each character of Chinese."""
        text = f"{self.name}{self.title}{self.description}{json.dumps(self.arguments, ensure_ascii=False)}"
        plain = len(text.encode("ascii", "ignore"))
        return plain // 4 + len(text) - plain

    @property
    def writes(self) -> bool:
        headers = {parameter.name.lower() for parameter in self.parameters if parameter.place == "header"}
        return self.method not in ("GET", "HEAD") or not headers.isdisjoint(OTHER_METHOD_HEADERS)


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
    policies: Annotated[dict[str, Leave], BeforeValidator(_sound_leaves)] = {}
    """What was chosen for operations, by name. One without an entry asks where it writes."""

    def operation(self, name: str) -> Operation | None:
        return next((operation for operation in self.operations if operation.name == name), None)

    def print_of(self, operation: Operation) -> str:
        """Short for the operation as it is, with where it goes: another one for whatever differs in it."""
        server = operation.server or self.server
        told = operation.model_dump_json(exclude_defaults=True, exclude={"answer"})
        return digest(f"{server}\n{told}")

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
