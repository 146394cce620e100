"""The runtime that makes a configuration live. Knows no users, no page and no environment variables.

As a library: `from user_agent import RolePlay, tool`. Everything else is imported from the module that owns it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from user_agent.role_play import RolePlay
    from user_agent.tools.base import ToolContext, ToolOutput
    from user_agent.tools.own import tool
    from user_agent.tools.table import Table

__all__ = ["RolePlay", "Table", "ToolContext", "ToolOutput", "tool"]


def __getattr__(name: str) -> object:
    """Imports a name when it is first asked for: the modules of this package must not load all of it."""
    match name:
        case "RolePlay":
            from user_agent.role_play import RolePlay

            return RolePlay
        case "Table":
            from user_agent.tools.table import Table

            return Table
        case "ToolContext" | "ToolOutput":
            from user_agent.tools import base

            return getattr(base, name)
        case "tool":
            from user_agent.tools.own import tool

            return tool
        case _:
            raise AttributeError(f"module 'user_agent' has no attribute {name!r}")
