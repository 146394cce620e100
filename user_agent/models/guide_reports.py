"""What a tool found, told to a person: readable, and in the language of their question."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from user_agent.config import Language
from user_agent.messages import ToolCallPart, ToolResultPart
from user_agent.models.guide_numbers import day_asked
from user_agent.models.guide_rules import RULES
from user_agent.tools.builtin.calculator import Calculation
from user_agent.tools.builtin.current_time import LocalTime, TimeReport
from user_agent.tools.builtin.renew_instance import Renewal
from user_agent.tools.builtin.weather import DayWeather, WeatherReport
from user_agent.tools.builtin.wmo import condition, wind_from
from user_agent.words import Words

MAX_SHOWN_CHARS = 2_000
RAIN_LIKELY_PERCENT = 50

_FAILED = Words(zh="抱歉，“{name}”这一步没有成功：{why}", en="Sorry, the step “{name}” did not work: {why}")
_RAW = Words(zh="“{name}”的结果：\n\n{output}", en="Here is what “{name}” answered:\n\n{output}")
_NOW = Words(
    zh="{place}现在{condition}，{temperature:g}℃，体感 {feels:g}℃，湿度 {humidity:g}%，{wind}风 {speed:g} km/h。",
    en="{place} now: {condition}, {temperature:g} °C (feels like {feels:g} °C), humidity {humidity:g}%, "
    "{wind} wind at {speed:g} km/h.",
)
_PLACE = Words(zh="**{place}**（{around}）", en="**{place}** ({around})")
_COMMA = Words(zh="，", en=", ")
_STOP = Words(zh="。", en=". ")
_DAY = Words(zh="{day}：{condition}，{low:g}～{high:g}℃", en="{day}: {condition}, {low:g} to {high:g} °C")
_RAIN = Words(zh="，降水概率 {chance:g}%", en=", {chance:g}% chance of rain")
_UMBRELLA = Words(zh="记得带伞。", en="Take an umbrella.")
_SOURCE = Words(zh="数据来自 {source}。", en="Data from {source}.")
_ONE_TIME = Words(
    zh="{place}现在是 **{time}**，{date}，{weekday}（{zone}）。",
    en="It is **{time}** on {weekday}, {date}{place} ({zone}).",
)
_ALL_TIMES = Words(zh="{place}有几个时区，现在分别是：", en="{place} has several time zones. The time now:")
_DEMONSTRATION = Words(
    zh="{said}。\n\n请注意：这是一个演示工具，没有真的续费，也没有产生费用。",
    en="The tool confirms: instance {instance_id} renewed for {period} months.\n\n"
    "Please note that it is a demonstration: nothing was really renewed, and nothing was charged.",
)
_AMAP = Words(zh="{said}", en="AMap answers in Chinese: {said}")

_DAY_NAMES = Words(zh="今天 明天 后天", en="Today Tomorrow")
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Finding:
    """A tool's answer with what led to it."""

    call: ToolCallPart
    output: str
    question: str
    language: Language


def report(call: ToolCallPart, result: ToolResultPart, question: str, language: Language) -> str:
    """What one call found, or why it did not work."""
    name = next((rule.topic.label[language] for rule in RULES if rule.tool == result.name), result.name)
    output = result.output[:MAX_SHOWN_CHARS]
    if result.failed:
        return _FAILED[language].format(name=name, why=output)
    teller = _TELLERS.get(result.name)
    if teller is not None:
        try:
            return teller(Finding(call, result.output, question, language))
        except ValidationError:
            # Another tool of the same name, or an output that was cut: it is shown as it came.
            pass
    return _RAW[language].format(name=name, output=output)


def _weather(finding: Finding) -> str:
    language = finding.language
    found = WeatherReport.model_validate_json(finding.output)
    now = found.current
    around = _COMMA[language].join(name for name in (found.region, found.country) if name and name != found.place)
    lines = [
        _NOW[language].format(
            place=_PLACE[language].format(place=found.place, around=around) if around else f"**{found.place}**",
            condition=condition(now.weather_code)[language],
            temperature=now.temperature_c,
            feels=now.feels_like_c,
            humidity=now.humidity_percent,
            wind=wind_from(now.wind_from_degrees)[language],
            speed=now.wind_km_h,
        )
    ]
    days = [_day(number, day, language) for number, day in enumerate(found.forecast)]
    asked = day_asked(finding.question)
    if asked is not None and asked < len(days):
        day = found.forecast[asked]
        rain = (day.rain_chance_percent or 0) >= RAIN_LIKELY_PERCENT
        lines.insert(0, f"{days.pop(asked)}{_STOP[language]}{_UMBRELLA[language] if rain else ''}".strip())
    lines.append("\n".join(f"- {day}" for day in days))
    lines.append(_SOURCE[language].format(source=found.source))
    return "\n\n".join(line for line in lines if line)


def _day(number: int, day: DayWeather, language: Language) -> str:
    rain = "" if day.rain_chance_percent is None else _RAIN[language].format(chance=day.rain_chance_percent)
    names = _DAY_NAMES[language].split()
    named = f"{names[number]} " if number < len(names) else ""
    return (
        _DAY[language].format(
            day=named + _date(day.date, language),
            condition=condition(day.weather_code)[language],
            low=day.low_c,
            high=day.high_c,
        )
        + rain
    )


def _date(iso: str, language: Language) -> str:
    try:
        when = date.fromisoformat(iso)
    except ValueError:
        return iso
    if language == "zh":
        return f"{when.month}月{when.day}日 周{_WEEKDAYS_ZH[when.weekday()]}"
    return f"{_WEEKDAYS_EN[when.weekday()]} {when.day} {when:%b}"


def _time(finding: Finding) -> str:
    language = finding.language
    found = TimeReport.model_validate_json(finding.output)
    if len(found.times) == 1:
        place = found.place if language == "zh" or not found.place else f" in {found.place}"
        return _moment(found.times[0], place, language)
    rows = "\n".join(f"- {_moment(time, '', language)}" for time in found.times)
    return f"{_ALL_TIMES[language].format(place=found.place)}\n\n{rows}"


def _moment(moment: LocalTime, place: str, language: Language) -> str:
    zone = f"{moment.zone}, UTC{moment.utc_offset}" if moment.utc_offset not in moment.zone else moment.zone
    weekday = moment.weekday
    if language == "zh" and weekday in _WEEKDAYS_EN:
        weekday = f"星期{_WEEKDAYS_ZH[_WEEKDAYS_EN.index(weekday)]}"
    return _ONE_TIME[language].format(place=place, time=moment.time[:5], date=moment.date, weekday=weekday, zone=zone)


def _calculation(finding: Finding) -> str:
    found = Calculation.model_validate_json(finding.output)
    return f"`{found.expression}` = **{found.result}**"


def _renewal(finding: Finding) -> str:
    said = Renewal.model_validate_json(finding.output).result
    asked = finding.call.arguments
    return _DEMONSTRATION[finding.language].format(
        said=said, instance_id=asked.get("instance_id", ""), period=asked.get("period", "")
    )


def _amap(finding: Finding) -> str:
    return _AMAP[finding.language].format(said=finding.output[:MAX_SHOWN_CHARS])


_TELLERS: dict[str, Callable[[Finding], str]] = {
    "weather": _weather,
    "amap_weather": _amap,
    "current_time": _time,
    "calculator": _calculation,
    "RenewInstance": _renewal,
}
