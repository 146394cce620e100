"""The HTTP client of tools. Every request has a time-out and a size cap, and redirects are not followed.

Only addresses that the operator of this server chose are asked (a vendor's own, or its `…_BASE_URL`). A tool that takes
an address from a person or a model needs the guarded form of this client, which checks each hop; none does so yet.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
import orjson
from pydantic import JsonValue

from user_agent.errors import ToolError

MAX_RESPONSE_BYTES = 2_000_000


class Http:
    """One connection pool for all tools. Opened with `async with`, closed by its owner."""

    def __init__(self, *, connect_timeout_s: float = 5.0, total_timeout_s: float = 15.0) -> None:
        self._timeout = aiohttp.ClientTimeout(total=total_timeout_s, sock_connect=connect_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get_json(self, url: str, params: Mapping[str, str | int | float], *, vendor: str) -> JsonValue:
        """The JSON that `url` answers with. Raises `ToolError` naming `vendor`, never the query: it may hold a key."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=True)
        try:
            async with self._session.get(url, params=params, allow_redirects=False) as response:
                body = await response.content.read(MAX_RESPONSE_BYTES + 1)
                while body and len(body) <= MAX_RESPONSE_BYTES and not response.content.at_eof():
                    more = await response.content.read(MAX_RESPONSE_BYTES + 1 - len(body))
                    if not more:
                        break
                    body += more
                status = response.status
        except TimeoutError as error:
            raise ToolError(f"{vendor} did not answer in time. Try again later.") from error
        except aiohttp.ClientError as error:
            raise ToolError(f"{vendor} could not be reached ({type(error).__name__}). Try again later.") from error
        if len(body) > MAX_RESPONSE_BYTES:
            raise ToolError(f"{vendor} sent more than {MAX_RESPONSE_BYTES:,} bytes.")
        try:
            parsed: JsonValue = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ToolError(f"{vendor} answered with status {status} and no JSON.") from error
        if status >= 400:
            raise ToolError(f"{vendor} refused the request with status {status}.{_reason(parsed)}")
        return parsed


def _reason(answer: JsonValue) -> str:
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return f" It says: {reason[:200]}" if isinstance(reason, str) else ""
