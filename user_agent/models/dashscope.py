"""DashScope's own protocol through its own SDK, for what its OpenAI-compatible mode leaves out.

That is above all where an answer that searched the web has its facts from: the compatible mode returns no sources
(help.aliyun.com/zh/model-studio/web-search). An entry whose address ends in `/api/v1` is asked this way, every other
one in the compatible mode, which costs a fraction of the work for each token.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager
from typing import Any, cast
from urllib.parse import quote

import httpx
from dashscope import AsyncClient
from dashscope.v2.errors import APIConnectionError, APITimeoutError, DashScopeError
from httpx_sse import SSEError
from pydantic import SecretStr

from user_agent.errors import ModelError
from user_agent.events import Usage
from user_agent.models.base import Chunk, ModelFacts, ModelRequest
from user_agent.models.entry import ModelEntry
from user_agent.models.failures import Failures
from user_agent.models.patience import Patience, TooSlow
from user_agent.models.reading import MAX_REPLY_BYTES, CallNumbers, Unreadable, read_said, split_thinking
from user_agent.models.thinking import ThinkSplitter
from user_agent.models.wire import Body, settings, wire_messages, wire_tool
from user_agent.runtime import ModelClients


class DashScope:
    """A model of the catalogue at DashScope's own address. Holds its key, and opens nothing before it is asked."""

    def __init__(self, clients: ModelClients, entry: ModelEntry, key: SecretStr | None = None) -> None:
        self._clients = clients
        self._entry = entry
        self._key = key or entry.api_key

    @property
    def facts(self) -> ModelFacts:
        return self._entry.facts

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The reply, piece by piece, and after it the pages that it was found on, as a numbered list of links.

        Raises `ModelError`. Closing the iterator closes the connection.
        """
        entry, failures = self._entry, Failures(self._entry, self._key)
        key = failures.usable_key()
        answer = _Answer()
        with _explained(failures, answer):
            async with AsyncExitStack() as open_until_read:
                client = await open_until_read.enter_async_context(
                    self._clients.lend_of(_open, entry.api_base, key, through_proxy=not entry.is_local)
                )
                patience = open_until_read.enter_context(Patience.of(entry))
                asked = await patience.wait(self._asked(client.sdk, request))
                pieces = await open_until_read.enter_async_context(aclosing(_pieces(asked)))
                while (piece := await patience.wait(anext(pieces, None))) is not None:
                    for chunk in answer.read(piece):
                        if chunk.text or chunk.reasoning or chunk.calls:
                            patience.renew()
                        yield chunk
                        if failure := failures.ended(chunk.finish):
                            raise failure
                    if answer.finished:
                        break
                answer.close()

    async def _asked(self, client: AsyncClient, request: ModelRequest) -> Any:
        """The SDK's stream of pieces, or its one whole answer."""
        entry = self._entry
        # Models that see are served on a route of their own, where the content of a message is always a list.
        chat: Any = client.multimodal.chat if entry.vision else client.chat.completions
        messages = wire_messages(entry, request)
        tools = [wire_tool(schema) for schema in request.tools]
        return await chat.create(
            model=entry.model,
            messages=[_in_parts(message) for message in messages] if entry.vision else messages,
            stream=entry.support_stream,
            tools=tools or None,
            parameters=_parameters(entry, request),
            # Waiting is `Patience`'s, and connecting the client's own.
            timeout=httpx.Timeout(None, connect=entry.connect_timeout_s),
        )


def _parameters(entry: ModelEntry, request: ModelRequest) -> Body:
    parameters: Body = {**settings(entry, request), **entry.extra_body}
    if parameters.get("enable_search"):
        options: Body = parameters.get("search_options") or {}
        parameters["search_options"] = {"enable_source": True, **options}
    return parameters


def _in_parts(message: Body) -> Body:
    content: str | list[Body] = message["content"]
    if isinstance(content, str):
        return {**message, "content": [{"type": "text", "text": content}]}
    return {**message, "content": [_part(part) for part in content]}


def _part(part: Body) -> Body:
    return {"type": "image", "url": part["image_url"]["url"]} if part["type"] == "image_url" else part


async def _pieces(asked: Any) -> AsyncGenerator[Any, None]:
    """The pieces of what the SDK gave. Closing it closes the response."""
    if not hasattr(asked, "__aiter__"):
        yield asked
        return
    if "text/html" in cast(Mapping[str, str], asked.headers).get("content-type", ""):
        await asked.aclose()
        raise Unreadable("html")
    try:
        async for piece in asked:
            yield piece
    finally:
        await asked.aclose()


class _Answer:
    """Reads the pieces of one answer into chunks."""

    def __init__(self) -> None:
        self._calls = CallNumbers()
        self._thinking = ThinkSplitter()
        self._sources: Sequence[Mapping[str, Any]] = ()
        self.heard = False
        self.finished = False

    def read(self, piece: Any) -> Generator[Chunk]:
        """The chunks of a piece. `piece` is the SDK's typed answer, or a part of one."""
        self.heard = True
        if piece.search_info:
            self._sources = [result.model_dump() for result in piece.search_info.search_results]
        choice: dict[str, Any] = piece.choices[0].model_dump(exclude_none=True) if piece.choices else {}
        if choice.get("finish_reason") == "null":
            del choice["finish_reason"]  # what this protocol writes until there is a reason
        said: dict[str, Any] = choice.get("delta") or choice.get("message") or {}
        chunk = read_said(said, choice, {}, self._calls)
        for part in split_thinking(chunk, self._thinking, last=bool(chunk.finish)):
            if part.finish == "stop" and self._sources:
                yield Chunk(text=part.text, reasoning=part.reasoning)
                part = Chunk(text=_as_links(self._sources), finish=part.finish)
            yield part
        if piece.usage:
            yield Chunk(usage=_usage(piece.usage.model_dump()))
        self.finished = self.finished or bool(chunk.finish)

    def close(self) -> None:
        """Raises `Unreadable` where the answer is not whole."""
        if not self.finished:
            raise Unreadable("cut" if self.heard else "empty")


def _usage(counted: Mapping[str, Any]) -> Usage:
    return Usage(input_tokens=counted.get("input_tokens") or 0, output_tokens=counted.get("output_tokens") or 0)


def _as_links(sources: Sequence[Mapping[str, Any]]) -> str:
    """A numbered list of links under a rule: it needs no word of any language, and citations name its numbers."""
    lines = [
        f"{source.get('index') or number}. [{_plain(source.get('title') or source['url'])}]({_address(source['url'])})"
        for number, source in enumerate(sources, start=1)
        if str(source.get("url") or "").startswith(("http://", "https://"))
    ]
    return "\n\n---\n\n" + "\n".join(lines) if lines else ""


def _plain(title: str) -> str:
    """A page's own title as text: it is anybody's, and must not become markup."""
    kept = " ".join(title.split())[:200]
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#!|~$&" else sign for sign in kept)


def _address(url: str) -> str:
    return quote(" ".join(url.split()), safe=":/?#@!$&'*+,;=%-._~")


_FAILURES = (DashScopeError, Unreadable, TooSlow, SSEError, httpx.HTTPError, ValueError)
"""What can go wrong. `ValueError`: the SDK reads every piece as JSON of a known shape."""


@contextmanager
def _explained(failures: Failures, answer: _Answer) -> Generator[None]:
    """Whatever goes wrong inside, as our own errors. The SDK's are not kept as causes: their words may hold a key."""
    try:
        yield
    except _FAILURES as error:
        raise _ours(error, failures, heard=answer.heard) from None


def _ours(error: Exception, failures: Failures, *, heard: bool) -> ModelError:
    match error:
        case Unreadable():
            return failures.unreadable(error.fault)
        case TooSlow():
            return failures.too_slow(error.seconds)
        case APITimeoutError():
            return failures.too_slow(failures.entry.connect_timeout_s)
        case APIConnectionError():
            return failures.unreachable(error)
        case DashScopeError() if error.status_code or error.code:
            said = {"code": error.code, "message": error.message}
            status = error.status_code or 0
            return failures.told(status, said, error.headers) if status >= 400 else failures.reported(said)
        case httpx.HTTPError():
            return failures.unreadable("cut")
        case _:
            return failures.unreadable("cut" if heard else "not_json")


class _Client:
    """The SDK's client and the connections under it."""

    def __init__(self, sdk: AsyncClient, http: httpx.AsyncClient) -> None:
        self.sdk = sdk
        self._http = http

    async def close(self) -> None:
        await self.sdk.aclose()
        await self._http.aclose()


def _open(base_url: str, key: SecretStr, through_proxy: bool) -> _Client:
    secret = key.get_secret_value()
    http = httpx.AsyncClient(
        base_url=base_url,
        headers={"Authorization": f"Bearer {secret}"},
        trust_env=through_proxy,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=None),
        event_hooks={"response": [_cap]},
    )
    sdk = AsyncClient(api_key=secret, base_url=base_url, protocol="native", max_retries=0, http_client=http)
    return _Client(sdk, http)


async def _cap(response: httpx.Response) -> None:
    response.stream = _Capped(cast(httpx.AsyncByteStream, response.stream))


class _Capped(httpx.AsyncByteStream):
    """A response that may not be longer than any model's answer."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size_bytes = 0
        async for piece in self._stream:
            size_bytes += len(piece)
            if size_bytes > MAX_REPLY_BYTES:
                raise Unreadable("too_long")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
