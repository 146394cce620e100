"""The little tasks by which a model is tried, and what counts as having done them."""

import json
import random
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from user_agent.models.base import ToolSchema

COUNT = "Count from 1 to 20 in words, separated by commas. Write nothing else."

WEATHER = ToolSchema(
    "get_weather",
    "The weather in a city, as it is now.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The city's name in English, such as Paris"}},
        "required": ["city"],
    },
)
LOOK_UP = "Call get_weather for the city Hangzhou, then tell me the temperature there."
WEATHER_ANSWER = '{"temperature_celsius": 17, "sky": "foggy"}'

FACTS_AS_JSON = (
    "Answer with one JSON object and nothing else. Its keys: `city`, the text Paris; `rivers`, a list with the text "
    "Seine as its only item; `capital`, true."
)
_FENCE = re.compile(r"```(?:json)?\s*(?P<inside>.*?)\s*```", re.DOTALL)


def keeps_json(text: str) -> bool:
    """Whether an answer to `FACTS_AS_JSON` is such an object. A fence around it does no harm: readers take it off."""
    text = text.strip()
    fenced = _FENCE.fullmatch(text)
    try:
        answer: object = json.loads(fenced["inside"] if fenced else text)
    except (ValueError, RecursionError):
        return False
    return answer == {"city": "Paris", "rivers": ["Seine"], "capital": True}


COLOURS: Mapping[str, tuple[int, int, int]] = {
    "red": (220, 20, 20),
    "green": (20, 150, 40),
    "blue": (30, 60, 220),
    "yellow": (250, 220, 30),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
}
_SIDE_PX = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in two colours. Whoever does not see it guesses them once in fifteen."""

    png: bytes
    colours: frozenset[str]

    @property
    def question(self) -> str:
        return f"Which two colours is this picture made of? Choose two of: {', '.join(COLOURS)}. Answer with these two."

    def is_told_in(self, answer: str) -> bool:
        """Whether an answer names these colours and no other."""
        words = set(re.findall(r"[a-z]+", answer.lower()))
        return frozenset(words & COLOURS.keys()) == self.colours


def picture(chance: random.Random) -> Picture:
    """The left half in one colour, the right half in another."""
    left, right = chance.sample(list(COLOURS), 2)
    row = b"\0" + bytes(COLOURS[left]) * (_SIDE_PX // 2) + bytes(COLOURS[right]) * (_SIDE_PX // 2)
    header = struct.pack(">IIBBBBB", _SIDE_PX, _SIDE_PX, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _SIDE_PX)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)
    return Picture(png, frozenset((left, right)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
