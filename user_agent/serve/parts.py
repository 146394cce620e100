"""Part of a file, as players ask for it: some play nothing from a server that sends no parts."""

import re
from dataclasses import dataclass

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
