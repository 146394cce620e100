"""What was answered to a request that `net.py` sent."""

from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDictProxy
from pydantic import JsonValue

from user_agent import web_failures as failures
from user_agent.web_failures import Caller


@dataclass(frozen=True, slots=True)
class Fetched:
    """A successful answer, read whole."""

    url: str
    """Where it came from in the end."""
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def media_type(self) -> str:
        """What the server says it is, in lower case, without parameters. It may lie: look at the body."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """What a service said, refusals included: it is the caller who knows how it words them."""

    status: int
    body: JsonValue


async def read_whole(response: aiohttp.ClientResponse, max_bytes: int, caller: Caller) -> bytes:
    """The body, unpacked. Raises `FetchFailed` just past the cap: what is packed tightly is not unpacked further."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > max_bytes:
            response.close()
            raise caller.failed(failures.TOO_LARGE, limit=max_bytes)
    return bytes(body)


def reason_in(answer: JsonValue) -> str:
    """What Open-Meteo and others put beside a refusal: `{"error": true, "reason": "…"}`."""
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return f" {reason[:200]}" if isinstance(reason, str) else ""
