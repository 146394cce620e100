"""A call as the request that the API documents: where each argument stands, and how it is written."""

import base64
import secrets as random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import orjson
from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.openapi.stored import Api, Auth, Body, Operation, Parameter

Pairs = list[tuple[str, str]]
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(slots=True)
class ApiRequest:
    """What is sent, as it is collected."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None


def build_request(api: Api, operation: Operation, arguments: Mapping[str, JsonValue], key: str) -> ApiRequest:
    """The request for a call whose arguments fit the operation's schema. `key` is empty where none is sent.

    Raises `ToolError` for a value that has no place in an address or a header.
    """
    path, query, cookies = operation.path, Pairs(), Pairs()
    headers = {"accept": operation.accept or "application/json"}
    headers |= {"x-dashscope-async": "enable"} if operation.asks_async else {}
    for parameter in operation.parameters:
        value = arguments.get(parameter.argument)
        if value is None:
            if parameter.place == "path":
                raise ToolError(f"{operation.name} needs {parameter.argument!r}. Give it and call again.")
            continue
        match parameter.place:
            case "path":
                path = path.replace("{" + parameter.name + "}", _path_value(parameter, value))
            case "query":
                query += _query(parameter, value)
            case "header":
                headers[parameter.name.lower()] = _header_value(parameter.argument, _simple(parameter, value))
            case "cookie":
                cookies.append((parameter.name, quote(_simple(parameter, value), safe="")))
    body = arguments.get(operation.body.argument) if operation.body else None
    content = None
    if operation.body is not None and body is not None:
        headers["content-type"], content = _written(operation.body, body)
    _sign(api.auth, key, headers, query, cookies)
    if cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies)
    address = (operation.server or api.server).rstrip("/") + quote(path, safe="/?%!$&'()*+,;=:@-._~")
    joined = "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in query)
    url = f"{address}{'&' if '?' in address else '?'}{joined}" if joined else address
    return ApiRequest(operation.method, url, headers, content)


def _sign(auth: Auth, key: str, headers: dict[str, str], query: Pairs, cookies: Pairs) -> None:
    """Add the key, in the one place where it belongs. What a model gave for the same place goes."""
    if not key:
        return
    match auth.kind:
        case "none":
            pass
        case "bearer" | "oauth2":
            headers["authorization"] = f"Bearer {key}"
        case "basic":
            headers["authorization"] = f"Basic {base64.b64encode(key.encode()).decode()}"
        case "api_key" if auth.place == "header":
            headers[auth.name.lower()] = key
        case "api_key":
            pairs = query if auth.place == "query" else cookies
            pairs[:] = [(name, value) for name, value in pairs if name != auth.name]
            pairs.append((auth.name, key if auth.place == "query" else quote(key, safe="")))


def _path_value(parameter: Parameter, value: JsonValue) -> str:
    """The value as one step of a path: it can never lead to another place."""
    if parameter.style == "label":
        written = "." + ".".join(quote(item, safe="") for item in _items(value))
    elif parameter.style == "matrix":
        written = "".join(
            f";{quote(name, safe='')}={quote(text, safe='')}" for name, text in _form_pairs(parameter, value)
        )
    else:
        pairs = isinstance(value, dict) and parameter.explode
        written = ",".join(quote(item, safe="=" if pairs else "") for item in _items(value, parameter))
    if written.strip(".") == "":
        raise ToolError(f"{parameter.argument!r} is {written!r}, which is no place in an address. Give another value.")
    return written


def _query(parameter: Parameter, value: JsonValue) -> Pairs:
    if parameter.as_json:
        return [(parameter.name, _json(value))]
    if parameter.style == "deepObject" and isinstance(value, dict):
        return list(_deep(parameter.name, value))
    return _form_pairs(parameter, value)


def _form_pairs(parameter: Parameter, value: JsonValue) -> Pairs:
    """The pairs that a value becomes: one for each part, or one in all."""
    separator = _SEPARATORS.get(parameter.style, ",")
    match value:
        case list() if parameter.explode:
            return [(parameter.name, _text(item)) for item in value]
        case dict() if parameter.explode:
            return [(name, _text(item)) for name, item in value.items()]
        case _:
            return [(parameter.name, separator.join(_items(value)))]


def _simple(parameter: Parameter, value: JsonValue) -> str:
    return _json(value) if parameter.as_json else ",".join(_items(value, parameter))


def _items(value: JsonValue, parameter: Parameter | None = None) -> list[str]:
    match value:
        case list():
            return [_text(item) for item in value]
        case dict() if parameter is not None and parameter.explode:
            return [f"{name}={_text(item)}" for name, item in value.items()]
        case dict():
            return [part for name, item in value.items() for part in (name, _text(item))]
        case _:
            return [_text(value)]


def _deep(name: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _deep(f"{name}[{key}]", item)
        case list():
            for item in value:
                yield name + "[]", _text(item)
        case _:
            yield name, _text(value)


def _text(value: JsonValue) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case int() | float():
            return str(value)
        case _:
            return _json(value)


def _json(value: JsonValue) -> str:
    return orjson.dumps(value).decode()


def _header_value(argument: str, text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise ToolError(f"{argument!r} goes into a header, which takes plain ASCII on one line. Give another value.")
    return text


def _written(body: Body, value: JsonValue) -> tuple[str, bytes]:
    """The media type and the bytes of a body."""
    match body.encoding:
        case "json":
            return body.media_type, orjson.dumps(value)
        case "text":
            return f"{body.media_type.partition(';')[0]}; charset=utf-8", _text(value).encode()
        case "form":
            joined = "&".join(f"{quote(name, safe='[]')}={quote(text, safe='')}" for name, text in _fields(body, value))
            return "application/x-www-form-urlencoded", joined.encode()
        case "multipart":
            return _multipart(_fields(body, value), body.files)


def _fields(body: Body, value: JsonValue) -> Pairs:
    pairs = Pairs()
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, dict) and name in body.deep:
            pairs += _deep(name, item)
        elif isinstance(item, list):
            pairs += [(name, _text(each)) for each in item]
        elif item is not None:
            pairs.append((name, _text(item)))
    return pairs


def _multipart(pairs: Pairs, files: Sequence[str]) -> tuple[str, bytes]:
    """A multipart form. Fields that are files get what the model wrote, as a file of text."""
    boundary = random.token_hex(16)
    parts = bytearray()
    for name, text in pairs:
        shown = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        file = f'; filename="{shown}.txt"\r\ncontent-type: text/plain; charset=utf-8' if name in files else ""
        parts += f'--{boundary}\r\ncontent-disposition: form-data; name="{shown}"{file}\r\n\r\n{text}\r\n'.encode()
    parts += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(parts)
