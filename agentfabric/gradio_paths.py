"""Gradio's own endpoints: what the page asks is there, and nothing else.

Gradio would also take uploads into a folder that all users share and give them out again, ask other servers as a proxy,
run queues, and show how much it is used. The page uses none of that: its doors are the API's.
"""

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from user_agent.errors import NotFound

_OURS = re.compile(r"/gradio_api/(info|startup-events|app_id|heartbeat/[^/]+)/?")
_NOT_OURS = re.compile(r"/(login|logout|monitoring|pwa_icon)(/.*)?")


class OnlyThePage:
    """ASGI middleware that answers 404 for Gradio's endpoints that the page does not use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_used(scope):
            answer = JSONResponse(
                {"code": NotFound.code, "message": "This server does not use that.", "params": {}},
                status_code=NotFound.status,
            )
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_used(scope: Scope) -> bool:
    path: str = scope["path"]
    if "gradio_api" in path:
        return scope["method"] in ("GET", "HEAD") and _OURS.fullmatch(path) is not None
    return _NOT_OURS.fullmatch(path) is None
