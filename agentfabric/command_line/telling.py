"""What commands tell of imports and of differences: as JSON, and in lines."""

import json

from pydantic import JsonValue

from agentfabric.service.comparing import Difference
from agentfabric.service.imports import Looked, kept_first
from user_agent.words import Language


def looked_data(looked: Looked, language: Language) -> dict[str, JsonValue]:
    """What an import would do, for scripts."""
    notes = kept_first(looked.notes)
    return {
        "origin": looked.origin,
        "name": looked.config.name,
        "digest": looked.digest,
        "report": [{"kind": note.kind, "field": note.field, "text": note.told[language]} for note in notes],
        "differences": [
            {"field": each.field, "before": each.before, "after": each.after} for each in looked.differences
        ],
    }


def looked_lines(looked: Looked, language: Language) -> list[str]:
    """The same, for people."""
    notes = kept_first(looked.notes)
    kept = ", ".join(dict.fromkeys(note.field for note in notes if note.kind == "kept"))
    told = [f"kept: {kept}"] if kept else []
    for note in notes:
        if note.kind != "kept":
            told.append(f"{note.kind}: {note.field} {note.told[language]}".replace("  ", " "))
    changed = [difference_line(each) for each in looked.differences] if looked.revision is not None else []
    return [*told, *changed]


def difference_line(difference: Difference) -> str:
    """A difference in one line."""
    return f"{difference.field}: {in_short(difference.before)} -> {in_short(difference.after)}"


def in_short(value: JsonValue) -> str:
    """The value in one line that is not too long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:100]}…"
