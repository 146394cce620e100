"""What protocols for programs read of a request: the key, the body, and whether somebody still listens."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from user_agent.errors import NotAllowed, TooLarge
from user_agent.serve.visitors import is_from_own_page

Result = TypeVar("Result")


def key_in(headers: Headers) -> str | None:
    """The key that a request brings as `Authorization: Bearer …`; None where it brings none."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() or None if scheme.lower() == "bearer" else None


def client_of(request: Request) -> str:
    """The address that it came from."""
    return request.client.host if request.client else ""


def require_no_foreign_page(request: Request) -> None:
    """Raises `NotAllowed` where a web page of another origin asks: keys are for programs."""
    if not is_from_own_page(request):
        raise NotAllowed(
            "Requests from other web pages are not accepted: a key in a page is everybody's. Ask from a server."
        )


async def whole_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` as soon as it is longer than `limit` bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise TooLarge(f"The request is larger than {limit // 1_000_000} MB.", limit=f"{limit // 1_000_000} MB")
    return bytes(body)


def read_already(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read once more, and then whatever comes."""
    unread = [body]

    async def again() -> Message:
        return {"type": "http.request", "body": unread.pop()} if unread else await receive()

    return again


async def unless_gone(receive: Receive, work: Awaitable[Result]) -> Result:
    """What the work gives. It is cancelled where the client leaves: then `ClientDisconnect` is raised.

    Call it when the body was read.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.wait((working, leaving))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
