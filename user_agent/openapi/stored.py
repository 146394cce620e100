"""An imported API as a configuration keeps it: the operations that were chosen, whole and without references.

What was chosen is pinned: a description that changes on its server changes nothing here until it is imported again.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

MAX_APIS = 20
MAX_CHOSEN = 100
"""How many operations of one API an agent takes."""
KEY_PREFIX = "openapi:"
"""What the names of imported APIs' keys begin with among the secrets."""

Place = Literal["path", "query", "header", "cookie"]
Style = Literal["form", "simple", "label", "matrix", "spaceDelimited", "pipeDelimited", "deepObject"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
AuthKind = Literal["none", "api_key", "bearer", "basic"]

_FROZEN = ConfigDict(frozen=True, extra="ignore")


class Auth(BaseModel):
    """How a request says who asks. The key itself is a secret, and never here."""

    model_config = _FROZEN

    kind: AuthKind = "none"
    place: Literal["header", "query", "cookie"] = "header"
    """Where an API key goes."""
    name: Annotated[str, Field(max_length=200, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z\[\]-]*$")] = ""
    """The header, query field or cookie that carries an API key."""


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

    @property
    def tokens(self) -> int:
        """About how many tokens it adds to every turn: four letters to one, and one for each character of Chinese."""
        text = f"{self.name}{self.title}{self.description}{json.dumps(self.arguments, ensure_ascii=False)}"
        plain = len(text.encode("ascii", "ignore"))
        return plain // 4 + len(text) - plain

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")


class Api(BaseModel):
    """An API that an agent may use, with the operations that its person chose."""

    model_config = _FROZEN

    title: Annotated[str, Field(max_length=200)] = ""
    server: Annotated[str, Field(max_length=1_000)]
    source: Annotated[str, Field(max_length=1_000)] = ""
    """The web address that the description came from; empty where it was pasted."""
    auth: Auth = Auth()
    operations: Annotated[tuple[Operation, ...], Field(max_length=MAX_CHOSEN)] = ()
    proposed: bool = False
    """Whether a builder proposed it and no person allowed it yet: nothing of it is used."""
