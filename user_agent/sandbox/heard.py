"""What a kernel says while code runs, within bounds: beginning and end of the text, and the first pictures."""

import base64
import binascii
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, cast

End = Literal["done", "late", "flood", "memory", "disk", "gone"]
"""How code ended: by itself, at the limit of time, of output, of memory or of the disk, or with its kernel."""

MAX_HEARD_BYTES = 48_000_000
"""Of all messages of one piece of code."""
MAX_TEXT_CHARS = 16_000
"""Of what is kept: the beginning and the end."""
MAX_FLOOD_CHARS = 1_000_000
MAX_PICTURES = 8
_PICTURES = ("image/png", "image/jpeg")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a piece of code."""

    text: str
    pictures: tuple[bytes, ...] = ()
    end: End = "done"
    kept: bool = True
    """Whether the variables are still there."""
    left_out: int = 0
    """Pictures beyond those that are kept."""


@dataclass
class Heard:
    """What was heard of one piece of code so far."""

    head: str = ""
    tail: str = ""
    chars: int = 0
    size_bytes: int = 0
    pictures: list[bytes] = field(default_factory=list[bytes])
    left_out: int = 0

    def say(self, text: str) -> None:
        self.chars += len(text)
        room = MAX_TEXT_CHARS // 2 - len(self.head)
        self.head += text[: max(0, room)]
        if room < len(text):
            self.tail = (self.tail + text[max(0, room) :])[-MAX_TEXT_CHARS // 2 :]

    @property
    def text(self) -> str:
        between = self.chars - len(self.head) - len(self.tail)
        gap = f"\n[… {between:,} characters …]\n" if between > 0 else ""
        return _COLOURS.sub("", self.head + gap + self.tail)

    def draw(self, picture: str) -> None:
        if len(self.pictures) >= MAX_PICTURES:
            self.left_out += 1
            return
        with suppress(binascii.Error, ValueError):
            self.pictures.append(base64.b64decode("".join(picture.split()), validate=True))

    @property
    def floods(self) -> bool:
        return self.chars > MAX_FLOOD_CHARS or self.size_bytes > MAX_HEARD_BYTES


def take(kind: str, content: dict[str, Any], heard: Heard) -> None:
    """What a message says, or draws."""
    match kind:
        case "stream":
            heard.say(_text(content.get("text")))
        case "error":
            trace = content.get("traceback")
            lines = cast(list[object], trace) if isinstance(trace, list) else []
            heard.say("\n".join(_text(line) for line in lines) + "\n")
        case "display_data" | "execute_result":
            data = content.get("data")
            shown = cast(dict[str, object], data) if isinstance(data, dict) else {}
            picture = next((_text(shown[name]) for name in _PICTURES if shown.get(name)), "")
            if picture:
                heard.draw(picture)
            else:
                heard.say(_text(shown.get("text/plain")) + "\n")
        case _:
            pass


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
