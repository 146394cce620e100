"""What stands at a place of an answer: `output.task_id`, a name alone wherever it is, or `header:Location`."""

import json
from collections import deque
from collections.abc import Mapping

from pydantic import JsonValue

from user_agent.openapi.sending import Answered

HEADER = "header:"
MAX_LOOKED_AT = 5_000
"""How many values of an answer are looked through for a name."""
MAX_VALUE_CHARS = 1_000


def value_at(place: str, answer: Answered) -> str:
    """The text, number or truth at that place, as a text; empty where there is none."""
    if place.startswith(HEADER):
        return answer.headers.get(place.removeprefix(HEADER).strip(), "")[:MAX_VALUE_CHARS]
    try:
        body: JsonValue = json.loads(answer.text)
    except (ValueError, RecursionError):
        return ""
    found = _by_steps(body, place)
    if found is None and "." not in place:
        found = _by_name(body, place)
    match found:
        case bool():
            return "true" if found else "false"
        case str() | int() | float():
            return str(found)[:MAX_VALUE_CHARS]
        case _:
            return ""


def _by_steps(body: JsonValue, place: str) -> JsonValue:
    for step in place.split("."):
        match body:
            case dict():
                body = body.get(step)
            case list() if step.isdigit() and int(step) < len(body):
                body = body[int(step)]
            case _:
                return None
    return body


def _by_name(body: JsonValue, name: str) -> JsonValue:
    """What has that name nearest to the top."""
    waiting, looked_at = deque([body]), 0
    while waiting and looked_at < MAX_LOOKED_AT:
        looked_at += 1
        match waiting.popleft():
            case Mapping() as values:
                if isinstance(found := values.get(name), str | int | float):
                    return found
                waiting.extend(values.values())
            case list() as items:
                waiting.extend(items[:100])
            case _:
                pass
    return None
