"""Dotted names of arguments, `input.text.text_content`, as the objects that they stand for.

The predecessor described bodies by such names (one level, whatever the schema), and models that were tuned on it write
them still.
"""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from user_agent.openapi.stored import Operation

MAX_STEPS = 20
"""A name of more is one name: nobody describes such a thing, and each step is a call."""


def unfolded(operation: Operation, arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The arguments with those in the body that the body has: by their own name, or by dotted steps."""
    if operation.body is None:
        return arguments
    described = _properties(operation.arguments)
    body = operation.body.argument
    fields = _properties(described.get(body))
    outside = {name: value for name, value in arguments.items() if name not in described}
    meant = {name.removeprefix(f"{body}."): value for name, value in outside.items()}
    meant = {name: value for name, value in meant.items() if name.partition(".")[0] in fields}
    held = arguments.get(body, {})
    if not isinstance(held, dict) or not (meant or any("." in name for name in held)):
        return arguments
    whole: dict[str, JsonValue] = {}
    for name, value in (*held.items(), *meant.items()):
        is_dotted = name not in fields and name.partition(".")[0] in fields and name.count(".") < MAX_STEPS
        whole = _placed(whole, name.split(".") if is_dotted else [name], value)
    rest = {name: value for name, value in arguments.items() if name.removeprefix(f"{body}.") not in meant}
    return {**rest, body: whole}


def _placed(whole: Mapping[str, JsonValue], steps: Sequence[str], value: JsonValue) -> dict[str, JsonValue]:
    if len(steps) == 1:
        return {**whole, steps[0]: value}
    inner = whole.get(steps[0])
    return {**whole, steps[0]: _placed(inner if isinstance(inner, dict) else {}, steps[1:], value)}


def _properties(schema: JsonValue | Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return properties if isinstance(properties, dict) else {}
