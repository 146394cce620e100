"""Files as they came: as what a browser may show each, and its bytes in parts. Doors say who may have which."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from agentfabric.store.files import FileStore, StoredFile
from user_agent.errors import NotFound

PLAYED = frozenset({"audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "video/mp4", "video/webm"})
"""What players are handed as what its sender called it: nothing of that kind runs."""
_LOOKED_AT_BYTES = 1_024
"""The mark of a PDF stands somewhere in so much of its beginning."""
_PART_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it came."""

    file: StoredFile
    media_type: str
    """As what a browser may show it in place, found in its bytes; empty for what can only be kept."""

    @property
    def address(self) -> str:
        """Where it is on the web; empty for what nobody can open there."""
        source = self.file.source or ""
        return source if source.startswith(("https://", "http://")) else ""


@dataclass(frozen=True, slots=True)
class Originals:
    """The bytes of files that a door has found to be whose who asks."""

    files: FileStore

    async def of(self, user: str, file: StoredFile) -> Original:
        """Raises `NotFound` where its bytes never came along, or are gone."""
        beginning = await self.files.read(user, file.id, _LOOKED_AT_BYTES)
        return Original(file, shown_as(beginning) or (file.media_type if file.media_type in PLAYED else ""))

    async def parts(self, user: str, original: Original, start: int, stop: int) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to `stop`, a little at a time."""
        while start < stop:
            part = await self.files.read(user, original.file.id, min(_PART_BYTES, stop - start), start)
            if not part:
                raise NotFound(f"The content of {original.file.name!r} ends early.", name=original.file.name)
            yield part
            start += len(part)


def shown_as(beginning: bytes) -> str:
    """The type of a PDF or a picture, by how it begins and whatever it is called; empty for everything else."""
    if b"%PDF-" in beginning[:_LOOKED_AT_BYTES]:
        return "application/pdf"
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    marks = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
    return next((kind for mark, kind in marks.items() if beginning.startswith(mark)), "")
