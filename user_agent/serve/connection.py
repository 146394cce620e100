"""Connections that no client holds for nothing: without a request, with the head of one that never ends, or unread."""

import asyncio
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Protocol
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
else:  # for the parser that is installed; what is used here is the same in both, but where it says otherwise
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as Protocol

HEAD_S = 20.0
"""So long a connection may be open without the whole head of a request."""
MAX_HEAD_BYTES = 64_000
MAX_PIPELINED = 100
"""How many requests may be sent before the first one is answered."""
UNREAD_S = 120
"""After so long what a client takes no more of, or is not there to take, is given up, and its connection with it."""


class Connection(Protocol):
    """uvicorn's, which waits for clients without an end. Name it as `http` of the server."""

    _waiting: asyncio.TimerHandle | None = None
    _in_head = False
    _head_bytes = 0
    """Of what came since the piece in which it began."""
    _told_bytes = 0
    """Of headers that came whole."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux has it
        connection = transport.get_extra_info("socket")
        if option is not None and connection is not None and connection.family != getattr(socket, "AF_UNIX", None):
            connection.setsockopt(socket.IPPROTO_TCP, option, UNREAD_S * 1_000)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_head = self._in_head
        super().data_received(data)
        if not self._has_nothing_to_do:
            self._wait_no_more()
        if was_in_head and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")
        if len(getattr(self, "pipeline", ())) > MAX_PIPELINED:
            # The one that is being answered is the last: closed under it, its answer would be a defect in the log.
            self.pipeline.clear()
            self._answering.keep_alive = False

    def _start_asgi_task(self, cycle: "RequestResponseCycle", app: "ASGI3Application") -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_begin(self) -> None:  # by httptools, as what follows: h11 has a limit of its own
        self._in_head, self._head_bytes, self._told_bytes = True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._told_bytes += len(name) + len(value)
        if self._told_bytes > MAX_HEAD_BYTES:
            raise ValueError("The head of the request is too large.")  # makes it one that cannot be read
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._has_nothing_to_do and not self.transport.is_closing():
            self._wait()

    @property
    def _has_nothing_to_do(self) -> bool:
        cycle = getattr(self, "cycle", None)  # there is none before the first request
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(HEAD_S, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
