"""What a person entered for MCP servers: headers, and parts of addresses; each for its server's origin alone."""

import json
from typing import cast

from pydantic import SecretStr

from agentfabric.store.agents import AgentStore
from agentfabric.store.secrets import MAX_NAME_CHARS, SecretStore
from user_agent.mcp.endpoint import origin_at
from user_agent.mcp.pasted import Pasted
from user_agent.mcp.stored import KEY_PREFIX, McpServer


class ServerSecrets:
    """One secret for each server, under a name that its origin is part of: elsewhere there is nothing."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets

    async def held(self, user: str, name: str, server: McpServer) -> dict[str, str]:
        """What the person entered, by the names that the server's `wants` has."""
        kept = (await self._secrets.kept(user)).get(secret_name(name, server))
        if kept is None or kept.origins != frozenset({origin_at(server)}):
            return {}
        return cast(dict[str, str], json.loads(kept.value.get_secret_value()))

    async def keep(self, user: str, pasted: Pasted) -> None:
        """Keep more of what a server wants to know, in the place of what was known under the same names."""
        name, server = pasted.name, pasted.server
        if pasted.held and origin_at(server):
            held = await self.held(user, name, server)
            held |= {each: value.get_secret_value() for each, value in pasted.held.items()}
            text = SecretStr(json.dumps({each: held[each] for each in server.wants if each in held}))
            await self._secrets.set(user, secret_name(name, server), text, origins={origin_at(server)})

    async def forget(self, user: str, name: str, server: McpServer, agents: AgentStore) -> bool:
        """Forget what a server was told, and say so, unless what is live of the agent, or a copy, still uses it."""
        secret = secret_name(name, server)
        for config in await agents.in_use(user):
            if any(secret_name(known, each) == secret for known, each in config.mcp_servers.items()):
                return False
        await self._secrets.delete(user, secret)
        return True


def secret_name(name: str, server: McpServer) -> str:
    return f"{KEY_PREFIX}{server.known_as(name)}:{origin_at(server)}"[:MAX_NAME_CHARS]
