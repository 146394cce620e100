"""One adapter for every OpenAI-compatible endpoint: hosted vendors and local servers alike."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from typing import Any, cast

import aiohttp
import httpx2
import openai
from openai import AsyncAPIResponse, AsyncOpenAI, Omit
from pydantic import SecretStr

from user_agent.addresses import AddressRefused
from user_agent.models.base import Chunk, ModelFacts, ModelRequest
from user_agent.models.entry import ModelEntry
from user_agent.models.failures import Failures
from user_agent.models.patience import Patience, TooSlow
from user_agent.models.reading import MAX_REPLY_BYTES, ReplyReader, Reported, Unreadable, read_whole
from user_agent.models.wire import request_body
from user_agent.runtime import ModelClients

_BROKEN_CONNECTION = (httpx2.HTTPError, aiohttp.ClientError, OSError)
"""What the transport raises in the middle of a reply: the SDK wraps only what happens before it."""


class OpenAICompatible:
    """A model of the catalogue. Holds its key, and opens nothing before it is asked."""

    def __init__(self, clients: ModelClients, entry: ModelEntry, key: SecretStr | None = None) -> None:
        self._clients = clients
        self._entry = entry
        self._key = key or entry.api_key

    @property
    def facts(self) -> ModelFacts:
        return self._entry.facts

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The reply, piece by piece; one piece where the entry says that the model does not stream.

        Raises `ModelError`, with the cure in its message. Closing the iterator, or cancelling who waits for it, closes
        the connection, so that the endpoint stops.
        """
        failures = Failures(self._entry, self._key)
        body = request_body(self._entry, request)
        with explained(failures):
            async with self._asked(body, failures.usable_key()) as reply, aclosing(reply.chunks()) as chunks:
                async for chunk in chunks:
                    yield chunk
                    if failure := failures.ended(chunk.finish):
                        raise failure

    @asynccontextmanager
    async def _asked(self, body: dict[str, Any], key: SecretStr) -> "AsyncGenerator[_Reply]":
        """The endpoint's reply, from its first byte on; the connection is closed on the way out."""
        entry = self._entry
        async with AsyncExitStack() as open_until_read:
            patience = open_until_read.enter_context(Patience.of(entry))
            client = await open_until_read.enter_async_context(
                self._clients.lend(entry.api_base, key, through_proxy=not entry.is_local)
            )
            asking = _asking(client, body, envelope(entry, key))
            response = await patience.wait(open_until_read.enter_async_context(asking))
            yield _Reply(response, patience, streamed=entry.support_stream)


def envelope(entry: ModelEntry, key: SecretStr) -> dict[str, Any]:
    """What goes around the body: the SDK's own options of a request."""
    options: dict[str, Any] = {"timeout": httpx2.Timeout(None, connect=entry.connect_timeout_s)}
    if entry.provider.key_header:
        options["extra_headers"] = {entry.provider.key_header: key.get_secret_value(), "Authorization": Omit()}
    if entry.api_version:
        options["extra_query"] = {"api-version": entry.api_version}
    return options


def _asking(client: AsyncOpenAI, body: dict[str, Any], envelope: dict[str, Any]) -> Any:
    # The SDK's own context manager, whose type it does not export. The body goes in as a whole, because typed arguments
    # would be walked and rebuilt for every request, however long the conversation.
    create: Any = client.chat.completions.with_streaming_response.create
    return create(model="", messages=[], extra_body=body, **envelope)


class _Reply:
    """An open response, being read."""

    def __init__(self, response: "AsyncAPIResponse[Any]", patience: "Patience", *, streamed: bool) -> None:
        self._response = response
        self._patience = patience
        # Some endpoints answer in one piece although a stream was asked for, and some the other way round.
        kind = response.headers.get("content-type", "").lower()
        if "text/html" in kind:
            raise Unreadable("html")
        self._streamed = "text/event-stream" in kind or (streamed and "application/json" not in kind)

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        if not self._streamed:
            yield read_whole(await self._whole())
            return
        reader = ReplyReader()
        async with aclosing(self._pieces()) as pieces:
            while (data := await self._next(pieces, reader)) is not None:
                for chunk in reader.feed(data):
                    if chunk.text or chunk.reasoning or chunk.calls:
                        self._patience.renew()
                    yield chunk
                if reader.done:
                    break
                if reader.finished:
                    self._patience.settle()
        for chunk in reader.close():
            yield chunk

    def _pieces(self) -> AsyncGenerator[bytes, None]:
        # The SDK promises an iterator only; it is a generator, and is to be closed as one.
        return cast(AsyncGenerator[bytes, None], self._response.iter_bytes())

    async def _next(self, pieces: AsyncGenerator[bytes, None], reader: ReplyReader) -> bytes | None:
        """The next bytes, None at the end. Once the answer is whole, trouble with what follows is an end too."""
        try:
            return await self._patience.wait(anext(pieces, None))
        except (TooSlow, *_BROKEN_CONNECTION):
            if reader.finished:
                return None
            raise

    async def _whole(self) -> bytes:
        async with aclosing(self._pieces()) as pieces:
            return await whole(pieces, self._patience)


async def whole(pieces: AsyncGenerator[bytes, None], patience: Patience) -> bytes:
    """All of an answer. Raises `Unreadable` for one that does not end, `TooSlow` for one that does not come."""
    body = bytearray()
    while (data := await patience.wait(anext(pieces, None))) is not None:
        body += data
        if len(body) > MAX_REPLY_BYTES:
            raise Unreadable("too_long")
    return bytes(body)


@contextmanager
def explained(failures: Failures) -> Generator[None]:
    """Whatever goes wrong inside, as our own errors."""
    try:
        yield
    except openai.APIStatusError as error:
        # Without the cause: its text is the endpoint's, which may repeat the key, and causes are logged.
        raise failures.status(error) from None
    except (openai.APIConnectionError, AddressRefused) as error:
        raise failures.unreachable(error) from error
    except Reported as error:
        raise failures.reported(error.error) from None
    except Unreadable as error:
        raise failures.unreadable(error.fault) from error
    except TooSlow as error:
        raise failures.too_slow(error.seconds) from error
    except _BROKEN_CONNECTION as error:
        raise failures.unreadable("cut") from error
