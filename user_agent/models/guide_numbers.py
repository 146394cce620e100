"""What the guide reads from a sentence besides places and arithmetic: its language, days, months and instances."""

import re

from user_agent.config import Language

MAX_DAYS = 16
"""As far as the weather tool looks ahead, today included."""

_CHINESE_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_ENGLISH_NUMBERS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10, "eleven": 11, "twelve": 12},
}
_NUMBER = r"(\d{1,3}|[零一二两三四五六七八九十]{1,3}|\b(?:" + "|".join(_ENGLISH_NUMBERS) + r")\b)"

_N_DAYS = re.compile(rf"{_NUMBER}[\s-]*(?:天|days?\b)", re.IGNORECASE)
_DAYS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile("大后天"), 4),
    (re.compile("后天|day after tomorrow", re.IGNORECASE), 3),
    (re.compile(r"明天|明日|明早|明晚|\btomorrow\b", re.IGNORECASE), 2),
    (re.compile(r"下个?周|下个?星期|\bnext week", re.IGNORECASE), 14),
    (re.compile(r"周末|这周|本周|一周|这个?星期|\bweek(?:end)?\b", re.IGNORECASE), 7),
)
_MONTHS = re.compile(rf"{_NUMBER}\s*(?:个\s*)?(月|年|months?\b|years?\b)", re.IGNORECASE)
_HALF_YEAR = re.compile(r"半年|half a year", re.IGNORECASE)
_INSTANCE = re.compile(r"(?<![A-Za-z0-9])i-[A-Za-z0-9]{6,}", re.IGNORECASE)


def language_of(text: str, fallback: Language) -> Language:
    """The language of a sentence: Chinese where any of it is, English where it has Latin words, else `fallback`."""
    if re.search(r"[\u3400-\u9fff]", text):
        return "zh"
    return "en" if re.search(r"[A-Za-z]{2}", text) else fallback


def days_ahead(text: str) -> int | None:
    """How many days of forecast answer the question, today included; None where it does not say."""
    if match := _N_DAYS.search(text):
        return max(1, min(MAX_DAYS, number_of(match[1])))
    return next((days for pattern, days in _DAYS if pattern.search(text)), None)


def day_asked(text: str) -> int | None:
    """The one day that a question is about, counted from today as 0: tomorrow is 1. None where it is no one day."""
    days = None if _N_DAYS.search(text) else days_ahead(text)
    return days - 1 if days is not None and days <= 4 else None


def months(text: str) -> int | None:
    """A length of time in months; None where none is named."""
    if _HALF_YEAR.search(text):
        return 6
    if match := _MONTHS.search(text):
        return number_of(match[1]) * (12 if match[2].lower().startswith(("年", "year")) else 1)
    return None


def instance_id(text: str) -> str:
    """The id of an ECS instance (`i-…`); empty where none is named."""
    match = _INSTANCE.search(text)
    return match[0] if match else ""


def number_of(word: str) -> int:
    """The value of a number in digits, in Chinese up to 99 (十二, 两), or in English up to twelve."""
    lowered = word.lower()
    if lowered.isdigit():
        return int(lowered)
    if lowered in _ENGLISH_NUMBERS:
        return _ENGLISH_NUMBERS[lowered]
    tens, ten, units = lowered.rpartition("十")
    high = _CHINESE_DIGITS.get(tens, 1) * 10 if ten else 0
    return high + _CHINESE_DIGITS.get(units, 0)
