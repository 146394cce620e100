"""Files that are zip archives: looked at before anything in them is unpacked."""

import io
import struct
import zipfile
from collections.abc import Generator
from contextlib import contextmanager

from user_agent.knowledge.readers.source import Source, Unreadable

_END = b"PK\x05\x06"
_END_BYTES, _MOST_COMMENT_BYTES = 22, 65_535
_LARGE_END, _LARGE_PLACE = b"PK\x06\x06", b"PK\x06\x07"
_LARGE_END_BYTES, _LARGE_PLACE_BYTES = 56, 20
"""Of an archive of more than 4 GB or 65,535 files, and of any other that has them: they are believed before the end."""
_ENTRY_BYTES = 600
"""How much of an archive's list an entry may take: longer names have no honest reason."""
_SUSPICIOUS_RATIO, _HARMLESS_BYTES = 200, 50_000_000
"""Whatever unpacks to more than so many times its size, and is not small, was made to."""


@contextmanager
def opened(source: Source) -> Generator[zipfile.ZipFile]:
    """The archive, once it is certain that it holds no more than it may. What it says of itself is what is unpacked:
    the standard library reads no further. Raises `Unreadable`."""
    _check_list(source)
    try:
        archive = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
        raise Unreadable("broken") from error
    with archive:
        entries = archive.infolist()
        source.budget.members -= len(entries)
        if source.budget.members < 0:
            raise Unreadable("members")
        size = sum(entry.file_size for entry in entries)
        source.budget.unpacked_bytes -= size
        if source.budget.unpacked_bytes < 0:
            raise Unreadable("unpacks")
        if size > max(_HARMLESS_BYTES, _SUSPICIOUS_RATIO * len(source.data)):
            raise Unreadable("bomb", times=_SUSPICIOUS_RATIO)
        yield archive


def _check_list(source: Source) -> None:
    """An archive of a million entries is refused for its list alone, which would fill the memory already."""
    tail = source.data[-_END_BYTES - _MOST_COMMENT_BYTES :]
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise Unreadable("broken")
    size: int = struct.unpack_from("<L", tail, at + 12)[0]
    size = max(size, _size_at_large(source.data, len(source.data) - len(tail) + at))
    if size > source.budget.members * _ENTRY_BYTES:
        raise Unreadable("members")


def _size_at_large(data: bytes, end: int) -> int:
    """How many bytes the list of an archive has by its second ending, before `end`; 0 where there is none."""
    place = end - _LARGE_PLACE_BYTES
    if place < 0 or not data.startswith(_LARGE_PLACE, place):
        return 0
    named: int = struct.unpack_from("<Q", data, place + 8)[0]
    # Which of the two counts depends on the version of the library.
    found = [at for at in (named, place - _LARGE_END_BYTES) if 0 <= at <= place - _LARGE_END_BYTES]
    return max(
        (struct.unpack_from("<Q", data, at + 40)[0] for at in found if data.startswith(_LARGE_END, at)), default=0
    )
