"""One agent as an ASGI application: who asks is found out, then the page's routes answer.

Every address in it is below wherever it is mounted.
"""

from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from user_agent.errors import FabricError
from user_agent.serve.body_limit import BodyLimit
from user_agent.serve.door import Door, Entered
from user_agent.serve.failures import defect, gone, http, known, refusal
from user_agent.serve.headers import DATA_POLICY, chat_policy, with_headers
from user_agent.serve.limits import Streams
from user_agent.serve.page import page_routes
from user_agent.serve.page_files import chat_files


def agent_app(
    door: Door,
    static: Path,
    *,
    more: Sequence[BaseRoute] = (),
    programs: Sequence[BaseRoute] = (),
    streams: Streams | None = None,
) -> ASGIApp:
    """The application: the page and what it asks, `/healthz`, and `more` routes behind the same door. Those for
    `programs` have a door of their own.

    `static` is the folder that has `chat` and `vendor`; `streams` counts those that are open.
    """
    files = chat_files(static)
    entered = [*page_routes(files), *more]
    app = Starlette(
        routes=[
            Route("/healthz", _healthz),
            *files.routes,
            *programs,
            Mount("/", _Entrance(Starlette(routes=entered, exception_handlers=_HANDLERS), door, streams or Streams())),
        ],
        exception_handlers=_HANDLERS,
    )
    return _Headers(BodyLimit(app))


class _Headers:
    """ASGI middleware: what browsers are told about every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        state = scope.setdefault("state", {})
        is_static = scope["path"].startswith(f"{scope.get('root_path', '')}/static/")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = _told(message, state.get("entered"), is_static=is_static)
            await send(message)

        await self._app(scope, receive, guarded)


def _told(start: Message, entered: Entered | None, *, is_static: bool) -> Message:
    """The beginning of an answer with what the browser is told."""
    ancestors = entered.frame_ancestors if entered else ()
    is_page = any(name == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])
    # A worker is held to the policy that came with its script.
    policy = chat_policy(ancestors) if is_page or is_static else DATA_POLICY
    told = with_headers(start, policy, framed=bool(ancestors))
    if entered and entered.set_cookie:
        told["headers"].append((b"set-cookie", entered.set_cookie.encode("latin-1")))
    return told


class _Entrance:
    """ASGI middleware: nothing behind it is asked before the door has said who asks."""

    def __init__(self, app: ASGIApp, door: Door, streams: Streams) -> None:
        self._app = app
        self._door = door
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            scope["state"]["entered"] = await self._door.enter(Request(scope))
            scope["state"]["streams"] = self._streams
        except FabricError as error:
            await refusal(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


_HANDLERS = {FabricError: known, HTTPException: http, ClientDisconnect: gone, Exception: defect}
