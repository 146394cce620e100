"""The terminal at which a command was given. Its words, its files and its environment are there, wherever it is run."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Protocol


class Terminal(Protocol):
    """What a command asks of it."""

    async def say(self, text: str) -> None:
        """To the standard output, as it is."""
        ...

    async def complain(self, text: str) -> None:
        """A line to the standard error."""
        ...

    async def is_file(self, name: str) -> bool: ...

    async def read(self, name: str, most: int) -> bytes:
        """The beginning of a file, `most` bytes at most. Raises `OSError`."""
        ...

    async def write(self, name: str, data: bytes) -> None:
        """Raises `OSError`."""
        ...

    async def variable(self, name: str) -> str | None:
        """Of its environment."""
        ...


class Here:
    """The terminal of this process."""

    async def say(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    async def complain(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    async def is_file(self, name: str) -> bool:
        return await asyncio.to_thread(Path(name).is_file)

    async def read(self, name: str, most: int) -> bytes:
        def read() -> bytes:
            with Path(name).open("rb") as file:
                return file.read(most)

        return await asyncio.to_thread(read)

    async def write(self, name: str, data: bytes) -> None:
        await asyncio.to_thread(Path(name).write_bytes, data)

    async def variable(self, name: str) -> str | None:
        return os.environ.get(name)
