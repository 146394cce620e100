"""What outlives a turn and is lent to agents: the connections to model endpoints."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from pydantic import SecretStr
from yarl import URL

from user_agent.addresses import AddressPolicy, AddressRefused, guarded_connector
from user_agent.proxies import proxy_for
from user_agent.urls import origin_of

if TYPE_CHECKING:
    import httpx2
    from aiohttp.abc import AbstractResolver
    from openai import AsyncOpenAI

MAX_CONNECTIONS = 1_000
"""Of one guarded client at a time, as many as of an unguarded one."""


class Client(Protocol):
    """Whatever holds connections to one endpoint."""

    async def close(self) -> None: ...


Lendable = TypeVar("Lendable", bound=Client)
Opener = Callable[[str, SecretStr, bool], Lendable]
"""Makes a client of an address and a key, which honours the machine's proxy settings or not. Called in a thread."""


@dataclass(slots=True)
class _Lent:
    client: Client
    borrowers: int = 0


class ModelClients:
    """One client per endpoint and key, opened when first asked for. Open with `async with`: its owner closes them all.

    A client costs tens of milliseconds of TLS set-up and holds open connections, so it is kept for the next turn;
    beyond `keep` of them, those idle longest are closed. Keys stay inside the clients: here a hash tells them apart.

    With a `policy` they are for endpoints that people chose: no connection goes to an address that it does not allow,
    but for `trusted_origins`, which the operator named. `resolver` replaces the system's names.
    """

    def __init__(
        self,
        *,
        keep: int = 64,
        policy: AddressPolicy | None = None,
        trusted_origins: Collection[str] = (),
        resolver: "AbstractResolver | None" = None,
    ) -> None:
        self._keep = keep
        self._policy = policy
        self._trusted_origins = frozenset(origin_of(origin) for origin in trusted_origins)
        self._resolver = resolver
        # In the order of their last use.
        self._clients: dict[tuple[object, str, str, bool], _Lent] = {}
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._clients:
            _, lent = self._clients.popitem()
            await lent.client.close()

    def lend(
        self, base_url: str, key: SecretStr, *, through_proxy: bool = True
    ) -> "AbstractAsyncContextManager[AsyncOpenAI]":
        """The client of that endpoint and key. It never retries and never follows a redirect.

        `through_proxy` honours the machine's proxy settings, which servers on this machine must not be asked through.
        """
        return self._lend(self._open, base_url, key, through_proxy)

    def lend_of(
        self, opener: Opener[Lendable], base_url: str, key: SecretStr, *, through_proxy: bool = True
    ) -> AbstractAsyncContextManager[Lendable]:
        """The client of another SDK, which `opener` makes where there is none yet.

        Raises `AddressRefused` where there is a policy: another SDK's connections cannot be held to it.
        """
        if self._guards(base_url):
            raise AddressRefused(base_url)
        return self._lend(opener, base_url, key, through_proxy)

    @asynccontextmanager
    async def _lend(
        self, opener: Opener[Lendable], base_url: str, key: SecretStr, through_proxy: bool
    ) -> AsyncGenerator[Lendable]:
        digest = hashlib.sha256(key.get_secret_value().encode()).hexdigest()
        name = (opener, base_url, digest, through_proxy)
        async with self._opening:
            lent = self._clients.pop(name, None) or _Lent(await asyncio.to_thread(opener, base_url, key, through_proxy))
            self._clients[name] = lent
            lent.borrowers += 1
        try:
            yield cast(Lendable, lent.client)  # the opener is a part of the name
        finally:
            lent.borrowers -= 1
            await self._close_surplus()

    async def _close_surplus(self) -> None:
        idle = [name for name, lent in self._clients.items() if not lent.borrowers]
        surplus = idle[: max(0, len(self._clients) - self._keep)]
        for lent in [self._clients.pop(name) for name in surplus]:
            await lent.client.close()

    def _guards(self, base_url: str) -> bool:
        return self._policy is not None and origin_of(base_url) not in self._trusted_origins

    def _open(self, base_url: str, key: SecretStr, through_proxy: bool) -> "AsyncOpenAI":
        """Runs in a thread: it loads certificates (20 to 40 ms) and, once, the SDK and its chat modules (a second).

        Connections are made later, in the event loop.
        """
        from openai import AsyncOpenAI, DefaultAioHttpClient

        from user_agent.models.bounds import bound

        transport = None
        if self._policy is not None and self._guards(base_url):
            # A proxy resolves names by itself. Only where the machine is the person's own may it do so for them.
            proxy = proxy_for(URL(base_url)) if through_proxy and self._policy.own_network else None
            transport = _guarded(self._policy, self._resolver, proxy)
        client = AsyncOpenAI(
            base_url=base_url,
            api_key=key.get_secret_value(),
            max_retries=0,
            http_client=DefaultAioHttpClient(
                follow_redirects=False,
                trust_env=through_proxy,
                transport=transport,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [bound]},
            ),
        )
        # The SDK takes these from OpenAI's environment variables, and would send them to every other vendor too.
        client.organization = None
        client.project = None
        # The SDK imports its resources when they are first touched.
        _ = client.chat.completions.with_streaming_response
        return client


def _guarded(
    policy: AddressPolicy, resolver: "AbstractResolver | None", proxy: str | None
) -> "httpx2.AsyncBaseTransport":
    """The SDK's own transport, over connections that `policy` allows."""
    import aiohttp
    import httpx2
    from openai._vendor.httpx_aiohttp import AiohttpTransport  # the SDK exports it only inside of a client

    def session() -> aiohttp.ClientSession:
        connector = guarded_connector(
            policy, resolver=resolver, ssl_context=transport.ssl_context, connections=MAX_CONNECTIONS
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    transport = AiohttpTransport(client=session, proxy=httpx2.Proxy(proxy) if proxy else None)
    return transport
