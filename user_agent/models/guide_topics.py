"""What people ask for that the guide understands: four topics, each with the words by which it is recognised."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from user_agent.models.guide_arithmetic import expression
from user_agent.models.guide_numbers import days_ahead, instance_id, months
from user_agent.models.guide_places import bare_place, next_place, places
from user_agent.words import Words

Facts = dict[str, JsonValue]
"""What a question says, under names of the topic's own; a rule maps them to a tool's parameters."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a topic found in a question: facts for each call, or what to ask back; neither where it is none of its."""

    calls: tuple[Facts, ...] = ()
    ask: Words | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """Something people ask for. `answers` reads a message that answers or continues an earlier one."""

    label: Words
    example: Words
    reads: Callable[[str], Reading]
    answers: Callable[[str, str], Reading]


_WEATHER = re.compile(
    r"天气|气温|温度|下雨|下雪|有雨|有雪|带伞|打伞|雨伞|多少度|几度|冷不冷|热不热|冷吗|热吗|[更多][冷热]|零下|刮风|风大|台风|降温|"
    r"\bweather\b|\bforecast\b|\btemperature\b|\brain(?:ing|y)?\b|\bsnow(?:ing|y)?\b|\bumbrella\b|\bsunny\b|"
    r"\bhow (?:hot|cold|warm|windy|humid)\b|\b(?:is|be|get) (?:it )?(?:very |too |that )?(?:hot|cold|warm|windy)\b",
    re.IGNORECASE,
)
_NOW_ZH = "(?:现在|当前|目前|此刻|这会儿?)"
_TIME = re.compile(
    rf"几点了|几点钟|几点$|几点(?=[?？])|{_NOW_ZH}[\u3400-\u9fffA-Za-z ]{{0,10}}(?:几点|时间)|"
    r"^(?!.*[没有长么空])[\u3400-\u9fffA-Za-z ]{2,10}时间(?:是多少)?[?？]?$|"
    r"白天还是|是不是晚上|今天(?:是)?(?:几月)?几号|今天(?:是)?(?:星期几|周几|礼拜几)|今天的?日期|"
    r"\bwhat(?:'s| is)? (?:the )?(?:current )?time\b|\btime is it\b|\bcurrent time\b|\btime (?:now )?in\b|"
    r"\b(?:what|which) day (?:is it|of the week)\b|\b(?:today's|the|current) date\b|\blocal time\b|"
    r"\bis it (?:morning|day|night|evening|afternoon)\b|"
    r"(?-i:^(?:[A-Z][a-z]+ ){1,3}time\??$)",
    re.IGNORECASE,
)
_TIME_NOUN = re.compile(r"几点|时间|几号|星期几|周几|礼拜几|日期|白天|\btime\b|\bdate\b|\bday\b", re.IGNORECASE)
_OFFSET = re.compile(r"\b(?:UTC|GMT)\s?[+-]\s?\d{1,2}(?::?\d{2})?", re.IGNORECASE)
_RENEW = re.compile(r"续费|续期|续租|\brenew(?:al|ing)?\b|\bextend\b", re.IGNORECASE)
_INSTANCE_NOUN = re.compile(
    r"实例|服务器|云主机|\becs\b|\binstance\b|\bserver\b|(?<![a-z0-9])i-[a-z0-9]{6,}", re.IGNORECASE
)
_RENEW_ALONE = re.compile(
    r"(?:请|我要|我想|想|帮我|给我|我)*(?:续费|续期)[。！!？?]?|(?:please )?renew(?: it)?[.!?]?", re.IGNORECASE
)


def _reads_weather(text: str) -> Reading:
    if not _WEATHER.search(text):
        return Reading()
    found = _weather_calls(places(text, _WEATHER), text)
    return found if found.calls else Reading(ask=_WHICH_CITY)


def _answers_weather(earlier: str, text: str) -> Reading:
    named = bare_place(text) if _reads_weather(earlier).ask else next_place(text)
    return _weather_calls((named,) if named else (), text, earlier)


def _weather_calls(named: Sequence[str], *texts: str) -> Reading:
    days = next((found for text in texts if (found := days_ahead(text)) is not None), None)
    when: Facts = {} if days is None else {"days": days}
    return Reading(calls=tuple({"place": place, **when} for place in named))


def _reads_time(text: str) -> Reading:
    if not _TIME.search(text.strip()):
        return Reading()
    if offset := _OFFSET.search(text):
        return Reading(calls=({"place": offset[0]},))
    return _time_calls(places(text, _TIME_NOUN)) or Reading(calls=({},))


def _answers_time(earlier: str, text: str) -> Reading:
    named = next_place(text)
    return (_time_calls((named,)) if named else None) or Reading()


def _time_calls(named: Sequence[str]) -> Reading | None:
    return Reading(calls=tuple({"place": place} for place in named)) if named else None


def _reads_arithmetic(text: str) -> Reading:
    found = expression(text)
    return Reading(calls=({"expression": found},)) if found else Reading()


def _reads_renewal(text: str) -> Reading:
    if not _RENEW.search(text) or not (_INSTANCE_NOUN.search(text) or _RENEW_ALONE.fullmatch(text.strip())):
        return Reading()
    instance, period = instance_id(text), months(text)
    if instance and period:
        return Reading(calls=({"instance_id": instance, "period": period},))
    return Reading(ask=_WHICH_PERIOD if instance else _WHICH_INSTANCE)


def _joined(reads: Callable[[str], Reading]) -> Callable[[str, str], Reading]:
    """Reads an answer together with the question before it."""

    def answers(earlier: str, text: str) -> Reading:
        if not (instance_id(text) or months(text)):
            return Reading()
        return reads(f"{text}\n{earlier}")

    return answers


_WHICH_CITY = Words(
    zh="想查哪座城市的天气呢？告诉我城市名就好，例如“杭州”。",
    en="Which city's weather would you like? Just give me its name, for example “Hangzhou”.",
)
_WHICH_INSTANCE = Words(
    zh="请告诉我 ECS 实例的 ID（形如 i-rj90a7e840y5cde）和续费的月数。",
    en="Please tell me the id of the ECS instance (such as i-rj90a7e840y5cde) and for how many months to renew it.",
)
_WHICH_PERIOD = Words(zh="要续费几个月呢？", en="For how many months should it be renewed?")

WEATHER = Topic(
    label=Words(zh="天气", en="Weather"),
    example=Words(zh="杭州明天会下雨吗？", en="Will it rain in Hangzhou tomorrow?"),
    reads=_reads_weather,
    answers=_answers_weather,
)
TIME = Topic(
    label=Words(zh="时间", en="Time"),
    example=Words(zh="东京现在几点？", en="What time is it in Tokyo?"),
    reads=_reads_time,
    answers=_answers_time,
)
ARITHMETIC = Topic(
    label=Words(zh="计算", en="Arithmetic"),
    example=Words(zh="(12.5+3)×4 等于多少？", en="What is 15% of 80?"),
    reads=_reads_arithmetic,
    answers=lambda earlier, text: Reading(),
)
RENEWAL = Topic(
    label=Words(zh="ECS 实例续费（演示）", en="ECS renewal (demonstration)"),
    example=Words(
        zh="请帮我续费 ECS 实例 i-rj90a7e840y5cde，续费 22 个月",
        en="Renew ECS instance i-rj90a7e840y5cde for 22 months",
    ),
    reads=_reads_renewal,
    answers=_joined(_reads_renewal),
)
