"""Which tools of an agent its owner can let visitors use: each call is asked of them, and allowed for that once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from user_agent.assembly import is_for_strangers, key_of
from user_agent.config import AgentConfig
from user_agent.mcp.tools import served
from user_agent.openapi.tools import tools_of
from user_agent.tools.base import Tool
from user_agent.words import Words

NOT_LENT = frozenset({"storage"})
"""What holds something of the owner's, which nobody else is lent."""


@dataclass(frozen=True, slots=True)
class VisitorTool:
    """A tool that visitors are asked about, by the key of its policy."""

    key: str
    label: Words


def visitor_tools(config: AgentConfig, known: Mapping[str, Tool]) -> Sequence[VisitorTool]:
    """Those that visitors do not have by themselves, or only in part."""
    ticked = [known[name] for name in config.enabled_tools if name in known and name not in NOT_LENT]
    imported = list(tools_of(config.openapi, known))
    found = [
        VisitorTool(key_of(tool), tool.label)
        for tool in (*ticked, *imported)
        if callable(tool.effect) or not is_for_strangers(tool, config)
    ]
    taken = {*known, *(tool.name for tool in imported)}
    for each in served(config.mcp_servers, taken):
        title = each.tool.title or each.tool.name
        if not each.tool.read_only or config.policy_of(each.policy_key) == "ask":
            found.append(VisitorTool(each.policy_key, Words(title, title)))
    return found
