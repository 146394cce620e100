"""Where an MCP server is asked, with what a person's own secrets add to its address and headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from user_agent.mcp.grants import Bearer
from user_agent.mcp.programs import Program
from user_agent.mcp.stored import Kind, McpServer
from user_agent.urls import NotAnUrl, origin_of, web_address


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server as one person asks it. Two people's are never equal where a secret of theirs differs."""

    kind: Kind
    url: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    program: Program | None = None
    bearer: Bearer | None = field(default=None, repr=False)
    """The person's sign-in, where there is one."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown, should the server repeat it: headers' values, the part after `Bearer`, and tokens."""
        values = [value for _, value in self.headers]
        values += [value for value in web_address(self.url).query.values() if value] if self.url else []
        values += [value for _, value in self.program.env] if self.program else []
        values += self.bearer.sent if self.bearer else ()
        parts = [value.rpartition(" ")[2] for value in values if " " in value]
        return tuple(value for value in (*values, *parts) if len(value) >= 4)

    def may_sign_in(self, challenge: str) -> bool:
        """Whether signing in helps where the server refuses: no key was entered that it may mean, or it says where."""
        has_key = bool(self.headers) or bool(web_address(self.url).query)
        names = {name.lower() for name, _ in self.headers}
        return "authorization" not in names and (not has_key or "resource_metadata" in challenge)


def origin_at(server: McpServer) -> str:
    """The origin that a server's secrets are for; empty where it has no usable address."""
    try:
        return origin_of(server.url) if server.url else ""
    except NotAnUrl:
        return ""


def endpoint_of(server: McpServer, held: Mapping[str, str]) -> Endpoint | None:
    """Where to ask, None where something that the server wants is not known. Raises `NotAnUrl`."""
    if any(not held.get(name) for name in server.wants):
        return None
    address = web_address(server.url)
    query = [(name, held.get(f"?{name}", value)) for name, value in address.query.items()]
    headers = tuple((name, held[name]) for name in server.headers)
    return Endpoint(server.kind, str(address.with_query(query)), headers)
