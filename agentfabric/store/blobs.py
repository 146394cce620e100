"""The bytes of files, in one folder, under generated names."""

import asyncio
import secrets
from pathlib import Path

from agentfabric.store.private import make_private_folder, write_private
from user_agent.errors import NotFound, StorageFailed


class Blobs:
    """Bytes by key. Keys are generated here; a key from elsewhere reaches nothing outside the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def tidy(self) -> None:
        """Remove what a killed process was writing. Called while nobody else uses the folder."""
        await asyncio.to_thread(self._tidy)

    async def put(self, data: bytes) -> str:
        """The key of the bytes, once they are on disk: whole, whatever happens. Raises `StorageFailed`."""
        key = secrets.token_hex(16)
        try:
            await asyncio.to_thread(self._put, key, data)
        except OSError as error:
            raise StorageFailed(
                "This file could not be stored: the disk may be full. Nothing else was changed; make room there and "
                "try again."
            ) from error
        return key

    async def read(self, key: str, at_most: int = -1, start: int = 0) -> bytes:
        """The bytes from `start` on, or that many of them. Raises `NotFound`."""
        try:
            return await asyncio.to_thread(self._read, key, at_most, start)
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise NotFound("The content of this file is gone.") from error

    async def delete(self, key: str) -> None:
        """The bytes are gone afterwards; nothing happens if they were already."""
        await asyncio.to_thread(self._delete, key)

    def _tidy(self) -> None:
        for unfinished in self._folder.glob(".*"):
            unfinished.unlink(missing_ok=True)

    def _put(self, key: str, data: bytes) -> None:
        make_private_folder(self._folder)
        write_private(self._path(key), data)

    def _read(self, key: str, at_most: int, start: int) -> bytes:
        with self._path(key).open("rb") as file:
            file.seek(start)
            return file.read(at_most)

    def _delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        """The one place where a key becomes a path. Raises `NotFound` for what is no key of ours."""
        folder = self._folder.resolve()
        path = (folder / key).resolve() if key.isalnum() and key.isascii() else folder
        if path.parent != folder:
            raise NotFound("There is no such content.")
        return path
