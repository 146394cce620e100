"""What outlives a turn and is lent to agents: the connections to model endpoints."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from pydantic import SecretStr

if TYPE_CHECKING:
    from openai import AsyncOpenAI


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
    """

    def __init__(self, *, keep: int = 64) -> None:
        self._keep = keep
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
        return self.lend_of(_open, base_url, key, through_proxy=through_proxy)

    @asynccontextmanager
    async def lend_of(
        self, opener: Opener[Lendable], base_url: str, key: SecretStr, *, through_proxy: bool = True
    ) -> AsyncGenerator[Lendable]:
        """The client of another SDK, which `opener` makes where there is none yet."""
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


def _open(base_url: str, key: SecretStr, through_proxy: bool) -> "AsyncOpenAI":
    """Runs in a thread: it loads certificates (20 to 40 ms) and, once, the SDK and its chat modules (up to a second).

    Connections are made later, in the event loop.
    """
    from openai import AsyncOpenAI, DefaultAioHttpClient

    client = AsyncOpenAI(
        base_url=base_url,
        api_key=key.get_secret_value(),
        max_retries=0,
        http_client=DefaultAioHttpClient(follow_redirects=False, trust_env=through_proxy),
    )
    # The SDK takes these from OpenAI's environment variables, and would send them to every other vendor too.
    client.organization = None
    client.project = None
    # The SDK imports its resources when they are first touched.
    _ = client.chat.completions.with_streaming_response
    return client
