"""A configuration, a model and what surrounds them become an `Agent` for one turn."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from user_agent.agent import CHARS_PER_TOKEN, Agent, Limits
from user_agent.config import AgentConfig
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.dialects.react import ReAct
from user_agent.knowledge.answering import SEARCH_KNOWLEDGE, knowledge_section
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.mcp.connection import Connection
from user_agent.mcp.tools import tools_of_servers
from user_agent.memory.facts import Person
from user_agent.memory.window import tools_chars
from user_agent.models.base import ChatModel
from user_agent.openapi.tools import tools_of
from user_agent.policies import ToolPolicy
from user_agent.prompts import render
from user_agent.tools.asking import Questions
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.registry import TOOLS, find_tool
from user_agent.tools.selection import FIND_TOOLS, Selection, ToolIndexes
from user_agent.words import Language


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the owner of an agent lends it for a turn."""

    model: ChatModel
    context: ToolContext
    limits: Limits = field(default_factory=Limits)
    found: Sequence[KnowledgeHit] | None = None
    """The passages that were found for the question; None where nothing was searched."""
    search: Tool | None = None
    """The tool by which the model searches again, where there is something to search. It is ticked nowhere."""
    tools: Mapping[str, Tool] | None = None
    """What a configuration can tick, by id; None for what comes with this package."""
    own_tools: Sequence[Tool] = ()
    """Tools of this agent alone, beside those that its configuration ticks."""
    servers: Mapping[str, Connection] = field(default_factory=dict[str, Connection])
    """Connections to the MCP servers of the configuration, by name, as far as they can be asked."""
    questions: Questions | None = None
    """Where what tools ask the person is answered; None where there is nobody to answer."""
    person: Person | None = None
    """What is known of the person, where the agent may note facts about them."""
    tool_indexes: ToolIndexes = field(default_factory=ToolIndexes)
    """Where tools are searched, when there are more than are offered at a time."""
    to_strangers: bool = False
    """Whether somebody speaks with the agent who may not act in its owner's name: tools that write, or that are set to
    ask, are not offered to them, whatever the owner allows for themselves."""
    strangers_may: Collection[str] = ()
    """The keys of policies of tools that are offered to them all the same: they are asked before each call of one that
    writes, or that is set to ask, and allow that one call."""


def assemble(config: AgentConfig, lent: Surroundings) -> Agent:
    """The agent that `config` describes. Tools that wait for a key, or cannot work here, are not offered."""
    language = config.language
    usable = usable_tools(config, lent.context, lent.servers, lent.tools)
    tools = {**usable, **{tool.name: tool for tool in lent.own_tools}}
    if lent.to_strangers:
        tools = {
            name: tool
            for name, tool in tools.items()
            if key_of(tool) in lent.strangers_may or is_for_strangers(tool, config)
        }
    selection = _selection(tools, lent)
    if selection:
        tools = {FIND_TOOLS: selection.finder, **tools}
    noting = {tool.name: tool for tool in lent.person.tools} if lent.person else {}
    tools |= noting
    # The person has allowed these by switching the memory on; the chat tells of each call, with a way back.
    noted: dict[str, ToolPolicy] = {name: "allow" for name in noting}
    if lent.search:
        tools = {**tools, SEARCH_KNOWLEDGE: lent.search}
    can_search = lent.search is not None
    knowledge = "" if lent.found is None else knowledge_section(lent.found, language, can_search=can_search)
    dialect = choose_dialect(lent.model, language, knowledge)
    prompt: dict[str, object] = {"config": config, "today": lent.context.now().date().isoformat()}
    if isinstance(dialect, ReAct):
        system = render("react", language, prompt)
    else:
        system = render("agent", language, {**prompt, "has_tools": bool(tools), "knowledge": knowledge})
    if lent.person:
        system = f"{system}\n\n{lent.person.section(language)}"
    return Agent(
        model=lent.model,
        dialect=dialect,
        system=system,
        context=lent.context,
        tools=tools,
        policies={**_policies(config, tools, to_strangers=lent.to_strangers), **noted},
        selection=selection,
        questions=lent.questions or Questions(patience_s=0),
        may_allow=_allowable(tools, lent) if lent.to_strangers else None,
        limits=lent.limits,
        temperature=config.generation.temperature,
        max_tokens=config.generation.max_tokens,
    )


def is_for_strangers(tool: Tool, config: AgentConfig) -> bool:
    """Whether whoever is not the owner is offered the tool. Where only some of its calls write, those are refused."""
    return tool.effect != "writes" and config.policy_of(key_of(tool)) != "ask"


def key_of(tool: Tool) -> str:
    """Where it is kept whether the tool asks."""
    return tool.policy_key or tool.name


def _policies(config: AgentConfig, tools: Mapping[str, Tool], *, to_strangers: bool) -> dict[str, ToolPolicy]:
    """What was chosen for these tools, where something was. What owners allow for good, they allow themselves."""
    chosen: dict[str, ToolPolicy] = {
        name: policy for name, tool in tools.items() if (policy := config.policy_of(tool.policy_key or name))
    }
    return {name: policy for name, policy in chosen.items() if policy != "allow"} if to_strangers else chosen


def _allowable(tools: Mapping[str, Tool], lent: Surroundings) -> frozenset[str]:
    """The tools of which strangers may allow a call."""
    return frozenset(name for name, tool in tools.items() if key_of(tool) in lent.strangers_may)


def _selection(tools: Mapping[str, Tool], lent: Surroundings) -> Selection | None:
    """Which of the tools are offered; None where all of them fit."""
    limits = lent.limits
    if limits.tools is None:
        return None
    room = None if limits.tool_tokens is None else limits.tool_tokens * CHARS_PER_TOKEN
    fits = room is None or tools_chars([tool.schema_in(lent.context.language) for tool in tools.values()]) <= room
    if fits and len(tools) <= limits.tools:
        return None
    return Selection(tools, count=limits.tools, chars=room, language=lent.context.language, indexes=lent.tool_indexes)


def choose_dialect(model: ChatModel, language: Language, knowledge: str = "") -> FunctionCalling | ReAct:
    """How tools are offered to this model: what the catalogue says of it decides."""
    return FunctionCalling() if model.facts.function_calling else ReAct(language, knowledge)


def usable_tools(
    config: AgentConfig,
    context: ToolContext,
    servers: Mapping[str, Connection] | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> dict[str, Tool]:
    """The ticked tools, and what was chosen of imported APIs and MCP servers, as far as they can work."""
    found = ((tool_id, find_tool(tool_id) if tools is None else tools.get(tool_id)) for tool_id in config.enabled_tools)
    ticked = {tool_id: tool for tool_id, tool in found if tool is not None}
    taken = TOOLS if tools is None else tools
    imported = {tool.name: tool for tool in tools_of(config.openapi, taken)}
    served = {tool.name: tool for tool in tools_of_servers(config.mcp_servers, servers or {}, {*taken, *imported})}
    return {
        name: tool
        for name, tool in {**ticked, **imported, **served}.items()
        if name not in context.unavailable and not tool.missing(context.secrets)
    }


def tokens_of(tool: Tool, language: Language) -> int:
    """About how many tokens a tool adds to every turn of an agent of that language."""
    return -(-tools_chars([tool.schema_in(language)]) // CHARS_PER_TOKEN)
