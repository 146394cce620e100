"""The resources of an agent's MCP servers: listed for the person, and fetched as knowledge."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from agentfabric.service.mcp import McpServers
from agentfabric.service.mcp_prompts import asked
from user_agent.errors import ConfigError, FetchFailed, NotFound
from user_agent.mcp.failures import ServerUnavailable
from user_agent.mcp.resources import McpResource, ResourceContent, read_resource, read_resources
from user_agent.words import Words

if TYPE_CHECKING:
    from mcp.client.client import Client

SCHEME = "mcp:"
"""What the sources of such knowledge begin with; the server's id and the resource's own address follow."""

_GONE = Words("这个智能体已经没有那台 MCP 服务器了。", "The agent has that MCP server no more.")


@dataclass(frozen=True, slots=True)
class McpResources:
    """The first argument of each is the user."""

    servers: McpServers

    async def all(self, user: str, agent_id: str, server_id: str) -> tuple[McpResource, ...]:
        """What the server lists now. Raises `NotFound`, and `ConfigError` where it does not answer."""
        return await asked(self.servers, user, agent_id, server_id, read_resources)

    async def named(self, user: str, agent_id: str, server_id: str, uri: str) -> McpResource:
        """The one with that address. Raises as `all`, and `NotFound` for one that the server does not list."""
        for resource in await self.all(user, agent_id, server_id):
            if resource.uri == uri:
                return resource
        raise NotFound(f"The server lists no resource {uri[:60]!r}.")

    async def fetch(self, user: str, agent_id: str, source: str) -> ResourceContent:
        """What is there now. Raises `FetchFailed`, which tells why in both languages."""
        server, _, uri = source.removeprefix(SCHEME).partition("/")

        async def read(client: "Client") -> ResourceContent:
            return await read_resource(client, uri)

        try:
            _, connection = await self.servers.reached(user, agent_id, unquote(server))
            return await connection.asked(read)
        except ServerUnavailable as error:
            raise FetchFailed.saying(
                Words(f"{error.words.zh}。", f"{error.words.en[:1].upper()}{error.words.en[1:]}.")
            ) from error
        except (NotFound, ConfigError) as error:
            raise FetchFailed.saying(
                _GONE if isinstance(error, NotFound) else Words(error.message, error.message)
            ) from error


def source_of(server_id: str, uri: str) -> str:
    """What a file is said to come from."""
    return f"{SCHEME}{quote(server_id, safe='')}/{uri}"
