"""Whether what a model gave fits the schema of an operation."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.openapi.folding import unfolded
from user_agent.openapi.references import References, SchemaWriter, Unusable
from user_agent.openapi.stored import Operation

MAX_TOLD = 5


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
        validator: Any = Draft202012Validator(safe, registry=Registry())  # Any: its types are partly unknown
        found: list[Any] = list(validator.iter_errors(dict(arguments)))
    except (SchemaError, Unusable, TypeError, ValueError):
        return  # a description that contradicts itself: the API has the last word on what fits
    if not found:
        return
    told = sorted(f"{'.'.join(map(str, each.path)) or 'arguments'}: {str(each.message)[:200]}" for each in found)
    raise ToolError(f"The arguments of {name!r} do not fit. {'; '.join(told[:MAX_TOLD])}. Correct them and call again.")
