"""What a value means that somebody gives as a tool: this is the one place that decides it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from user_agent.tools.base import Tool
from user_agent.tools.classes import has_call, tool_of_class
from user_agent.tools.langchain import is_langchain_tool, tool_of_langchain
from user_agent.tools.own import tool

Find = Callable[[str], Tool]
"""The tool of a name. Raises where there is none."""


@dataclass(frozen=True, slots=True)
class GivenTool:
    """A tool, and what was set for it beside."""

    tool: Tool
    options: Mapping[str, str] = field(default_factory=dict[str, str])


def tools_given(value: object, find: Find) -> Iterator[GivenTool]:
    """The tools that a value means, a name among them being looked up by `find`.

    It may be a name, a `Tool`, a function, a class with `name`, `description`, `parameters` and `call` or an object of
    it, a LangChain tool, or a dict: of names with settings, as `{"weather": {"units": "metric"}}`, and of names with
    tools, as `{"terminal": ShellTool()}`. Raises `TypeError` for anything else, and what `find` raises.
    """
    match value:
        case str():
            yield GivenTool(find(value))
        case Mapping():
            for name, said in cast(Mapping[object, object], value).items():
                yield _named(str(name), said, find)
        case _:
            yield GivenTool(tool_of(value))


def tool_of(value: object, name: str = "") -> Tool:
    """The tool that a single value means, under that name where one is given. Raises `TypeError`."""
    if isinstance(value, Tool):
        made = replace(value, name=name) if name and name != value.name else value
    elif is_langchain_tool(value):
        made = tool_of_langchain(value, name)
    elif has_call(value):
        made = tool_of_class(value, name)
    elif callable(value) and not isinstance(value, type):
        made = tool(name=name)(value)
    else:
        raise TypeError(
            f"{value!r:.100} is no tool: give a name, a function, an object with name, description, parameters and "
            "call, or a LangChain tool."
        )
    if not made.name or made.name.split() != [made.name]:
        raise TypeError(f"No model can call a tool named {made.name[:80]!r}: give it a name without spaces.")
    return made


def _named(name: str, said: object, find: Find) -> GivenTool:
    match said:
        case None | bool():
            return GivenTool(find(name))
        case Mapping():
            return GivenTool(find(name), _options(name, cast(Mapping[object, object], said)))
        case _:
            return GivenTool(tool_of(said, name))


def _options(name: str, said: Mapping[object, object]) -> dict[str, str]:
    odd = [key for key, value in said.items() if not isinstance(value, (str, int, float, bool))]
    if odd:
        raise TypeError(f"What is set for {name!r} is text or a number, and {odd[0]!r} is not.")
    return {str(key): str(value) for key, value in said.items()}
