"""What a program writes of itself to stderr: the end of it, for the sentence that tells why it cannot be asked."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from typing import TextIO

from user_agent.openapi.references import short
from user_agent.storable import cleaned
from user_agent.tools.calling import without_keys

KEPT_BYTES = 2_000
MAX_SHOWN_CHARS = 200
WAITED_S = 0.5
"""How long the rest is waited for once the program is gone: what it started itself may go on writing."""


class LastWords:
    """Keeps the last bytes and nothing else: what a program writes may hold what it was asked with, and has no end."""

    def __init__(self) -> None:
        self._end = b""

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[TextIO]:
        """Where a program is to write to, inside of the block."""
        read, write = os.pipe()
        reader = threading.Thread(target=self._read, args=(read,), name="mcp stderr", daemon=True)
        reader.start()
        try:
            with os.fdopen(write, "w", encoding="utf-8") as place:
                yield place
        finally:
            await asyncio.to_thread(reader.join, WAITED_S)

    def told(self, secrets: Collection[str]) -> str:
        """The last line that says anything, without the secrets; empty where there is none."""
        text = cleaned(without_keys(self._end.decode("utf-8", "replace"), secrets))
        lines = [line for line in text.splitlines() if line.strip()]
        return short(lines[-1], MAX_SHOWN_CHARS) if lines else ""

    def _read(self, read: int) -> None:
        with os.fdopen(read, "rb", buffering=0) as stream:
            while piece := stream.read(4_096):
                self._end = (self._end + piece)[-KEPT_BYTES:]
