"""How large a request's body may be and how slowly it may come, held before anybody reads it."""

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from user_agent.errors import FabricError, TooLarge, TooSlow
from user_agent.serve.failures import refusal

MAX_BODY_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly a body may come. Only the time is counted in which somebody waited for more of it."""

    silence_s: float = 20.0
    """Between two pieces."""
    grace_s: float = 30.0
    """For a body of any size."""
    bytes_per_s: float = 2_000.0
    """After that. The slowest of mobile networks do so much."""


PACE = Pace()


class BodyLimit:
    """ASGI middleware that refuses bodies over `limit` bytes, by their declared length, else while they arrive, and
    those that arrive too slowly: each would hold a connection, and what has come of it, for as long as a client likes.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > self._limit:
            await refusal(_too_large(self._limit))(scope, receive, send)
            return
        body = _Body(receive, send, self._limit)
        try:
            await self._app(scope, body.receive, body.send)
        except FabricError as error:
            if error is not body.refused or body.answered:
                raise
        if body.refused is not None and not body.answered:
            await refusal(body.refused)(scope, receive, body.send)


class _Body:
    """One request's body on its way to whoever reads it, and the answer on its way back."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._limit = limit
        self._pace = PACE
        self._seen_bytes = 0
        self._waited_s = 0.0
        self._whole = False
        self.refused: FabricError | None = None
        self.answered = False
        """Whether an answer has begun."""

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            message = await self._piece()
        except TimeoutError:
            if self.answered:  # nobody reads it any more, but somebody listens whether the client is there
                return {"type": "http.disconnect"}
            raise self._refusal(
                TooSlow("The request came too slowly. Check the connection, then send it again.")
            ) from None
        self._seen_bytes += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._seen_bytes > self._limit:
            raise self._refusal(_too_large(self._limit))
        return message

    async def send(self, message: Message) -> None:
        if self.refused is not None and not self.answered and message.get("status") != self.refused.status:
            # Frameworks that read the body themselves tell of every failure there as of a body that makes no sense.
            return
        if message["type"] == "http.response.start":
            self.answered = True
            if isinstance(self.refused, TooSlow):
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await self._send(message)

    async def _piece(self) -> Message:
        """The next piece. Raises `TimeoutError` where it is late."""
        clock = asyncio.get_running_loop().time
        began = clock()
        left_s = self._pace.grace_s + self._seen_bytes / self._pace.bytes_per_s - self._waited_s
        async with asyncio.timeout(min(self._pace.silence_s, max(0.0, left_s))):
            message = await self._receive()
        self._waited_s += clock() - began
        return message

    def _refusal(self, error: FabricError) -> FabricError:
        self.refused = error
        return error


def _too_large(limit: int) -> TooLarge:
    shown = f"{limit // 1_000_000} MB"
    return TooLarge(f"The request is larger than {shown}. Send less at a time.", limit=shown)
