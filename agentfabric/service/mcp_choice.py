"""The tools of an MCP server that a person allows: exactly as they saw them."""

from collections.abc import Mapping, Sequence

from user_agent.errors import ConfigError
from user_agent.mcp.listing import Listing
from user_agent.mcp.stored import MAX_CHOSEN, McpTool

Chosen = Mapping[str, str]
"""Tools by name, each with the digest of the description that the person saw."""


def chosen_tools(server: str, listing: Listing, chosen: Chosen, kept: Sequence[McpTool] = ()) -> tuple[McpTool, ...]:
    """The tools of these names as the person saw them. Raises `ConfigError`."""
    if not 0 < len(chosen) <= MAX_CHOSEN:
        reason = f"more than {MAX_CHOSEN} are chosen" if chosen else "none is chosen"
        raise ConfigError(f"{server!r}: {reason}.", field=server, reason=reason)
    old = {tool.name: tool for tool in kept}
    found: list[McpTool] = []
    for name, digest in chosen.items():
        tool = listing.tool(name)
        if tool is not None and tool.digest == digest:
            found.append(tool)
        elif name in old:
            found.append(old[name])
        else:
            reason = f"{name[:100]!r} is described differently by now, or is gone: look at it again"
            raise ConfigError(f"{server!r}: {reason}.", field=server, reason=reason)
    return tuple(found)
