"""Zip archives: each file in them is read as if it had come alone. Nothing is written to a disk."""

import stat
import zipfile
import zlib
from collections.abc import Iterator

from user_agent.knowledge.decoding import decode_text
from user_agent.knowledge.readers.members import read_member
from user_agent.knowledge.readers.packed import opened
from user_agent.knowledge.readers.source import Note, Progress, Read, Source, Unreadable

_MAX_NAME_CHARS = 500
_LOCKED, _UNICODE = 0x1, 0x800
_OF_SYSTEMS = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")


def read(source: Source) -> Iterator[Read]:
    """The pieces of each file, with its path in the archive. What cannot be read is told, one by one."""
    seen: set[str] = set()
    with opened(source) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if entries and all(entry.flag_bits & _LOCKED for entry in entries):
            raise Unreadable("locked")
        for number, entry in enumerate(entries, 1):
            name = _name(entry)
            if any(part.lower() in _OF_SYSTEMS for part in name.split("/")):
                continue
            if why := _refused(entry, name, seen):
                yield Note("member", {"name": name[:_MAX_NAME_CHARS], "why": why})
                continue
            seen.add(name.lower())
            try:
                data = archive.read(entry)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
                yield Note("member", {"name": name, "why": "broken"})
                continue
            yield from read_member(source, name, data)
            yield Progress(number / len(entries))


def _name(entry: zipfile.ZipInfo) -> str:
    """The path as whoever packed it wrote it: an archive that does not say so may hold names in any encoding."""
    name = entry.orig_filename
    if not entry.flag_bits & _UNICODE:
        name = decode_text(name.encode("cp437"))
    return name.replace("\\", "/")


def _refused(entry: zipfile.ZipInfo, name: str, seen: set[str]) -> str:
    """Why an entry is no file that a person packed; empty for those that are."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    odd = name.startswith("/") or ":" in name[:3] or ".." in name.split("/") or "\0" in name
    if odd or len(name) > _MAX_NAME_CHARS or kind not in (0, stat.S_IFREG) or name.lower() in seen:
        return "odd_member"
    return "locked" if entry.flag_bits & _LOCKED else ""
