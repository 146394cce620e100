"""Changes told in a line each: of a long text the part that changed, of a list what came and what went."""

from collections.abc import Iterator

from pydantic import JsonValue

from builder_core.draft import FieldChange

MAX_BRIEF_CHARS = 120
"""So much is told of a text; one that is no longer is told whole."""
MAX_ITEMS = 3
MAX_ITEM_CHARS = 40
"""So many items of a list are told, and so much of each."""
MAX_LEAD_CHARS = 12
"""A part begins and ends with a whole word, where no more than that is missing of it."""
WHOLE_CHARS = 40
"""Texts up to this length are told from their beginning to their end."""
NO_VALUE: tuple[JsonValue, ...] = (None, "", [], {})


def briefs(change: FieldChange) -> Iterator[FieldChange]:
    """The change as a list of versions tells it, an object's settings one by one. What has no short form is None."""
    if change.before in NO_VALUE and change.after in NO_VALUE:
        return
    match change.before, change.after:
        case (dict() | None as before, dict() | None as after) if before is not after:
            old, new = before or {}, after or {}
            for key in dict.fromkeys((*old, *new)):
                if old.get(key) != new.get(key):
                    was, now = _short(old.get(key)), _short(new.get(key))
                    yield change.model_copy(update={"field": f"{change.field}.{key}", "before": was, "after": now})
        case (list() | None as before, list() | None as after):
            old, new = before or [], after or []
            gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
            yield change.model_copy(update={"before": _items(gone), "after": _items(come)})
        case (str() | None as before, str() | None as after):
            was, now = _parts(before or "", after or "")
            yield change.model_copy(update={"before": was, "after": now})
        case (before, after):
            yield change.model_copy(update={"before": _short(before), "after": _short(after)})


def _items(items: list[JsonValue]) -> list[JsonValue]:
    told: list[JsonValue] = [_short(item, MAX_ITEM_CHARS) for item in items[:MAX_ITEMS]]
    return [*told, "…"] if len(items) > MAX_ITEMS else told


def _short(value: JsonValue, limit: int = MAX_BRIEF_CHARS) -> JsonValue:
    if isinstance(value, str):
        return _clipped(value, limit)
    return value if isinstance(value, bool | int | float) else None


def _parts(before: str, after: str) -> tuple[str, str]:
    """What two texts do not share, with the whole words that it stands in."""
    if max(len(before), len(after)) <= WHOLE_CHARS:
        return _clipped(before), _clipped(after)
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    start -= _within_word(before[:start][::-1])
    end -= _within_word(before[len(before) - end :])
    return _part(before, start, end), _part(after, start, end)


def _shared(one: str, other: str) -> int:
    """How many characters the two have in common from their beginning on."""
    places = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in places if left != right), min(len(one), len(other)))


def _part(text: str, start: int, end: int) -> str:
    part = _clipped(text[start : len(text) - end])
    if not part:
        return ""
    return f"{'… ' if start else ''}{part}{' …' if end and not part.endswith('…') else ''}"


def _within_word(text: str) -> int:
    """How many characters at the beginning of the text belong to the word before it; 0 where that is a long way."""
    count = next((at for at, char in enumerate(text) if not char.isalnum()), len(text))
    return count if count <= MAX_LEAD_CHARS else 0


def _clipped(text: str, limit: int = MAX_BRIEF_CHARS) -> str:
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
