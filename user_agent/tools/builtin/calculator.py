"""The calculator: `arithmetic.py` as a tool."""

from typing import Annotated

from pydantic import BaseModel, Field

from user_agent.errors import ToolError
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.builtin.arithmetic import MAX_CHARS, NoValue, Number, evaluate
from user_agent.words import FREE, Words

_SHOWN_DIGITS = 15
"""Digits of a decimal result: as many as a float surely has, so that 0.1 + 0.2 is 0.3."""


class Calculation(BaseModel):
    expression: str
    result: int | float


async def calculator(
    expression: Annotated[
        str,
        Words(
            zh="例如 (12.5 + 3) * 4、15% * 80、2 ** 10、sqrt(2)、sin(30°)、log(1000)、ln(e)、5!",
            en="e.g. (12.5 + 3) * 4, 15% * 80, 2 ** 10, sqrt(2), sin(30°), log(1000), ln(e), 5!",
        ),
        Field(min_length=1, max_length=MAX_CHARS),
    ],
    context: ToolContext,
) -> Calculation:
    """Calculate an arithmetic expression.

    Functions: sqrt, sin, cos, tan, asin, acos, atan (radians, or degrees with °), log (base 10, or log(x, base)), ln,
    exp, abs, round, min, max, floor, ceil, factorial; constants pi and e. 15% is 0.15; 17 % 5 is the remainder.

    计算一个算式。

    函数：sqrt、sin、cos、tan、asin、acos、atan（弧度；写 ° 表示度）、log（以 10 为底，或 log(x, 底)）、ln、
    exp、abs、round、min、max、floor、ceil、factorial；常数 pi 和 e。15% 是 0.15；17 % 5 是余数。
    """
    try:
        value = evaluate(expression)
    except NoValue as error:
        raise ToolError(error.words[context.language]) from error
    return Calculation(expression=expression.strip(), result=_tidy(value))


def _tidy(value: Number) -> Number:
    if isinstance(value, int):
        return value
    rounded = float(f"{value:.{_SHOWN_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 10**_SHOWN_DIGITS else rounded


CALCULATOR = Tool.from_function(
    calculator,
    group="data",
    label=Words(zh="计算器", en="Calculator"),
    summary=Words(
        zh="准确地做四则运算、百分比、乘方和常用函数。", en="Exact arithmetic, percentages, powers and functions."
    ),
    cost=FREE,
)
