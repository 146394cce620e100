"""What goes between a command and the server that does it: a line of JSON that says how many bytes follow it."""

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

SOCKET = "commands.sock"
"""In the home. Whoever may write to it may write to the home's files, too: nothing else says who somebody is."""
LONGEST_LINE = 2_000_000
LONGEST_PATH = 100
"""Bytes. Systems take 104 or 108 for the address of a socket."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: str
    text: str = ""
    number: int = 0
    data: bytes = b""


class _Head(BaseModel):
    kind: str
    text: str
    number: int
    size: Annotated[int, Field(ge=0)]


async def send(writer: asyncio.StreamWriter, frame: Frame) -> None:
    """Raises `ConnectionError` where nobody listens any more."""
    head = _Head(kind=frame.kind, text=frame.text, number=frame.number, size=len(frame.data))
    writer.write(f"{head.model_dump_json()}\n".encode())
    writer.write(frame.data)
    await writer.drain()


async def receive(reader: asyncio.StreamReader) -> Frame | None:
    """The next one; None at the end. Raises `ValueError` for what is none, `IncompleteReadError` for half of one."""
    line = await reader.readline()
    if not line:
        return None
    head = _Head.model_validate_json(line)
    return Frame(head.kind, head.text, head.number, await reader.readexactly(head.size))


@contextmanager
def address_of(home: Path) -> Generator[str]:
    """Where the socket of a home is, in as many bytes as systems take."""
    path = str(home / SOCKET)
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield path
        return
    folder = os.open(home, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)
