"""The size of a request's body, held before anybody reads it."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from user_agent.errors import TooLarge

MAX_BODY_BYTES = 64_000_000


class BodyLimit:
    """ASGI middleware that refuses bodies over `limit` bytes: by their declared length, else while they arrive."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit
        self._shown = f"{limit // 1_000_000} MB"
        self._message = f"The request is larger than {self._shown}."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > self._limit:
            await self._refusal()(scope, receive, send)
            return
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise TooLarge(self._message, limit=self._shown)
            return message

        await self._app(scope, receive_counted, send)

    def _refusal(self) -> JSONResponse:
        return JSONResponse(
            {"code": TooLarge.code, "message": self._message, "params": {"limit": self._shown}},
            status_code=TooLarge.status,
        )
