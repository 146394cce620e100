"""What a person handed over in a conversation with the builder: descriptions of APIs, and addresses.

A description is taken out of the message before a model or a rule reads it. It is long, and whoever wrote it is not the
person: what it asks for must not be heard as theirs.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from builder_core.rules.speech import heard
from user_agent.messages import Message, TextPart

_VERSION = r"\s*:\s*[\"']?[23]\b"
_JSON_KEY = re.compile(rf"[\"'](?:openapi|swagger)[\"']{_VERSION}")
_YAML_KEY = re.compile(rf"^(?:openapi|swagger){_VERSION}", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(?P<body>.*?)(?:^[ \t]*```[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_YAML_LINE = re.compile(r"\s|#|-|%|[\"']?[\w.$-]+[\"']?\s*:(?:\s|$)|[\]}]|\Z")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`“”‘’「」『』（），。；、！？]+", re.IGNORECASE)
_NOT_AT_THE_END = ".,;:!?)]}*"
_INSTEAD = "\n[API description, {chars:,} characters]\n"
_STANDS_IN = re.compile(r"\n\[API description, [\d,]+ characters\]\n")


@dataclass(frozen=True, slots=True)
class Given:
    """What the person handed over so far, the newest last."""

    addresses: tuple[str, ...] = ()
    """Web addresses that they wrote themselves: none of those in what they quoted or pasted."""
    descriptions: tuple[str, ...] = ()


def given_in(messages: Sequence[Message]) -> tuple[list[Message], Given]:
    """The messages without the descriptions in them, and what the person handed over."""
    read: list[Message] = []
    addresses: list[str] = []
    descriptions: list[str] = []
    for message in messages:
        if message.role == "user":
            parts = [_parted(part, descriptions) if isinstance(part, TextPart) else part for part in message.parts]
            message = message.model_copy(update={"parts": tuple(parts)})
            addresses += addresses_in(heard(message.text).given)
        read.append(message)
    return read, Given(tuple(addresses), tuple(descriptions))


def addresses_in(text: str) -> list[str]:
    """The web addresses in a text, as they stand there."""
    return [found.rstrip(_NOT_AT_THE_END) for found in _ADDRESS.findall(text)]


def without_addresses(text: str) -> str:
    return _ADDRESS.sub(" ", text)


def without_descriptions(text: str) -> tuple[str, bool]:
    """The text without what stands for a description; and whether one was pasted."""
    return _STANDS_IN.sub("\n", text).strip(), _STANDS_IN.search(text) is not None


def _parted(part: TextPart, descriptions: list[str]) -> TextPart:
    place = _place(part.text)
    if place is None:
        return part
    start, end, description = place
    descriptions.append(description)
    return TextPart(text=part.text[:start] + _INSTEAD.format(chars=len(description)) + part.text[end:])


def _place(text: str) -> tuple[int, int, str] | None:
    """Where a description begins and ends, and its text; None where there is none."""
    for fence in _FENCE.finditer(text):
        if _JSON_KEY.search(fence["body"]) or _YAML_KEY.search(fence["body"]):
            return fence.start(), fence.end(), fence["body"]
    if found := _YAML_KEY.search(text):
        start, end = _lines_around(text, found.start())
        return start, end, text[start:end]
    if (found := _JSON_KEY.search(text)) and (start := text.find("{", 0, found.start())) >= 0:
        end = _end_of_json(text, start)
        return start, end, text[start:end]
    return None


def _end_of_json(text: str, start: int) -> int:
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        # Broken: whoever reads it says where. What follows its last bracket is the person's again.
        last = text.rfind("}", start) + 1
        return last or len(text)


def _lines_around(text: str, at: int) -> tuple[int, int]:
    """The lines around a place that belong to one YAML document. Before it none is blank: prose stands there."""
    start = at
    while start > 0:
        before = text.rfind("\n", 0, start - 1) + 1
        line = text[before : start - 1]
        if not line.strip() or not _YAML_LINE.match(line):
            break
        start = before
    end = at
    while end < len(text):
        after = text.find("\n", end)
        line = text[end : after if after >= 0 else len(text)]
        if line and not _YAML_LINE.match(line):
            break
        end = after + 1 if after >= 0 else len(text)
    return start, end
