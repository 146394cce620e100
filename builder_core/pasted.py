"""What a person handed over in a conversation with the builder: descriptions of services, and addresses.

A description, pasted or attached as a file, is taken out of the message before a model or a rule reads it. It is long,
it may hold a key, and whoever wrote it is not the person: what it asks for must not be heard as theirs.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from builder_core.rules.speech import heard
from builder_core.services import Kind
from user_agent.messages import FilePart, Message, TextPart

_VERSION = r"\s*:\s*[\"']?[23]\b"
_JSON_KEY = re.compile(rf"[\"'](?:openapi|swagger)[\"']{_VERSION}")
_SERVERS_KEY = re.compile(r"[\"'](?:mcpServers|mcp_servers)[\"']\s*:")
_YAML_KEY = re.compile(rf"^(?:openapi|swagger){_VERSION}", re.MULTILINE)
_JSON_KEYS: tuple[tuple[Kind, re.Pattern[str]], ...] = (("openapi", _JSON_KEY), ("mcp", _SERVERS_KEY))
_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(?P<body>.*?)(?:^[ \t]*```[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_YAML_LINE = re.compile(r"\s|#|-|%|[\"']?[\w.$-]+[\"']?\s*:(?:\s|$)|[\]}]|\Z")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`“”‘’「」『』（），。；、！？]+", re.IGNORECASE)
_NOT_AT_THE_END = ".,;:!?)]}*"
_INSTEAD: Mapping[Kind, str] = {
    "openapi": "\n[API description, {chars:,} characters]\n",
    "mcp": "\n[MCP servers, {chars:,} characters]\n",
}
_STANDS_IN = re.compile(r"\n\[(API description|MCP servers), [\d,]+ characters\]\n")
_UNREAD = TextPart(text="\n[a file that cannot be read]\n")


@dataclass(frozen=True, slots=True)
class Given:
    """What the person handed over so far, the newest last."""

    addresses: tuple[str, ...] = ()
    """Web addresses that they wrote themselves: none of those in what they quoted or pasted."""
    descriptions: tuple["Description", ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What describes a service: an API's description, or the JSON that names MCP servers."""

    kind: Kind
    text: str


def given_in(messages: Sequence[Message], files: Mapping[str, str] | None = None) -> tuple[list[Message], Given]:
    """The messages without the descriptions in them, and what the person handed over.

    `files` are the texts of files that came with the messages, by id: each is a description.
    """
    read: list[Message] = []
    addresses: list[str] = []
    found: list[Description] = []
    for message in messages:
        if message.role == "user":
            parts = [
                _attached(part, files or {}, found)
                if isinstance(part, FilePart)
                else _parted(part, found)
                if isinstance(part, TextPart)
                else part
                for part in message.parts
            ]
            message = message.model_copy(update={"parts": tuple(parts)})
            addresses += addresses_in(heard(message.text).given)
        read.append(message)
    return read, Given(tuple(addresses), tuple(found))


def described_in(text: str) -> Kind | None:
    """What kind of service a whole text describes; None where it describes none."""
    if _SERVERS_KEY.search(text) and text.lstrip().startswith("{"):
        return "mcp"
    return "openapi" if _JSON_KEY.search(text) or _YAML_KEY.search(text) else None


def addresses_in(text: str) -> list[str]:
    """The web addresses in a text, as they stand there."""
    return [found.rstrip(_NOT_AT_THE_END) for found in _ADDRESS.findall(text)]


def without_addresses(text: str) -> str:
    return _ADDRESS.sub(" ", text)


def without_descriptions(text: str) -> tuple[str, Kind | None]:
    """The text without what stands for a description; and of what kind that was."""
    found = _STANDS_IN.search(text)
    kind: Kind | None = None if found is None else "openapi" if found[1] == "API description" else "mcp"
    return _STANDS_IN.sub("\n", text).strip(), kind


def _attached(part: FilePart, files: Mapping[str, str], found: list[Description]) -> TextPart:
    text = files.get(part.file, "")
    kind = described_in(text)
    if kind is None:
        return _UNREAD
    found.append(Description(kind, text))
    return TextPart(text=_INSTEAD[kind].format(chars=len(text)))


def _parted(part: TextPart, found: list[Description]) -> TextPart:
    place = _place(part.text)
    if place is None:
        return part
    start, end, description = place
    found.append(description)
    instead = _INSTEAD[description.kind].format(chars=len(description.text))
    return TextPart(text=part.text[:start] + instead + part.text[end:])


def _place(text: str) -> tuple[int, int, Description] | None:
    """Where a description begins and ends, and itself; None where there is none."""
    for fence in _FENCE.finditer(text):
        if kind := described_in(fence["body"]):
            return fence.start(), fence.end(), Description(kind, fence["body"])
    if found := _YAML_KEY.search(text):
        start, end = _lines_around(text, found.start())
        return start, end, Description("openapi", text[start:end])
    for kind, key in _JSON_KEYS:
        if (found := key.search(text)) and (start := text.find("{", 0, found.start())) >= 0:
            end = _end_of_json(text, start)
            return start, end, Description(kind, text[start:end])
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
