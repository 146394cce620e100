"""The one HTTP client for addresses that a person, a model or a vendor's answer chose, and for tools' vendors.

An origin that the operator named is asked as the machine would ask it, through its proxy. Every other one is asked
directly, on the public internet alone, at each hop of a redirect anew. Time, bytes (unpacked), headers and redirects
have limits everywhere.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import BaseModel, JsonValue, ValidationError
from yarl import URL

from user_agent.addresses import AddressPolicy, AddressRefused, guarded_connector
from user_agent.config import Language
from user_agent.errors import FetchFailed
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.words import Words

MAX_RESPONSE_BYTES = 2_000_000
MAX_REDIRECTS = 5
MAX_HEADERS = 64

Answer = TypeVar("Answer", bound=BaseModel)

_KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "user-agent"})
"""Headers of a request that another origin sees after a redirect: any other may hold a key."""

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
_FORBIDDEN = Words(
    zh="不能访问 {vendor}：它不在公共互联网上。如果确实需要，请让管理这台服务器的人把它列为可信地址。",
    en="{vendor} may not be asked, because it is not on the public internet. If it is needed, whoever runs this server "
    "can name it as trusted.",
)
_NO_ADDRESS = Words(zh="这个网址不能用：{why}。", en="This address cannot be used: {why}.")
_BAD_REDIRECT = Words(
    zh="{vendor} 把请求转去了一个不能用的网址：{why}。",
    en="{vendor} redirected to an address that cannot be used: {why}.",
)
_TOO_MANY = Words(zh="{vendor} 转来转去，没有给出回答。", en="{vendor} redirects again and again, and never answers.")

_BODY_ELSEWHERE = Words(
    zh="请求的内容会到另一个地方去", en="what was sent would go to another place than it was meant for"
)


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


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class _Caller:
    """Whom a failure is told to, and under which name it speaks of the other side."""

    vendor: str
    language: Language

    def failed(self, words: Words, **values: str | int) -> FetchFailed:
        reason = words[self.language].format(vendor=self.vendor, **values)
        status = {"status": values["status"]} if "status" in values else {}
        return FetchFailed(reason, reason=reason, **status)


class Http:
    """The connections of one process. Opened with `async with`, closed by its owner.

    `trusted_origins` are web addresses of which scheme, host and port count. `resolver` replaces the system's names.
    `through_proxy`: other origins, too, are asked through the machine's proxy, as only a person on it may wish.
    """

    def __init__(
        self,
        *,
        trusted_origins: Collection[str] = (),
        policy: AddressPolicy | None = None,
        resolver: AbstractResolver | None = None,
        through_proxy: bool = False,
        connect_timeout_s: float = 5.0,
        total_timeout_s: float = 15.0,
    ) -> None:
        self._trusted_origins = frozenset(origin_of(origin) for origin in trusted_origins)
        self._policy = policy or AddressPolicy()
        self._resolver = resolver
        self._through_proxy = through_proxy
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._sessions:
            await self._sessions.popitem()[1].close()

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = MAX_RESPONSE_BYTES,
        total_timeout_s: float | None = None,
        max_redirects: int = MAX_REDIRECTS,
        language: Language = "en",
    ) -> Fetched:
        """What a URL that somebody chose answers with, after its redirects.

        `max_bytes` counts the unpacked body, `total_timeout_s` everything together. `headers` and `body` are for the
        origin of `url`: another one, after a redirect, gets neither. Raises `FetchFailed` in `language` for whatever
        is not a success; the message names the host and nothing else of the address.
        """
        try:
            target = web_address(url)
        except NotAnUrl as error:
            raise _Caller("", language).failed(_NO_ADDRESS, why=error.words[language]) from error
        caller = _Caller((target.host or "")[:100], language)
        request = _Request(method.upper(), target, CIMultiDict(headers or {}), body)
        answer = await self._answer(
            request, caller, max_bytes=max_bytes, max_redirects=max_redirects, total_timeout_s=total_timeout_s
        )
        if not 200 <= answer.status < 300:
            raise caller.failed(_REFUSED, status=answer.status, reason="")
        return answer

    async def get_json(
        self, url: str, params: Mapping[str, str | int | float], *, vendor: str, language: Language = "en"
    ) -> JsonValue:
        """The JSON that `url` answers with. A redirect is not followed: the query may hold a key.

        Raises `FetchFailed` in `language`, naming `vendor` and never the address or query.
        """
        answer = await self.send("GET", url, params=params, vendor=vendor, language=language)
        if answer.status >= 400:
            reason = _reason(answer.body)
            raise _Caller(vendor, language).failed(_REFUSED, status=answer.status, reason=reason)
        return answer.body

    async def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str | int | float] | None = None,
        body: JsonValue = None,
        headers: Mapping[str, str] | None = None,
        vendor: str,
        language: Language = "en",
        max_bytes: int = MAX_RESPONSE_BYTES,
        total_timeout_s: float | None = None,
    ) -> JsonAnswer:
        """The JSON that a service answers with, whatever its status. `body` is sent as JSON, unless it is None.

        A redirect is not followed: the query or the headers may hold a key. Raises `FetchFailed` in `language`, naming
        `vendor` and never the address or query.
        """
        caller = _Caller(vendor, language)
        try:
            target = web_address(url).extend_query(params or {})
        except NotAnUrl as error:
            raise caller.failed(_NO_ADDRESS, why=error.words[language]) from error
        sent = CIMultiDict(headers or {})
        if body is not None:
            sent["content-type"] = "application/json"
        request = _Request(method, target, sent, None if body is None else orjson.dumps(body))
        answer = await self._answer(
            request, caller, max_bytes=max_bytes, max_redirects=0, total_timeout_s=total_timeout_s
        )
        if 300 <= answer.status < 400:
            raise caller.failed(_REDIRECTED, status=answer.status)
        try:
            return JsonAnswer(answer.status, orjson.loads(answer.body))
        except orjson.JSONDecodeError as error:
            raise caller.failed(_NOT_JSON, status=answer.status) from error

    async def get_model(
        self,
        shape: type[Answer],
        url: str,
        params: Mapping[str, str | int | float],
        *,
        vendor: str,
        language: Language = "en",
    ) -> Answer:
        """The answer as `shape`. Raises `FetchFailed` as `get_json` does, and where the answer does not fit."""
        answer = await self.get_json(url, params, vendor=vendor, language=language)
        try:
            return shape.model_validate(answer)
        except ValidationError as error:
            raise _Caller(vendor, language).failed(_UNEXPECTED) from error

    async def _answer(
        self,
        request: _Request,
        caller: _Caller,
        *,
        max_bytes: int,
        max_redirects: int,
        total_timeout_s: float | None = None,
    ) -> Fetched:
        """The last answer of a chain of redirects, whatever its status; every failure on the way is a `FetchFailed`."""
        try:
            async with asyncio.timeout(total_timeout_s or self._total_timeout_s):
                for _ in range(max_redirects + 1):
                    async with self._session(request.url).request(
                        request.method,
                        request.url,
                        headers=request.headers,
                        data=request.body,
                        allow_redirects=False,
                    ) as response:
                        following = _following(request, response) if max_redirects else None
                        if following is None:
                            body = await _read(response, max_bytes, caller)
                            return Fetched(str(request.url), response.status, response.headers, body)
                        response.close()
                    request = following
        except TimeoutError as error:
            raise caller.failed(_SLOW) from error
        except AddressRefused as error:
            raise caller.failed(_FORBIDDEN) from error
        except NotAnUrl as error:
            raise caller.failed(_BAD_REDIRECT, why=error.words[caller.language]) from error
        except aiohttp.ClientError as error:
            raise caller.failed(_UNREACHABLE, why=type(error).__name__) from error
        raise caller.failed(_TOO_MANY)

    def _session(self, url: URL) -> aiohttp.ClientSession:
        trusted = origin_of(url) in self._trusted_origins
        if trusted not in self._sessions:
            self._sessions[trusted] = aiohttp.ClientSession(
                connector=None if trusted else guarded_connector(self._policy, resolver=self._resolver),
                # A proxy would resolve names by itself, so it serves trusted origins alone.
                trust_env=trusted or self._through_proxy,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                max_headers=MAX_HEADERS,
            )
        return self._sessions[trusted]


def _following(request: _Request, response: aiohttp.ClientResponse) -> _Request | None:
    """The request that a redirect asks for; None where the answer is none. Raises `NotAnUrl`."""
    location = response.headers.get("location")
    if location is None or response.status not in (301, 302, 303, 307, 308):
        return None
    url = web_address(location, request.url).with_fragment(None)
    following = replace(request, url=url)
    becomes_get = response.status == 303 or (response.status < 303 and request.method == "POST")
    if becomes_get and request.method not in ("GET", "HEAD"):
        about_it = {name: text for name, text in request.headers.items() if not name.lower().startswith("content-")}
        following = replace(following, method="GET", body=None, headers=CIMultiDict(about_it))
    if origin_of(url) != origin_of(request.url):
        if following.body is not None or following.method not in ("GET", "HEAD"):
            raise NotAnUrl(_BODY_ELSEWHERE)
        kept = {name: value for name, value in following.headers.items() if name.lower() in _KEPT_ACROSS_ORIGINS}
        following = replace(following, headers=CIMultiDict(kept))
    return following


async def _read(response: aiohttp.ClientResponse, max_bytes: int, caller: _Caller) -> bytes:
    """The body, unpacked. Raises `FetchFailed` just past the cap: what is packed tightly is not unpacked further."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > max_bytes:
            response.close()
            raise caller.failed(_TOO_LARGE, limit=max_bytes)
    return bytes(body)


def _reason(answer: JsonValue) -> str:
    """What Open-Meteo and others put beside a refusal: `{"error": true, "reason": "…"}`."""
    reason = answer.get("reason") if isinstance(answer, dict) else None
    return f" {reason[:200]}" if isinstance(reason, str) else ""
