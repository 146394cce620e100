"""What a target does where its publication is stopped: either nothing has changed, or all of it has, and is told."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
PART_BYTES = 8_000_000


async def in_thread(work: Callable[[], T]) -> T:
    """What blocking work gives. Who is stopped waits for its end: nothing of it goes on behind what clears up."""
    running = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    finally:
        while not running.done():
            # Who is stopped once more, as where the server ends meanwhile, waits all the same.
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:  # Any: what a coroutine is sent, which nothing is
    """What the work gives, also where the publication is stopped meanwhile: half of it would be worse than either."""
    running = asyncio.create_task(work)
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            overrule_stop()
    return running.result()


async def until_stopped(work: Coroutine[Any, Any, None]) -> bool:  # Any: as above
    """Whether the work came to its end; False where the publication was stopped meanwhile, of what is there already."""
    try:
        await work
    except asyncio.CancelledError:
        overrule_stop()
        return False
    return True


def parts(
    items: Iterable[T], size_bytes: Callable[[T], int], *, at_most: int, at_most_bytes: int = PART_BYTES
) -> Iterator[list[T]]:
    """The items as they are sent, so many and so much of them at a time: between two parts a publication is stopped."""
    part, size = list[T](), 0
    for item in items:
        more = size_bytes(item)
        if part and (len(part) >= at_most or size + more > at_most_bytes):
            yield part
            part, size = [], 0
        part.append(item)
        size += more
    if part:
        yield part


def overrule_stop() -> None:
    """Go on, though this task was cancelled."""
    if task := asyncio.current_task():
        task.uncancel()
