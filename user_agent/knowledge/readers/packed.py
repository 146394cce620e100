"""Files that are zip archives: looked at before anything in them is unpacked."""

import io
import struct
import zipfile
from collections.abc import Generator
from contextlib import contextmanager

from user_agent.knowledge.readers.source import Source, Unreadable

_END = b"PK\x05\x06"
_END_BYTES, _MOST_COMMENT_BYTES = 22, 65_535
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
    if size > source.budget.members * _ENTRY_BYTES:
        raise Unreadable("members")
