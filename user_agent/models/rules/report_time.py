"""Times and dates that a tool found, told to a person, with what can be counted from them."""

from collections.abc import Sequence
from datetime import date

from user_agent.models.rules.days import When, on_days
from user_agent.tools.builtin.current_time import LocalTime, TimeReport
from user_agent.words import Language, Words

_ONE_TIME = Words(
    zh="{place}现在是 **{time}**，{date}，{weekday}（{zone}）。",
    en="It is **{time}** on {weekday}, {date}{place} ({zone}).",
)
_ALL_TIMES = Words(zh="{place}有几个时区，现在分别是：", en="{place} has several time zones. The time now:")
_THAT_DAY = Words(zh="{said}是 **{date}**，{weekday}。", en="{said} is **{weekday}**, {date}.")
_DAYS_LEFT = Words(zh="距离 {date} 还有 **{days}** 天。", en="There are **{days}** days until {date}.")
_IS_TODAY = Words(zh="{date} 就是今天。", en="{date} is today.")
_AHEAD = Words(zh="{first}比{second}早 **{hours}** 小时。", en="{first} is **{hours}** hours ahead of {second}.")
_SAME = Words(zh="{first}和{second}的时间一样。", en="{first} and {second} have the same time.")
_MANY_ZONES = Words(
    zh="其中有地方跨几个时区，时差要看具体的城市。",
    en="One of them has several time zones, so the difference depends on the city.",
)
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def time_told(found: TimeReport, when: When | None, language: Language, *, counts: bool) -> str:
    """The time at a place; and the date of the day that `when` means, or how many days there are until it."""
    if len(found.times) > 1:
        rows = "\n".join(f"- {_moment(time, '', language)}" for time in found.times)
        return f"{_ALL_TIMES[language].format(place=found.place)}\n\n{rows}"
    place = found.place if language == "zh" or not found.place else f" in {found.place}"
    day = _day_told(found.times[0], when, language, counts=counts)
    return "\n\n".join(line for line in (day, _moment(found.times[0], place, language)) if line)


def difference_told(found: Sequence[TimeReport], language: Language) -> str:
    """How the times of the first two places differ."""
    first, second = found[:2]
    if len(first.times) > 1 or len(second.times) > 1:
        return _MANY_ZONES[language]
    minutes = _offset_minutes(first.times[0]) - _offset_minutes(second.times[0])
    if minutes == 0:
        return _SAME[language].format(first=first.place, second=second.place)
    ahead, behind = (first, second) if minutes > 0 else (second, first)
    return _AHEAD[language].format(first=ahead.place, second=behind.place, hours=f"{abs(minutes) / 60:g}")


def day_name(day: date, language: Language) -> str:
    """A date for people, with its weekday and without its year."""
    if language == "zh":
        return f"{day.month}月{day.day}日 周{_WEEKDAYS_ZH[day.weekday()]}"
    return f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]}"


def _day_told(moment: LocalTime, when: When | None, language: Language, *, counts: bool) -> str:
    today = date.fromisoformat(moment.date)
    days = on_days(when, today) if when is not None else ()
    if not days or (days[0] == today and not counts):
        return ""
    if counts:
        left = (days[0] - today).days
        words = _DAYS_LEFT if left else _IS_TODAY
        return words[language].format(date=days[0].isoformat(), days=left)
    weekday = _WEEKDAYS_EN[days[0].weekday()] if language == "en" else f"星期{_WEEKDAYS_ZH[days[0].weekday()]}"
    said = (when.said if when is not None else "").strip() or days[0].isoformat()
    said = said[0].upper() + said[1:] if language == "en" else said
    return _THAT_DAY[language].format(said=said, date=days[0].isoformat(), weekday=weekday)


def _moment(moment: LocalTime, place: str, language: Language) -> str:
    zone = f"{moment.zone}, UTC{moment.utc_offset}" if moment.utc_offset not in moment.zone else moment.zone
    weekday = moment.weekday
    if language == "zh" and weekday in _WEEKDAYS_EN:
        weekday = f"星期{_WEEKDAYS_ZH[_WEEKDAYS_EN.index(weekday)]}"
    return _ONE_TIME[language].format(place=place, time=moment.time[:5], date=moment.date, weekday=weekday, zone=zone)


def _offset_minutes(moment: LocalTime) -> int:
    hours, minutes = moment.utc_offset[1:].split(":")
    return (int(hours) * 60 + int(minutes)) * (-1 if moment.utc_offset.startswith("-") else 1)
