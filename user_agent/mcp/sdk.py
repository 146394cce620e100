"""The official SDK, as far as this package uses it. Imported in a thread when the first server is asked: it takes half
a second."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import mcp_types
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from user_agent.mcp.asking import NotAskable, form_of, page_of
from user_agent.mcp.endpoint import Endpoint
from user_agent.mcp.http import MAX_ANSWER_BYTES, GuardedTransport, guarded_client
from user_agent.mcp.last_words import LastWords
from user_agent.mcp.open_calls import Asking
from user_agent.mcp.programs import Program

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2
    from mcp.client.session import ClientRequestContext, IncomingMessage

Noticed = Callable[[], None]

# It logs whole messages with their tracebacks: what a server sent, and what it was asked with, is nobody else's.
for _name in ("mcp", "client"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def client_for(
    endpoint: Endpoint,
    transport: GuardedTransport,
    last_words: LastWords,
    *,
    silence_s: float,
    changed: Noticed,
    ask: Asking,
) -> Client:
    """A client that is not connected yet; enter and leave it in one task. `changed` is told of new lists of tools,
    `ask` of what the server asks the person, `last_words` of what a program writes of itself."""

    async def heard(message: "IncomingMessage") -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification):
            changed()

    return Client(
        _streams(endpoint, transport, last_words, silence_s),
        read_timeout_seconds=silence_s,
        client_info=mcp_types.Implementation(name="AgentFabric", version="1.0.0"),
        message_handler=heard,
        elicitation_callback=_Elicitation(ask),
        cache=None,
    )


class _Elicitation:
    """Hands on what a server asks, and what it is answered."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def __call__(
        self, context: "ClientRequestContext", params: mcp_types.ElicitRequestParams
    ) -> mcp_types.ElicitResult | mcp_types.ErrorData:
        try:
            if isinstance(params, mcp_types.ElicitRequestURLParams):
                question = page_of(params.message, params.url)
            else:
                question = form_of(params.message, params.requested_schema)
        except NotAskable as error:
            return mcp_types.ErrorData(code=mcp_types.INVALID_PARAMS, message=str(error))
        reply = await self._ask(question)
        is_filled_in = reply.action == "accept" and not question.url
        content = cast("dict[str, str | int | float | bool | list[str] | None]", dict(reply.content))
        return mcp_types.ElicitResult(action=reply.action, content=content if is_filled_in else None)


def trust_no_schema(client: Client) -> None:
    """Keep the SDK from checking what a tool answers by the schema that the server gave: its patterns may never end to
    match, and it is checked in the event loop."""

    async def unchecked(name: str, result: Any) -> None:  # Any: the SDK's own signature, of which nothing is used
        pass

    check: Callable[[str, Any], Awaitable[None]] = unchecked
    setattr(client.session, "validate_tool_result", check)  # noqa: B010  a method is replaced on purpose


def _streams(
    endpoint: Endpoint, transport: GuardedTransport, last_words: LastWords, silence_s: float
) -> AbstractAsyncContextManager[Any]:
    if endpoint.program:
        return _process(endpoint.program, last_words)
    if endpoint.kind == "sse":

        def factory(
            headers: dict[str, str] | None = None,
            timeout: "httpx2.Timeout | None" = None,
            auth: "httpx2.Auth | None" = None,
        ) -> "httpx2.AsyncClient":
            return guarded_client(transport, headers or {}, silence_s=silence_s)

        return sse_client(endpoint.url, headers=dict(endpoint.headers), httpx_client_factory=factory)
    return _streamable(endpoint, transport, silence_s)


@asynccontextmanager
async def _process(program: Program, last_words: LastWords) -> "AsyncGenerator[Any]":
    """The SDK adds `PATH` and a few others to the environment and nothing else of ours, and ends the process and all
    that it started."""
    server = StdioServerParameters(command=program.command, args=[*program.args], env=dict(program.env))
    async with last_words.listening() as place, stdio_client(server, errlog=place) as streams:
        place.close()  # the program has it now: it ends with the program
        yield streams


@asynccontextmanager
async def _streamable(endpoint: Endpoint, transport: GuardedTransport, silence_s: float) -> "AsyncGenerator[Any]":
    async with (
        guarded_client(transport, dict(endpoint.headers), silence_s=silence_s) as client,
        streamable_http_client(endpoint.url, http_client=client, max_sse_event_size=MAX_ANSWER_BYTES) as streams,
    ):
        yield streams
