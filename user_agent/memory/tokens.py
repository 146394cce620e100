"""How long texts are for a model: about how many tokens, without any model's vocabulary.

Loading one takes a third of a second and 60 MB, and there is one for each family of models. The estimate counts bytes
by kind. Against Qwen's vocabulary it is a fifth to a half too high for Chinese, English, code and JSON, and too low for
random letters and rare characters, at the worst by half (`bench/estimate.py`): whoever uses it leaves that much room.
"""

import json
import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_SIGNS = string.punctuation.encode()
_ASCII = bytes(range(128))

LETTERS_PER_TOKEN = 3.5
"""Of English words; the space before a word is a part of it."""
SIGNS_PER_TOKEN = 4 / 3
OTHER_BYTES_PER_TOKEN = 2.8
"""Of any other script: a Chinese character has three bytes."""


@dataclass(frozen=True, slots=True)
class Size:
    """How long something is for a model, in both measures."""

    chars: int = 0
    tokens: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(self.chars + other.chars, self.tokens + other.tokens)


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a conversation a model may be shown. Where both measures are given, both hold."""

    chars: int | None = None
    tokens: int | None = None

    def holds(self, size: Size) -> bool:
        return (self.chars is None or size.chars <= self.chars) and (self.tokens is None or size.tokens <= self.tokens)

    def without(self, taken: Size) -> "Room":
        """What is left when something else takes this much of it: at least half."""
        return Room(_left(self.chars, taken.chars), _left(self.tokens, taken.tokens))

    @property
    def half(self) -> "Room":
        return Room(*(None if limit is None else limit // 2 for limit in (self.chars, self.tokens)))


def _left(whole: int | None, taken: int) -> int | None:
    return None if whole is None else max(whole - taken, whole // 2)


def estimate_tokens(text: str) -> int:
    """About how many tokens the text is, rather too many than too few. A megabyte takes a few milliseconds."""
    data = text.encode("utf-8", "surrogatepass")
    counted = _count(data, _LETTERS) / LETTERS_PER_TOKEN + _count(data, _SIGNS) / SIGNS_PER_TOKEN
    counted += len(data.translate(None, _ASCII)) / OTHER_BYTES_PER_TOKEN
    return math.ceil(counted) + _count(data, _DIGITS) + data.count(b"\n")


def text_size(text: str) -> Size:
    return Size(len(text), estimate_tokens(text))


def _count(data: bytes, wanted: bytes) -> int:
    return len(data) - len(data.translate(None, wanted))


def tool_tokens(name: str, title: str, description: str, arguments: Mapping[str, JsonValue]) -> int:
    """About how many tokens a tool adds to every turn: four letters to one, and one for each character of Chinese."""
    text = f"{name}{title}{description}{json.dumps(arguments, ensure_ascii=False)}"
    plain = len(text.encode("ascii", "ignore"))
    return plain // 4 + len(text) - plain
