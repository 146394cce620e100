"""What should not come together unseen: texts by strangers, private data, and a way out.

A text that an agent reads may ask it for something. Where it also holds private data, and can send what it writes to
where such a text says, without a person's leave, that text can carry the data away.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from user_agent.config import AgentConfig
from user_agent.mcp.tools import served
from user_agent.mcp.tools import touches_of as touches_of_mcp
from user_agent.openapi.tools import tools_of
from user_agent.tools.base import Effect, Tool, Touch
from user_agent.words import Words

_KNOWLEDGE = Words("知识文件", "the knowledge files")
_WARNING = Words(
    "请留意：{untrusted}会读到陌生人写的内容，{private}里有私人数据，{outward}可以不经你同意把内容发出去。读到的文字可能会诱使智能体把"
    "这些数据泄露出去。可以去掉其中一个，或者在“配置”里把{outward}设为“先问我”。",
    "Take care: {untrusted} brings in what strangers wrote, {private} holds private data, and {outward} can send "
    "things out without asking you. A text that the agent reads could talk it into giving that data away. Leave one "
    "of them out, or set {outward} to “Ask me first” under Configure.",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a configuration: a tool, a service, or its knowledge."""

    label: Words
    touches: frozenset[Touch]
    sends_unasked: bool = False
    """Whether some call of it sends before any person has seen it."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Which parts bring what, where all three have come together."""

    untrusted: tuple[Words, ...]
    private: tuple[Words, ...]
    outward: tuple[Words, ...]
    """Only those that send unasked: the others wait for a person."""

    @property
    def warning(self) -> Words:
        """What it means, and what can be done."""
        zh, en = (
            {
                "untrusted": _listed(self.untrusted, language),
                "private": _listed(self.private, language),
                "outward": _listed(self.outward, language),
            }
            for language in ("zh", "en")
        )
        return Words(_WARNING.zh.format(**zh), _WARNING.en.format(**en))


def mixture_of(config: AgentConfig, tools: Mapping[str, Tool]) -> Mixture | None:
    """What has come together in an agent with these tools to choose from; None where something of it is missing."""
    parts = list(_parts(config, tools))
    untrusted = _labels(part for part in parts if "untrusted" in part.touches)
    private = _labels(part for part in parts if "private" in part.touches)
    outward = _labels(part for part in parts if part.sends_unasked)
    return Mixture(untrusted, private, outward) if untrusted and private and outward else None


def _parts(config: AgentConfig, tools: Mapping[str, Tool]) -> Iterator[Part]:
    ticked = {tool_id: tools[tool_id] for tool_id in config.enabled_tools if tool_id in tools}
    imported = tools_of(config.openapi, tools)
    for tool in (*ticked.values(), *imported):
        label = tool.label if tool.name in ticked else tool.summary if tool.summary.en else tool.label
        yield Part(
            label, tool.touches, _sends_unasked(config, tool.policy_key or tool.name, tool.touches, tool.effect_told)
        )
    for each in served(config.mcp_servers, tools):
        if not each.server.proposed:
            where = each.server_name or urlsplit(each.server.url).netloc
            touches = touches_of_mcp(each.server, each.tool)
            effect: Effect = "reads" if each.tool.read_only else "writes"
            yield Part(Words(where, where), touches, _sends_unasked(config, each.policy_key, touches, effect))
    if config.knowledge:
        yield Part(_KNOWLEDGE, frozenset({"private"}))


def _sends_unasked(config: AgentConfig, key: str, touches: frozenset[Touch], effect: str) -> bool:
    """Whether a call goes out unseen: those that write ask by themselves, and those that read where a person wants."""
    policy = config.policy_of(key)
    asks_always = policy == "ask" or (effect == "writes" and policy != "allow")
    return "outward" in touches and not asks_always


def _labels(parts: Iterable[Part]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(part.label for part in parts))


def _listed(labels: tuple[Words, ...], language: str) -> str:
    if language == "zh":
        return "、".join(f"“{label.zh}”" for label in labels)
    names = [label.en for label in labels]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
