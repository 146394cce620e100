"""The chat component's texts: complete in both languages, for every failure there is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from user_agent.errors import FabricError

FOLDER = Path(__file__).parents[1] / "static" / "chat" / "i18n"
ZH, EN = (json.loads((FOLDER / f"{language}.json").read_text("utf-8")) for language in ("zh", "en"))


def codes(kind: type[FabricError]) -> Iterator[str]:
    yield kind.code
    for narrower in kind.__subclasses__():
        yield from codes(narrower)


@pytest.mark.parametrize("code", sorted(set(codes(FabricError))))
def test_every_failure_is_a_sentence_in_both_languages(code: str) -> None:
    assert ZH[f"error.{code}"].endswith(("。", "{reason}"))
    assert EN[f"error.{code}"].endswith((".", "{reason}"))


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    def gaps(texts: dict[str, str]) -> dict[str, set[str]]:
        return {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in texts.items()}

    assert gaps(ZH) == gaps(EN)
