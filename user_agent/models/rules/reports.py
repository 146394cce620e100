"""What tools found, told to a person: readable, in the language of their question, and with what it leaves open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from user_agent.chinese import fold
from user_agent.messages import ToolCallPart, ToolResultPart
from user_agent.models.rules.calls import RULES, Plan
from user_agent.models.rules.conversation import Said
from user_agent.models.rules.report_time import difference_told, time_told
from user_agent.models.rules.report_weather import weather_told
from user_agent.models.rules.time import compares_times, counts_days
from user_agent.tools.builtin.calculator import Calculation
from user_agent.tools.builtin.current_time import TimeReport
from user_agent.tools.builtin.renew_instance import Renewal
from user_agent.tools.builtin.weather import WeatherReport
from user_agent.words import Language, Words

MAX_SHOWN_CHARS = 2_000

_FAILED = Words(zh="抱歉，“{name}”这一步没有成功：{why}", en="Sorry, the step “{name}” did not work: {why}")
_RAW = Words(zh="“{name}”的结果：\n\n{output}", en="Here is what “{name}” answered:\n\n{output}")
_DEMONSTRATION = Words(
    zh="{said}。\n\n请注意：这是一个演示工具，没有真的续费，也没有产生费用。",
    en="The tool confirms: instance {instance_id} renewed for {period}.\n\n"
    "Please note that it is a demonstration: nothing was really renewed, and nothing was charged.",
)
_AMAP = Words(zh="{said}", en="AMap answers in Chinese: {said}")
_RADIANS = Words(
    zh="角度按弧度计算；要按度数，请写 °，例如 sin(30°)。",
    en="Angles are in radians; for degrees write °, as in sin(30°).",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call with what came of it."""

    call: ToolCallPart
    result: ToolResultPart


@dataclass(frozen=True, slots=True)
class _Finding:
    """A tool's answer with what led to it."""

    call: ToolCallPart
    output: str
    said: Said


def reports(outcomes: Sequence[Outcome], said: Said, planned: Plan) -> str:
    """What the calls of a turn found, or why they did not work, and what of the question that does not answer."""
    told = [_report(outcome, said) for outcome in outcomes]
    if difference := _difference(outcomes, said):
        told.insert(0, difference)
    worked = any(not outcome.result.failed for outcome in outcomes)
    notes = [note[said.language] for note in planned.notes] if worked else []
    rest = [planned.says[said.language]] if planned.says else []
    return "\n\n".join((*told, *notes, *rest))


def _report(outcome: Outcome, said: Said) -> str:
    language, result = said.language, outcome.result
    name = next((rule.topic.label[language] for rule in RULES if rule.tool == result.name), result.name)
    output = result.output[:MAX_SHOWN_CHARS]
    if result.failed:
        return _FAILED[language].format(name=name, why=output)
    teller = _TELLERS.get(result.name)
    if teller is not None:
        try:
            return teller(_Finding(outcome.call, result.output, said))
        except ValidationError:
            # Another tool of the same name, or an output that was cut: it is shown as it came.
            pass
    return _RAW[language].format(name=name, output=output)


def _difference(outcomes: Sequence[Outcome], said: Said) -> str:
    if not compares_times(said.folded):
        return ""
    try:
        found = [
            TimeReport.model_validate_json(outcome.result.output)
            for outcome in outcomes
            if outcome.result.name == "current_time" and not outcome.result.failed
        ]
    except ValidationError:
        return ""
    return difference_told(found, said.language) if len(found) > 1 else ""


def _weather(finding: _Finding) -> str:
    found = WeatherReport.model_validate_json(finding.output)
    return weather_told(found, finding.said.slots.when, finding.said.language)


def _time(finding: _Finding) -> str:
    found = TimeReport.model_validate_json(finding.output)
    counts = counts_days(fold(finding.said.text))
    return time_told(found, finding.said.slots.when, finding.said.language, counts=counts)


def _calculation(finding: _Finding) -> str:
    found = Calculation.model_validate_json(finding.output)
    told = f"`{found.expression}` = **{found.result}**"
    turns = any(name in found.expression for name in ("sin(", "cos(", "tan("))
    radians = turns and not any(sign in found.expression for sign in ("°", "pi", "π"))
    return f"{told}\n\n{_RADIANS[finding.said.language]}" if radians else told


def _renewal(finding: _Finding) -> str:
    confirmed = Renewal.model_validate_json(finding.output).result
    asked = finding.call.arguments
    return _DEMONSTRATION[finding.said.language].format(
        said=confirmed,
        instance_id=asked.get("instance_id", ""),
        period=_months(asked.get("period"), finding.said.language),
    )


def _months(period: JsonValue, language: Language) -> str:
    return str(period) if language == "zh" else f"{period} month{'' if period == 1 else 's'}"


def _amap(finding: _Finding) -> str:
    return _AMAP[finding.said.language].format(said=finding.output[:MAX_SHOWN_CHARS])


_TELLERS: dict[str, Callable[[_Finding], str]] = {
    "weather": _weather,
    "amap_weather": _amap,
    "current_time": _time,
    "calculator": _calculation,
    "RenewInstance": _renewal,
}
