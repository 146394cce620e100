"""What was read of files, kept by content: one that comes back to its owner is not read again."""

import asyncio
import hashlib
import os
import time
import zlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import orjson
import structlog

from agentfabric.store.private import make_private_folder, write_private
from user_agent.knowledge.pieces import Piece, Reading
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

READERS = 1
"""Grows when readers give something else for the same bytes: what earlier ones gave is then read anew."""
KEPT = timedelta(days=30)
"""How long a reading is kept after its last use: as long as what was taken away is likely to be brought back."""


class ReadingCache:
    """Readings by their owner and content. Nobody is given what another person's file became."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, owner: str, digest: str) -> Reading | None:
        """What was read of that content; None where nothing is kept, or not whole."""
        return await asyncio.to_thread(self._get, self._path(owner, digest))

    async def put(self, owner: str, digest: str, reading: Reading) -> None:
        """Keep it. A disk that is full costs nothing but that the file is read again one day."""
        try:
            await asyncio.to_thread(self._put, self._path(owner, digest), reading)
        except OSError as error:
            log.warning("reading_not_kept", reason=error.strerror or type(error).__name__)

    async def forget(self, owner: str, digest: str) -> None:
        """Take away what was read of that content."""
        await asyncio.to_thread(self._path(owner, digest).unlink, missing_ok=True)

    async def forget_old(self) -> None:
        """Take away what nobody has used for as long as `KEPT`."""
        await asyncio.to_thread(self._forget_before, time.time() - KEPT.total_seconds())

    def _forget_before(self, moment: float) -> None:
        with suppress(OSError):  # another process takes the same ones away
            for path in self._folder.glob("*"):
                if path.stat().st_atime < moment:
                    path.unlink(missing_ok=True)

    def _path(self, owner: str, digest: str) -> Path:
        key = hashlib.sha256(f"{READERS}\0{owner}\0{digest}".encode()).hexdigest()
        return self._folder / key

    def _get(self, path: Path) -> Reading | None:
        try:
            reading = _read(zlib.decompress(path.read_bytes()))
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))  # also where a disk does not note who reads
            return reading
        except (OSError, zlib.error, ValueError, TypeError, KeyError):
            return None

    def _put(self, path: Path, reading: Reading) -> None:
        make_private_folder(self._folder)
        write_private(path, zlib.compress(orjson.dumps(reading), 1))


def _read(data: bytes) -> Reading:
    """What `orjson` wrote. Raises `ValueError`, `TypeError` or `KeyError` for anything else."""
    stored = orjson.loads(data)
    pieces = tuple(
        Piece(
            text=piece["text"],
            kind=piece["kind"],
            headings=tuple(piece["headings"]),
            page=piece["page"],
            sheet=piece["sheet"],
            member=piece["member"],
        )
        for piece in stored["pieces"]
    )
    notes = tuple(Words(zh=note["zh"], en=note["en"]) for note in stored["notes"])
    return Reading(pieces, notes, title=stored["title"], whole=stored["whole"])
