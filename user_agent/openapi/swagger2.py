"""Swagger 2 in the shape of OpenAPI 3, as far as requests go."""

from contextlib import suppress
from typing import cast

from pydantic import JsonValue

from user_agent.openapi.references import Node, References, Unusable
from user_agent.words import Words

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_NOT_SCHEMA = frozenset({"name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "schema"})
_COLLECTIONS: dict[str, tuple[str, bool]] = {
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
}


def from_swagger2(document: Node) -> Node:
    """The same description with servers, request bodies and ways to sign in where OpenAPI 3 has them.

    Raises `Unusable` for another version of Swagger.
    """
    if str(document.get("swagger")) not in ("2.0", "2"):
        version = str(document.get("swagger"))[:20]
        raise Unusable(Words(f"它是 Swagger {version}；可以读 2.0", f"it is Swagger {version}; version 2.0 is read"))
    references = References(document)
    paths = document.get("paths")
    converted: dict[str, JsonValue] = {}
    for path, item in paths.items() if isinstance(paths, dict) else ():
        converted[path] = _path(document, references, item)
    schemes = document.get("securityDefinitions")
    return {
        **document,
        "openapi": "3.0.0",
        "servers": _servers(document),
        "paths": converted,
        "components": {
            "securitySchemes": {
                name: _scheme(value) for name, value in (schemes.items() if isinstance(schemes, dict) else ())
            }
        },
    }


def _scheme(value: JsonValue) -> JsonValue:
    match value:
        case {"type": "basic"}:
            return {"type": "http", "scheme": "basic"}
        case {"type": "oauth2", "flow": "application", **more}:
            return {"type": "oauth2", "flows": {"clientCredentials": more}}
        case _:
            return value


def _servers(document: Node) -> list[JsonValue]:
    base = str(document.get("basePath") or "/")
    host = document.get("host")
    if not isinstance(host, str) or not host:
        return [{"url": base}]
    schemes = document.get("schemes")
    found = [scheme for scheme in schemes if isinstance(scheme, str)] if isinstance(schemes, list) else []
    return [{"url": f"{scheme}://{host}{base}"} for scheme in found or ["https"]]


def _path(document: Node, references: References, item: JsonValue) -> JsonValue:
    try:
        shared = references.node(item)
        common = _listed(references, shared.get("parameters"))
    except Unusable:
        return item  # it is told where the operations are read
    written: dict[str, JsonValue] = {}
    for method in _METHODS:
        if isinstance(operation := shared.get(method), dict):
            try:
                written[method] = _operation(document, references, operation, common)
            except Unusable:
                written[method] = operation
    return written


def _listed(references: References, value: JsonValue) -> list[Node]:
    return [references.node(each) for each in value] if isinstance(value, list) else []


def _operation(document: Node, references: References, operation: Node, common: list[Node]) -> JsonValue:
    named: dict[tuple[str, str], Node] = {}
    for each in (*common, *_listed(references, operation.get("parameters"))):
        named[str(each.get("in")), str(each.get("name"))] = each
    kinds = operation.get("consumes") or document.get("consumes") or ["application/json"]
    consumes = [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    written = dict(operation)
    written["parameters"] = [
        _parameter(each) for (place, _), each in named.items() if place not in ("body", "formData")
    ]
    bodies = [each for (place, _), each in named.items() if place == "body"]
    fields = [each for (place, _), each in named.items() if place == "formData"]
    if bodies:
        schema = bodies[0].get("schema")
        written["requestBody"] = {
            "required": bodies[0].get("required") is True,
            **({"description": bodies[0]["description"]} if "description" in bodies[0] else {}),
            "content": {kind: {"schema": schema} for kind in consumes},
        }
    elif fields:
        written["requestBody"] = _form(fields, consumes)
    produces = operation.get("produces") or document.get("produces")
    if isinstance(produces, list):
        media = _answer(references, operation)
        written["responses"] = {"200": {"content": {str(kind): media for kind in produces}}}
    return cast(JsonValue, written)


def _answer(references: References, operation: Node) -> dict[str, JsonValue]:
    """What is said of the answer of a success."""
    responses = operation.get("responses")
    for status, value in responses.items() if isinstance(responses, dict) else ():
        with suppress(Unusable):  # it is not needed to ask
            schema = references.node(value).get("schema")
            if status.startswith("2") and schema is not None:
                return {"schema": schema}
    return {}


def _form(fields: list[Node], consumes: list[str]) -> JsonValue:
    has_file = any(field.get("type") == "file" for field in fields)
    is_multipart = has_file or consumes == ["multipart/form-data"]
    schema: JsonValue = {
        "type": "object",
        "properties": {
            str(field.get("name")): cast(JsonValue, {**_schema(field), "description": field.get("description") or ""})
            for field in fields
        },
        "required": [str(field.get("name")) for field in fields if field.get("required") is True],
    }
    kind = "multipart/form-data" if is_multipart else "application/x-www-form-urlencoded"
    return {"required": any(field.get("required") is True for field in fields), "content": {kind: {"schema": schema}}}


def _parameter(node: Node) -> JsonValue:
    written: dict[str, JsonValue] = {key: node[key] for key in ("name", "in", "required", "description") if key in node}
    written["schema"] = _schema(node)
    style, explode = _COLLECTIONS.get(str(node.get("collectionFormat")), ("", False))
    if node.get("type") == "array":
        place = node.get("in")
        written["style"] = style or ("form" if place in ("query", "cookie") else "simple")
        written["explode"] = explode
    return written


def _schema(node: Node) -> dict[str, JsonValue]:
    return {key: value for key, value in node.items() if key not in _NOT_SCHEMA}
