"""The work folder of a sandbox, from outside. Blocking; call it in a thread.

Whoever runs code may have put anything in there, and may change it while it is looked at: links to the server's own
files, pipes that nobody writes to, folders that become links. So every step goes from an open folder to a name in it
and follows no link, and what was opened is asked what it is.
"""

import os
import shutil
import stat
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from user_agent.storable import cleaned

MOST_SEEN = 2_000
MAX_DEPTH = 6
MAX_NAME_BYTES = 200
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# Without waiting for a writer, where it is a pipe.
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

Stamp = tuple[int, int, int]
"""By what a file is known to be the same as before: when it was written, its size, its number."""


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """`owner` is the user that the sandbox runs under, where that is not the server's."""

    path: Path
    owner: int | None = None

    def make(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.owner is not None:
            os.chown(self.path, self.owner, self.owner, follow_symlinks=False)

    def place(self, wanted: str, data: bytes) -> str:
        """Write a file under that name, or one like it where the name is taken; gives the name."""
        with self._opened() as folder:
            for name in _names_like(wanted):
                with suppress(FileExistsError):
                    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                    descriptor = os.open(name, flags, 0o600, dir_fd=folder)
                    with os.fdopen(descriptor, "wb") as file:
                        file.write(data)
                        if self.owner is not None:
                            os.fchown(descriptor, self.owner, self.owner)
                    return name
        raise AssertionError("Numbers do not end.")

    def files(self) -> dict[str, Stamp]:
        """The files by their path in here; none that is hidden, and of very many only some."""
        with self._opened() as folder:
            return dict(_listed(folder))

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """The bytes of one; None where it is no file now, or larger than that."""
        *folders, name = path.split("/")
        with self._opened() as top:
            opened = [top]
            try:
                for step in folders:
                    opened.append(os.open(step, _FOLDER, dir_fd=opened[-1]))
                descriptor = os.open(name, _FILE, dir_fd=opened[-1])
            except OSError:
                return None
            finally:
                for each in opened[1:]:
                    os.close(each)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > most_bytes:
                return None
            data = file.read(most_bytes + 1)
        return data if len(data) <= most_bytes else None

    def move_into(self, other: "WorkFolder") -> None:
        """Everything in here is in the other folder afterwards, and this one is gone."""
        with self._opened() as here, other._opened() as there:
            for name in os.listdir(here):
                os.rename(name, name, src_dir_fd=here, dst_dir_fd=there)
        self.path.rmdir()

    def remove(self) -> None:
        """Nothing of it is there afterwards, whatever modes its folders were given."""
        shutil.rmtree(self.path, onerror=_insist)

    @contextmanager
    def _opened(self) -> Generator[int]:
        descriptor = os.open(self.path, _FOLDER)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def changed(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> list[str]:
    """The files that are new or different, in the order in which they were written."""
    return sorted((path for path in after if before.get(path) != after[path]), key=lambda path: (after[path], path))


def _names_like(wanted: str) -> Iterable[str]:
    """The name as a file may bear it, then the same with numbers."""
    name = cleaned(wanted).replace("/", "_").replace("\\", "_")
    name = "".join(char for char in name if char.isprintable()).strip().lstrip(".") or "file"
    stem, suffix = os.path.splitext(name)
    if not suffix[1:].isalnum() or len(suffix.encode()) > MAX_NAME_BYTES // 4:
        stem, suffix = name, ""
    stem = _cut(stem, MAX_NAME_BYTES - len(suffix.encode()))
    yield f"{stem}{suffix}"
    for number in range(2, 1_000_000):
        yield f"{stem}-{number}{suffix}"


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _listed(folder: int, above: str = "", depth: int = 0) -> Iterator[tuple[str, Stamp]]:
    seen = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            seen += 1
            if seen > MOST_SEEN:
                return
            if entry.name.startswith((".", "__pycache__")) or not _is_text(entry.name):
                continue
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    if depth < MAX_DEPTH:
                        yield from _below(folder, entry.name, f"{above}{entry.name}/", depth + 1)
                elif entry.is_file(follow_symlinks=False):
                    found = entry.stat(follow_symlinks=False)
                    yield f"{above}{entry.name}", (found.st_mtime_ns, found.st_size, found.st_ino)


def _below(folder: int, name: str, above: str, depth: int) -> Iterator[tuple[str, Stamp]]:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield from _listed(descriptor, above, depth)
    finally:
        os.close(descriptor)


def _is_text(name: str) -> bool:
    return not any(0xD800 <= ord(char) <= 0xDFFF for char in name)


def _insist(function: object, path: str, error: object) -> None:
    """A folder that was made unreadable: open it, and try again. One that is gone is gone."""
    with suppress(OSError):
        parent = os.path.dirname(path)
        for each in (parent, path):
            if not os.path.islink(each):
                os.chmod(each, 0o700)
        shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
