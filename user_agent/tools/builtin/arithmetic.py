"""The value of an arithmetic expression. It is parsed, and only arithmetic in it is walked: nothing is ever run.

Numbers are bounded so that a few characters cannot keep the machine busy (`9**9**9`, `factorial(10**9)`).
"""

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable

from user_agent.words import Words

Number = int | float

MAX_CHARS = 500
MAX_BITS = 4_096
"""The largest whole number: about 1,200 digits."""
MAX_FACTORIAL = 500

_UNREADABLE = Words(
    zh="看不懂这个算式。请只用数字、+ - * / // % **、括号，以及 {functions}。",
    en="This is not an expression that can be calculated. Use numbers, + - * / // % **, parentheses and {functions}.",
)
_SEPARATORS = Words(
    zh="数字里请不要写千分位的逗号，例如写 1234，不写 1,234。",
    en="Write numbers without thousands separators: 1234, not 1,234.",
)
_TOO_BIG = Words(
    zh="这个算式的数字太大了，没有计算。",
    en="The numbers in this expression are too large to calculate. Use smaller ones.",
)
_BY_ZERO = Words(zh="这个算式没有结果：除数是零。", en="This expression has no result: it divides by zero.")
_NOT_REAL = Words(
    zh="这个算式没有实数结果：对负数开了偶次方。",
    en="This expression has no real result: it takes an even root of a negative number.",
)
_NOT_WHOLE = Words(zh="阶乘只对 0 以上的整数有定义。", en="A factorial is only defined for whole numbers from 0 up.")
_OUTSIDE = Words(
    zh="算式里有一个函数在给定的数上没有定义，例如负数的对数或平方根。",
    en="A function in this expression is not defined for its value, as a logarithm or root of a negative number.",
)
_ARGUMENTS = Words(
    zh="算式里有一个函数的参数个数不对。", en="A function in this expression has the wrong number of values."
)


class NoValue(Exception):
    """Why an expression has no value, and what to write instead."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def evaluate(expression: str) -> Number:
    """The value of an expression. Raises `NoValue` where it is none, has no value or is too large to work out."""
    try:
        return _bounded(_walked(_parsed(expression)))
    except ZeroDivisionError as error:
        raise NoValue(_BY_ZERO) from error
    except ValueError as error:
        raise NoValue(_OUTSIDE) from error
    except TypeError as error:
        raise NoValue(_ARGUMENTS) from error
    except OverflowError as error:
        raise NoValue(_TOO_BIG) from error
    except RecursionError as error:
        raise NoValue(_unreadable()) from error


def is_expression(text: str) -> bool:
    """Whether a text is arithmetic with something to work out: `3*4` and `5!` are, `42` and `2026` are not."""
    try:
        tree = _parsed(text)
    except NoValue:
        return False
    nodes = list(ast.walk(tree))
    return all(_is_arithmetic(node) for node in nodes) and any(isinstance(node, _WORK) for node in nodes)


def _is_arithmetic(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.Name(id=name):
            return name in _CONSTANTS or name in _FUNCTIONS
        case ast.Attribute(attr=suffix):
            return suffix in _SUFFIXES
        case _:
            return isinstance(node, _ARITHMETIC)


def _parsed(expression: str) -> ast.expr:
    text = expression
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    text = unicodedata.normalize("NFKC", text).strip().removesuffix("=").strip()
    if len(expression) > MAX_CHARS:
        raise NoValue(_TOO_BIG)
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NoValue(_unreadable()) from error


def _walked(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=bool()):
            raise NoValue(_unreadable())
        case ast.Constant(value=int() | float() as number):
            return _bounded(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Attribute(value=inner, attr=suffix) if suffix in _SUFFIXES:
            return _SUFFIXES[suffix](_walked(inner))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_walked(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _walked(operand)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATORS:
            return _bounded(_OPERATORS[type(operation)](_walked(left), _walked(right)))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*(_walked(argument) for argument in arguments)))
        case ast.Tuple():
            raise NoValue(_SEPARATORS)
        case _:
            raise NoValue(_unreadable())


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise NoValue(_TOO_BIG)
    if isinstance(value, float) and not math.isfinite(value):
        raise NoValue(_TOO_BIG)
    return value


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MAX_BITS:
        raise NoValue(_TOO_BIG)
    value: object = base**exponent
    if not isinstance(value, int | float):
        raise NoValue(_NOT_REAL)
    return value


def _divide(left: Number, right: Number) -> Number:
    """The quotient; a whole one of whole numbers is exact, however large they are."""
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _factorial(value: Number) -> int:
    if value != int(value) or value < 0:
        raise NoValue(_NOT_WHOLE)
    if value > MAX_FACTORIAL:
        raise NoValue(_TOO_BIG)
    return math.factorial(int(value))


def _log(value: Number, base: Number = 10) -> float:
    return math.log10(value) if base == 10 else math.log(value, base)


def _round(value: Number, digits: Number = 0) -> Number:
    # Rounding a whole number to -10**9 digits would write out ten to that power.
    return round(value, max(-100, min(100, int(digits)))) if digits else round(value)


def _of_one(function: Callable[[float], float]) -> Callable[[Number], Number]:
    """The function with exactly one argument, where the library's takes more."""
    return lambda value: function(value)


def _unreadable() -> Words:
    functions = ", ".join(_FUNCTIONS)
    return Words(zh=_UNREADABLE.zh.format(functions=functions), en=_UNREADABLE.en.format(functions=functions))


# Suffixes are parsed as attributes, which bind as tightly as they have to: 200/(10+5)%.
_SUFFIXES: dict[str, Callable[[Number], Number]] = {
    "percent": lambda value: value / 100,
    "degrees": lambda value: math.radians(value),
    "factorial": _factorial,
}
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("²"), "**2"),
    (re.compile("³"), "**3"),
    (re.compile(r"√\s*(\d+(?:\.\d+)?)"), r"sqrt(\1)"),
    (re.compile("√"), "sqrt"),
    (re.compile("[×✕·⋅]"), "*"),
    (re.compile("÷"), "/"),
    (re.compile("[−－–]"), "-"),
    (re.compile(r"\^"), "**"),
    (re.compile("π"), "pi"),
    # A percent sign before a value is the remainder.
    (re.compile(r"[%％](?!\s*[\w(（.])"), " .percent"),
    (re.compile("°"), " .degrees"),
    (re.compile("[!！](?!=)"), " .factorial"),
)
_CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.FloorDiv: lambda left, right: left // right,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "log": _log,
    "ln": _of_one(math.log),
    "exp": math.exp,
    "abs": _of_one(abs),
    "round": _round,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "floor": _of_one(math.floor),
    "ceil": _of_one(math.ceil),
    "factorial": _factorial,
}
_WORK = (ast.BinOp, ast.Call, ast.Attribute)
_ARITHMETIC = (*_WORK, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
