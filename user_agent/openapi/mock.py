"""An answer that an API could give, made up from its description: for trying a call without making it."""

import json
from typing import cast

from pydantic import JsonValue

from user_agent.openapi.references import Node, References, Unusable, short

MAX_MOCK_VALUES = 200
MAX_MOCK_DEPTH = 6
MAX_MOCK_CHARS = 4_000
"""A longer example is not kept with the operation."""
_TEXTS = {
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "time": "09:30:00",
    "email": "anna@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com",
    "url": "https://example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}


def mock_answer(media: Node, references: References) -> JsonValue:
    """What a media type's answer looks like: the description's own example, else one by its schema, else None."""
    own = [media.get("example")]
    examples = media.get("examples")
    for example in examples.values() if isinstance(examples, dict) else ():
        try:
            own.append(references.node(example).get("value"))
        except Unusable:
            continue  # an example that is elsewhere
    for made in (*own, _MockWriter(references).of(media.get("schema"))):
        if made is not None and len(json.dumps(made, ensure_ascii=False)) <= MAX_MOCK_CHARS:
            return made
    return None


class _MockWriter:
    """Values for schemas, within one bound."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._left = MAX_MOCK_VALUES

    def of(self, value: JsonValue) -> JsonValue:
        try:
            return self._value(value, 0)
        except Unusable:
            return None  # it is only for looking at: the operation can be called all the same

    def _value(self, value: JsonValue, depth: int) -> JsonValue:
        node = self._references.node(value)
        self._left -= 1
        if depth > MAX_MOCK_DEPTH or self._left < 0:
            return None
        told = self._told(node)
        if told is not None:
            return told
        for choice in ("oneOf", "anyOf"):
            options = node.get(choice)
            if isinstance(options, list) and options:
                return self._value(options[0], depth + 1)
        return self._made(node, depth)

    def _told(self, node: Node) -> JsonValue:
        """The value that the schema itself names."""
        for key in ("example", "const", "default"):
            if (value := node.get(key)) is not None:
                return short(value, 300) if isinstance(value, str) else value
        for key in ("examples", "enum"):
            listed = node.get(key)
            if isinstance(listed, list) and listed:
                return listed[0]
        return None

    def _made(self, node: Node, depth: int) -> JsonValue:
        kind = node.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), None)
        parts = node.get("allOf")
        properties = node.get("properties")
        if kind in ("object", None) and (isinstance(properties, dict) or isinstance(parts, list)):
            return self._object(node, depth)
        match kind:
            case "array":
                item = self._value(node.get("items"), depth + 1)
                return [] if item is None else [item]
            case "integer":
                least = node.get("minimum")
                return int(least) if isinstance(least, int | float) else 1
            case "number":
                least = node.get("minimum")
                return least if isinstance(least, int | float) else 1.5
            case "boolean":
                return True
            case "string":
                return _TEXTS.get(str(node.get("format")), "text")
            case "object":
                return cast(JsonValue, {})
            case _:
                return None

    def _object(self, node: Node, depth: int) -> JsonValue:
        made: dict[str, JsonValue] = {}
        parts = node.get("allOf")
        for part in parts[:50] if isinstance(parts, list) else ():
            inner = self._value(part, depth + 1)
            made |= inner if isinstance(inner, dict) else {}
        properties = node.get("properties")
        for name, each in properties.items() if isinstance(properties, dict) else ():
            if self._left < 0:
                break
            if self._references.node(each).get("writeOnly") is not True:
                made[name] = self._value(each, depth + 1)
        return made
