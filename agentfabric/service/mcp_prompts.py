"""The prompts of an agent's MCP servers: listed, and filled in for the person to look at."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from agentfabric.service.mcp import McpServers
from user_agent.errors import ConfigError
from user_agent.mcp.failures import ServerUnavailable
from user_agent.mcp.prompts import McpPrompt, PromptText, read_prompt, read_prompts

if TYPE_CHECKING:
    from mcp.client.client import Client

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class McpPrompts:
    """The first argument of each is the user; foreign ids are `NotFound`, and a server that does not answer is told by
    `ConfigError`."""

    servers: McpServers

    async def all(self, user: str, agent_id: str, server_id: str) -> tuple[McpPrompt, ...]:
        """What the server offers now."""
        return await asked(self.servers, user, agent_id, server_id, read_prompts)

    async def filled_in(
        self, user: str, agent_id: str, server_id: str, name: str, arguments: Mapping[str, str]
    ) -> PromptText:
        """One of its prompts with these arguments. Nothing is done with it."""

        async def read(client: "Client") -> PromptText:
            return await read_prompt(client, name, arguments)

        return await asked(self.servers, user, agent_id, server_id, read)


async def asked(
    servers: McpServers, user: str, agent_id: str, server_id: str, what: "Callable[[Client], Awaitable[Read]]"
) -> Read:
    """What a server of the agent answers. Raises `NotFound`, and `ConfigError` that says why it does not."""
    name, connection = await servers.reached(user, agent_id, server_id)
    try:
        return await connection.asked(what)
    except ServerUnavailable as error:
        raise ConfigError(f"{name!r}: {error.words.en}.", field=name, reason=error.words.en) from error
