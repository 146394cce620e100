"""One operation of a description as what a model may call: a name, a schema, and how its requests are written."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from pydantic import JsonValue, ValidationError

from user_agent.openapi.mock import mock_answer
from user_agent.openapi.references import MAX_SCHEMA_VALUES, Node, References, SchemaWriter, Unusable, short
from user_agent.openapi.stored import MAX_NAME_CHARS, Body, Operation, Parameter
from user_agent.words import Words

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
MAX_VALUES_IN_ALL = 500_000
"""How many values the schemas of all operations may hold; what comes after is described with its kinds alone."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_SET_ELSEWHERE = frozenset({"accept", "content-type", "authorization"})
"""Headers that OpenAPI has no parameters for: they follow from the body, the answers and the way to sign in."""
_FORBIDDEN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "proxy-authorization"})
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json(?:\s*;.*)?|\*/\*|application/\*", re.IGNORECASE)


class OperationReader:
    """Reads operations, giving each a name of its own."""

    def __init__(
        self, references: References, *, own_servers: Callable[[JsonValue], Sequence[str]], known: Sequence[str]
    ) -> None:
        """`own_servers` reads a list of servers; `known` are those of the whole description."""
        self._references = references
        self._own_servers = own_servers
        self._known = known
        self._names: set[str] = set()
        self._left = MAX_VALUES_IN_ALL

    def read(self, path: str, method: str, shared: Node) -> Operation:
        """The operation at a path, whose own parameters stand before the `shared` ones. Raises `Unusable`."""
        node = self._references.node(shared[method])
        writer = SchemaWriter(self._references, min(MAX_SCHEMA_VALUES, self._left))
        before = writer.left
        arguments = _Arguments(self._references, writer)
        parameters = [arguments.parameter(each) for each in self._parameters(node, shared)]
        told_body = self._references.node(node.get("requestBody"))
        body = arguments.body(told_body)
        self._left = max(0, self._left - (before - writer.left))
        kept = tuple(parameter for parameter in parameters if parameter is not None)
        self._check_path(path, kept)
        title = short(str(node.get("summary") or ""), 300)
        told = str(node.get("description") or "")
        try:
            return Operation.model_validate(
                {
                    "name": self._name(node.get("operationId"), method, path),
                    "title": title,
                    "description": short(told, 1_000),
                    "method": method.upper(),
                    "path": path,
                    "server": self._server(node, shared),
                    "accept": self._accept(node),
                    "parameters": kept,
                    "body": body,
                    "asks_async": told_body.get("X-DashScope-Async") == "enable",
                    "arguments": arguments.schema(),
                    "answer": self._answer(node),
                }
            )
        except ValidationError as error:
            place = ".".join(str(step) for step in error.errors(include_input=False, include_url=False)[0]["loc"])
            raise Unusable(Words(f"它的 {place} 不能用", f"its {place} cannot be used")) from error

    def _parameters(self, node: Node, shared: Node) -> list[Node]:
        found: dict[tuple[JsonValue, JsonValue], Node] = {}
        for owner in (shared, node):
            listed = owner.get("parameters")
            for value in listed if isinstance(listed, list) else ():
                parameter = self._references.node(value)
                found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        return list(found.values())

    def _check_path(self, path: str, parameters: Sequence[Parameter]) -> None:
        described = {parameter.name for parameter in parameters if parameter.place == "path"}
        for name in re.findall(r"\{([^{}]+)\}", path):
            if name not in described:
                shown = short(name, 100)
                raise Unusable(
                    Words(f"地址里的 {{{shown}}} 没有说明", f"{{{shown}}} in its path is not described by a parameter")
                )

    def _server(self, node: Node, shared: Node) -> str:
        servers = self._own_servers(node.get("servers") or shared.get("servers"))
        return servers[0] if servers and servers[0] not in self._known else ""

    def _answers(self, node: Node) -> Iterator[tuple[str, JsonValue]]:
        """The kinds of a success's answer, with what is said of each."""
        responses = node.get("responses")
        for status, value in responses.items() if isinstance(responses, dict) else ():
            try:
                content = self._references.node(value).get("content")
            except Unusable:
                continue  # an answer's description is not needed to ask
            if status.startswith("2") and isinstance(content, dict):
                yield from content.items()

    def _answer(self, node: Node) -> JsonValue:
        for kind, media in self._answers(node):
            if _JSON.fullmatch(kind) and isinstance(media, dict):
                return mock_answer(media, self._references)
        return None

    def _accept(self, node: Node) -> str:
        """What the answer may be: JSON where there is some, else the first kind that is named."""
        kinds = [kind for kind, _ in self._answers(node)]
        best = next((kind for kind in kinds if _JSON.fullmatch(kind)), kinds[0] if kinds else "application/json")
        return best if best.isascii() and best.isprintable() and len(best) <= 200 else "*/*"

    def _name(self, operation_id: JsonValue, method: str, path: str) -> str:
        wished = operation_id if isinstance(operation_id, str) and operation_id.strip() else f"{method}{path}"
        name = fresh(_NOT_IN_NAMES.sub("_", wished).strip("_") or method, self._names)
        self._names.add(name)
        return name


class _Arguments:
    """What a model gives for one operation, as it is collected."""

    def __init__(self, references: References, writer: SchemaWriter) -> None:
        self._references = references
        self._writer = writer
        self._properties: dict[str, JsonValue] = {}
        self._required: list[JsonValue] = []

    def schema(self) -> dict[str, JsonValue]:
        required: dict[str, JsonValue] = {"required": self._required} if self._required else {}
        return {"type": "object", "properties": self._properties, **required, "additionalProperties": False}

    def parameter(self, node: Node) -> Parameter | None:
        """The parameter, or None for one that is set elsewhere. Raises `Unusable`."""
        name, place = node.get("name"), node.get("in")
        if not isinstance(name, str) or not name or place not in _STYLES:
            raise Unusable(Words("有一个参数没有名字或位置", "one of its parameters has no name or no place"))
        if place == "header" and name.lower() in _SET_ELSEWHERE:
            return None
        if place == "header" and (name.lower() in _FORBIDDEN_HEADERS or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name)):
            raise Unusable(Words(f"不能设置请求头 {short(name, 60)}", f"the header {short(name, 60)!r} may not be set"))
        content = node.get("content")
        described = next(iter(content.values())) if isinstance(content, dict) and content else None
        schema = self._references.node(described).get("schema") if described is not None else node.get("schema")
        style = node.get("style") or _STYLES[place]
        explode = node.get("explode")
        told = {"description": node["description"]} if isinstance(node.get("description"), str) else {}
        argument = self._argument(name, schema, bool(node.get("required")) or place == "path", told)
        try:
            return Parameter.model_validate(
                {
                    "argument": argument,
                    "name": name,
                    "place": place,
                    "style": style,
                    "explode": explode if isinstance(explode, bool) else style == "form",
                    "as_json": described is not None,
                }
            )
        except ValidationError as error:
            raise Unusable(
                Words(
                    f"参数 {short(name, 60)} 的写法读不懂",
                    f"how its parameter {short(name, 60)!r} is written is not known",
                )
            ) from error

    def body(self, node: Node) -> Body | None:
        """The body of the request, if it has one. Raises `Unusable` for one that cannot be written."""
        content = node.get("content")
        if not isinstance(content, dict) or not content:
            return None
        for encoding, fits in _ENCODINGS:
            for media_type, value in content.items():
                if fits(media_type.lower()):
                    return self._body(node, encoding, media_type, self._references.node(value))
        kinds = short(", ".join(content), 200)
        raise Unusable(Words(f"它要的内容是 {kinds}，写不出来", f"it takes {kinds}, which cannot be written here"))

    def _body(self, node: Node, encoding: str, media_type: str, media: Node) -> Body:
        told = {"description": node["description"]} if isinstance(node.get("description"), str) else {}
        argument = self._argument("body", media.get("schema"), node.get("required") is True, told)
        schema = cast(dict[str, JsonValue], self._properties[argument])
        properties = schema.get("properties")
        fields = properties if isinstance(properties, dict) else {}
        styles = media.get("encoding")
        deep = [
            name
            for name, each in (styles.items() if isinstance(styles, dict) else ())
            if isinstance(each, dict) and each.get("style") == "deepObject"
        ]
        files = [name for name, field in fields.items() if isinstance(field, dict) and field.get("format") == "binary"]
        return Body.model_validate(
            {
                "argument": argument,
                "encoding": encoding,
                "media_type": "application/json" if "*" in media_type else media_type,
                "deep": deep,
                "files": files if encoding == "multipart" else (),
            }
        )

    def _argument(self, name: str, schema: JsonValue, required: bool, told: Node) -> str:
        """Describe one argument under a name that models can write, and give that name."""
        argument = fresh(_NOT_IN_NAMES.sub("_", name).strip("_") or "value", self._properties)
        written = self._writer.write(schema)
        if "description" in told and "description" not in written:
            written["description"] = short(str(told["description"]), 600)
        self._properties[argument] = written
        if required:
            self._required.append(argument)
        return argument


def fresh(wished: str, taken: Sequence[str] | set[str] | dict[str, JsonValue]) -> str:
    """The name as it may be, with a number where it is taken."""
    name, number = wished[:MAX_NAME_CHARS], 1
    while name in taken:
        number += 1
        name = f"{wished[: MAX_NAME_CHARS - 1 - len(str(number))]}_{number}"
    return name


_ENCODINGS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("json", lambda kind: _JSON.fullmatch(kind) is not None),
    ("form", lambda kind: kind.startswith("application/x-www-form-urlencoded")),
    ("multipart", lambda kind: kind.startswith("multipart/form-data")),
    ("text", lambda kind: kind.startswith("text/")),
)
"""How bodies are written, the best for a model first."""
