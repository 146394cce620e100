"""The arithmetic that a question asks for, as an expression for the calculator, which alone works it out.

It is read only where nothing of the question is left over: a number that fits nowhere makes it another question.
"""

import re
from dataclasses import dataclass

from user_agent.models.rules.numbers import NUMERAL_ZH, in_digits
from user_agent.models.rules.sums import FILLERS, FIRMLY_ASKED, LEADING_SIGNS, NO_SUMS, ROUNDED, SPOKEN, THEN
from user_agent.tools.builtin.arithmetic import is_expression

_WIDE = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), 0xFF05, 0xFF0B, 0xFF0D, 0xFF0E, 0xFF0F)}
)
_MARKS = re.compile(
    r"[$€£¥￥](?=\s*\d)|(?<=\d)[,，](?=\d{3}(?!\d))|(?<=\d)\s*(?:美元|欧元|英镑|日元|人民币|元|"
    r"块钱?)(?=\s*(?:加|减|乘|除|再|[-+*/×÷)）]))|"
    r"(?<=\d)\s*(?:dollars?|bucks|euros?|pounds?|yuan)(?=\s+(?:plus|minus|times|divided|less|and|split))",
    re.IGNORECASE,
)
"""Signs of money and separators of thousands: they change no value."""
MAX_SUM_CHARS = 200
"""Longer than any sum that people say; every row of the table is tried on the whole of it."""
_ENDLESS = re.compile(r"\d{40}")
_ONCE = re.compile("一下|一算|一共|一起|一样|一点")
_PERCENT_ZH = re.compile(rf"百分之\s*(\d+(?:\.\d+)?|{NUMERAL_ZH}+)")
_FUNCTION = (
    r"(?<![A-Za-z])(?:sqrt|a?sin|a?cos|a?tan|log|ln|exp|abs|round|min|max|floor|ceil|factorial|pi|e)(?![A-Za-z])"
)
_RUN = re.compile(rf"(?:{_FUNCTION}|[\d.+\-*/%^()!×÷π（）％＋－＊／√²³°,，−–\s])+")
_CLAUSE = re.compile(r"[,，。;；?？!！\n]+\s*(?:and\s+)?", re.IGNORECASE)
_TWO_VALUES = re.compile(r"[\d)]\s+[\d(√]|\S[%％]\s+[\d(√]")
"""Two numbers with nothing between them: a word is missing. `17 % 5` is the remainder."""
_VAGUE_PERCENT = re.compile(r"[-+*/×÷][^()]*[-+]\s*[\d.]+\s*[%％]$")
"""Ten per cent of what, in 10 + 200 - 10%?"""
_RANGE = re.compile(r"(\d+)[-–](\d+)")
_FRACTION = re.compile(r"(\d{1,2})/(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Sum:
    """What a text says to work out. `doubtful` where it may as well be a date, such as 9/11."""

    expression: str
    doubtful: bool = False


def sum_of(text: str) -> Sum | None:
    """The sum in a folded text; None where it asks for none, or where it cannot be read whole."""
    if len(text) > MAX_SUM_CHARS:
        return None
    firm = bool(FIRMLY_ASKED.search(text))
    whole = _read(text, firm=firm)
    if whole is None:
        clauses = [clause for clause in _CLAUSE.split(text) if re.search(r"\d", in_digits(clause))]
        whole = _read(clauses[0], firm=firm) if len(clauses) == 1 else None
    return whole


def continued_sum(before: str, text: str) -> str:
    """The sum that goes on from an earlier one, as in "再加3"; empty where the text does not go on."""
    spoken = _prepared(text)
    if _ENDLESS.search(spoken):
        return ""
    for pattern, sign in LEADING_SIGNS:
        if not (found := pattern.match(spoken)):
            continue
        if sign == "折":
            step = _bare(_spoken(f"{_closed(before)}{spoken[found.start() :].strip()}"))
        else:
            operand = _bare(_spoken(spoken[found.end() :]))
            step = f"{_closed(before)}{sign}{operand}" if re.fullmatch(r"[\d.]+[%％]?|\(.+\)", operand) else ""
        return step if is_expression(step) else ""
    return ""


def _read(text: str, *, firm: bool) -> Sum | None:
    spoken = _prepared(text)
    if _ENDLESS.search(spoken) or (NO_SUMS.search(text) and not firm):
        return None
    digits = 0
    if rounded := ROUNDED.search(spoken):
        digits = int(rounded[1] or rounded[2])
        spoken = spoken[: rounded.start()] + spoken[rounded.end() :]
    expression = _steps(spoken) or (_run(spoken) if firm else "")
    if not expression or _is_range(expression, firm=firm):
        return None
    if rounded:
        expression = f"round({expression}, {digits})"
    return Sum(expression, doubtful=_may_be_a_date(expression, text, firm=firm))


def _prepared(text: str) -> str:
    text = _MARKS.sub("", text.translate(_WIDE))
    text = _PERCENT_ZH.sub(r"\1%", _ONCE.sub(" ", _MARKS.sub("", text)))
    return in_digits(text)


def _steps(spoken: str) -> str:
    """The steps of a sum, each working on the result of those before; empty where one of them cannot be read."""
    expression = ""
    for step in filter(str.strip, THEN.split(spoken)):
        if not expression:
            expression = _whole(_spoken(step))
            continue
        before = _closed(expression)
        expression = _whole(_spoken(before + step.strip()))
        if not expression.startswith(before):
            return ""
    return expression


def _closed(expression: str) -> str:
    return expression if re.fullmatch(r"[\w.]+", expression) else f"({expression})"


def _spoken(text: str) -> str:
    for pattern, rewrite in SPOKEN:
        text = pattern.sub(rewrite, text)
    return text


def _bare(spoken: str) -> str:
    """The text without the words that may stand around a sum, in single spaces."""
    found = " ".join(FILLERS.sub(" ", spoken).strip(" \t\n,，.、;；").split())
    # "What is 5+5!" is an exclamation; "5!" and "5! + 3!" are factorials.
    return (
        found[:-1]
        if re.fullmatch(r"[^!！]*[-+*/×÷^%][^!！]*[!！]", found)
        else re.sub(r"(?<![\d)])[!！]|[!！]{2,}", "", found)
    )


def _whole(spoken: str) -> str:
    """The text as an expression, where apart from fillers it is nothing else."""
    found = _bare(spoken)
    if not _RUN.fullmatch(found) or _TWO_VALUES.search(found) or _VAGUE_PERCENT.search(found):
        return ""
    return found if re.search(r"\d|pi|π", found) and is_expression(found) else ""


def _run(spoken: str) -> str:
    """The one expression among other words, where no other number stands among them."""
    runs = [run for run in _RUN.finditer(spoken) if re.search(r"\d", run[0])]
    if len(runs) != 1:
        return ""
    found = _whole(runs[0][0])
    goes_on = re.match(r"[A-Za-z]{2}", FILLERS.sub("", spoken[runs[0].end() :]).strip())
    return "" if goes_on else found


def _is_range(expression: str, *, firm: bool) -> bool:
    """Whether it is "5-10" rather than a difference."""
    found = _RANGE.fullmatch(expression)
    return bool(found) and not firm and int(found[1]) < int(found[2])


def _may_be_a_date(expression: str, text: str, *, firm: bool) -> bool:
    found = _FRACTION.fullmatch(expression)
    if not found or firm or "/" not in text:
        return False
    month, day = int(found[1]), int(found[2])
    return 1 <= month <= 12 and 4 < day <= 31 and month % day != 0 and not (month == 1 and day <= 10)
