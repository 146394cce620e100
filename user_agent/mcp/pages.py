"""The pages of a list of tools on their way to the SDK, which reads them in the event loop: no more than is used."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx2
from pydantic import JsonValue
from pydantic_core import from_json, to_json

from user_agent.mcp.allowance import BIG_BYTES, MAX_KEPT_BYTES, MAX_LISTING_BYTES, MAX_TOOLS, Allowance

_USED = ("name", "title", "description", "inputSchema", "annotations")
_OF_THE_PAGE = ("nextCursor", "resultType", "ttlMs", "cacheScope")


class Page(httpx2.AsyncByteStream):
    """The body of a page: what is big is read in a thread, and written anew with what is used of it."""

    def __init__(self, body: httpx2.AsyncByteStream, allowance: Allowance, *, is_stream: bool) -> None:
        self._body = body
        self._allowance = allowance
        self._is_stream = is_stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        waiting = bytearray()
        async for piece in self._body:
            self._allowance.left_bytes -= len(piece)
            if self._allowance.left_bytes < 0:
                self._allowance.was_exceeded = True
                raise httpx2.ReadError(f"It sent more than {MAX_LISTING_BYTES:,} bytes of tools.")
            waiting += piece
            if self._is_stream and b"\n" in piece:
                end = waiting.rfind(b"\n") + 1
                yield await self._shortened(bytes(waiting[:end]))
                del waiting[:end]
        yield await self._shortened(bytes(waiting))

    async def aclose(self) -> None:
        await self._body.aclose()

    async def _shortened(self, whole: bytes) -> bytes:
        if len(whole) < BIG_BYTES:
            return whole
        if not self._is_stream:
            return await asyncio.to_thread(_with_what_is_used, whole, self._allowance)
        lines = whole.split(b"\n")
        for number, line in enumerate(lines):
            if len(line) >= BIG_BYTES and line.startswith(b"data:"):
                message = await asyncio.to_thread(_with_what_is_used, line.removeprefix(b"data:"), self._allowance)
                lines[number] = b"data: " + message
        return b"\n".join(lines)


def _with_what_is_used(message: bytes, allowance: Allowance) -> bytes:
    """The message with as many tools as fit; what is no list of tools is shortened to nothing that can be read."""
    try:
        told: JsonValue = from_json(message)
        match told:
            case {"result": {"tools": [*tools]} as result}:
                kept = _that_fit(tools)
                allowance.was_cut = allowance.was_cut or len(kept) < len(tools)
                page = {key: value for key, value in result.items() if key in _OF_THE_PAGE}
                return to_json({**told, "result": {**page, "tools": kept}})
            case _:
                return b"null"
    except ValueError:
        return b"null"


def _that_fit(tools: Sequence[JsonValue]) -> list[JsonValue]:
    kept: list[JsonValue] = []
    left_bytes = MAX_KEPT_BYTES
    for tool in tools[:MAX_TOOLS]:
        used = {key: tool[key] for key in _USED if key in tool} if isinstance(tool, dict) else None
        left_bytes -= len(to_json(used))
        if left_bytes < 0:
            break
        kept.append(used)
    return kept
