"""Asking whoever a sign-in goes through: bounded, guarded, and with failures in words."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import httpx2
from mcp.client.auth.exceptions import OAuthFlowError

from user_agent.mcp import sign_in_failures as failures
from user_agent.mcp.grants import SignInFailed
from user_agent.mcp.http import GuardedTransport, guarded_client
from user_agent.net import Http
from user_agent.words import Words

ANSWER_S = 15.0
MAX_ANSWER_BYTES = 500_000


@asynccontextmanager
async def asking(http: Http) -> AsyncGenerator[httpx2.AsyncClient, None]:
    """A client for what others say that an address is: guarded, bounded, and without redirects."""
    transport = GuardedTransport(http, silence_s=ANSWER_S, max_bytes=MAX_ANSWER_BYTES)
    async with guarded_client(transport, {}, silence_s=ANSWER_S) as client:
        yield client


async def asked(client: httpx2.AsyncClient, request: httpx2.Request, *, only_head: bool = False) -> httpx2.Response:
    """The answer, read whole unless `only_head`. Raises `SignInFailed` where none comes."""
    try:
        async with asyncio.timeout(ANSWER_S):
            answer = await client.send(request, stream=True)
            try:
                if not only_head:
                    await answer.aread()
            finally:
                await answer.aclose()
            return answer
    except (httpx2.HTTPError, TimeoutError, ValueError) as error:
        raise SignInFailed(failures.unreachable(request.url.host, error)) from error


@contextmanager
def told_as(words: Words) -> Generator[None, None, None]:
    """What the SDK's checks refuse, as a `SignInFailed` with these words: theirs name codes and addresses."""
    try:
        yield
    except (OAuthFlowError, ValueError) as error:
        raise SignInFailed(words) from error
