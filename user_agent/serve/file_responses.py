"""A file as an answer: whole, or the part that a player asks for. Some play nothing where they get no parts."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from starlette.responses import Response

INLINE_TYPES = frozenset(
    {
        *("image/png", "image/jpeg", "image/webp", "image/gif"),
        *("audio/wav", "audio/mpeg", "audio/ogg", "audio/flac", "video/mp4", "video/webm"),
    }
)
"""What a browser may show in place; everything else is a download."""

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to `stop`, of `size` in all."""

    start: int
    stop: int
    size: int
    asked: bool
    """Whether a part was asked for, however much of the file it is."""

    @property
    def status(self) -> int:
        if not self.asked:
            return 200
        return 206 if self.start < self.stop else 416

    @property
    def headers(self) -> dict[str, str]:
        named = {206: f"bytes {self.start}-{self.stop - 1}/{self.size}", 416: f"bytes */{self.size}"}
        told = {"content-range": named[self.status]} if self.status in named else {}
        return {"accept-ranges": "bytes", **told}


def part_of(header: str, size: int) -> Part:
    """What a `Range` header asks for of `size` bytes (RFC 9110, 14.2); all of them where it asks for nothing known."""
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or match[0] == "bytes=-":
        return Part(0, size, size, asked=False)
    first, last = match[1], match[2]
    if not first:
        return Part(max(0, size - int(last)), size, size, asked=True)
    if last and int(last) < int(first):
        return Part(0, size, size, asked=False)
    return Part(int(first), min(int(last) + 1, size) if last else size, size, asked=True)


def as_download(name: str, how: Literal["attachment", "inline"] = "attachment") -> str:
    """The header by which a browser keeps an answer as a file of that name, and never shows it, unless it may do so
    `inline` (RFC 6266)."""
    return f"{how}; filename*=UTF-8''{quote(name, safe='')}"


def file_response(data: bytes, *, name: str, media_type: str, asked_range: str = "") -> Response:
    """The file of a conversation, or the part of it that a `Range` header asks for."""
    shown = media_type in INLINE_TYPES
    part = part_of(asked_range, len(data))
    return Response(
        data[part.start : part.stop],
        status_code=part.status,
        media_type=media_type if shown else "application/octet-stream",
        headers={
            "content-disposition": as_download(name, "inline" if shown else "attachment"),
            "cache-control": "private, max-age=3600",
            **part.headers,
        },
    )
