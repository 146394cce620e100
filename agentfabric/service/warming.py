"""What the first answer needs, made ready before somebody waits for it."""

import asyncio
from collections.abc import Callable, Sequence

from user_agent.sandbox.workshop import Workshop

AFTER_S = 1.0


async def warm_up(needed: Sequence[Callable[[], object]], workshop: Workshop) -> None:
    """Import what the first answer needs, so that nobody waits for it; after the start, which it would slow down."""
    await asyncio.sleep(AFTER_S)
    for load in needed:
        await asyncio.to_thread(load)
    await workshop.problem()  # found out once, by trying
