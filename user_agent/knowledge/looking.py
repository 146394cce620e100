"""Who looks at the pictures of a file: a model that sees, or a program that reads letters."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from user_agent.errors import FabricError
from user_agent.knowledge.hearing import Seen
from user_agent.knowledge.pieces import Piece, Reading
from user_agent.knowledge.problems import FileUnreadable

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MAX_CHARS = 20_000

Describe = Callable[[bytes, str], Awaitable[str]]
"""Asks a model for the words of a picture and what it shows, given its bytes and media type. Raises `FabricError`."""
Look = Callable[[Seen], Awaitable[Reading]]


async def looked(seen: Seen, describe: Describe | None, letters: Look | None, seconds: float) -> Reading | None:
    """What is seen in a picture, in its place; None where everybody who looked failed.

    A page is letters first, which need no model; a picture is for a model first, who sees what it shows.
    """
    described = None if describe is None else _described(describe, seconds)
    ways = (letters, described) if seen.page is not None else (described, letters)
    reading = None
    for way in ways:
        if way is None:
            continue
        try:
            reading = await way(seen)
        except (FabricError, FileUnreadable, TimeoutError) as error:
            log.warning("picture_not_seen", reason=str(error)[:200])
            continue
        if reading.pieces:
            break
    if reading is None:
        return None
    return replace(
        reading, pieces=tuple(replace(piece, page=seen.page, member=seen.member) for piece in reading.pieces)
    )


def _described(describe: Describe, seconds: float) -> Look:
    async def read(seen: Seen) -> Reading:
        async with asyncio.timeout(seconds):
            words = (await describe(seen.jpeg, "image/jpeg")).strip()[:MAX_CHARS]
        return Reading((Piece(words),) if words else ())

    return read
