"""MCP servers as an agent's configuration keeps them: where each is, and the tools that were allowed, whole.

What was allowed is pinned: a tool that its server describes differently is not called until a person has seen how.
"""

import hashlib
import json
import re
from contextlib import suppress
from typing import Annotated, Literal, cast
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, ValidationError

from user_agent.memory.tokens import tool_tokens

MAX_SERVERS = 20
MAX_NAME_CHARS = 100
MAX_CHOSEN = 100
"""How many tools of one server an agent takes."""
MAX_DESCRIPTION_CHARS = 8_000
KEY_PREFIX = "mcp:"
"""What the names of servers' headers begin with among the secrets."""
SIGN_IN_PREFIX = "mcp-sign-in:"
"""What the names of sign-ins begin with among the secrets."""

SECRET = "$secret:mcp"  # noqa: S105  what stands in a configuration where a secret stood

Kind = Literal["http", "sse", "stdio"]
_FROZEN = ConfigDict(frozen=True, extra="ignore")
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


class McpTool(BaseModel):
    """A tool as its server described it when a person allowed it."""

    model_config = _FROZEN

    name: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION_CHARS)] = ""
    arguments: dict[str, JsonValue] = {}
    """The JSON schema of what the model gives."""
    read_only: bool = False
    """Whether the server says that it changes nothing."""

    @property
    def digest(self) -> str:
        """A name for exactly this description."""
        written = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def tokens(self) -> int:
        """About how many tokens it adds to every turn."""
        return tool_tokens(self.name, self.title, self.description, self.arguments)


def _texts(value: object) -> dict[str, str]:
    items = cast(dict[object, object], value).items() if isinstance(value, dict) else ()
    return {name: text for name, text in items if isinstance(name, str) and isinstance(text, str)}


class McpServer(BaseModel):
    """A server that an agent may use. What its headers hold is a secret, and never here."""

    model_config = _FROZEN

    id: Annotated[str, Field(max_length=200)] = ""
    type: Annotated[str, Field(max_length=200)] = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    headers: Annotated[dict[str, str], BeforeValidator(_texts)] = {}
    """Which headers it wants: their names count."""
    command: Annotated[str, Field(max_length=1_000)] = ""
    """For a server that is a process: the name under which whoever runs this one allowed it."""
    args: JsonValue = None
    env: JsonValue = None
    tools: Annotated[tuple[McpTool, ...], Field(max_length=MAX_CHOSEN)] = ()
    proposed: bool = False
    """Whether a builder proposed it and no person allowed it yet: it is not asked."""

    @property
    def kind(self) -> Kind:
        if self.command and not self.url:
            return "stdio"
        return "sse" if self.type.lower() == "sse" else "http"

    @property
    def wants(self) -> tuple[str, ...]:
        """The names of what has to be known to ask it: headers, and `?name` for parts of its address."""
        return (*self.headers, *(f"?{name}" for name, value in parse_qsl(urlsplit(self.url).query) if value == SECRET))

    def known_as(self, name: str) -> str:
        """Its id in addresses and among the secrets; its name where an older file gave it none."""
        return self.id if _ID.fullmatch(self.id) else name


def servers_in(value: object) -> dict[str, McpServer]:
    """The servers in a configuration's `mcpServers`. Files come from everywhere: what fits nothing is inert."""
    servers: dict[str, McpServer] = {}
    for name, entry in cast(dict[object, object], value).items() if isinstance(value, dict) else ():
        if isinstance(name, str) and 0 < len(name.strip()) <= MAX_NAME_CHARS and len(servers) < MAX_SERVERS:
            with suppress(ValidationError):
                servers[name] = McpServer.model_validate(entry)
    return servers
