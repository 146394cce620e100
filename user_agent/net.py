"""The one HTTP client for addresses that a person, a model or a vendor's answer chose, and for tools' vendors.

An origin that the operator named is asked as the machine would ask it, through its proxy. Every other one is asked
directly, on the public internet alone, at each hop of a redirect anew. Time, bytes (unpacked), headers and redirects
have limits everywhere.
"""

import asyncio
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict
from pydantic import BaseModel, JsonValue, ValidationError
from yarl import URL

from user_agent import web_failures as failures
from user_agent.addresses import AddressPolicy, AddressRefused, guarded_connector
from user_agent.answers import Fetched, JsonAnswer, read_whole, reason_in
from user_agent.proxies import proxy_for
from user_agent.redirects import Request, following
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.web_failures import Caller
from user_agent.words import Language

MAX_RESPONSE_BYTES = 2_000_000
MAX_REDIRECTS = 5
MAX_HEADERS = 64

Answer = TypeVar("Answer", bound=BaseModel)


class Http:
    """The connections of one process. Opened with `async with`, closed by its owner.

    `trusted_origins` are web addresses of which scheme, host and port count, and `vendor_origins` those that are
    trusted where the code of a tool chose them, and not a person or a model. `resolver` replaces the system's names.
    `through_proxy`: other origins, too, are asked through the machine's proxy, as only a person on it may wish.
    """

    def __init__(
        self,
        *,
        trusted_origins: Collection[str] = (),
        vendor_origins: Collection[str] = (),
        policy: AddressPolicy | None = None,
        resolver: AbstractResolver | None = None,
        through_proxy: bool = False,
        connect_timeout_s: float = 5.0,
        total_timeout_s: float = 15.0,
    ) -> None:
        self._trusted_origins = frozenset(origin_of(origin) for origin in trusted_origins)
        self._vendor_origins = frozenset(origin_of(origin) for origin in vendor_origins)
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
        any_status: bool = False,
        of_vendor: bool = False,
    ) -> Fetched:
        """What a URL that somebody chose answers with, after its redirects.

        `max_bytes` counts the unpacked body, `total_timeout_s` everything together. `headers` and `body` are for the
        origin of `url`: another one, after a redirect, gets neither. Raises `FetchFailed` in `language` for whatever
        is not a success; the message names the host and nothing else of the address. With `any_status`, a refusal is an
        answer too: it is the caller who knows how it is worded. `of_vendor` says that a tool's vendor is asked, or
        what it linked to.
        """
        try:
            target = web_address(url)
        except NotAnUrl as error:
            raise Caller("", language).failed(failures.NO_ADDRESS, why=error.words) from error
        caller = Caller((target.host or "")[:100], language)
        request = Request(method.upper(), target, CIMultiDict(headers or {}), body)
        answer = await self._answer(
            request,
            caller,
            max_bytes=max_bytes,
            max_redirects=max_redirects,
            total_timeout_s=total_timeout_s,
            of_vendor=of_vendor,
        )
        if not any_status and not 200 <= answer.status < 300:
            raise caller.failed(failures.REFUSED, status=answer.status, reason="")
        return answer

    async def open(self, request: Request, *, silence_s: float) -> aiohttp.ClientResponse:
        """An answer that is read as it comes, for clients that speak a protocol of their own. Its reader closes it.

        No redirect is followed. `silence_s` is how long the other side may say nothing. Raises `AddressRefused`, and
        what aiohttp raises.
        """
        return await self._session(request.url).request(
            request.method,
            request.url,
            headers=request.headers,
            data=request.body,
            allow_redirects=False,
            proxy=await self._proxy(request.url),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s, sock_read=silence_s),
        )

    async def get_json(
        self, url: str, params: Mapping[str, str | int | float], *, vendor: str, language: Language = "en"
    ) -> JsonValue:
        """The JSON that `url` answers with. A redirect is not followed: the query may hold a key.

        Raises `FetchFailed` in `language`, naming `vendor` and never the address or query.
        """
        answer = await self.send("GET", url, params=params, vendor=vendor, language=language)
        if answer.status >= 400:
            reason = reason_in(answer.body)
            raise Caller(vendor, language).failed(failures.REFUSED, status=answer.status, reason=reason)
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
        caller = Caller(vendor, language)
        try:
            target = web_address(url).extend_query(params or {})
        except NotAnUrl as error:
            raise caller.failed(failures.NO_ADDRESS, why=error.words) from error
        sent = CIMultiDict(headers or {})
        if body is not None:
            sent["content-type"] = "application/json"
        request = Request(method, target, sent, None if body is None else orjson.dumps(body))
        answer = await self._answer(
            request, caller, max_bytes=max_bytes, max_redirects=0, total_timeout_s=total_timeout_s, of_vendor=True
        )
        if 300 <= answer.status < 400:
            raise caller.failed(failures.REDIRECTED, status=answer.status)
        try:
            return JsonAnswer(answer.status, orjson.loads(answer.body))
        except orjson.JSONDecodeError as error:
            raise caller.failed(failures.NOT_JSON, status=answer.status) from error

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
            raise Caller(vendor, language).failed(failures.UNEXPECTED) from error

    async def _answer(
        self,
        request: Request,
        caller: Caller,
        *,
        max_bytes: int,
        max_redirects: int,
        total_timeout_s: float | None,
        of_vendor: bool,
    ) -> Fetched:
        """The last answer of a chain of redirects, whatever its status; every failure on the way is a `FetchFailed`."""
        try:
            async with asyncio.timeout(total_timeout_s or self._total_timeout_s):
                for _ in range(max_redirects + 1):
                    async with self._session(request.url, of_vendor=of_vendor).request(
                        request.method,
                        request.url,
                        headers=request.headers,
                        data=request.data,
                        allow_redirects=False,
                        proxy=await self._proxy(request.url, of_vendor=of_vendor),
                    ) as response:
                        redirected = (
                            following(request, response.status, response.headers.get("location"))
                            if max_redirects
                            else None
                        )
                        if redirected is None:
                            body = await read_whole(response, max_bytes, caller)
                            return Fetched(str(request.url), response.status, response.headers, body)
                        response.close()
                    request = redirected
        except TimeoutError as error:
            raise caller.failed(failures.SLOW) from error
        except AddressRefused as error:
            raise caller.failed(failures.FORBIDDEN) from error
        except NotAnUrl as error:
            raise caller.failed(failures.BAD_REDIRECT, why=error.words) from error
        except aiohttp.ClientError as error:
            raise caller.failed(failures.UNREACHABLE) from error
        raise caller.failed(failures.TOO_MANY)

    async def _proxy(self, url: URL, *, of_vendor: bool = False) -> str | None:
        # A proxy would resolve names by itself, so it serves trusted origins alone.
        if self._through_proxy or self.trusts(url, of_vendor=of_vendor):
            return await asyncio.to_thread(proxy_for, url)
        return None

    def trusts(self, url: URL, *, of_vendor: bool = False) -> bool:
        """Whether the operator named its origin, or a tool does that asks for it."""
        origin = origin_of(url)
        return origin in self._trusted_origins or (of_vendor and origin in self._vendor_origins)

    def _session(self, url: URL, *, of_vendor: bool = False) -> aiohttp.ClientSession:
        trusted = self.trusts(url, of_vendor=of_vendor)
        host = url.raw_host or ""
        if not trusted and (":" in host or host.replace(".", "").isdigit()):
            self._policy.check(host)  # already here, because a proxy would be connected to instead
        if trusted not in self._sessions:
            self._sessions[trusted] = aiohttp.ClientSession(
                connector=None if trusted else guarded_connector(self._policy, resolver=self._resolver),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                max_headers=MAX_HEADERS,
            )
        return self._sessions[trusted]
