"""Which tool serves which topic, one row per tool, and how what was read becomes calls of those that are offered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from user_agent.models.base import ToolSchema
from user_agent.models.rules.conversation import Said
from user_agent.models.rules.renewal import RENEWAL
from user_agent.models.rules.slots import Facts, Topic
from user_agent.models.rules.sum_topic import ARITHMETIC
from user_agent.models.rules.time import TIME
from user_agent.models.rules.weather import WEATHER
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Rule:
    """A tool that serves a topic: its parameters by fact, and the words by which people ask for this very one.

    `lacks` is told with the results where a question says `fact` and the tool has no parameter for it.
    """

    topic: Topic
    tool: str
    parameters: dict[str, str]
    called: re.Pattern[str] | None = None
    lacks: dict[str, Words] | None = None


@dataclass(frozen=True, slots=True)
class PlannedCall:
    tool: str
    arguments: Facts


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a message: calls, with what they leave open; words; or the topic whose tool is not there."""

    calls: tuple[PlannedCall, ...] = ()
    notes: tuple[Words, ...] = ()
    says: Words | None = None
    lacks: Topic | None = None


_NOW_ONLY = Words(
    zh="高德这个工具只有现在的天气，没有预报，所以没有回答你问的那天。开启“天气”工具就能查预报。",
    en="AMap's tool only knows the weather now and has no forecast, so the day you asked about is not answered. "
    "The “Weather” tool has forecasts.",
)
_OTHER_TOOL = Words(
    zh="“高德天气”没有开启（或还缺密钥），这是另一个天气工具查到的。",
    en="“AMap weather” is not enabled here, or waits for its key; this comes from the other weather tool.",
)
_OUT_OF_RANGE = Words(
    zh="“{label}”这里只能在 {least} 到 {most} 之间，{value} 不行。换一个数再告诉我吧。",
    en="For “{label}” it has to be between {least} and {most}; {value} is not. Please give me another number.",
)

RULES: tuple[Rule, ...] = (
    Rule(RENEWAL, "RenewInstance", {"instance_id": "instance_id", "period": "period"}),
    Rule(ARITHMETIC, "calculator", {"expression": "expression"}),
    Rule(WEATHER, "weather", {"place": "city", "days": "days"}),
    Rule(
        WEATHER,
        "amap_weather",
        {"place": "location"},
        called=re.compile("高德|amap", re.IGNORECASE),
        lacks={"days": _NOW_ONLY},
    ),
    Rule(TIME, "current_time", {"place": "place"}),
)
"""Where two rules serve one topic, the first whose tool is offered is taken, unless people ask for the other."""


def rule_for(topic: Topic, tools: Sequence[ToolSchema], text: str) -> Rule | None:
    """The rule that serves a topic with the tools that are offered; None where none does."""
    offered = {tool.name for tool in tools}
    rules = [rule for rule in RULES if rule.topic is topic and rule.tool in offered]
    return next((rule for rule in rules if rule.called and rule.called.search(text)), rules[0] if rules else None)


def plan(tools: Sequence[ToolSchema], said: Said) -> Plan:
    """What to do with a message that has been read."""
    calls: list[PlannedCall] = []
    notes: list[Words] = []
    says: Words | None = None
    lacks: Topic | None = None
    for topic, reading in said.readings:
        rule = rule_for(topic, tools, said.folded)
        if rule is None:
            lacks = lacks or topic
            continue
        schema = next(tool for tool in tools if tool.name == rule.tool)
        fitted = [_fitted(rule, facts, schema) for facts in reading.calls]
        calls += [fit for fit in fitted if isinstance(fit, PlannedCall)]
        says = says or reading.says or reading.ask or next((fit for fit in fitted if isinstance(fit, Words)), None)
        notes += [*reading.notes, *_left_open(rule, reading.calls, said.folded)]
    return Plan(calls=tuple(calls), notes=tuple(notes), says=says, lacks=lacks)


def _left_open(rule: Rule, calls: Sequence[Facts], text: str) -> list[Words]:
    """What the tool of a rule cannot tell of what was asked."""
    notes = [words for fact, words in (rule.lacks or {}).items() if any(fact in facts for facts in calls)]
    wished = next(
        (other for other in RULES if other.topic is rule.topic and other.called and other.called.search(text)), None
    )
    return [*notes, _OTHER_TOOL] if wished is not None and wished is not rule and calls else notes


def _fitted(rule: Rule, facts: Facts, schema: ToolSchema) -> PlannedCall | Words | None:
    """The call, as far as the tool's schema has parameters for the facts; what is wrong with a value that it refuses.

    None where the tool requires something that no fact is for.
    """
    known = cast(dict[str, dict[str, JsonValue]], schema.parameters.get("properties") or {})
    arguments = {
        parameter: facts[fact] for fact, parameter in rule.parameters.items() if fact in facts and parameter in known
    }
    for name, value in arguments.items():
        if wrong := _refused(rule.topic, value, known[name]):
            return wrong
    required = cast(list[str], schema.parameters.get("required") or [])
    return PlannedCall(rule.tool, arguments) if all(name in arguments for name in required) else None


def _refused(topic: Topic, value: JsonValue, parameter: dict[str, JsonValue]) -> Words | None:
    size = value if isinstance(value, int) else len(str(value))
    bounds = ("minimum", "maximum") if isinstance(value, int) else ("minLength", "maxLength")
    least, most = (parameter.get(bound) for bound in bounds)
    too_small = isinstance(least, int) and size < least
    too_large = isinstance(most, int) and size > most
    if not (too_small or too_large):
        return None
    bounds_said = {"least": str(least or 0), "most": str(most), "value": str(size)}
    return Words(
        zh=_OUT_OF_RANGE.zh.format(label=topic.label.zh, **bounds_said),
        en=_OUT_OF_RANGE.en.format(label=topic.label.en, **bounds_said),
    )
