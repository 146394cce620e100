"""The SDK's HTTP over our own client: addresses checked at each connection, and a bound on all that is read."""

from collections.abc import AsyncIterator, Mapping

import aiohttp
import httpx2
from multidict import CIMultiDict

from user_agent.addresses import AddressRefused
from user_agent.mcp.allowance import Allowance
from user_agent.mcp.failures import Refusal
from user_agent.mcp.grants import Bearer, SignInFailed
from user_agent.mcp.pages import Page
from user_agent.net import Http
from user_agent.redirects import Request
from user_agent.urls import NotAnUrl, origin_of, web_address

MAX_ANSWER_BYTES = 12_000_000
"""Of one answer, and of one stream of events: pictures come in them."""
ACCEPTED_S = 5.0
"""How long a server may take to accept what it does not answer: the SDK sends nothing else meanwhile."""
_HOP_BY_HOP = frozenset({"transfer-encoding", "content-encoding", "content-length", "connection"})
_NOTIFICATION = b'"method":"notifications/'
_LISTING = b'"method":"tools/list"'
_SHORT = (b'"method":"prompts/', b'"method":"resources/list"')
MAX_SHORT_BYTES = 1_000_000
"""Of an answer that a person is to read: prompts, and lists of resources."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends what the SDK asks for through `Http`. `refusal` remembers what the SDK does not pass on."""

    def __init__(
        self, http: Http, *, silence_s: float, bearer: Bearer | None = None, max_bytes: int = MAX_ANSWER_BYTES
    ) -> None:
        self._http = http
        self._silence_s = silence_s
        self._bearer = bearer
        self._max_bytes = max_bytes
        self.refusal = Refusal()
        self.listing = Allowance()
        """What the server may still say of its tools."""
        self.wants_sign_in = False
        """Whether the last message that was posted was refused because nobody is signed in."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        head = body.partition(b'"params":')[0]
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if name != "content-length")
        headers["accept-encoding"] = "identity"
        try:
            asked = Request(request.method, web_address(str(request.url)), headers, body or None)
            silence_s = ACCEPTED_S if _NOTIFICATION in head else self._silence_s
            answer = await self._signed(asked, silence_s)
        except (AddressRefused, NotAnUrl, SignInFailed, aiohttp.ClientError, TimeoutError) as error:
            # Without its text, which names the address and what stands in its query.
            raise httpx2.ConnectError("It cannot be reached.") from error
        if answer.status >= 400:
            self.refusal = Refusal(answer.status, answer.headers.get("www-authenticate", ""))
        if request.method == "POST":
            self.wants_sign_in = answer.status == 401
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
        max_bytes = MAX_SHORT_BYTES if any(method in head for method in _SHORT) else self._max_bytes
        stream: httpx2.AsyncByteStream = _Bounded(answer, max_bytes)
        if _LISTING in head:
            stream = Page(stream, self.listing, is_stream=answer.content_type == "text/event-stream")
        return httpx2.Response(answer.status, headers=kept, stream=stream, request=request)

    async def _signed(self, request: Request, silence_s: float) -> aiohttp.ClientResponse:
        """The answer to a request with the person's token, to its own origin alone; to a refused one, with another."""
        bearer = self._bearer
        if bearer is None or origin_of(request.url) != bearer.origin:
            return await self._http.open(request, silence_s=silence_s)
        token = await bearer.token()
        if not token:
            return await self._http.open(request, silence_s=silence_s)
        request.headers["authorization"] = f"Bearer {token}"
        answer = await self._http.open(request, silence_s=silence_s)
        if answer.status == 401 and (fresh := await bearer.token(rejected=token)):
            answer.close()
            request.headers["authorization"] = f"Bearer {fresh}"
            answer = await self._http.open(request, silence_s=silence_s)
        return answer


class _Bounded(httpx2.AsyncByteStream):
    """The body, unpacked, as far as anybody would send in good faith."""

    def __init__(self, answer: aiohttp.ClientResponse, max_bytes: int) -> None:
        self._answer = answer
        self._max_bytes = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left_bytes = self._max_bytes
        try:
            async for piece in self._answer.content.iter_any():
                left_bytes -= len(piece)
                if left_bytes < 0:
                    raise httpx2.ReadError(f"It sent more than {self._max_bytes:,} bytes.")
                yield piece
        except (aiohttp.ClientError, TimeoutError) as error:
            raise httpx2.ReadError("The connection broke off.") from error

    async def aclose(self) -> None:
        self._answer.close()


def guarded_client(transport: GuardedTransport, headers: Mapping[str, str], *, silence_s: float) -> httpx2.AsyncClient:
    """A client with no other way out: no proxies, passwords or certificates of the machine, no redirects."""
    return httpx2.AsyncClient(
        transport=transport,
        headers=dict(headers),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(silence_s),
    )
