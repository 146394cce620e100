"""Files of an agent that has a folder and no store: tools write into it, and find there what they are asked about."""

import asyncio
import itertools
import mimetypes
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from user_agent.errors import ToolError
from user_agent.messages import FilePart


@dataclass(frozen=True, slots=True)
class FolderKeep:
    """Writes what a tool made into a folder, under a name that no file there has. A part tells that name and no path:
    models read it."""

    folder: Path

    async def __call__(self, data: bytes, *, name: str, media_type: str) -> FilePart:
        path = await asyncio.to_thread(self._written, data, Path(name).name)
        return FilePart(file=path.name, name=path.name, media_type=media_type, size_bytes=len(data))

    def _written(self, data: bytes, name: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        stem, suffix = Path(name).stem, Path(name).suffix
        for number in itertools.count(1):
            path = self.folder / (f"{stem}-{number}{suffix}" if number > 1 else name)
            with suppress(FileExistsError), path.open("xb") as file:
                file.write(data)
                return path
        raise AssertionError("Numbers do not end.")


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files right in a folder, the oldest first: what lies elsewhere, or is a link to it, is not to be had."""

    folder: Path

    async def list(self) -> Sequence[FilePart]:
        return await asyncio.to_thread(lambda: [_part(path) for path in self._paths()])

    async def read(self, file: str) -> bytes:
        for path in await asyncio.to_thread(self._paths):
            if path.name == file:
                return await asyncio.to_thread(path.read_bytes)
        raise ToolError("There is no such file.")

    def _paths(self) -> Sequence[Path]:
        if not self.folder.is_dir():
            return ()
        files = [path for path in self.folder.iterdir() if path.is_file() and not path.is_symlink()]
        return sorted(files, key=lambda path: (path.stat().st_mtime, path.name))


def _part(path: Path) -> FilePart:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FilePart(file=path.name, name=path.name, media_type=kind, size_bytes=path.stat().st_size)
