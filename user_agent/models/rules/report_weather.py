"""The weather that a tool found, told to a person: the day that was asked for first."""

from collections.abc import Sequence
from datetime import date

from user_agent.models.rules.days import When, on_days
from user_agent.models.rules.report_time import day_name
from user_agent.tools.builtin.weather import DayWeather, WeatherReport
from user_agent.tools.builtin.wmo import condition, wind_from
from user_agent.words import Language, Words

RAIN_LIKELY_PERCENT = 50

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
_TOO_FAR = Words(
    zh="你问的 {day} 还查不到：预报只到 {last}。", en="There is no forecast for {day} yet: it reaches to {last}."
)
_DAY_NAMES = Words(zh="今天 明天 后天", en="Today Tomorrow")


def weather_told(found: WeatherReport, when: When | None, language: Language) -> str:
    """The weather now and the forecast; the days that `when` means stand first."""
    rows = [_day(number, day, language) for number, day in enumerate(found.forecast)]
    asked = _asked(found.forecast, when)
    first = [rows[number] + _advice(found.forecast[number], language, alone=len(asked) == 1) for number in asked]
    rest = [f"- {row}" for number, row in enumerate(rows) if number not in asked]
    lines = ["\n".join(first), _beyond(found.forecast, when, language), _now(found, language), "\n".join(rest)]
    lines.append(_SOURCE[language].format(source=found.source))
    return "\n\n".join(line for line in lines if line)


def _now(found: WeatherReport, language: Language) -> str:
    """The weather at this moment; the place alone where it was not measured."""
    around = _COMMA[language].join(name for name in (found.region, found.country) if name and name != found.place)
    place = _PLACE[language].format(place=found.place, around=around) if around else f"**{found.place}**"
    now = found.current
    if now is None:
        return place
    return _NOW[language].format(
        place=place,
        condition=condition(now.weather_code)[language],
        temperature=now.temperature_c,
        feels=now.feels_like_c,
        humidity=now.humidity_percent,
        wind=wind_from(now.wind_from_degrees)[language],
        speed=now.wind_km_h,
    )


def _asked(forecast: Sequence[DayWeather], when: When | None) -> list[int]:
    """The rows of the days that were asked for, where that is not just today."""
    wanted = {day.isoformat() for day in _wanted(forecast, when)}
    rows = [number for number, day in enumerate(forecast) if day.date in wanted]
    return [] if rows == [0] and when is not None and when.offsets == (0,) else rows


def _wanted(forecast: Sequence[DayWeather], when: When | None) -> tuple[date, ...]:
    today = _parsed(forecast[0].date) if forecast else None
    return on_days(when, today) if when is not None and today is not None else ()


def _beyond(forecast: Sequence[DayWeather], when: When | None, language: Language) -> str:
    last = _parsed(forecast[-1].date) if forecast else None
    far = [day for day in _wanted(forecast, when) if last is not None and day > last]
    if not far or last is None:
        return ""
    return _TOO_FAR[language].format(day=day_name(far[0], language), last=day_name(last, language))


def _advice(day: DayWeather, language: Language, *, alone: bool) -> str:
    rain = (day.rain_chance_percent or 0) >= RAIN_LIKELY_PERCENT
    return f"{_STOP[language]}{_UMBRELLA[language] if rain else ''}".rstrip() if alone else ""


def _day(number: int, day: DayWeather, language: Language) -> str:
    rain = "" if day.rain_chance_percent is None else _RAIN[language].format(chance=day.rain_chance_percent)
    names = _DAY_NAMES[language].split()
    named = f"{names[number]} " if number < len(names) else ""
    when = _parsed(day.date)
    told = _DAY[language].format(
        day=named + (day.date if when is None else day_name(when, language)),
        condition=condition(day.weather_code)[language],
        low=day.low_c,
        high=day.high_c,
    )
    return told + rain


def _parsed(iso: str) -> date | None:
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None
