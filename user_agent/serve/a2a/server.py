"""The agent as the official SDK serves it. Imported when the first client asks."""

import logging
from typing import Any

import orjson
from a2a.auth.user import User
from a2a.server.context import ServerCallContext
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.request_handlers.response_helpers import agent_card_to_dict
from a2a.server.routes.common import DefaultServerCallContextBuilder
from a2a.server.routes.jsonrpc_dispatcher import JsonRpcDispatcher
from a2a.types import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    HTTPAuthSecurityScheme,
    SecurityRequirement,
    SecurityScheme,
    StringList,
)
from a2a.utils.constants import PROTOCOL_VERSION_0_3, PROTOCOL_VERSION_1_0, TransportProtocol
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from user_agent.serve.a2a.executor import Executor
from user_agent.serve.a2a.tasks import ASKING, OPENED, Elsewhere, Tasks
from user_agent.serve.keyed import Opened
from user_agent.serve.reading import read_already, whole_body
from user_agent.serve.served import Profile

INPUT = ["text/plain", "application/json", "image/png", "image/jpeg", "image/webp"]
OUTPUT = ["text/plain", "application/json"]
WAITS_S = 600.0
"""How long a task that waits for its client is held."""
MAX_BODY_BYTES = 30_000_000
"""Pictures in base64 included."""

_NO_JSON = {"code": -32700, "message": "The body is not the JSON of a request in UTF-8."}

# It logs what it is asked and answers: that is nobody else's.
logging.getLogger("a2a").setLevel(logging.CRITICAL + 1)


class _Caller(User):
    """Who brought the key. Tasks belong to them alone."""

    def __init__(self, visitor: str) -> None:
        self._visitor = visitor

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def user_name(self) -> str:
        return self._visitor


class _Contexts(DefaultServerCallContextBuilder):
    def build(self, request: Request) -> ServerCallContext:
        context = super().build(request)
        opened: Opened = request.scope[OPENED]
        # The SDK reads its version of them; the key goes no further.
        headers = {name: value for name, value in request.headers.items() if name not in ("authorization", "cookie")}
        context.state.update({"headers": headers, OPENED: opened})
        context.user = _Caller(opened.caller.visitor)
        ASKING.set(context)
        return context


class A2aServer:
    """All agents of a process: a task is among the notes of whoever began it, with a key of one of them."""

    def __init__(self) -> None:
        tasks = Tasks()
        self._handler = DefaultRequestHandler(
            Executor(tasks), tasks, _capable(), event_stream=Elsewhere(tasks), interrupted_task_timeout=WAITS_S
        )
        self._dispatcher = JsonRpcDispatcher(self._handler, _Contexts(), enable_v0_3_compat=True)

    async def close(self) -> None:
        await self._handler.aclose()

    async def answer(self, opened: Opened, request: Request) -> Response:
        """What the SDK answers. Raises `TooLarge`."""
        body = await whole_body(request, MAX_BODY_BYTES)
        try:
            # More strictly than the SDK does, which breaks over what no encoding carries.
            orjson.loads(body)
        except orjson.JSONDecodeError:
            return JSONResponse({"jsonrpc": "2.0", "id": None, "error": _NO_JSON})

        request.scope[OPENED] = opened
        again = Request(request.scope, read_already(body, request.receive))
        return await self._dispatcher.handle_requests(again)

    def card(self, profile: Profile, endpoint: str) -> dict[str, Any]:
        """What other agents read of this one; `endpoint` is where they ask it."""
        card = _capable()
        card.name, card.description, card.version = profile.name, profile.description or profile.name, profile.version
        for version in (PROTOCOL_VERSION_1_0, PROTOCOL_VERSION_0_3):
            card.supported_interfaces.append(
                AgentInterface(url=endpoint, protocol_binding=TransportProtocol.JSONRPC, protocol_version=version)
            )
        skill = AgentSkill(
            id="ask", name=profile.name, description=card.description, tags=["agent"], examples=profile.suggestions
        )
        card.skills.append(skill)
        return agent_card_to_dict(card)


def _capable() -> AgentCard:
    """What all agents here have in common."""
    bearer = HTTPAuthSecurityScheme(scheme="bearer", description="A key of this agent.")
    return AgentCard(
        name="agent",
        description="An agent.",
        version="1",
        capabilities=AgentCapabilities(streaming=True, push_notifications=False),
        default_input_modes=INPUT,
        default_output_modes=OUTPUT,
        security_schemes={"key": SecurityScheme(http_auth_security_scheme=bearer)},
        security_requirements=[SecurityRequirement(schemes={"key": StringList()})],
    )
