"""The terminal at which a command was given. Its words, its files and its environment are there, wherever it is run."""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Protocol, TextIO

_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal obeys and nobody reads: names and answers may come from anybody."""


def shown_on(stream: TextIO, text: str) -> str:
    """The text as it may be written there: a terminal is sent nothing that it would obey."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text) if stream.isatty() else text


def put_out(text: str) -> None:
    """To the standard output at once; what its encoding does not have, as an escape. Raises `OutputClosed`."""
    text = shown_on(sys.stdout, text)
    try:
        sys.stdout.write(text if is_sayable(text) else text.encode(_encoding(), "backslashreplace").decode(_encoding()))
        sys.stdout.flush()
    except BrokenPipeError as error:
        # What is left in the buffer would be complained about once more when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputClosed from error


def is_sayable(text: str) -> bool:
    """Whether the encoding of the standard output has all of it."""
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        return False
    return True


def _encoding() -> str:
    return sys.stdout.encoding or "utf-8"


class Terminal(Protocol):
    """What a command asks of it."""

    async def say(self, text: str) -> None:
        """To the standard output, as it is. Raises `OutputClosed`, and `ConnectionError` where the terminal is gone."""
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


class OutputClosed(Exception):
    """Whoever read the standard output has left."""


class Here:
    """The terminal of this process."""

    async def say(self, text: str) -> None:
        put_out(text)

    async def complain(self, text: str) -> None:
        sys.stderr.write(f"{shown_on(sys.stderr, text)}\n")
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
