"""Questions about the time and the date."""

import re
from dataclasses import replace

from user_agent.models.rules.days import when_of
from user_agent.models.rules.places import Places, is_chinese, is_only_a_day, next_places, places, unread_words
from user_agent.models.rules.slots import Reading, Slots, Topic, asking, refusing
from user_agent.models.rules.tokens import Utterance
from user_agent.tools.builtin.current_time import CURRENT_TIME
from user_agent.words import Words

_NOW_ZH = "(?:现在|当前|目前|此刻|这会儿?)"
_TIME = re.compile(
    rf"几点|几时|什么时间|什么时候了|{_NOW_ZH}[\u3400-\u9fffA-Za-z ]{{0,10}}时间|"
    r"^(?!.*[没有长么空花])[\u3400-\u9fffA-Za-z ]{0,10}时间(?:是?多少|是?几点)?(?:了|啊|呢)?[?？]?$|"
    r"(?:白天|上午|早上|中午)还是|是不是(?:晚上|白天|半夜)|几号|几月几|几月了|是几月|"
    r"今天是(?:不是)?(?:周|星期|礼拜)[一二三四五六日天末]|星期几|周几|"
    r"礼拜几|(?:今天|明天|昨天|"
    r"后天)的?日期|哪一?年|几几年|哪一?天|"
    r"\bwhat(?:'s|’s| is| was)?(?: the)?(?: current| local| exact)? (?:time|date)\b|\btime is it\b|"
    r"\b(?:current|local|exact) (?:time|date)\b|"
    r"\btime(?: right)?(?: now)? (?:in|for|at)\b|\bthe (?:time|date)\b|\btime there\b|"
    r"\bis (?:it|today) (?:a )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:what|which) "
    r"(?:day|year|month|weekday)\b|\b(?:today|tomorrow|yesterday)(?:'s|’s) date\b|"
    r"\bis it (?:already |still |late |early )?(?:morning|day|night|evening|afternoon|midnight|late|dark)\b|"
    r"^\W*(?:the )?(?:time|date)(?: now| today)?(?: please| pls)?\W*$|"
    r"(?-i:^(?:[A-Z][A-Za-z]+ ){1,3}(?:time|date)\b)|^[a-z ]{2,20} time(?: now)?\W*$|\btime zone\b|\btimezone\b",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    r"时差|[差隔]\s*(?:几|多少)\s*个?(?:小时|钟头)|\btime (?:zone )?diff(?:eren)?|\bhours? (?:ahead|"
    r"behind|apart)\b|\bhow (?:many hours|far) .{0,30}(?:ahead|behind|apart|difference)\b",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"还有(?:几|多少)天|还要(?:几|多少)天|还剩(?:几|多少)天|\bhow (?:many days|long|many more "
    r"days) (?:is it |are there |are left )?(?:until|till|to|before)\b|"
    r"\bdays (?:until|till|to|left)\b",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"\b(?:UTC|GMT)\s?[+-]\s?\d{1,2}(?::?\d{2})?", re.IGNORECASE)
_OF_SOMETHING = re.compile(
    r"\b(?:open|opens|close|closes|start|starts|begin|begins|end|ends|arrive|arrives|depart|"
    r"departs|leave|leaves|land|lands|take off|sunset|sunrise|"
    r"meeting|flight|train|bus|dinner|lunch|breakfast|movie|show|game|match|summer|closing|"
    r"opening|bed|long|much time|good time|best time|"
    r"first time|last time|next time|every time|time machine|travel time|complexity|due|born|delivery|check-?in)\b|"
    r"开门|关门|开始|结束|到达|出发|起飞|降落|开会|上课|上班|下班|起床|睡觉|吃饭|集合|日出|日落|"
    r"营业|见面|放假|考试|比赛|会议|火车|飞机|航班|高铁|动车|地铁|公交|班车|电影|演唱会|快递|外卖|直播|"
    r"发工资|过期|截止|生日|最佳|没有?时间|适合|有时间|花时间|多长时间|段时间|的时候|空闲",
    re.IGNORECASE,
)
"""Words that make it the time of something, not the time that it is."""

_PLAINLY = re.compile(rf"{_NOW_ZH}|时间")
_LATER = re.compile(
    r"小时[之以]?后|分钟[之以]?后|\bin \S+ (?:hours?|minutes?)\b|\bwill it be\b|\bhours? from "
    r"now\b",
    re.IGNORECASE,
)
_NOW_ONLY = Words(
    zh="这是现在的时间，往后推几个小时我不会算。",
    en="That is the time now; hours ahead of it I don't count.",
)
_WHICH_PLACE = Words(
    zh="想知道哪里的时间呢？告诉我城市或国家就好，例如“东京”。",
    en="Where would you like to know the time? Give me a city or a country, for example “Tokyo”.",
)
_WHICH_TWO = Words(
    zh="要比较哪两个地方的时间呢？例如“东京和伦敦的时差”。",
    en="Which two places shall I compare? For example “time difference between Tokyo and London”.",
)
_OF_WHAT_IT_IS = Words(
    zh="我只知道各地现在的日期和时间，不知道这件事在什么时候，那需要语言模型或别的工具。可以问我“东京现在几点？”。",
    en="I only know what date and time it is now, anywhere, not when that happens; that would take a language model "
    "or another tool. You can ask me “What time is it in Tokyo?”.",
)
_WHICH_DAY = Words(
    zh="这一天我算不出来：我能数的是固定日期，例如“距离元旦还有几天？”。",
    en="I can't work out that day: I can count to fixed dates, for example “How many days until Christmas?”.",
)


def _reads(said: Utterance, slots: Slots) -> Reading | None:
    text = said.folded.strip()
    when = when_of(said.times)
    if _UNTIL.search(text):
        counts = when is not None and (when.date or when.weekday is not None or when.weekend)
        slots = replace(slots, when=when)
        return _called(slots, ()) if counts else refusing(slots, _WHICH_DAY)
    compares = bool(_DIFFERENCE.search(text))
    if not (compares or _TIME.search(text)):
        return None
    if offset := _OFFSET.search(said.text):
        return _called(replace(slots, when=None), (offset[0],))
    if _OF_SOMETHING.search(text):
        return refusing(slots, _OF_WHAT_IT_IS)
    where = places(said)
    if compares and len(where.names) < 2:
        return asking("time", slots, _WHICH_TWO)
    return _at(said, where, replace(slots, when=when))


def _at(said: Utterance, where: Places, slots: Slots) -> Reading | None:
    if where.guessed and is_chinese(where.names[0]):
        # The tool knows no such place, and it may be none: 农历几号, 火车几点.
        return asking("time", slots, _WHICH_PLACE) if _PLAINLY.search(said.folded) else None
    later = bool(_LATER.search(said.folded))
    if where.names:
        return _called(slots, where.names, later=later)
    if where.there and slots.places:
        return _called(slots, slots.places, later=later)
    if where.unread:
        return asking("time", slots, _WHICH_PLACE)
    return None if unread_words(said) else _called(slots, (), later=later)


def _continues(said: Utterance, slots: Slots) -> Reading | None:
    named = next_places(said, asked=slots.asked == "time")
    when = when_of(said.times)
    if named:
        return _called(replace(slots, when=when), named)
    if when is not None and is_only_a_day(said):
        return _called(replace(slots, when=when), slots.places)
    return None


def _called(slots: Slots, named: tuple[str, ...], *, later: bool = False) -> Reading:
    slots = replace(slots, topics=("time",), places=named or slots.places, asked=None)
    notes = (_NOW_ONLY,) if later else ()
    return Reading(slots, calls=tuple({"place": place} for place in named) or ({},), notes=notes)


def compares_times(text: str) -> bool:
    """Whether a folded question asks how the times of two places differ."""
    return bool(_DIFFERENCE.search(text))


def counts_days(text: str) -> bool:
    """Whether a folded question asks how many days there are until a date."""
    return bool(_UNTIL.search(text))


TIME = Topic(
    name="time",
    label=CURRENT_TIME.label,
    example=Words(zh="东京现在几点？", en="What time is it in Tokyo?"),
    named=r"时间|日期|报时|time|date",
    reads=_reads,
    continues=_continues,
)
