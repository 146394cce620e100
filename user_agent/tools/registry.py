"""Which tools there are: a literal table, imported when somebody asks."""

import importlib
from collections.abc import Iterator
from functools import cache

from user_agent.tools.base import Tool

TOOLS: dict[str, str] = {
    "weather": "user_agent.tools.builtin.weather:WEATHER",
    "amap_weather": "user_agent.tools.builtin.amap_weather:AMAP_WEATHER",
    "current_time": "user_agent.tools.builtin.current_time:CURRENT_TIME",
    "calculator": "user_agent.tools.builtin.calculator:CALCULATOR",
    "image_gen": "user_agent.tools.builtin.image_gen:IMAGE_GEN",
    "RenewInstance": "user_agent.tools.builtin.renew_instance:RENEW_INSTANCE",
}
"""Tool id -> module:attribute. One line here, and a tool is in the catalogue, the form, the builder and the API."""


@cache
def find_tool(tool_id: str) -> Tool | None:
    """The tool of that id, or None where this version has none."""
    place = TOOLS.get(tool_id)
    if place is None:
        return None
    module, attribute = place.split(":")
    tool: Tool = getattr(importlib.import_module(module), attribute)
    return tool


def all_tools() -> Iterator[Tool]:
    """Every tool of this version, in the order of the table."""
    for tool_id in TOOLS:
        tool = find_tool(tool_id)
        if tool is not None:
            yield tool
