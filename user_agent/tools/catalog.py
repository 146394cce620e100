"""The tools that an agent can be given: the registry's, as `tool_config.json` names and ticks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from user_agent.config_files import Problem, read_config_file
from user_agent.errors import ConfigError
from user_agent.tools.base import Tool
from user_agent.tools.places import PLACES, tools_at, unusable
from user_agent.tools.registry import all_tools
from user_agent.words import Words

_UNUSABLE = Words(
    zh="“{place}”里的工具无法使用：{reason}。请改正后重新启动；在此之前，这一处的工具都没有。",
    en="The tools at {place!r} cannot be used: {reason}. Correct that and start again; until then there are "
    "none of them.",
)


class ToolSetting(BaseModel):
    """What the file says of one tool. Entries of older files carry more, which is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    """How people know it; empty for the tool's own label."""
    name_en: str = ""
    is_active: bool = True
    """Whether it is offered at all."""
    use: bool = False
    """Whether a new agent has it."""
    options: dict[str, str] = {}
    """Settings of the tool's own, such as the model that it asks."""


@dataclass(frozen=True, slots=True)
class ToolCatalog:
    """The tools on offer by id, which of them a new agent has, and what is wrong with the file."""

    tools: Mapping[str, Tool]
    known: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    """Those that the file hides as well: an agent that has one keeps it."""
    ticked: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """What the file sets for a tool, by its id."""
    problems: tuple[Problem, ...] = ()


def load_tools(path: Path, places: Sequence[str] = ()) -> ToolCatalog:
    """The registry's tools in its order, then those at `places` (see `tools_at`), under the names of the file. A tool
    that the file does not name is offered.

    Ids that this version has no tool for are ignored: older files name many. Never raises for what the file holds, nor
    for what is wrong with a place: that is a problem.
    """
    file = read_config_file(path, "TOOL_CONFIG_FILE")
    settings: dict[str, ToolSetting] = {}
    problems = [*file.problems]
    for member in file.members:
        try:
            settings[member.key] = ToolSetting.model_validate(member.value)
        except ValidationError as error:
            problems.append(file.left_out(member, error))
    tools = {tool.name: tool for tool in all_tools()}
    for place in places:
        try:
            tools |= _new(tools_at(place), tools)
        except ConfigError as error:
            problems.append(_problem(place, error.reason))
    known = [(tool, settings.get(tool.name, ToolSetting())) for tool in tools.values()]
    offered = {tool.name: _named(tool, setting) for tool, setting in known if setting.is_active}
    ticked = tuple(tool.name for tool, setting in known if setting.is_active and setting.use)
    options = {tool_id: setting.options for tool_id, setting in settings.items() if setting.options}
    return ToolCatalog(offered, tools, ticked, options, tuple(problems))


def _problem(place: str, reason: str) -> Problem:
    """Where the place is on this machine concerns only whoever runs the server."""
    name = Path(place).name
    texts = (text.format(place=name, reason=reason) for text in (_UNUSABLE.zh, _UNUSABLE.en))
    return Problem(PLACES, 0, Words(*texts), entry=name)


def _new(brought: Sequence[Tool], there: Mapping[str, Tool]) -> dict[str, Tool]:
    """The tools by name. Raises `ConfigError` where another one has that name: which is meant nobody could tell."""
    new: dict[str, Tool] = {}
    for tool in brought:
        if tool.name in there or tool.name in new:
            raise unusable(f"there is another tool named {tool.name!r}")
        new[tool.name] = tool
    return new


def _named(tool: Tool, setting: ToolSetting) -> Tool:
    label = Words(setting.name or tool.label.zh, setting.name_en or setting.name or tool.label.en)
    return replace(tool, label=label)
