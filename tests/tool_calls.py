"""One call of a built-in tool, made as the loop makes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from user_agent.events import ToolFinished
from user_agent.messages import ToolCallPart
from user_agent.net import Http
from user_agent.tools.base import ToolContext
from user_agent.tools.calling import call_tool
from user_agent.tools.registry import find_tool
from user_agent.words import Language

KEY = "amap-key-1234567890"


async def call(
    tool_id: str,
    arguments: Mapping[str, Any],
    *,
    base_url: str = "http://127.0.0.1:9",
    language: Language = "zh",
    total_timeout_s: float = 10.0,
) -> ToolFinished:
    """The result of one call as the loop makes it, with both vendors at `base_url`."""
    tool = find_tool(tool_id)
    assert tool is not None
    async with Http(trusted_origins=[base_url], total_timeout_s=total_timeout_s) as http:
        context = ToolContext(
            http=http,
            language=language,
            secrets={"AMAP_TOKEN": KEY},
            base_urls={"OPEN_METEO_BASE_URL": base_url, "AMAP_BASE_URL": f"{base_url}/"},
            now=lambda: datetime(2026, 11, 20, 6, 5, tzinfo=UTC),
        )
        wanted = ToolCallPart(id="call_1", name=tool_id, arguments=dict(arguments))
        return await call_tool(wanted, {tool_id: tool}, context, timeout_s=30)
