"""Schemas of a description written out: local references followed, as far as a model can use them."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from user_agent.words import Words

Node = Mapping[str, JsonValue]

MAX_REFERENCES = 40
"""How many references may lead to one another."""
MAX_SCHEMA_VALUES = 6_000
"""How many values the schema of one operation may hold."""
CHARS_PER_VALUE = 50
"""How long a text may be to count as one of them: what is long counts for more, however often it is referred to."""
MAX_SCHEMA_DEPTH = 12
"""Below so many levels of objects an argument is described no further."""

_KEPT = (
    "type", "format", "enum", "const", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf",
)  # fmt: skip
"""What a model is told of a value. Not `pattern`: a description could make one that never ends to match."""


class Unusable(Exception):
    """Something in a description that cannot be used, and why."""

    def __init__(self, words: Words, reference: str = "") -> None:
        super().__init__(words.en)
        self.words = words
        self.reference = reference


class References:
    """The references of one description. Only places in the same document are looked at: nothing is ever fetched."""

    def __init__(self, document: Node) -> None:
        self._document = document

    def node(self, value: JsonValue) -> Node:
        """The object that a value is or refers to; empty where it is none. Raises `Unusable`."""
        seen = 0
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            seen += 1
            if seen > MAX_REFERENCES:
                raise Unusable(Words("它的引用绕成了圈", "its references go round in circles"))
            value = self._target(cast(str, value["$ref"]))
        return value if isinstance(value, dict) else {}

    def _target(self, reference: str) -> JsonValue:
        if not reference.startswith("#"):
            shown = reference[:200]
            raise Unusable(
                Words(
                    f"它引用了别处的内容（{shown}），只能用同一份描述里的引用",
                    f"it refers to another place ({shown}); only references within the description are followed",
                ),
                reference,
            )
        value: JsonValue = cast(dict[str, JsonValue], self._document)
        for step in filter(None, reference[1:].split("/")):
            step = step.replace("%7B", "{").replace("%7D", "}").replace("~1", "/").replace("~0", "~")
            match value:
                case dict() if step in value:
                    value = value[step]
                case list() if step.isdigit() and int(step) < len(value):
                    value = value[int(step)]
                case _:
                    shown = reference[:200]
                    raise Unusable(
                        Words(f"它引用的 {shown} 不存在", f"it refers to {shown}, which is not there"), reference
                    )
        return value


class SchemaWriter:
    """Writes schemas out for a model, one operation's within one bound."""

    def __init__(self, references: References, left: int = MAX_SCHEMA_VALUES) -> None:
        self._references = references
        self._left = left

    @property
    def left(self) -> int:
        """How many values more it would write."""
        return self._left

    def write(self, value: JsonValue, depth: int = 0, above: tuple[str, ...] = ()) -> dict[str, JsonValue]:
        """The schema without references. One that contains itself, or is too deep, ends in what kind of value it is.

        Raises `Unusable`.
        """
        reference = value.get("$ref") if isinstance(value, dict) else None
        node = self._references.node(value)
        if isinstance(reference, str):
            if reference in above:
                return self._shallow(node)
            above = (*above, reference)
        self._left -= 1
        if depth > MAX_SCHEMA_DEPTH or self._left < 0:
            return self._shallow(node)
        node = self._merged(node, above)
        written = self._simple(node)
        for choice in ("anyOf", "oneOf"):
            options = node.get(choice)
            if isinstance(options, list) and options:
                written["anyOf"] = [self.write(option, depth + 1, above) for option in options[:20]]
        properties = node.get("properties")
        if isinstance(properties, dict):
            written |= self._properties(node, properties, depth, above)
        items = node.get("items")
        if isinstance(items, dict):
            written["items"] = self.write(items, depth + 1, above)
        more = node.get("additionalProperties")
        if isinstance(more, dict) and more and not properties:
            written["additionalProperties"] = self.write(more, depth + 1, above)
        return written

    def _properties(
        self, node: Node, properties: dict[str, JsonValue], depth: int, above: tuple[str, ...]
    ) -> dict[str, JsonValue]:
        written: dict[str, JsonValue] = {}
        for name, each in properties.items():
            if self._left < 0:
                break
            if self._references.node(each).get("readOnly") is True or not self._has_room_for(name):
                continue
            written[name] = self.write(each, depth + 1, above)
        wanted = node.get("required")
        required = [name for name in wanted if name in written] if isinstance(wanted, list) else []
        return {
            "type": "object",
            "properties": written,
            **({"required": list[JsonValue](required)} if required else {}),
        }

    def _merged(self, node: Node, above: tuple[str, ...]) -> Node:
        """The parts of an `allOf` as one schema: later ones say it more exactly."""
        parts = node.get("allOf")
        if not isinstance(parts, list):
            return node
        whole: dict[str, JsonValue] = {}
        for part in [*parts[:50], {key: value for key, value in node.items() if key != "allOf"}]:
            self._left -= 1  # parts may multiply without ever going round
            reference = part.get("$ref") if isinstance(part, dict) else None
            if self._left < 0 or (isinstance(reference, str) and reference in above):
                continue
            inner = (*above, reference) if isinstance(reference, str) else above
            whole = _joined(whole, self._merged(self._references.node(part), inner))
        return whole

    def _simple(self, node: Node) -> dict[str, JsonValue]:
        written: dict[str, JsonValue] = {
            key: node[key] for key in _KEPT if key in node and self._has_room_for(node[key])
        }
        # OpenAPI 3.0 says "exclusive" by a truth beside the bound.
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(written.get(exclusive), bool):
                is_exclusive = written.pop(exclusive)
                if is_exclusive and bound in written:
                    written[exclusive] = written.pop(bound)
        description = node.get("description") or node.get("title")
        if isinstance(description, str) and self._left > 0:
            written["description"] = short(description, 600)
        if written.get("type") == "file":
            written |= {"type": "string", "format": "binary"}
        if node.get("nullable") is True and isinstance(written.get("type"), str):
            written["type"] = [written["type"], "null"]
            if isinstance(enum := written.get("enum"), list) and None not in enum:
                written["enum"] = [*enum, None]
        return written

    def _shallow(self, node: Node) -> dict[str, JsonValue]:
        kind = node.get("type")
        if not isinstance(kind, str | list):
            kind = "object" if "properties" in node or "allOf" in node else None
        return {"type": kind} if kind and self._has_room_for(kind) else {}

    def _has_room_for(self, value: JsonValue) -> bool:
        """Whether a value is written as the description has it. A short one always is, and costs nothing."""
        cost = _cost(value, max(0, self._left))
        if cost > max(0, self._left):
            return False
        self._left -= cost
        return True


def _cost(value: JsonValue, most: int) -> int:
    """How many values it counts for beside the schema that it stands in; where they are more than `most`, just more."""
    cost = 0
    waiting = [value]
    while waiting and cost <= most:
        match waiting.pop():
            case str(text):
                cost += len(text) // CHARS_PER_VALUE
            case list(items):
                cost += len(items)
                waiting += items[: most + 1]
            case dict(items):
                cost += len(items)
                waiting += [each for item in items.items() for each in item] if cost <= most else ()
            case _:
                pass
    return cost


def short(text: str, chars: int) -> str:
    """The text on as few lines as it needs, and no longer than that."""
    plain = " ".join(text.split())
    return plain if len(plain) <= chars else plain[: chars - 1].rstrip() + "…"


def _joined(one: Node, other: Node) -> dict[str, JsonValue]:
    joined = {**one, **other}
    mine, theirs = one.get("properties"), other.get("properties")
    if isinstance(mine, dict) and isinstance(theirs, dict):
        joined["properties"] = {**mine, **theirs}
    mine, theirs = one.get("required"), other.get("required")
    if isinstance(mine, list) and isinstance(theirs, list):
        joined["required"] = [*mine, *(name for name in theirs if name not in mine)]
    return joined
