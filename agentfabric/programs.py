"""Where programs ask the agents of this server: OpenAI's protocol, MCP and A2A, each with a key of the agent."""

from typing import cast

from fastapi import FastAPI

from agentfabric.service.agent_keys import AgentKeys
from agentfabric.service.studio import Studio
from user_agent.net import Http
from user_agent.serve.keyed import KeyScope, Opened
from user_agent.serve.programs import Programs


def programs_of(app: FastAPI) -> Programs:
    """The routes for programs, over the studio that the application holds once it has started."""
    return Programs(_StudioKeys(app), "/agents/{agent}")


class _StudioKeys:
    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @property
    def http(self) -> Http:
        return self._keys.http

    async def opened(self, key: str | None, scope: KeyScope, client: str, name: str | None = None) -> Opened:
        return await self._keys.opened(key, scope, client, name)

    @property
    def _keys(self) -> AgentKeys:
        return cast(Studio, self._app.state.studio).agent_keys
