"""What a person pastes to name MCP servers, as other programs write it: `{"mcpServers": {name: {"url": …}}}`."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from pydantic import JsonValue, SecretStr, ValidationError

from user_agent.config import Document, parse_document
from user_agent.errors import ConfigError
from user_agent.mcp.stored import MAX_NAME_CHARS, MAX_SERVERS, SECRET, McpServer
from user_agent.urls import NotAnUrl, web_address

FIELD = "mcpServers"
_WRAPPERS = (FIELD, "mcp_servers", "servers", "mcp")
_URL_NAMES = ("url", "serverUrl", "httpUrl", "baseUrl")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_NO_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "mcp-session-id"})
"""Headers that belong to the connection and to nobody else."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """One server, and apart from it what its headers and its address hold, by the names in its `wants`."""

    name: str
    server: McpServer
    held: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr])


def read_pasted(text: str) -> list[Pasted]:
    """The servers in a text: JSON in one of the forms that are about, or just a web address. Raises `ConfigError`."""
    text = text.strip()
    if text.lower().startswith(("http://", "https://")) and len(text.split()) == 1:
        document: Document = {_name_of(text): {"url": text}}
    else:
        document = _entries(parse_document(text))
    found: list[Pasted] = []
    for name, entry in document.items():
        if not isinstance(entry, dict) or not 0 < len(name.strip()) <= MAX_NAME_CHARS:
            raise _unusable(name, "it is no object with a url or a command")
        found.append(_read(name.strip(), entry))
    if not found or len(found) > MAX_SERVERS:
        raise _unusable(FIELD, "no server stands in it" if not found else f"more than {MAX_SERVERS} servers")
    return found


@dataclass(frozen=True, slots=True)
class Plain:
    """A configuration from outside as it can be stored, and what was taken out of it."""

    document: Document
    servers: tuple[Pasted, ...] = ()


def without_secrets(document: Mapping[str, JsonValue]) -> Plain:
    """A configuration from outside without what its servers' headers, addresses and variables held; and that."""
    stored = document.get(FIELD)
    if not isinstance(stored, dict):
        return Plain(dict(document))
    servers: Document = {}
    taken: list[Pasted] = []
    for name, entry in stored.items():
        servers[name] = entry
        if not isinstance(entry, dict):
            continue
        servers[name] = cleaned = {
            key: _names(value) if key in ("headers", "env") else value for key, value in entry.items()
        }
        try:
            pasted = _read(name, entry)
        except ConfigError:
            continue
        if pasted.server.url:
            cleaned["url"] = pasted.server.url
        if pasted.held:
            cleaned["id"] = pasted.server.id
            taken.append(pasted)
    return Plain({**document, FIELD: servers}, tuple(taken))


def _entries(document: Document) -> Document:
    for wrapper in _WRAPPERS:
        inner = document.get(wrapper)
        if isinstance(inner, dict):
            return _entries(inner) if wrapper == "mcp" else inner
    url = next((document[name] for name in _URL_NAMES if isinstance(document.get(name), str)), None)
    if url is not None or isinstance(document.get("command"), str):
        return {str(document.get("name") or _name_of(str(url or document.get("command")))): cast(JsonValue, document)}
    return document


def _read(name: str, entry: Document) -> Pasted:
    url = next((entry[key] for key in _URL_NAMES if isinstance(entry.get(key), str)), "")
    kind = entry.get("type") or entry.get("transport")
    held: dict[str, SecretStr] = {}
    plain = _address(name, cast(str, url).strip(), held) if url else ""
    headers = _headers(name, entry.get("headers"), held)
    known = entry.get("id")
    try:
        server = McpServer.model_validate(
            {
                "id": known if isinstance(known, str) and known else secrets.token_hex(8),
                "type": kind if isinstance(kind, str) else "",
                "url": plain,
                "headers": headers,
                "command": entry.get("command") or "",
                "args": entry.get("args"),
                "env": _names(entry.get("env")),
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _unusable(name, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    if not server.url and not server.command:
        raise _unusable(name, "it has neither a url nor a command")
    return Pasted(name, server, held)


def _address(name: str, url: str, held: dict[str, SecretStr]) -> str:
    """The address without what its query holds: many servers are given their key there."""
    try:
        address = web_address(url).with_fragment(None)
    except NotAnUrl as error:
        raise _unusable(name, f"its address cannot be used: {error}") from error
    held |= {f"?{key}": SecretStr(value) for key, value in address.query.items() if value and value != SECRET}
    return str(address.with_query([(key, SECRET if value else "") for key, value in address.query.items()]))


def _headers(name: str, given: JsonValue, held: dict[str, SecretStr]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header, value in given.items() if isinstance(given, dict) else ():
        if not _HEADER_NAME.fullmatch(header) or header.lower() in _NO_HEADERS:
            raise _unusable(f"{name}.headers", f"{header[:100]!r} is no header that can be set")
        found[header] = SECRET
        text = value.strip() if isinstance(value, str) else ""
        if text and text != SECRET:
            if not (text.isascii() and text.isprintable()):
                raise _unusable(f"{name}.headers", f"what {header!r} holds is no text that a header can carry")
            held[header] = SecretStr(text)
    return found


def _names(value: JsonValue) -> JsonValue:
    """The same object with nothing in it but its names."""
    return dict.fromkeys(value, SECRET) if isinstance(value, dict) else {}


def _name_of(url: str) -> str:
    host = urlsplit(url).hostname or url
    steps = [step for step in host.split(".") if step not in ("www", "mcp", "api", "com", "org", "net", "io", "dev")]
    return (steps[-1] if steps and not host.replace(".", "").isdigit() else host)[:MAX_NAME_CHARS] or "server"


def _unusable(field: str, reason: str) -> ConfigError:
    return ConfigError(f"{field!r}: {reason}.", field=field, reason=reason)
