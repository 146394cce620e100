"""Taking one change back out of a field that others may have changed since."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import cast

from pydantic import JsonValue

_BETWEEN_PIECES = re.compile(r"(?<=[。！？；\n])|(?<=[.!?;])(?=\s)")
"""Where a sentence or a line ends: texts are changed by such pieces."""


class Clashing(Exception):
    """Something that was set later stands in the place of the change. `wanted` is what stood there before both."""

    def __init__(self, wanted: JsonValue) -> None:
        super().__init__("a later change stands in its place")
        self.wanted = wanted


def reverted(before: JsonValue, after: JsonValue, current: JsonValue) -> JsonValue:
    """`current` without the change from `before` to `after`, and with everything else that was set since.

    Texts are compared sentence by sentence, lists item by item, objects key by key. Raises `Clashing` where a later
    change touches what this one wrote.
    """
    if current == after:
        return before
    if current == before:
        return current  # somebody took it back already
    if isinstance(before, dict | None) and isinstance(after, dict | None) and isinstance(current, dict):
        return _without_keys(before or {}, after or {}, current)
    if isinstance(after, str) and isinstance(current, str) and isinstance(before, str | None):
        texts = _without(_pieces(before or ""), _pieces(after), _pieces(current))
        if texts is not None:
            return "".join(cast(Sequence[str], texts))
    if isinstance(after, list) and isinstance(current, list) and isinstance(before, list | None):
        items = _without(before or [], after, current)
        if items is not None:
            return list(items)
    raise Clashing(before)


def _without_keys(
    before: dict[str, JsonValue], after: dict[str, JsonValue], current: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    result = dict(current)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) == after.get(key):
            continue
        if current.get(key) != after.get(key):
            raise Clashing({**before})
        if key in before:
            result[key] = before[key]
        else:
            result.pop(key, None)
    return result


def _without(
    before: Sequence[JsonValue], after: Sequence[JsonValue], current: Sequence[JsonValue]
) -> Sequence[JsonValue] | None:
    """The pieces of `current` with each stretch that the change wrote put back; None where one is not whole."""
    kept = _places(after, current)
    of_change = set(kept.values())
    result = list(current)
    written = [code for code in _matcher(before, after).get_opcodes() if code[0] != "equal"]
    for _, before_from, before_to, after_from, after_to in reversed(written):
        places = [kept.get(at) for at in range(after_from, after_to)]
        start = _start(kept, after_from, len(places))
        if start is None or places != [*range(start, start + len(places))]:
            return None
        end = start + len(places)
        if before_from == before_to and end < len(current) and end not in of_change:
            start += _needed(current[start:end])
        result[start:end] = before[before_from:before_to]
    return result


def _needed(written: Sequence[JsonValue]) -> int:
    """How many of the pieces stay for what was added behind them later: those up to the last heading among them."""
    headings = [at for at, piece in enumerate(written) if isinstance(piece, str) and piece.startswith("#")]
    return headings[-1] + 1 if headings else 0


def _start(kept: dict[int, int], after_from: int, length: int) -> int | None:
    """Where in `current` the stretch begins. One that only took something away is found by its neighbours."""
    if length or after_from in kept:
        return kept.get(after_from)
    return kept[after_from - 1] + 1 if after_from - 1 in kept else None


def _places(after: Sequence[JsonValue], current: Sequence[JsonValue]) -> dict[int, int]:
    """Where each piece of `after` that is still there stands in `current`."""
    return {
        block.a + step: block.b + step
        for block in _matcher(after, current).get_matching_blocks()
        for step in range(block.size)
    }


def _matcher(one: Sequence[JsonValue], other: Sequence[JsonValue]) -> SequenceMatcher[str]:
    # Items of lists are compared as they are written: some, such as objects, cannot be hashed.
    return SequenceMatcher(None, [repr(item) for item in one], [repr(item) for item in other], autojunk=False)


def _pieces(text: str) -> list[JsonValue]:
    return [piece for piece in _BETWEEN_PIECES.split(text) if piece]
