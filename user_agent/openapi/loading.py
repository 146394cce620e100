"""The text of an API description as a tree of plain values: JSON or YAML, bounded, and nothing in it is ever run."""

import re
from typing import Any, cast

import orjson
from pydantic import JsonValue

from user_agent.openapi.references import Unusable
from user_agent.storable import cleaned
from user_agent.words import Words

MAX_BYTES = 3_000_000
MAX_DEPTH = 80
MAX_VALUES = 400_000
"""How many values a description may hold, each alias of YAML counted as what it stands for."""


def load(text: str) -> dict[str, JsonValue]:
    """The object that the text describes. It takes a while: call it in a thread. Raises `Unusable`."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        megabytes = MAX_BYTES // 1_000_000
        raise _unusable(f"它超过了 {megabytes} MB", f"it is larger than {megabytes} MB")
    text = cleaned(text).lstrip("\ufeff")
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if text.lstrip()[:1] in ("{", "["):
            raise _at(error.lineno, error.colno, error.msg) from error
        tree = _yaml(text)
    if not isinstance(tree, dict):
        raise _unusable("它不是一个对象", "it is no object")
    return cast(dict[str, JsonValue], _plain(cast(object, tree), [0], 0))


def _yaml(text: str) -> object:
    import yaml  # only descriptions in YAML need it

    try:
        return yaml.load(text, _loader())  # noqa: S506  a safe loader, with less in it
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _at(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, error.problem or "no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unusable("它既不是 JSON 也不是 YAML", "it is neither JSON nor YAML") from error


_WORDS: tuple[tuple[str, str, str], ...] = (
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-0123456789"),
)
"""What is no text, as JSON and YAML 1.2 agree on: no dates, no times that become numbers, and `no` is a word."""


def _loader() -> Any:  # a loader class: PyYAML's C one where it was built
    """PyYAML's safe loader with less in it: nothing is a tag that could make an object, and no merge keys, which
    multiply what is merged."""
    import yaml

    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, beginnings in _WORDS:
        for first in (*beginnings, *([""] if tag == "null" else [])):
            resolvers.setdefault(first, []).append((f"tag:yaml.org,2002:{tag}", re.compile(pattern)))
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return type(
        "DescriptionLoader", (base,), {"yaml_implicit_resolvers": resolvers, "flatten_mapping": _nothing_merged}
    )


def _nothing_merged(loader: object, node: object) -> None:
    """What PyYAML calls to write merge keys out."""


def _plain(value: object, count: list[int], depth: int) -> JsonValue:
    """The same value with texts as keys, and aliases written out. Raises `Unusable` beyond the bounds."""
    count[0] += 1
    if count[0] > MAX_VALUES:
        raise _unusable(f"它的内容超过了 {MAX_VALUES:,} 项", f"it holds more than {MAX_VALUES:,} values")
    if depth > MAX_DEPTH:
        raise _unusable(f"它的嵌套超过了 {MAX_DEPTH} 层", f"it is nested more than {MAX_DEPTH} levels deep")
    match value:
        case dict():
            items = cast(dict[object, object], value).items()
            return {_key(key): _plain(item, count, depth + 1) for key, item in items}
        case list():
            return [_plain(item, count, depth + 1) for item in cast(list[object], value)]
        case float() if value != value or value in (float("inf"), float("-inf")):
            return str(value)
        case int() if not isinstance(value, bool) and not -(2**63) <= value < 2**63:
            return str(value)
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _key(key: object) -> str:
    return key if isinstance(key, str) else str(key).lower() if isinstance(key, bool) else str(key)


def _at(line: int, column: int, problem: str) -> Unusable:
    return _unusable(f"第 {line} 行第 {column} 列：{problem}", f"line {line}, column {column}: {problem}")


def _unusable(zh: str, en: str) -> Unusable:
    return Unusable(Words(zh, en))
