"""What can be kept and sent: texts that are whole Unicode, and values within bounds."""

import math
import re

from pydantic import JsonValue

from user_agent.errors import ConfigError

MAX_DEPTH = 64

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def check_values(value: JsonValue, place: str = "config", depth: int = 0) -> None:
    """Raise `ConfigError` where a value cannot be kept or sent.

    That is broken Unicode, NUL characters, nesting beyond reason, no finite number, or a whole one beyond 64 bits.
    """
    if depth > MAX_DEPTH:
        raise ConfigError(f"{place!r} is nested more than {MAX_DEPTH} levels deep.", field=place, reason="too deep")
    match value:
        case str():
            if not is_clean(value):
                raise ConfigError(
                    f"{place!r} contains characters that cannot be stored.", field=place, reason="broken characters"
                )
        case int() if not -(2**63) <= value < 2**64:
            raise ConfigError(f"{place!r} is too large a number.", field=place, reason="number too large")
        case float() if not math.isfinite(value):
            raise ConfigError(f"{place!r} is not a finite number.", field=place, reason="not a finite number")
        case dict():
            for key, item in value.items():
                check_values(key, place, depth)
                check_values(item, key if place == "config" else f"{place}.{key}", depth + 1)
        case list():
            for number, item in enumerate(value):
                check_values(item, f"{place}.{number}", depth + 1)
        case _:
            pass


def is_clean(text: str) -> bool:
    """Whether a text can be stored and sent: no NUL and no lone surrogate."""
    return _UNSTORABLE.search(text) is None


def cleaned(text: str) -> str:
    """The text as it can be stored: lone surrogates become U+FFFD, NULs go."""
    return text if is_clean(text) else _UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", text)
