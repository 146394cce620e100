"""A connection to an MCP server: opened in the background, kept between turns, and never waited for without an end."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import structlog
from pydantic import JsonValue

from user_agent.mcp.allowance import Allowance
from user_agent.mcp.endpoint import Endpoint
from user_agent.mcp.failures import (
    BROKE,
    SIGN_IN,
    SLOW,
    TOO_MUCH,
    Refusal,
    ServerUnavailable,
    is_lost,
    words_for,
    words_for_answer,
    words_for_program,
)
from user_agent.mcp.last_words import LastWords
from user_agent.mcp.listing import Listing, read_listing
from user_agent.mcp.open_calls import Asking, OpenCalls
from user_agent.mcp.patience import Patience
from user_agent.net import Http
from user_agent.tools.context import Report
from user_agent.words import Words

if TYPE_CHECKING:
    from mcp.client.client import Client
    from mcp_types import CallToolResult

    from user_agent.mcp.http import GuardedTransport

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

State = Literal["unknown", "connecting", "ready", "failed"]
CLOSING_S = 2.0
_Read = TypeVar("_Read")
_SESSION_GONE = "Session terminated"
"""What the SDK calls an answer that says that a session is not known any more: nothing was done."""


class Connection:
    """One person's connection to one server. Nothing is opened before somebody asks for it."""

    def __init__(self, endpoint: Endpoint, http: Http, patience: Patience) -> None:
        self.endpoint = endpoint
        self.patience = patience
        self.listing: Listing | None = None
        """What the server offered when it was last asked; None before."""
        self._http = http
        self._failure: Words | None = None
        self._failed_at = -math.inf
        self._listed_at = -math.inf
        self._used_at = time.monotonic()
        self._calls = 0
        self._tasks: set[asyncio.Task[None]] = set()
        """What is open, or still closing."""
        self._live: asyncio.Future[Client] | None = None
        self._transport: GuardedTransport | None = None
        self._closing = asyncio.Event()
        self._relisting = asyncio.Lock()
        self._open_calls = OpenCalls()
        self._last_words = LastWords()

    @property
    def failure(self) -> Words | None:
        """Why the server is not asked just now; None where it may be."""
        waited = time.monotonic() - self._failed_at
        return self._failure if waited < self.patience.retry_after_s else None

    @property
    def state(self) -> State:
        if self._live is not None:
            return "ready" if self._live.done() else "connecting"
        return "failed" if self.failure else "unknown"

    @property
    def is_used(self) -> bool:
        return self._calls > 0

    def begin(self) -> None:
        """Connect in the background, unless that is done, under way, or failed a short while ago."""
        if self._live is None and self.failure is None:
            self._live = asyncio.get_running_loop().create_future()
            self._closing = asyncio.Event()
            task = asyncio.create_task(self._run(self._live, self._closing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def look(self) -> Listing:
        """What the server offers now, asked anew. Raises `ServerUnavailable`."""
        self._failed_at = -math.inf
        if self._live is not None and self._live.done():
            self._listed_at = -math.inf
        return await self._current(await self._ready())

    async def offered(self) -> Listing:
        """What it offers, as known a short while ago. Raises `ServerUnavailable`."""
        return await self._current(await self._ready())

    async def asked(self, what: "Callable[[Client], Awaitable[_Read]]") -> _Read:
        """What the server answers to something else than a call. Raises `ServerUnavailable`."""
        from mcp.shared.exceptions import MCPError

        client = await self._ready()
        self._calls += 1
        try:
            async with asyncio.timeout(self.patience.connect_s):
                return await what(client)
        except (MCPError, ValueError, RuntimeError, TimeoutError) as error:
            self._require_sign_in(error)
            if is_lost(error) or str(error) == _SESSION_GONE:
                self._let_go()
            raise ServerUnavailable(words_for_answer(error, self.endpoint.secrets)) from error
        finally:
            self._calls -= 1
            self._used_at = time.monotonic()

    async def call(
        self, tool: str, arguments: Mapping[str, JsonValue], report: Report, ask: Asking
    ) -> "CallToolResult":
        """What a tool answers; what its server asks the person meanwhile goes to `ask`.

        Raises `ServerUnavailable` where the server was not asked or refused, and the SDK's `MCPError`.
        """

        async def progressed(progress: float, total: float | None, message: str | None) -> None:
            report(progress / total if total else None, message or "")

        from mcp.shared.exceptions import MCPError

        self._calls += 1
        try:
            for attempt in (1, 2):
                client = await self._ready()
                refused_before = self._refusal
                try:
                    call = partial(client.call_tool, tool, dict(arguments), progress_callback=progressed)
                    return await self._open_calls.in_time(call, ask, self.patience.call_s)
                except MCPError as error:
                    self._require_sign_in(error)
                    is_gone = error.message == _SESSION_GONE
                    if is_gone or is_lost(error):
                        self._let_go()  # who does not answer one call would hold up the next
                    refusal = self._refusal
                    if not is_gone and refusal is not None and refusal is not refused_before:
                        # The SDK says that there was one, and not which.
                        raise ServerUnavailable(words_for(error, refusal)) from error
                    if not is_gone or attempt == 2:
                        raise
            raise AssertionError("The second attempt ends in an answer or an error.")
        finally:
            self._calls -= 1
            self._used_at = time.monotonic()

    async def close(self) -> None:
        """End the connection; a later call opens it anew."""
        self._let_go()
        if tasks := set(self._tasks):
            is_connecting = self._live is not None
            await asyncio.wait(tasks, timeout=0 if is_connecting else CLOSING_S + 1)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    @property
    def _refusal(self) -> Refusal | None:
        return self._transport.refusal if self._transport else None

    def _let_go(self) -> None:
        """Use what is open no more; it closes by itself."""
        self._closing.set()
        if self._live is not None and self._live.done():
            self._live = None

    def _require_sign_in(self, error: Exception) -> None:
        """Raises `ServerUnavailable` where a message was refused because nobody is signed in: nothing was done."""
        transport = self._transport
        if transport is not None and self._words_for(error, transport) is SIGN_IN:
            self._let_go()
            self._failure, self._failed_at = SIGN_IN, time.monotonic()
            raise ServerUnavailable(SIGN_IN) from error

    def _words_for(self, error: Exception, transport: "GuardedTransport") -> Words:
        if self.endpoint.program:
            return words_for_program(error, self._last_words.told(self.endpoint.secrets))
        if transport.listing.was_exceeded:
            return TOO_MUCH
        if transport.wants_sign_in and self.endpoint.may_sign_in(transport.refusal.sign_in):
            return SIGN_IN
        return words_for(error, transport.refusal, self.endpoint.secrets)

    async def _ready(self) -> "Client":
        self.begin()
        if self._live is None:
            raise ServerUnavailable(self.failure or BROKE)
        return await asyncio.shield(self._live)

    async def _current(self, client: "Client") -> Listing:
        from mcp.shared.exceptions import MCPError

        async with self._relisting:
            if self.listing is not None and time.monotonic() - self._listed_at < self.patience.listing_s:
                return self.listing
            allowance = self._transport.listing if self._transport else Allowance()
            try:
                async with asyncio.timeout(self.patience.connect_s):
                    self.listing = await read_listing(client, allowance)
            except (MCPError, ValueError, TimeoutError) as error:
                self._require_sign_in(error)
                self._let_go()
                words = SLOW if is_lost(error) else BROKE
                raise ServerUnavailable(TOO_MUCH if allowance.was_exceeded else words) from error
            self._listed_at = time.monotonic()
            return self.listing

    async def _run(self, live: "asyncio.Future[Client]", closing: asyncio.Event) -> None:
        """The life of one connection, in one task as the SDK wants it."""
        words = SLOW
        transport: GuardedTransport | None = None
        try:
            sdk = await asyncio.to_thread(_load_sdk)
            opened: GuardedTransport = sdk.GuardedTransport(
                self._http, silence_s=self.patience.silence_s, bearer=self.endpoint.bearer
            )
            transport = self._transport = opened
            await self._live_with(sdk, opened, live, closing)
        except Exception as error:
            # Whatever it is, it came through the SDK from a server that is anybody's: the agent goes on without it.
            words = self._words_for(error, transport) if transport else BROKE
            log.info("mcp_connection_ended", kind=self.endpoint.kind, reason=words.en)
        finally:
            if self._live is live:
                self._live = None
            if not live.done():
                self._failure, self._failed_at = words, time.monotonic()
                live.set_exception(ServerUnavailable(words))
                live.exception()  # retrieved: there may be nobody who waits

    async def _live_with(
        self, sdk: Any, transport: "GuardedTransport", live: "asyncio.Future[Client]", closing: asyncio.Event
    ) -> None:
        import anyio

        def changed() -> None:
            self._listed_at = -math.inf

        client = sdk.client_for(
            self.endpoint,
            transport,
            self._last_words,
            silence_s=self.patience.silence_s,
            changed=changed,
            ask=self._open_calls.answered,
        )
        with anyio.move_on_after(self.patience.connect_s) as scope:
            async with client:
                sdk.trust_no_schema(client)
                self.listing = await read_listing(client, transport.listing)
                self._listed_at = time.monotonic()
                scope.deadline = math.inf
                live.set_result(client)
                await self._until_idle(closing)
                scope.deadline = anyio.current_time() + CLOSING_S

    async def _until_idle(self, closing: asyncio.Event) -> None:
        while not closing.is_set():
            left_s = self.patience.idle_s if self._calls else self._used_at + self.patience.idle_s - time.monotonic()
            if left_s <= 0:
                return
            try:
                async with asyncio.timeout(left_s):
                    await closing.wait()
            except TimeoutError:
                continue


def _load_sdk() -> Any:
    """The SDK's module, imported when it is first needed."""
    from user_agent.mcp import sdk

    return sdk
