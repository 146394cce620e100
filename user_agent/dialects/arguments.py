"""The text of a call's arguments becomes a `Call`: with its arguments, or with the problem that a model can mend."""

import itertools
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from pydantic import JsonValue

from user_agent.dialects.base import Call
from user_agent.dialects.brackets import Brackets
from user_agent.errors import ConfigError
from user_agent.storable import check_values

MAX_MENDED_CHARS = 200_000
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_NO_WORD = re.compile(r"[\W_]+")
_NARROW = {"：": ":", "，": ","}
_PYTHON = {"none": "null"}

Read = Callable[[str], JsonValue]


def call_of(call_id: str, name: str, text: str, read: Read = json.loads) -> Call:
    """The call with these arguments, as `read` reads them; empty text is no arguments."""
    text = text.strip()
    try:
        arguments = read(text) if text else {}
        check_values(arguments, "arguments")
    except json.JSONDecodeError as error:
        return Call(call_id, name, {}, f"its arguments are not JSON ({error.msg} at character {error.pos})")
    except ConfigError as error:
        return Call(call_id, name, {}, f"its arguments cannot be used ({error.reason})")
    except RecursionError:  # where Python's own limit is nearer than ours: it differs by version
        return Call(call_id, name, {}, "its arguments cannot be used (too deep)")
    except ValueError:
        return Call(call_id, name, {}, "its arguments hold a number that is too large")
    if not isinstance(arguments, dict):
        return Call(call_id, name, {}, "its arguments are not a JSON object")
    return Call(call_id, name, arguments)


def unused(wished: str, taken: set[str]) -> str:
    """The endpoint's id where it is new. Some send none, some send `call_0` in every reply; results go by id."""
    numbered = (f"call_{number}" for number in itertools.count(len(taken) + 1))
    call_id = wished if wished and wished not in taken else next(name for name in numbered if name not in taken)
    taken.add(call_id)
    return call_id


def read_loosely(text: str) -> JsonValue:
    """JSON, else what is meant by text that nearly is. Raises `JSONDecodeError` where that cannot be told.

    JSON5 is a grammar and read by it. Beyond that a repair guesses, and it is believed only where it moved punctuation
    and nothing else: no word of the text is lost, and none is new.
    """
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        if len(text) > MAX_MENDED_CHARS:
            raise
        problem = error
    # Imported where it is needed: most arguments are JSON.
    import json5
    import json_repair

    with suppress(ValueError):
        # There and back, because it leaves the two halves of an escaped character apart.
        return json.loads(json.dumps(json5.loads(text, strict=False)))
    with suppress(ValueError):
        return json.loads(_narrowed(text), strict=False)
    repaired = json_repair.loads(text, skip_json_loads=True)
    if not isinstance(repaired, dict) or _words(text) != _words(json.dumps(repaired, ensure_ascii=False)):
        raise problem
    return cast(JsonValue, repaired)


def _narrowed(text: str) -> str:
    """The text with the punctuation of a Chinese keyboard made JSON's, outside of strings."""
    brackets, narrow = Brackets(), list[str]()
    for character in text:
        narrow.append(character if brackets.in_string else _NARROW.get(character, character))
        brackets.ends_with(narrow[-1])
    return "".join(narrow)


def _words(text: str) -> str:
    """The letters and digits of a text, in order."""
    words = _NO_WORD.sub(" ", _ESCAPE.sub(" ", text)).casefold().split()
    return "".join(_PYTHON.get(word, word) for word in words)
