"""The arithmetic that a question asks for, found in Chinese and English words: "80的15%", "the square root of 2"."""

import re

from user_agent.models.guide_numbers import number_of
from user_agent.tools.builtin.arithmetic import is_expression

_CHINESE_OPERAND = re.compile(
    r"[一二两三四五六七八九十]+(?=\s*(?:加|减|乘|除以|的平方|的立方))|(?<=[加减乘以上去])[一二两三四五六七八九十]+"
)
_PLEASE = re.compile(r"\b(?:please|thanks?|thank you)\b|请|谢谢|一下", re.IGNORECASE)
_VALUE = r"(\d+(?:\.\d+)?)"
_AFTER_VALUE = r"(?<=[\d)）%％π])\s*"
_SPOKEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?<=\d)\s*(?:元|块钱?|美元|个|人|公里|千米|公斤|km|kg)(?=\s*(?:加|减|乘|除|[+\-*/×÷]))", ""),
        (rf"{_VALUE}\s*(?:元|块钱?)?\s*[的打]\s*(\d)(\d?)\s*折", r"\1*0.\2\3"),
        (rf"{_VALUE}\s*[%％]\s*off\s+\$?{_VALUE}", r"\2*(1-\1%)"),
        (r"根号", "√"),
        (r"圆周率", "π"),
        (rf"{_VALUE}\s*(?:的平方根|开平方|开方)", r"sqrt(\1)"),
        (rf"(?:the\s+)?square root of\s+{_VALUE}", r"sqrt(\1)"),
        (rf"{_VALUE}\s*的\s*(\d+)\s*次方", r"\1**\2"),
        (r"\s*的平方|\s+squared\b", "**2"),
        (r"\s*的立方|\s+cubed\b", "**3"),
        (r"(\d+)\s*(?:的阶乘|factorial\b)", r"\1!"),
        (rf"百分之\s*{_VALUE}", r"\1%"),
        (r"\s*\b(?:percent|per cent)\b", "%"),
        (r"([%％])\s*(?:of\b|的(?=\s*\d))\s*", r"\1*"),
        (rf"{_VALUE}\s*的\s*{_VALUE}\s*([%％])", r"\1*\2\3"),
        (_AFTER_VALUE + r"(?:乘以|乘|times\b|multiplied by\b|x(?=\s*[\d(]))\s*", "*"),
        (_AFTER_VALUE + r"(?:除以|divided by\b)\s*", "/"),
        (_AFTER_VALUE + r"(?:加上|加|plus\b)\s*", "+"),
        (_AFTER_VALUE + r"(?:减去|减|minus\b)\s*", "-"),
        (_AFTER_VALUE + r"to the (?:power of\s+)?(\d+)(?:(?:st|nd|rd|th)?(?:\s+power)?)", r"**\1"),
    )
)
_FUNCTION = (
    r"(?<![A-Za-z])(?:sqrt|a?sin|a?cos|a?tan|log|ln|exp|abs|round|min|max|floor|ceil|factorial|pi|e)(?![A-Za-z])"
)
_RUN = re.compile(rf"(?:{_FUNCTION}|[\d.+\-*/%^()!×÷π（）％＋－＊／√²³°,，\s])+")
_ASKS = re.compile(
    r"算|等于|多少|几|结果|[=＝]|"
    r"\b(?:calculate|compute|what(?:'s| is)|whats|how much|equals?|evaluate|work out|solve)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*(?!equals?\b|is\b|please\b|thanks?\b|in total\b)[A-Za-z]{2}", re.IGNORECASE)
"""A word right after the numbers, as in "what is 24/7 support": no arithmetic was meant."""


def expression(text: str) -> str:
    """The arithmetic that a question asks for; empty where it asks for none, as in "I work 9-5"."""
    spoken = _CHINESE_OPERAND.sub(lambda found: str(number_of(found[0])), _PLEASE.sub("", text))
    for pattern, replacement in _SPOKEN:
        spoken = pattern.sub(replacement, spoken)
    best = ""
    for run in _RUN.finditer(spoken):
        found = " ".join(run.group().strip(" \t\n,，.+*/×÷").split())
        alone = not re.search(r"\w", spoken[: run.start()] + spoken[run.end() :])
        asked = bool(_ASKS.search(text)) and not _GOES_ON.match(spoken, run.end())
        if (alone or asked) and len(found) > len(best) and re.search(r"\d|pi|π", found) and is_expression(found):
            best = found
    return best
