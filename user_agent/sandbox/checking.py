"""Whether code can be run on this machine, found out by trying."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from user_agent.sandbox.cells import Sandbox
from user_agent.words import Words

LOOK_AGAIN_AFTER_S = 10.0
"""How long a reason not to run code is believed: it goes away when somebody does what it says."""

_OTHER_SYSTEM = Words(
    zh="运行代码的沙箱只能在 Linux 上使用（Windows 可以用 WSL）。",
    en="Code runs in a sandbox that there is on Linux only (on Windows, in WSL).",
)


class Checks:
    """Looks when first asked, again as long as there is a reason why not, and when somebody doubts that there is none.

    `look` finds the sandbox, or the reason.
    """

    def __init__(self, look: Callable[[], Awaitable[Sandbox | Words]]) -> None:
        self._look = look
        self._found: Sandbox | Words | None = None
        self._at = 0.0
        self._alone = asyncio.Lock()

    async def sandbox(self) -> Sandbox | Words:
        """The sandbox, or why there is none."""
        async with self._alone:
            old = isinstance(self._found, Words) and time.monotonic() - self._at > LOOK_AGAIN_AFTER_S
            if self._found is None or old:
                self._found = await self._look() if sys.platform == "linux" else _OTHER_SYSTEM
                self._at = time.monotonic()
            return self._found

    def doubt(self) -> None:
        """A kernel did not start: what was found may not hold any more."""
        self._found = None
