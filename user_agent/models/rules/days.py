"""Which days a question is about, in Chinese and English, and which rows of a forecast those are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from user_agent.models.rules.numbers import COUNT, number_of

MAX_DAYS = 16
"""As far as the weather tool looks ahead, today included."""

_DAYS_EN = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SHORT_DAYS = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6}
_WEEKDAYS = (
    {name: number for number, name in enumerate(_DAYS_EN.split("|"))}
    | {name: number for number, name in enumerate("一二三四五六日")}
    | {"天": 6}
    | _SHORT_DAYS
)
_MONTHS_EN = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTHS = {name[:3]: number for number, name in enumerate(_MONTHS_EN.split("|"), 1)}
_MONTH_EN = rf"(?:{_MONTHS_EN}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year, such as a holiday that keeps its date."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class When:
    """What a question says about time. Of `offsets`, `weekday`, `weekend` and `date`, at most one is given.

    `days` is how many days of forecast reach that far, today included; None where it is now, or cannot be reached.
    """

    said: str
    days: int | None = None
    offsets: tuple[int, ...] = ()
    """Counted from today, which is 0; negative in the past."""
    weekday: int | None = None
    """Monday is 0."""
    weeks: int = 0
    """1 where it is the next week, or its weekday or weekend."""
    weekend: bool = False
    date: Day | None = None
    past: bool = False
    unplaced: bool = False
    """A time that nobody can count to by rules, such as 春节 or "next month"."""
    hour: bool = False
    """An hour of a day: forecasts here are by day."""


@dataclass(frozen=True, slots=True)
class _Row:
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], When | None]
    """None for a word of time that changes nothing, such as "now"."""


def _row(pattern: str, read: Callable[[re.Match[str]], When | None]) -> _Row:
    return _Row(re.compile(pattern, re.IGNORECASE), read)


def _offsets(*offsets: int) -> Callable[[re.Match[str]], When]:
    days = max(offsets) + 1 if max(offsets) > 0 else None
    return lambda found: When(found[0], days=days, offsets=offsets, past=max(offsets) < 0)


def _span(days: int) -> Callable[[re.Match[str]], When]:
    return lambda found: When(found[0], days=days)


def _counted(found: re.Match[str]) -> When:
    return When(found[0], days=max(1, min(MAX_DAYS, number_of(found[1]))))


def _in_days(found: re.Match[str]) -> When:
    offset = number_of(found[1] or found[2])
    if offset >= MAX_DAYS:
        return When(found[0], offsets=(offset,), unplaced=True)
    return When(found[0], days=offset + 1, offsets=(offset,))


def _ago(found: re.Match[str]) -> When:
    return When(found[0], offsets=(-number_of(found[1]),), past=True)


def _past(found: re.Match[str]) -> When:
    return When(found[0], past=True)


def _unplaced(found: re.Match[str]) -> When:
    return When(found[0], unplaced=True)


def _weekday(weeks: int) -> Callable[[re.Match[str]], When]:
    return lambda found: When(found[0], days=14 if weeks else 7, weekday=_WEEKDAYS[found[1].lower()], weeks=weeks)


def _weekend(weeks: int) -> Callable[[re.Match[str]], When]:
    return lambda found: When(found[0], days=14 if weeks else 7, weekend=True, weeks=weeks)


def _date(month: int, day: int) -> Callable[[re.Match[str]], When]:
    return lambda found: When(found[0], days=MAX_DAYS, date=Day(month, day))


def _date_zh(found: re.Match[str]) -> When:
    return _dated(found[0], number_of(found[1]), number_of(found[2]))


def _date_en(found: re.Match[str]) -> When:
    month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
    return _dated(found[0], _MONTHS[month.lower()[:3]], int(day))


def _dated(said: str, month: int, day: int) -> When:
    if 1 <= month <= 12 and 1 <= day <= 31:
        return When(said, days=MAX_DAYS, date=Day(month, day))
    return When(said, unplaced=True)


def _hour(found: re.Match[str]) -> When:
    return When(found[0], hour=True)


_DAYTIME_ZH = "(?:早上|早晨|上午|中午|下午|傍晚|晚上|凌晨|半夜|夜里|白天|早间|晚间|夜间)"
_ROWS: tuple[_Row, ...] = (
    _row("大前天", _offsets(-3)),
    _row("前天|day before yesterday", _offsets(-2)),
    _row(r"昨[天日晚早]|昨儿|\byesterday(?:'s)?\b|\blast night\b", _offsets(-1)),
    _row(rf"{COUNT}\s*(?:天|days?)(?:之前|以前|前|\s+ago\b)", _ago),
    _row(
        rf"{COUNT}\s*天(?:之后|以后|后)|\b(?:in|after)\s+{COUNT}\s+days?\b(?:'\s*time)?", lambda found: _in_days(found)
    ),
    _row(
        r"去年|前年|往年|上个?(?:周末|周|星期|礼拜|月)[一二三四五六日天]?|上次|刚才|以前|当年|历史上?|"
        rf"\b(?:last|past|previous)\s+(?:few\s+days|week(?:end)?|month|year|winter|summer|spring|"
        rf"autumn|fall|{_DAYS_EN})\b|"
        r"\b(?:in|during)\s+(?:19|20)\d\d\b",
        _past,
    ),
    _row("大后天", _offsets(3)),
    # 昆明 and 三明 end in the 明 of 明天: 昆明天气.
    _row("(?<![昆三])明后[两二]?天", _offsets(1, 2)),
    _row(r"今明[两二]?天|\btoday and tomorrow\b", _offsets(0, 1)),
    _row(r"后[天日]|\b(?:the )?day after tomorrow(?:'s)?\b", _offsets(2)),
    _row(r"(?<![昆三])明[天日早晚]|明儿|\b(?:tomorrow|tomorow|tmrw|tmr)(?:'s)?\b", _offsets(1)),
    _row(r"今[天日早晚]|今儿|今夜|\b(?:today|tonight)(?:'s)?\b|\bthis (?:morning|afternoon|evening)\b", _offsets(0)),
    _row(
        rf"(?:未来|接下来|今后|往后|最近|近)?的?(?<![周期拜]){COUNT}\s*(?:个\s*)?(?:天(?!气(?!温))|[\s-]*days?\b)",
        _counted,
    ),
    _row(rf"{COUNT}\s*月\s*{COUNT}\s*[日号]", _date_zh),
    _row(
        rf"\b({_MONTH_EN})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b|\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH_EN})\b",
        _date_en,
    ),
    _row(r"下下个?(?:周末|周|星期|礼拜|月)[一二三四五六日]?|\bthe week after next\b|\bin (?:two|2) weeks\b", _unplaced),
    _row(r"下个?(?:周末|星期末)|\b(?:the )?(?:next weekend|weekend after next)\b", _weekend(1)),
    _row(r"下个?(?:周|星期|礼拜)([一二三四五六日]|天(?!气))", _weekday(1)),
    _row(rf"\b(?:on\s+)?next\s+({_DAYS_EN})\b", _weekday(1)),
    _row(r"下个?(?:周|星期|礼拜)|\bnext week\b", lambda found: When(found[0], days=14, weeks=1)),
    _row(r"[这本]?个?周末|\b(?:(?:on|at|over|during)\s+)?(?:this |the )?week-?end\b", _weekend(0)),
    _row(r"[这本]?个?(?:周|星期|礼拜)([一二三四五六日]|天(?!气))", _weekday(0)),
    _row(rf"\b(?:on\s+|this\s+|coming\s+)*({_DAYS_EN})(?:'s)?\b", _weekday(0)),
    _row(rf"\b(?:on|this)\s+({'|'.join(_SHORT_DAYS)})\b", _weekday(0)),
    _row(
        r"(?:未来|接下来|最近|近)?(?:这?[一1]周|一个?星期|一个?礼拜)|[这本]个?(?:周|星期|礼拜)|"
        r"\b(?:this |the |a |all )?week(?:ly)?\b",
        _span(7),
    ),
    _row(
        r"这几天|最近几天|接下来几天|未来几天|过几天|近几日|近期|\b(?:next|coming) (?:few|couple of) days\b",
        lambda found: None,
    ),
    _row(r"元旦|new year'?s? day", _date(1, 1)),
    _row("情人节|valentine'?s?(?: day)?", _date(2, 14)),
    _row("劳动节|五一(?:节|假期)?|may day", _date(5, 1)),
    _row("国庆(?:节|假期)?|十一假期", _date(10, 1)),
    _row("万圣节|halloween", _date(10, 31)),
    _row(r"平安夜|christmas eve", _date(12, 24)),
    _row(r"圣诞节?|\b(?:christmas|xmas)(?: day)?\b", _date(12, 25)),
    _row(
        r"春节|过年|除夕|清明|端午|中秋|暑假|寒假|明年|后年|下个?月|下半年|年底|月底|月初|今年|"
        r"\b(?:next|this) (?:month|year|winter|summer|spring|autumn|fall)\b|\beaster\b|\bthanksgiving\b|"
        rf"{COUNT}\s*(?:个月|weeks?|months?)(?:后|之后|\s+from now)|\bin {COUNT} (?:weeks?|months?|years?)\b|"
        rf"(?:春|夏|秋|冬)[天季]|\bin (?:the )?(?:winter|summer|spring|autumn|fall|{_MONTH_EN})\b|"
        r"(?:十[一二]|[一二三四五六七八九]|\d{1,2})月份?|\d{1,2}[日号]",
        _unplaced,
    ),
    _row(
        rf"{_DAYTIME_ZH}?(?:\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})(?:点钟?|时)半?(?!了|几)|"
        r"\b(?:at|around|by)\s+\d{1,2}(?::\d\d)?\s*(?:am|pm|a\.m\.?|p\.m\.?|o'?clock)?(?!\w)|\b\d{1,"
        r"2}(?::\d\d)?\s*[ap]m\b|"
        r"每小时|逐小时|\bhourly\b",
        _hour,
    ),
    _row(
        rf"现在|当前|目前|此刻|眼下|这会儿?|实时|最近|{_DAYTIME_ZH}|"
        r"\b(?:right now|just now|now|currently|at the moment|at present|these days|later|soon|in the "
        r"(?:morning|afternoon|evening)|at night)\b",
        lambda found: None,
    ),
)
"""The first row that reads a stretch of text has it; longer words stand before those that they contain."""


@dataclass(frozen=True, slots=True)
class TimeWord:
    """A word of time at its place in the text."""

    start: int
    end: int
    when: When | None


def time_words(text: str) -> tuple[TimeWord, ...]:
    """Every word of time in a folded text, in order, without overlaps."""
    taken = [False] * len(text)
    found: list[TimeWord] = []
    for row in _ROWS:
        for match in row.pattern.finditer(text):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                found.append(TimeWord(match.start(), match.end(), row.read(match)))
    return tuple(sorted(found, key=lambda word: word.start))


def when_of(words: Sequence[TimeWord]) -> When | None:
    """The time that a question is about: its first day; an hour or a vague word only where there is no day."""
    named = [word.when for word in words if word.when is not None]
    days = [when for when in named if not (when.hour or when.unplaced)]
    if len(days) > 1 and all(when.offsets and not when.past for when in days):
        offsets = tuple(dict.fromkeys(offset for when in days for offset in when.offsets))
        return When("", days=max(offsets) + 1, offsets=offsets)
    chosen = next(iter(days), None) or next(iter(named), None)
    return chosen


def on_days(when: When, today: date) -> tuple[date, ...]:
    """The days that are meant, given what day it is; none where it is a stretch of days, or cannot be told."""
    monday = today - timedelta(days=today.weekday())
    if when.offsets:
        return tuple(today + timedelta(days=offset) for offset in when.offsets)
    if when.weekday is not None:
        first = monday + timedelta(weeks=1) if when.weeks else today
        return (first + timedelta(days=(when.weekday - first.weekday()) % 7),)
    if when.weekend:
        saturday = monday + timedelta(days=5, weeks=when.weeks)
        return tuple(day for day in (saturday, saturday + timedelta(days=1)) if day >= today)
    if when.date is not None:
        return _next_date(when.date, today)
    return tuple(monday + timedelta(days=7 + number) for number in range(7)) if when.weeks else ()


def _next_date(day: Day, today: date) -> tuple[date, ...]:
    for year in range(today.year, today.year + 5):
        try:
            found = date(year, day.month, day.day)
        except ValueError:
            continue
        if found >= today:
            return (found,)
    return ()
