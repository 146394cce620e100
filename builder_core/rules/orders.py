"""Orders and statements about the agent, "cover train tickets", "it books hotels", as tasks and rules: not what is said
to the guide itself, nor of the draft."""

import re

from builder_core.rules.edits import add_rule, add_task
from builder_core.rules.english_tasks import read_tasks
from builder_core.rules.english_words import VERBS, to_agent, verb
from builder_core.rules.plan import Plan
from user_agent.chinese import fold

_MANNER_TEXT = """
use keep focus mention avoid stay stick ask answer reply respond explain show give put start end begin write speak
remember follow call cite quote include assume make
"""
_MANNER = frozenset(_MANNER_TEXT.split())
"""What these verbs ask for is how it works, not what it is for."""
_COMPLAINED_TEXT = """
keep get stop make say use talk sound look stay take go be have do need start
"""
_COMPLAINED = frozenset(_COMPLAINED_TEXT.split())
"""Of these "it keeps …" is a complaint more often than a wish."""
_TO_BUILDER = re.compile(
    r"(?:give|show|tell|help|send|explain|get|find|write|make|draw|let) (?:me|us)\b", re.IGNORECASE
)
"""Said to the guide itself: "give me an example"."""
_OF_THE_DRAFT = re.compile(
    r"^(?:replace|change|update|edit|set|show|list|check|review|read|remove|save|keep|use|write|make|create|"
    r"fix|translate|"
    r"test|share|choose|find|improve|organi[sz]e|manage|track) (?:(?:all|of|the|its|my|your|these|those|a|an|"
    r"another|new|"
    r"better|other|current|more|suggested) )*(?:suggestions?|questions?|greeting|prologue|descriptions?|instructions?|"
    r"rules?|tools?|name|avatar|picture|draft|changes?|settings?|configuration|model|temperature)\b|"
    r"^\w+ (?:it|him|her)\b"
    r"|^(?:make|let|have|get) (?:the|this|my|our|your) (?:agent|assistant|bot|chatbot)\b",
    re.IGNORECASE,
)
"""An order about the draft, or about "it": whatever it asks for, it is nothing that the agent does."""
_TO_BUILDER_ZH = re.compile(
    r"^(?:给我|让我|帮我|替我)?(?:看看|看一?下|显示|展示|列出|告诉我|说说|讲讲|解释一?下|检查一?下|保存|改|修改)"
    r".{0,8}(?:名字|名称|简介|描述|介绍|开场白|推荐问题|建议|指令|规则|提示词|工具|草稿|配置|设定|设置|改动|"
    r"模型|头像|现在|目前)"
)


def order_zh(plan: Plan, value: str) -> bool:
    """The same in Chinese, where a verb alone does not tell an order from what is said to the guide itself."""
    return not _TO_BUILDER_ZH.match(fold(value)) and add_task(plan, value)


_NO_ACT_TEXT = "already not too also now it that this so and but do never no only be"
_NO_ACT = frozenset(_NO_ACT_TEXT.split())


def able(plan: Plan, value: str) -> bool:
    """What is said that it can do becomes a task, where it begins with something to do: not "it can already"."""
    first = value.split(" ", 1)[0].lower()
    return first not in _NO_ACT and add_task(plan, value)


def order(plan: Plan, value: str) -> bool:
    """Words in the form of an order, "cover train tickets", become a task, or a rule of how to work."""
    first = value.split(" ", 1)[0].lower()
    if first not in VERBS or " " not in value.strip() or _TO_BUILDER.match(value) or _OF_THE_DRAFT.match(value):
        return False
    return (add_rule if first in _MANNER else add_task)(plan, value)


def statement(plan: Plan, value: str) -> bool:
    """What is said of the agent, "it books hotels", becomes a task."""
    first = value.split(" ", 1)[0]
    known = verb(first)
    if known in _COMPLAINED:
        return False
    if not known or known == first.lower():
        return False
    found = read_tasks(value, inflected=True)
    for task in found.tasks:
        add_task(plan, to_agent(task))
    for manner in found.details.splitlines():
        add_rule(plan, manner)
    return bool(found.tasks or found.details)
