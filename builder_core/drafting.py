"""The part of a patch that is readable while a model still writes it."""

from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from pydantic import JsonValue
from pydantic_core import from_json

from builder_core.events import ConfigDrafting
from builder_core.tools import DraftField
from user_agent.config import Language, is_clean
from user_agent.events import ToolDrafting, ToolStarted

EVERY_S = 0.06
"""A partial patch is parsed at most this often: each parse reads the arguments from their beginning."""


class Drafting:
    """Follows the calls of `update_agent` in a turn. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pieces: dict[str, list[str]] = {}
        self._next_at = 0.0
        self._last: dict[str, dict[str, JsonValue]] = {}

    def add(self, event: ToolDrafting | ToolStarted) -> ConfigDrafting | None:
        """What is there after this piece, when it is time to show it and it differs from what was shown last."""
        if event.name != "update_agent":
            return None
        if isinstance(event, ToolStarted):
            return self._shown(event.id, event.arguments)
        pieces = self._pieces.setdefault(event.id, [])
        pieces.append(event.arguments_text)
        now = self._clock()
        if now < self._next_at:
            return None
        self._next_at = now + EVERY_S
        try:
            parsed: Any = from_json("".join(pieces), allow_partial="trailing-strings")  # Any: a model wrote it
        except ValueError:
            return None
        return self._shown(event.id, cast(dict[str, JsonValue], parsed)) if isinstance(parsed, dict) else None

    def _shown(self, call: str, arguments: Mapping[str, JsonValue]) -> ConfigDrafting | None:
        partial = {field: value for field, value in arguments.items() if _fits(field, value)}
        if not partial or partial == self._last.get(call):
            return None
        self._last[call] = partial
        return ConfigDrafting(partial=partial)


def _fits(field: str, value: JsonValue) -> bool:
    """Whether a value, whole or cut off, is of the field's kind; what is not is left to validation."""
    if field not in get_args(DraftField):
        return False
    if field == "language":
        return value in get_args(Language)
    if field == "prompt_recommend":
        return isinstance(value, list) and all(isinstance(item, str) and is_clean(item) for item in value)
    return isinstance(value, str) and is_clean(value)
