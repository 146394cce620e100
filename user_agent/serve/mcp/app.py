"""One agent as an MCP server over streamable HTTP, without sessions: each request stands for itself."""

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from user_agent.errors import FabricError, NotFound
from user_agent.serve.failures import failure, refusal
from user_agent.serve.keyed import Keys
from user_agent.serve.reading import client_of, key_in, require_no_foreign_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from user_agent.serve.keyed import Opened
    from user_agent.serve.served import Profile


class McpApp:
    """ASGI application for a route with the agent's name as `agent`. The SDK is imported at the first request."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method != "POST":
            # There is nothing to listen to and no session to end.
            refused = failure(405, "bad_request", "An MCP client posts here.")
            refused.headers["allow"] = "POST"
            await refused(scope, receive, send)
            return
        try:
            require_no_foreign_page(request)
            name = request.path_params.get("agent")
            opened = await self._keys.opened(key_in(request.headers), "mcp", client_of(request), name)
            profile = await opened.served.profile()
            answer = await _loaded()
            await answer(opened, profile, scope, receive, send)
        except FabricError as error:
            await refusal(error)(scope, receive, send)


async def _loaded() -> "Callable[[Opened, Profile, Scope, Receive, Send], Awaitable[None]]":
    try:
        return await asyncio.to_thread(_answering)
    except ImportError as error:
        raise NotFound("This server does not speak MCP yet. `pip install mcp==2.3.0` adds its SDK.") from error


def _answering() -> "Callable[[Opened, Profile, Scope, Receive, Send], Awaitable[None]]":
    from user_agent.serve.mcp.server import answer

    return answer
