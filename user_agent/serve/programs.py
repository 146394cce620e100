"""The protocols for programs as routes, for whoever serves agents: each has a door of its own, which wants a key."""

from starlette.routing import BaseRoute, Mount, Route

from user_agent.serve.a2a.app import A2aApp
from user_agent.serve.keyed import Keys
from user_agent.serve.mcp.app import McpApp
from user_agent.serve.openai.app import openai_app


class Programs:
    """OpenAI's protocol under `/v1`; MCP and A2A below `place`, which may have the agent's name as `{agent}` in it.

    Whoever makes this closes it.
    """

    def __init__(self, keys: Keys, place: str = "") -> None:
        self._a2a = A2aApp(keys)
        self.routes: list[BaseRoute] = [
            Mount("/v1", openai_app(keys)),
            Route(f"{place}/mcp", McpApp(keys)),
            *self._a2a.routes(f"{place}/a2a"),
        ]

    async def close(self) -> None:
        """End what is being answered."""
        await self._a2a.close()
