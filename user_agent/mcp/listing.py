"""What a server says that it can do, as far as anybody should read of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import JsonValue

from user_agent.mcp.allowance import MAX_TOOLS, Allowance
from user_agent.mcp.stored import MAX_DESCRIPTION_CHARS, McpTool
from user_agent.openapi.references import MAX_SCHEMA_VALUES, References, SchemaWriter, Unusable, short
from user_agent.storable import cleaned
from user_agent.words import Words

if TYPE_CHECKING:
    from mcp.client.client import Client
    from mcp_types import Tool as SdkTool

MAX_PAGES = 50
MAX_VALUES = 200_000
"""How many values the schemas of all tools of a server may hold; what comes after is described as its kind alone."""

_UNREADABLE = Words("它的描述读不懂", "what it says of itself cannot be read")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tool that cannot be used, and why."""

    name: str
    why: Words


@dataclass(frozen=True, slots=True)
class Listing:
    """What a server offers now."""

    title: str = ""
    version: str = ""
    instructions: str = ""
    tools: tuple[McpTool, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    cut: bool = False
    """Whether it has more tools than are read."""
    has_prompts: bool = False
    has_resources: bool = False

    def tool(self, name: str) -> McpTool | None:
        return next((tool for tool in self.tools if tool.name == name), None)


async def read_listing(client: "Client", allowance: Allowance) -> Listing:
    """Everything a server offers, as far as the allowance goes. Raises what the SDK raises."""
    allowance.begin()
    listed: list[SdkTool] = []
    if client.server_capabilities.tools is not None:
        async for tool in _listed(client):
            listed.append(tool)
            if len(listed) > MAX_TOOLS:
                break
    info = client.server_info
    # In a thread: schemas may be as large as somebody likes.
    read = await asyncio.to_thread(_read_all, listed[:MAX_TOOLS])
    return Listing(
        title=_line((info.title or info.name) if info else "", 200),
        version=_line(info.version if info else "", 50),
        instructions=cleaned(client.instructions or "")[:2_000],
        tools=tuple(tool for tool in read if isinstance(tool, McpTool)),
        left_out=tuple(tool for tool in read if isinstance(tool, LeftOut)),
        cut=len(listed) > MAX_TOOLS or allowance.was_cut,
        has_prompts=client.server_capabilities.prompts is not None,
        has_resources=client.server_capabilities.resources is not None,
    )


def _read_all(listed: "Sequence[SdkTool]") -> list[McpTool | LeftOut]:
    found: dict[str, McpTool | LeftOut] = {}
    left = MAX_VALUES
    for tool in listed:
        if tool.name in found:
            continue  # of two with one name nobody could say which is called
        schema = cast(dict[str, JsonValue], tool.input_schema)
        writer = SchemaWriter(References(schema), min(left, MAX_SCHEMA_VALUES))
        given = writer.left
        try:
            found[tool.name] = _read(tool, writer.write(schema))
        except Unusable as error:
            found[tool.name] = LeftOut(_line(tool.name, 200), error.words)
        except ValueError:
            found[tool.name] = LeftOut(_line(tool.name, 200), _UNREADABLE)
        left -= given - max(0, writer.left)
    return list(found.values())


async def _listed(client: "Client") -> "AsyncIterator[SdkTool]":
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        for tool in page.tools:
            yield tool
        cursor = page.next_cursor
        if not cursor:
            return


def _read(tool: "SdkTool", arguments: dict[str, JsonValue]) -> McpTool:
    """Raises `ValueError` for a description that nothing can be made of."""
    about = tool.annotations
    return McpTool(
        name=tool.name,
        title=_line(tool.title or (about.title if about else None) or "", 200),
        description=cleaned(tool.description or "").strip()[:MAX_DESCRIPTION_CHARS],
        arguments={**arguments, "type": "object", "properties": arguments.get("properties") or {}},
        read_only=bool(about and about.read_only_hint),
    )


def _line(text: str, chars: int) -> str:
    return short(cleaned(text), chars)


def differences(before: McpTool, after: McpTool | None) -> list[dict[str, Any]]:
    """What a person is shown of a tool that its server describes differently: each part before and after."""
    if after is None:
        return []
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return [{"part": part, "before": old[part], "after": new[part]} for part in old if old[part] != new[part]]
