"""How MCP servers are, as their person sees them."""

from dataclasses import dataclass
from typing import Literal

from user_agent.mcp.failures import SIGN_IN
from user_agent.mcp.listing import Listing
from user_agent.mcp.pasted import Pasted
from user_agent.mcp.stored import McpServer
from user_agent.words import Words

ServerStateName = Literal["unknown", "connecting", "ready", "failed", "missing", "sign_in"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a server answered when it was asked what it offers; `problem` where it did not."""

    pasted: Pasted
    listing: Listing | None
    problem: Words | None = None

    @property
    def wants_sign_in(self) -> bool:
        return self.problem is SIGN_IN


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server of an agent as its person sees it."""

    name: str
    server: McpServer
    state: ServerStateName
    missing: tuple[str, ...] = ()
    """What has to be entered: names of headers, and `?name` for parts of its address."""
    problem: Words | None = None
    listing: Listing | None = None
    """What it offers now, as far as it was asked."""
    signed_in: bool = False
