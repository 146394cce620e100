"""Which tool serves which topic, one row per tool, and how a question becomes calls of the tools that are offered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from user_agent.models.base import ToolSchema
from user_agent.models.guide_topics import ARITHMETIC, RENEWAL, TIME, WEATHER, Facts, Topic
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Rule:
    """A tool that serves a topic: its parameters by fact, and the words by which people ask for this very one."""

    topic: Topic
    tool: str
    parameters: dict[str, str]
    called: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class PlannedCall:
    tool: str
    arguments: Facts


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a question: calls, else a question back, else the topic whose tool is not there."""

    calls: tuple[PlannedCall, ...] = ()
    ask: Words | None = None
    lacks: Topic | None = None


RULES: tuple[Rule, ...] = (
    Rule(RENEWAL, "RenewInstance", {"instance_id": "instance_id", "period": "period"}),
    Rule(ARITHMETIC, "calculator", {"expression": "expression"}),
    Rule(WEATHER, "weather", {"place": "city", "days": "days"}),
    Rule(WEATHER, "amap_weather", {"place": "location"}, called=re.compile("高德|amap", re.IGNORECASE)),
    Rule(TIME, "current_time", {"place": "place"}),
)
"""Where two rules serve one topic, the first whose tool is offered is taken, unless people ask for the other."""

TOPICS: tuple[Topic, ...] = tuple({id(rule.topic): rule.topic for rule in RULES}.values())


def rule_for(topic: Topic, tools: Sequence[ToolSchema], text: str) -> Rule | None:
    """The rule that serves a topic with the tools that are offered; None where none does."""
    offered = {tool.name for tool in tools}
    rules = [rule for rule in RULES if rule.topic is topic and rule.tool in offered]
    return next((rule for rule in rules if rule.called and rule.called.search(text)), rules[0] if rules else None)


def plan(tools: Sequence[ToolSchema], question: str, earlier: str) -> Plan:
    """What to do with a question, given the one before it (empty where it is the first)."""
    readings = [(topic, topic.reads(question)) for topic in TOPICS]
    if not any(reading.calls or reading.ask for _, reading in readings):
        readings = [
            (topic, topic.answers(earlier, question))
            for topic, before in ((topic, topic.reads(earlier)) for topic in TOPICS)
            if before.calls or before.ask
        ]
    calls: list[PlannedCall] = []
    ask: Words | None = None
    lacks: Topic | None = None
    for topic, reading in readings:
        rule = rule_for(topic, tools, question)
        if rule is None:
            lacks = lacks or (topic if reading.calls or reading.ask else None)
            continue
        schema = next(tool for tool in tools if tool.name == rule.tool)
        fitting = [_arguments(rule, facts, schema) for facts in reading.calls]
        calls += [PlannedCall(rule.tool, arguments) for arguments in fitting if arguments is not None]
        ask = ask or reading.ask
    return Plan(calls=tuple(calls), ask=ask, lacks=lacks)


def _arguments(rule: Rule, facts: Facts, schema: ToolSchema) -> Facts | None:
    """The facts under the tool's own names, as far as its schema has them; None where one it requires is missing."""
    known = cast(dict[str, JsonValue], schema.parameters.get("properties") or {})
    arguments = {
        parameter: facts[fact] for fact, parameter in rule.parameters.items() if fact in facts and parameter in known
    }
    required = cast(list[str], schema.parameters.get("required") or [])
    return arguments if all(name in arguments for name in required) else None
