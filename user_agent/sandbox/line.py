"""Whose code is run next, where sandboxes are few: everybody has one at a time, and waits in one line for it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from user_agent.errors import ToolError

PATIENCE_S = 60.0
"""How long a call waits: as long as one piece of code may run. It is part of what the tool's call may take."""

_FULL = "Too many conversations are running code just now. Try again in a minute, or answer without it."


class Line:
    """So many `places`. Whoever asks for several at once stands in the line with one of them: else one person with
    enough conversations would have all places, and those behind none."""

    def __init__(self, places: int, *, patience_s: float = PATIENCE_S) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience_s = patience_s
        self._own: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def place(self, holder: str) -> AsyncGenerator[None, None]:
        """A place of the holder's alone. Raises `ToolError` where none was free for too long."""
        own = self._own.setdefault(holder, asyncio.Lock())
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._patience_s):
                    await held.enter_async_context(own)
                    await held.enter_async_context(self._places)
            except TimeoutError:
                raise ToolError(_FULL) from None
            yield
