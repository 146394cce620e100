"""What the page says. The server draws it in English; the browser puts it into the person's language."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from user_agent.words import Language

FOLDER = Path(__file__).parents[2] / "i18n"


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All texts of the page in one language, by key."""
    found: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return MappingProxyType(found)


def english(key: str) -> str:
    """The English text of a key. Raises `KeyError` for a key that there is no text for."""
    return texts("en")[key]
