"""The server's side of a process that reads files: what is sent to it, and what is believed of its answers."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, ValidationError

from user_agent.knowledge.confining import command
from user_agent.knowledge.pieces import PieceKind
from user_agent.walls import begun

_CHUNK_BYTES = 1_000_000
MAX_FRAME_BYTES = 64_000_000
MEMORY_STATUS = 77
"""What `inside.py` ends with when it took more memory than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much reading one file may take."""

    seconds: float = 120.0
    memory_bytes: int = 450_000_000
    file_bytes: int = 200_000_000
    unpacked_bytes: int = 500_000_000
    """Of all that is packed into the file, however deep."""
    members: int = 2_000
    """How many files an archive may hold."""
    pictures: int = 200
    """How many pictures and scanned pages of a file are looked at."""
    picture_seconds: float = 60.0
    """How long one of them may be looked at."""
    text_chars: int = 20_000_000
    """What is beyond is left out, with a note."""


class Frame(BaseModel):
    """Something that the process said. Perhaps the file that it reads says it: so everything is checked."""

    model_config = ConfigDict(strict=True, frozen=True)

    kind: Literal["pieces", "note", "picture", "progress", "title", "end", "failed"]
    pieces: list[tuple[str, PieceKind, tuple[str, ...], int | None, str, str]] = []
    jpeg: Base64Bytes = b""
    page: int | None = None
    member: str = ""
    what: str = ""
    params: dict[str, str | int] = {}
    share: float = 0.0
    stays: bool = False


class Died(Exception):
    """The process ended in the middle of a file; `why` is a reason of `problems.py`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Changed(Exception):
    """The file was not the same at the end as it was at the beginning."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to be read: its contents, or where they are."""

    file: bytes | Path
    name: str
    charset: str = ""
    main_only: bool = False
    looked_at: bool = False
    """Whether somebody looks at pictures."""
    reader: str = ""
    """Which reader reads it; empty for the one that its name and beginning ask for."""
    tesseract: str = ""


class ReadingProcess:
    """One process, which reads one file at a time. Whoever starts it ends it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        to: asyncio.StreamWriter,
        said: asyncio.StreamReader,
        limits: Limits,
    ) -> None:
        self._process = process
        self._to = to
        self._said = said
        self._limits = limits
        self.stays = False
        """Whether it can take another file."""

    @classmethod
    async def start(cls, limits: Limits) -> "ReadingProcess":
        """A process with nothing of this one's environment and open files. Cancelled, it leaves none."""
        return await begun(cls._started(limits), ReadingProcess.end)

    @classmethod
    async def _started(cls, limits: Limits) -> "ReadingProcess":
        process = await asyncio.create_subprocess_exec(
            *await asyncio.to_thread(command, json.dumps({"memory_bytes": limits.memory_bytes})),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # No key of the environment is there for a parser to lose; Windows starts nothing without its own variables.
            env=None if sys.platform == "win32" else {"PATH": os.defpath},
            start_new_session=True,
        )
        to, said = process.stdin, process.stdout
        if to is None or said is None:
            raise RuntimeError("A process that was started with pipes has none.")
        return cls(process, to, said, limits)

    async def read(self, asked: Asked) -> AsyncGenerator[Frame]:
        """What it says of the file, to the last frame before `end`. Raises `Died`, `Changed`, and `OSError` for a file
        that cannot be opened. A process whose answer was not heard to its end takes no other file."""
        self.stays = False
        try:
            await self._send(asked)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Died(await self._why()) from error
        while True:
            frame = await self._frame()
            if frame.kind == "end":
                self.stays = frame.stays
                return
            yield frame

    async def end(self) -> None:
        """Nothing of it is there afterwards, nor of what it started."""
        self.stays = False
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._ended()

    async def _ended(self) -> int:
        """Its status, once it has ended: which is not noticed before its pipe is read to the end, and asyncio stops to
        read where much is waiting."""
        while await self._said.read(_CHUNK_BYTES):
            pass
        return await self._process.wait()

    async def _send(self, asked: Asked) -> None:
        if isinstance(asked.file, bytes):
            await self._head(asked, len(asked.file))
            view = memoryview(asked.file)
            for start in range(0, len(view), _CHUNK_BYTES):
                await self._write(bytes(view[start : start + _CHUNK_BYTES]))
            return
        file = await asyncio.to_thread(asked.file.open, "rb")
        try:
            before = await asyncio.to_thread(os.fstat, file.fileno())
            await self._head(asked, before.st_size)
            await self._copy(file, before.st_size)
            after = await asyncio.to_thread(os.fstat, file.fileno())
        finally:
            await asyncio.to_thread(file.close)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Changed

    async def _copy(self, file: BinaryIO, left: int) -> None:
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(left, _CHUNK_BYTES))
            if not chunk:
                raise Changed
            left -= len(chunk)
            await self._write(chunk)

    async def _head(self, asked: Asked, size: int) -> None:
        head = {
            "name": asked.name,
            "size": size,
            "charset": asked.charset,
            "main_only": asked.main_only,
            "looked_at": asked.looked_at,
            "reader": asked.reader,
            "tesseract": asked.tesseract,
            "seconds": self._limits.seconds,
            "unpacked_bytes": self._limits.unpacked_bytes,
            "members": self._limits.members,
            "pictures": self._limits.pictures,
            "text_chars": self._limits.text_chars,
        }
        await self._write(json.dumps(head).encode() + b"\n")

    async def _write(self, data: bytes) -> None:
        self._to.write(data)
        await self._to.drain()

    async def _frame(self) -> Frame:
        try:
            size = int.from_bytes(await self._said.readexactly(4), "big")
            if size > MAX_FRAME_BYTES:
                raise Died("crashed")
            return await asyncio.to_thread(Frame.model_validate_json, await self._said.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionResetError) as error:
            raise Died(await self._why()) from error
        except ValidationError as error:
            raise Died("crashed") from error

    async def _why(self) -> str:
        """Why it is not there any more."""
        status = await self._ended()
        # Walls pass on by which signal what is inside of them ended, as shells do.
        ended_by = -status if status < 0 else status - 128 if status > 128 else 0
        if sys.platform != "win32" and ended_by == signal.SIGXCPU:
            return "late"
        # Killed by nobody here: the machine had no memory left. Libraries that get none end in an abort.
        starved = sys.platform != "win32" and ended_by in (signal.SIGKILL, signal.SIGABRT)
        return "memory" if starved or status == MEMORY_STATUS else "crashed"
