"""One agent for other agents, over A2A: its card, and an endpoint for JSON-RPC."""

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from user_agent.errors import FabricError, NotFound
from user_agent.serve.failures import refusal
from user_agent.serve.keyed import Keys, Opened
from user_agent.serve.reading import client_of, key_in, require_no_foreign_page

if TYPE_CHECKING:
    from user_agent.serve.a2a.server import A2aServer

CARD = "/.well-known/agent-card.json"


class A2aApp:
    """The endpoint and its card. The SDK is imported at the first request; who makes this closes it."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._server: A2aServer | None = None

    def routes(self, path: str) -> list[Route]:
        """The routes of agents whose name is `agent` in the path, such as `/agents/{agent}/a2a`."""
        return [
            Route(path, self._answer, methods=["POST"]),
            Route(path + CARD, self._card, methods=["GET"]),
        ]

    async def close(self) -> None:
        """End what is being answered."""
        if self._server is not None:
            await self._server.close()

    async def _answer(self, request: Request) -> Response:
        try:
            opened, server = await self._opened(request), await self._loaded()
            return await server.answer(opened, request)
        except FabricError as error:
            return refusal(error)

    async def _card(self, request: Request) -> Response:
        try:
            opened, server = await self._opened(request), await self._loaded()
            profile = await opened.served.profile()
        except FabricError as error:
            return refusal(error)
        endpoint = str(request.url.replace(query="")).removesuffix(CARD)
        return JSONResponse(server.card(profile, endpoint), headers={"cache-control": "private, max-age=60"})

    async def _opened(self, request: Request) -> Opened:
        require_no_foreign_page(request)
        name = request.path_params.get("agent")
        return await self._keys.opened(key_in(request.headers), "a2a", client_of(request), name)

    async def _loaded(self) -> "A2aServer":
        if self._server is None:
            try:
                kind = await asyncio.to_thread(_server)
            except ImportError as error:
                raise NotFound(
                    "This server does not speak A2A yet. `pip install a2a-sdk==1.3.0` adds its SDK."
                ) from error
            self._server = self._server or kind()
        return self._server


def _server() -> "type[A2aServer]":
    from user_agent.serve.a2a.server import A2aServer

    return A2aServer
