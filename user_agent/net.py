"""The HTTP client of tools. Every request has a time-out and a size cap, and redirects are not followed.

Only addresses that the operator of this server chose are asked (a vendor's own, or its `…_BASE_URL`). A tool that takes
an address from a person or a model needs the guarded form of this client, which checks each hop; none does so yet.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import orjson
from pydantic import BaseModel, JsonValue, ValidationError

from user_agent.config import Language
from user_agent.errors import ToolError
from user_agent.words import Words

MAX_RESPONSE_BYTES = 2_000_000

Answer = TypeVar("Answer", bound=BaseModel)

_SLOW = Words(zh="{vendor} 没有及时回应，请稍后再试。", en="{vendor} did not answer in time. Try again later.")
_UNREACHABLE = Words(
    zh="连不上 {vendor}（{why}），请检查网络或稍后再试。",
    en="{vendor} could not be reached ({why}). Check the network or try again later.",
)
_TOO_LARGE = Words(
    zh="{vendor} 的回应超过了 {limit:,} 字节，没有读取。",
    en="{vendor} sent more than {limit:,} bytes, so the answer was not read.",
)
_REDIRECTED = Words(
    zh="{vendor} 把请求转去了别处（状态码 {status}），出于安全没有跟随。请检查它的地址设置。",
    en="{vendor} redirected the request (status {status}), which is not followed. Check the address set for it.",
)
_REFUSED = Words(
    zh="{vendor} 没有接受请求（状态码 {status}）。{reason}",
    en="{vendor} refused the request (status {status}).{reason}",
)
_NOT_JSON = Words(
    zh="{vendor} 的回应不是 JSON（状态码 {status}），请稍后再试。",
    en="{vendor} answered with something that is not JSON (status {status}). Try again later.",
)
_UNEXPECTED = Words(
    zh="{vendor} 的回答和它约定的格式不一样，读不出来。请稍后再试。",
    en="{vendor}'s answer is not in the format it documents. Try again later.",
)


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

    async def get_json(
        self, url: str, params: Mapping[str, str | int | float], *, vendor: str, language: Language = "en"
    ) -> JsonValue:
        """The JSON that `url` answers with.

        Raises `ToolError` in `language`, naming `vendor` and never the address or query: they may hold a key.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=True)
        try:
            async with self._session.get(url, params=params, allow_redirects=False) as response:
                status, body = response.status, await _read(response)
        except TimeoutError as error:
            raise ToolError(_SLOW[language].format(vendor=vendor)) from error
        except aiohttp.ClientError as error:
            raise ToolError(_UNREACHABLE[language].format(vendor=vendor, why=type(error).__name__)) from error
        if 300 <= status < 400:
            raise ToolError(_REDIRECTED[language].format(vendor=vendor, status=status))
        if len(body) > MAX_RESPONSE_BYTES:
            raise ToolError(_TOO_LARGE[language].format(vendor=vendor, limit=MAX_RESPONSE_BYTES))
        try:
            parsed: JsonValue = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ToolError(_NOT_JSON[language].format(vendor=vendor, status=status)) from error
        if status >= 400:
            raise ToolError(_REFUSED[language].format(vendor=vendor, status=status, reason=_reason(parsed)))
        return parsed

    async def get_model(
        self,
        shape: type[Answer],
        url: str,
        params: Mapping[str, str | int | float],
        *,
        vendor: str,
        language: Language = "en",
    ) -> Answer:
        """The answer as `shape`. Raises `ToolError` as `get_json` does, and where the answer does not fit the shape."""
        answer = await self.get_json(url, params, vendor=vendor, language=language)
        try:
            return shape.model_validate(answer)
        except ValidationError as error:
            raise ToolError(_UNEXPECTED[language].format(vendor=vendor)) from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, or its beginning: reading ends just past the cap."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MAX_RESPONSE_BYTES:
            response.close()
            break
    return bytes(body)


def _reason(answer: JsonValue) -> str:
    """What Open-Meteo and others put beside a refusal: `{"error": true, "reason": "…"}`."""
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return f" {reason[:200]}" if isinstance(reason, str) else ""
