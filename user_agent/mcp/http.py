"""The SDK's HTTP over our own client: addresses checked at each connection, and a bound on all that is read."""

from collections.abc import AsyncIterator, Mapping

import aiohttp
import httpx2
from multidict import CIMultiDict

from user_agent.addresses import AddressRefused
from user_agent.mcp.failures import Refusal
from user_agent.net import Http
from user_agent.redirects import Request
from user_agent.urls import NotAnUrl, web_address

MAX_ANSWER_BYTES = 12_000_000
"""Of one answer, and of one stream of events: pictures come in them."""
ACCEPTED_S = 5.0
"""How long a server may take to accept what it does not answer: the SDK sends nothing else meanwhile."""
_HOP_BY_HOP = frozenset({"transfer-encoding", "content-encoding", "content-length", "connection"})
_NOTIFICATION = b'"method":"notifications/'


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends what the SDK asks for through `Http`. `refusal` remembers what the SDK does not pass on."""

    def __init__(self, http: Http, *, silence_s: float) -> None:
        self._http = http
        self._silence_s = silence_s
        self.refusal = Refusal()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if name != "content-length")
        headers["accept-encoding"] = "identity"
        try:
            asked = Request(request.method, web_address(str(request.url)), headers, body or None)
            silence_s = ACCEPTED_S if _NOTIFICATION in body else self._silence_s
            answer = await self._http.open(asked, silence_s=silence_s)
        except (AddressRefused, NotAnUrl, aiohttp.ClientError, TimeoutError) as error:
            # Without its text, which names the address and what stands in its query.
            raise httpx2.ConnectError("It cannot be reached.") from error
        if answer.status >= 400:
            self.refusal = Refusal(answer.status, answer.headers.get("www-authenticate", ""))
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
        return httpx2.Response(answer.status, headers=kept, stream=_Bounded(answer), request=request)


class _Bounded(httpx2.AsyncByteStream):
    """The body, unpacked, as far as anybody would send in good faith."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left_bytes = MAX_ANSWER_BYTES
        try:
            async for piece in self._answer.content.iter_any():
                left_bytes -= len(piece)
                if left_bytes < 0:
                    raise httpx2.ReadError(f"It sent more than {MAX_ANSWER_BYTES:,} bytes.")
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
