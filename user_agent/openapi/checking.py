"""Whether what a model gave fits the schema of an operation."""

import asyncio
import json
from collections.abc import Mapping
from itertools import islice
from typing import Any, cast

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.openapi.folding import unfolded
from user_agent.openapi.references import References, SchemaWriter, Unusable
from user_agent.openapi.stored import Operation

MAX_TOLD = 5
MAX_WORK = 4_000_000
"""For how many letters of a schema, times values in the arguments, it is checked whether they fit. Where both are
large, that would keep the machine busy for hours, and every failure repeats what was given."""


async def fitting(name: str, operation: Operation, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The arguments as the operation takes them, without what is null. Raises `ToolError` naming what does not fit."""
    given = unfolded(operation, {argument: value for argument, value in arguments.items() if value is not None})
    await asyncio.to_thread(check_arguments, name, operation.arguments, given)
    return given


def check_arguments(name: str, schema: Mapping[str, JsonValue], arguments: Mapping[str, JsonValue]) -> None:
    """Raise `ToolError` naming each argument that does not fit, for the model to mend."""
    # Imported when something is called: an agent without APIs needs none of it.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing import Registry

    try:
        # Written out again: a configuration may come from anywhere, and no reference in it is fetched, no pattern run.
        safe = {**SchemaWriter(References({})).write(dict(schema)), "additionalProperties": False}
        if _is_too_much(safe, arguments):
            return
        validator: Any = Draft202012Validator(safe, registry=Registry())  # Any: its types are partly unknown
        found: list[Any] = list(islice(validator.iter_errors(dict(arguments)), MAX_TOLD))
    except (SchemaError, Unusable, TypeError, ValueError):
        return  # a description that contradicts itself: the API has the last word on what fits
    if not found:
        return
    told = sorted(f"{'.'.join(map(str, each.path)) or 'arguments'}: {str(each.message)[:200]}" for each in found)
    raise ToolError(f"The arguments of {name!r} do not fit. {'; '.join(told)}. Correct them and call again.")


def _is_too_much(schema: Mapping[str, JsonValue], arguments: Mapping[str, JsonValue]) -> bool:
    """Whether they are left to the API, which has the last word on what fits."""
    written = json.dumps(schema)
    values = _count(arguments)
    # Whether items are all different is found out by comparing each to each.
    return values * (len(written) + (values if '"uniqueItems"' in written else 0)) > MAX_WORK


def _count(value: object) -> int:
    match value:
        case dict():
            return 1 + sum(map(_count, cast(Mapping[str, JsonValue], value).values()))
        case list():
            return 1 + sum(map(_count, cast(list[JsonValue], value)))
        case _:
            return 1
