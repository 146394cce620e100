"""The part of a patch that is readable while a model still writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from pydantic import JsonValue
from pydantic_core import from_json

from builder_core.events import ConfigDrafting
from builder_core.tools import DraftField
from user_agent.events import ToolDrafting, ToolStarted
from user_agent.storable import is_clean
from user_agent.words import Language

AT_LEAST_CHARS = 12
GROWTH = 1 / 40
"""The arguments are parsed, from their beginning, whenever they have grown by so much: however long they become, that
costs 40 times their length and no more, and what is shown is never further behind."""


@dataclass(slots=True)
class _Written:
    pieces: list[str] = field(default_factory=list[str])
    chars: int = 0
    parsed_at: int = -AT_LEAST_CHARS

    def add(self, piece: str) -> bool:
        """Whether it is time to parse."""
        self.pieces.append(piece)
        self.chars += len(piece)
        if self.chars - self.parsed_at < max(AT_LEAST_CHARS, self.chars * GROWTH):
            return False
        self.parsed_at = self.chars
        return True


class Drafting:
    """Follows the calls of `update_agent` in a turn."""

    def __init__(self) -> None:
        self._written: dict[str, _Written] = {}
        self._last: dict[str, dict[str, JsonValue]] = {}

    def add(self, event: ToolDrafting | ToolStarted) -> ConfigDrafting | None:
        """What is there after this piece, when it is time to show it and it differs from what was shown last."""
        if event.name != "update_agent":
            return None
        if isinstance(event, ToolStarted):
            return self._shown(event.id, event.arguments)
        written = self._written.setdefault(event.id, _Written())
        if not written.add(event.arguments_text):
            return None
        try:
            parsed: Any = from_json("".join(written.pieces), allow_partial="trailing-strings")  # Any: a model wrote it
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
