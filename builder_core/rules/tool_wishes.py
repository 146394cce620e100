"""Wishes that are about a tool: "drop the weather", "也要能算汇率"."""

import re

from builder_core.rules import instruction as lines
from builder_core.rules.plan import Plan

_FILLER = re.compile(
    r"\b(?:the|a|an|its|tools?|functions?|features?|and|or|for|me|us|please|also|too|as well|any ?more|again|now|it|"
    r"that|to|be able|able|can|add|enable|turn on|switch on|use|using|include|tell|check|checking|know|look up|"
    r"looking up|show|do|calculate|give|have|report|reports|lookup|data|information|info|current)\b"
    r"|加上|加个|加入|加|添加|增加|启用|打开|开启|开通|用上|使用|支持|查询|查看|查|看|报告|报|告诉|知道|需要|调用|用|算|"
    r"工具|功能|能力|插件|预报|播报|显示|那个|这个|相关|一下|一个|情况|信息|的|了|和|与|跟|及|吧|它|我|吗|个|会|能",
    re.IGNORECASE,
)


def drop_tool(plan: Plan, value: str) -> bool:
    """Switch off the tools that `value` names and says nothing else about."""
    tools = plan.tools_to_drop(value)
    if not tools or _more_than(plan, tools, value):
        return False
    plan.ticks.update(dict.fromkeys(tools, False))
    return True


def add_tool(plan: Plan, value: str) -> bool:
    """Switch on the tools that `value` names; where it says more than their names, that becomes part of the task."""
    tools = plan.tools_to_add(value)
    if not tools:
        return False
    plan.ticks.update(dict.fromkeys(tools, True))
    if _more_than(plan, tools, value):
        task = re.sub(r"^(?:also|be able to|\s)+", "", value, flags=re.IGNORECASE)
        plan.fields["instruction"] = lines.with_task(plan.text("instruction"), plan.language, task)
    return True


def _more_than(plan: Plan, tools: list[str], value: str) -> bool:
    rest = value.lower()
    for phrase in sorted((word for tool in tools for word in plan.tool_words(tool)), key=len, reverse=True):
        rest = rest.replace(phrase, " ")
    return re.search(r"\w", _FILLER.sub(" ", rest)) is not None
