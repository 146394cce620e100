"""What is read of an endpoint's answer at the most, whatever it sends."""

from collections.abc import AsyncIterator
from typing import cast

import httpx2

MAX_REFUSAL_BYTES = 64_000
"""Of an answer that is no success: vendors say in a sentence or two why."""


async def bound(response: httpx2.Response) -> None:
    """A hook for the SDK's client, called before an answer is read.

    Nobody is asked to pack an answer. What some do all the same is unpacked; not so what packs without a limit, of
    which a few bytes become gigabytes. The SDK reads refusals whole, so they end early here.
    """
    if response.headers.get("content-encoding", "") not in ("gzip", "deflate"):
        response.headers.pop("content-encoding", None)
    if not response.is_success:
        response.stream = _Beginning(cast(httpx2.AsyncByteStream, response.stream))


class _Beginning(httpx2.AsyncByteStream):
    """The first bytes of a stream."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left_bytes = MAX_REFUSAL_BYTES
        async for piece in self._stream:
            yield piece[:left_bytes]
            left_bytes -= len(piece)
            if left_bytes <= 0:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()
