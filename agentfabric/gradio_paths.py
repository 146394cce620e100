"""Gradio's own endpoints: what the page asks is there, and nothing else.

Gradio would also take uploads into a folder that all users share and give them out again, ask other servers as a proxy,
and run queues. The page uses none of that: its doors are the API's.
"""

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from user_agent.errors import NotFound

_OURS = re.compile(r"/gradio_api/(info|startup-events|app_id|heartbeat/[^/]+)/?")


class OnlyThePage:
    """ASGI middleware that answers 404 for Gradio's endpoints that the page does not use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "gradio_api" in scope["path"] and not _is_used(scope):
            answer = JSONResponse(
                {"code": NotFound.code, "message": "This server does not use that.", "params": {}},
                status_code=NotFound.status,
            )
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_used(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and _OURS.fullmatch(scope["path"]) is not None
