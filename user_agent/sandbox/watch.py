"""What a sandbox takes, as this machine sees it: limits on a process do not count its brothers. Blocking, but quick."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_MOST_PROCESSES = 1_000


@dataclass(frozen=True, slots=True)
class Taken:
    memory_bytes: int
    disk_bytes: int
    files: int


def taken(pid: int, folders: tuple[Path, ...], *, most_memory_bytes: int, most_files: int) -> Taken:
    """What the processes below `pid` hold in memory together, and what lies in the folders."""
    processes = descendants(pid)
    memory = sum(map(_resident_bytes, processes))
    if memory > most_memory_bytes:
        # What children share with their parent was counted for each: now in shares, which takes a little longer.
        memory = sum(map(_share_bytes, processes))
    disk, files = sum(_without_name(processes).values()), 0
    for folder in folders:
        for size in _sizes(folder, most_files - files):
            disk += size
            files += 1
    return Taken(memory, disk, files)


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    # Each thread has children of its own.
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found.extend(map(int, (task / "children").read_text().split()))
    return found


def descendants(pid: int) -> list[int]:
    """All processes below `pid`. None gets away: one that loses its parent falls to the sandbox's first process."""
    found: list[int] = []
    waiting = children_of(pid)
    while waiting and len(found) < _MOST_PROCESSES:
        found.append(waiting.pop())
        waiting.extend(children_of(found[-1]))
    return found


def _share_bytes(pid: int) -> int:
    """What a process holds, of what is shared its share; what it holds in all where that is not told."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, IndexError, ValueError, StopIteration):
        return _resident_bytes(pid)


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def _without_name(pids: list[int]) -> dict[tuple[int, int], int]:
    """What files take that were deleted while a process holds them open, each counted once."""
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        with suppress(OSError):
            for number in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    file = os.stat(f"/proc/{pid}/fd/{number}")
                    if stat.S_ISREG(file.st_mode) and file.st_nlink == 0:
                        found[file.st_dev, file.st_ino] = file.st_blocks * 512
    return found


def _sizes(folder: Path, most: int) -> Iterator[int]:
    """What each file and folder below takes on the disk; of more than `most` no more than that. Follows no link."""
    waiting = [str(folder)]
    while waiting and most >= 0:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    with suppress(OSError):
                        yield entry.stat(follow_symlinks=False).st_blocks * 512
                        most -= 1
                    if most < 0:
                        return
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue  # gone meanwhile
