"""What kinds of things a message names. Who asks for "500 dollars in yen" never says "currency", and a form that wants
a currency never says "yen"."""

import re
from collections.abc import Iterator

from user_agent.chinese import fold
from user_agent.gazetteer import CITIES_EN, COUNTRIES, COUNTRIES_EN, PROVINCES

_MONEY = re.compile(
    r"[$€£¥₹₩]|\b(?:usd|eur|gbp|jpy|cny|rmb|hkd|aud|cad|chf|inr|krw|sgd|nzd|sek|nok|dkk|rub|brl|mxn|zar|thb|twd|try|"
    r"dollars?|euros?|yen|yuan|renminbi|pounds?|francs?|rupees?|won|pesos?|rubles?|kron[ae]r?|cents?|bitcoins?)\b|"
    r"美元|欧元|英镑|日元|港币|港元|人民币|韩元|卢布|卢比|法郎|块钱|比特币",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"\b(?:grams?|g|kilograms?|kilos?|kg|mg|ounces?|oz|pounds?|lbs?|tons?|tonnes?|lit(?:er|re)s?|ml|millilit(?:er|re)s?|"
    r"cups?|(?:tea|table)spoons?|tbsp|tsp|pints?|quarts?|gallons?|(?:kilo|centi|milli)?met(?:er|re)s?|km|cm|mm|miles?|"
    r"inch(?:es)?|foot|feet|yards?|acres?|hectares?|celsius|fahrenheit|kelvin)\b|"
    r"公斤|千克|毫克|盎司|英镑|磅|吨|毫升|加仑|公里|千米|厘米|毫米|英里|英寸|英尺|公顷|平方米|摄氏|华氏",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d\d)(?!\d)")
_CLOCK = re.compile(r"\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m|p\.m)\b|\b\d\d?:\d\d\b|o'clock|\d点", re.IGNORECASE)
_COORDINATE = re.compile(r"-?\d+\.\d{3,}")
_SHARE = re.compile(r"[%％]|百分之")
_ADDRESS = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_MAIL = re.compile(r"\S@\w")


def kinds(text: str) -> list[str]:
    """Words in both languages for the kinds of things that a text names: places, days, money, measures."""
    folded = fold(text)
    return list(dict.fromkeys((*_of_marks(folded), *_of_places(text, folded))))


def _of_marks(text: str) -> Iterator[str]:
    money = {found.lower() for found in _MONEY.findall(text)}
    if money:
        yield from ("currency", "货币")
    if len(money) > 1:
        yield from ("convert", "exchange", "兑换", "汇率")
    if _MEASURE.search(text):
        yield from ("unit", "单位")
    if _YEAR.search(text):
        yield from ("year", "年份")
    if _CLOCK.search(text):
        yield from ("time", "时间")
    if _COORDINATE.search(text):
        yield from ("coordinates", "latitude", "longitude", "坐标", "经度", "纬度")
    if _SHARE.search(text):
        yield from ("rate", "percentage", "比率")
    if _ADDRESS.search(text):
        yield from ("url", "网址")
    if _MAIL.search(text):
        yield from ("email", "邮箱")


def _of_places(text: str, folded: str) -> Iterator[str]:
    # The guide's reading of a message, imported when there is one: it knows places and days from other words.
    from user_agent.models.rules.tokens import utterance

    for token in utterance(text, folded).tokens:
        name = fold(token.text).lower().rstrip(".")
        if token.kind == "day":
            yield from ("date", "日期")
        elif token.kind == "place" and name in COUNTRIES_EN | COUNTRIES | PROVINCES and name not in CITIES_EN:
            yield from ("country", "location", "国家", "地点")
        elif token.kind == "place":
            yield from ("city", "location", "城市", "地点")
