"""Resources of MCP servers: documents that a server lists, and what is in one of them."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_agent.openapi.references import short
from user_agent.storable import cleaned

if TYPE_CHECKING:
    from mcp.client.client import Client
    from mcp_types import Resource

MAX_RESOURCES = 500
MAX_PAGES = 10
MAX_URI_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class McpResource:
    """A document that a server offers."""

    uri: str
    name: str
    description: str
    media_type: str
    size_bytes: int | None
    """None where the server does not say it."""


@dataclass(frozen=True, slots=True)
class ResourceContent:
    data: bytes
    media_type: str
    """As the server says it, with the character set of what it gave as text; empty where it says nothing of use."""


async def read_resources(client: "Client") -> tuple[McpResource, ...]:
    """What a server lists, as far as anybody would read. Raises what the SDK raises."""
    found: dict[str, McpResource] = {}
    if client.server_capabilities.resources is not None:
        async for resource in _listed(client):
            if len(found) == MAX_RESOURCES:
                break
            if 0 < len(resource.uri) <= MAX_URI_CHARS:
                found.setdefault(resource.uri, _read(resource))
    return tuple(found.values())


async def read_resource(client: "Client", uri: str) -> ResourceContent:
    """What is in it: the first part of what the server answers. Raises what the SDK raises, and `ValueError`."""
    contents = (await client.read_resource(uri, cache_mode="bypass")).contents
    if not contents:
        raise ValueError("There is nothing in it.")
    media_type = (contents[0].mime_type or "").strip().lower()
    text = getattr(contents[0], "text", None)
    if text is not None:
        return ResourceContent(str(text).encode("utf-8", "replace"), f"{media_type or 'text/plain'}; charset=utf-8")
    data = await asyncio.to_thread(base64.b64decode, str(getattr(contents[0], "blob", "")), validate=True)
    return ResourceContent(data, "" if media_type == "application/octet-stream" else media_type)


async def _listed(client: "Client") -> "AsyncIterator[Resource]":
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_resources(cursor=cursor, cache_mode="bypass")
        for resource in page.resources:
            yield resource
        cursor = page.next_cursor
        if not cursor:
            return


def _read(resource: "Resource") -> McpResource:
    name = resource.title or resource.name or resource.uri
    size = resource.size if resource.size is not None and resource.size >= 0 else None
    return McpResource(
        resource.uri, _line(name, 200), _line(resource.description, 500), _line(resource.mime_type, 100), size
    )


def _line(text: str | None, chars: int) -> str:
    return short(cleaned(text or ""), chars)
