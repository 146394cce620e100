"""Numbers in words, Chinese and English: "三百六十五", "1.5万", "twenty-five", "2 million"."""

import re
from decimal import Decimal

_DIGITS_ZH = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL_ZH = {"十": 10, "百": 100, "千": 1_000}
_LARGE_ZH = {"万": 10_000, "亿": 100_000_000}
NUMERAL_ZH = "[零〇一二两三四五六七八九十百千万亿]"

_UNITS_EN = {
    word: value
    for value, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1)
}
_TEENS_EN = {
    word: value
    for value, word in enumerate(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        10,
    )
}
_TENS_EN = {
    word: value * 10
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_BELOW_100_EN = _UNITS_EN | _TEENS_EN | _TENS_EN
_SCALES_EN = {"thousand": 1_000, "k": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

_UNIT = "|".join(_UNITS_EN)
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS_EN)})(?:[\s-](?:{_UNIT}))?|{'|'.join(_TEENS_EN)}|{_UNIT})"
_BELOW_1000 = rf"(?:(?:a|{_BELOW_100})\s+hundred(?:\s+(?:and\s+)?{_BELOW_100})?|{_BELOW_100})"
_WORDS_EN = re.compile(
    rf"\b(?:(?:{_BELOW_1000}|a)\s+(?:thousand|million)(?:\s+(?:and\s+)?{_BELOW_1000})?|{_BELOW_1000})\b", re.IGNORECASE
)
_SCALED_EN = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(?:\s*(thousand|million|billion)|(k))\b", re.IGNORECASE)
_TERM_ZH = re.compile(r"(\d+(?:\.\d+)?)\s*([十百千万亿]+)")
_SCALED_ZH = re.compile(rf"(?<![\d.])(?:{_TERM_ZH.pattern})+(?![\d零〇一二两三四五六七八九])")
"""2万3千 is read, 1万5 is not: it may be 15000 or 10005."""
_WORDS_ZH = re.compile(rf"(?<![\d.]){NUMERAL_ZH}+(?![\d])")

COUNT = rf"(\d{{1,4}}|{NUMERAL_ZH}{{1,5}}|\b(?:an?|{_BELOW_100})\b)"
"""A count in digits or in words, as one group; `number_of` reads it."""


def in_digits(text: str) -> str:
    """The text with every number in digits: "2 million" is 2000000, "1.5万" is 15000, "三百六十五" is 365."""
    text = _SCALED_ZH.sub(lambda found: _summed_zh(found[0]), text)
    text = _WORDS_ZH.sub(lambda found: str(_chinese(found[0])), text)
    text = _WORDS_EN.sub(lambda found: str(_english(found[0])), text)
    return _SCALED_EN.sub(lambda found: _scaled(found[1], _SCALES_EN[(found[2] or found[3]).lower()]), text)


def number_of(word: str) -> int:
    """The value of a count that `COUNT` found."""
    lowered = word.lower()
    if lowered.isdigit():
        return int(lowered)
    if lowered in ("a", "an"):
        return 1
    return _chinese(lowered) if _WORDS_ZH.fullmatch(lowered) else _english(lowered)


def _summed_zh(terms: str) -> str:
    scaled = [_scaled(number, *map(_scale_zh, units)) for number, units in _TERM_ZH.findall(terms)]
    return f"{sum(map(Decimal, scaled)):f}"


def _scale_zh(unit: str) -> int:
    return _SMALL_ZH.get(unit) or _LARGE_ZH[unit]


def _scaled(number: str, *scales: int) -> str:
    value = Decimal(number)
    for scale in scales:
        value *= scale
    return f"{value.normalize():f}"


def _chinese(word: str) -> int:
    """Positional where it has units (三百六十五), else digit by digit (二〇二六)."""
    if not any(char in _SMALL_ZH or char in _LARGE_ZH for char in word):
        return int("".join(str(_DIGITS_ZH[char]) for char in word))
    total = section = digit = 0
    unit = 10
    for char in word:
        if char in _DIGITS_ZH:
            digit = _DIGITS_ZH[char]
            unit = 10 if digit == 0 else unit
        elif char in _SMALL_ZH:
            unit = _SMALL_ZH[char]
            section += (digit or 1) * unit
            digit = 0
        else:
            unit = _LARGE_ZH[char]
            counted = section + digit
            # 亿 counts everything before it, 万 only what stands since: 一亿两千万, 一万亿.
            total = (total + counted or 1) * unit if char == "亿" else total + (counted or 1) * unit
            section = digit = 0
    # 三百五 is 350: the last digit counts in tens of the unit before it.
    trailing = digit * (unit // 10) if len(word) > 1 and word[-2] in (*_SMALL_ZH, *_LARGE_ZH) else digit
    return total + section + trailing


def _english(words: str) -> int:
    total = section = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word == "hundred":
            section = (section or 1) * 100
        elif word in _SCALES_EN:
            total += (section or 1) * _SCALES_EN[word]
            section = 0
        else:
            section += _BELOW_100_EN.get(word, 0)
    return total + section
