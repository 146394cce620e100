"""Everything a person reads exists in both languages, is used, and fits what it is filled with."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from agentfabric.service.links import LinkFault
from user_agent.errors import (
    BadRequest,
    BrokenStream,
    Conflict,
    FabricError,
    LimitFault,
    LimitReached,
    ModelRequestRefused,
    NotFound,
    RateLimited,
)
from user_agent.models.reading import Fault
from user_agent.words import Words

ROOT = Path(__file__).parents[1]
LANGUAGES = ("zh", "en")
PAGE = (ROOT / "i18n", ("static/studio/*.js", "agentfabric/ui/*.py"))
CHAT = (ROOT / "static/chat/i18n", ("static/chat/*.js",))
SETS = pytest.mark.parametrize(("folder", "sources"), [PAGE, CHAT], ids=["page", "chat"])

QUOTED_KEY = re.compile(r"""["'`]((?:ui|chat|error)\.[a-z0-9_.]+?)(\.?\$\{|["'`])""")
"""A key as a string, or the part of a key before what a template fills in."""
PARAM = re.compile(r"\{(\w+)\}")


def texts(folder: Path, language: str) -> dict[str, str]:
    return json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
@SETS
def test_no_text_stands_twice(folder: Path, sources: tuple[str, ...], language: str) -> None:
    pairs = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert sorted(set(keys)) == sorted(keys)


def test_words_are_no_sequence() -> None:
    with pytest.raises(TypeError, match="which language"):
        list(Words("甲", "a"))
    with pytest.raises(TypeError):
        assert "a" in Words("甲", "a")


def used_keys(patterns: tuple[str, ...]) -> tuple[set[str], set[str]]:
    """The keys that the sources name, and the beginnings of those that they put together."""
    whole: set[str] = set()
    begun: set[str] = set()
    for pattern in patterns:
        for path in ROOT.glob(pattern):
            for key, end in QUOTED_KEY.findall(path.read_text(encoding="utf-8")):
                (begun if "$" in end else whole).add(key)
    return whole, begun


def error_codes(base: type[FabricError] = FabricError) -> set[str]:
    return {base.code}.union(*(error_codes(error) for error in base.__subclasses__()))


@SETS
def test_both_languages_have_the_same_keys(folder: Path, sources: tuple[str, ...]) -> None:
    chinese, english = (texts(folder, language) for language in LANGUAGES)
    assert list(chinese) == list(english)


@SETS
def test_no_text_is_empty(folder: Path, sources: tuple[str, ...]) -> None:
    assert [key for language in LANGUAGES for key, text in texts(folder, language).items() if not text.strip()] == []


@SETS
def test_both_languages_are_filled_with_the_same_values(folder: Path, sources: tuple[str, ...]) -> None:
    chinese, english = (texts(folder, language) for language in LANGUAGES)
    differing = [key for key in english if set(PARAM.findall(chinese[key])) != set(PARAM.findall(english[key]))]
    assert differing == []


@SETS
def test_every_key_that_is_used_has_a_text(folder: Path, sources: tuple[str, ...]) -> None:
    whole, begun = used_keys(sources)
    known = texts(folder, "en")
    assert whole, "no key was found in the sources: the pattern is wrong"
    missing_beginnings = [beginning for beginning in begun if not any(key.startswith(beginning) for key in known)]
    assert sorted(whole - known.keys()) + missing_beginnings == []


@SETS
def test_every_text_is_used(folder: Path, sources: tuple[str, ...]) -> None:
    whole, begun = used_keys(sources)
    known = {key for key in texts(folder, "en") if not key.startswith("error.")}
    unused = [key for key in known - whole if not any(key.startswith(f"{beginning}.") for beginning in begun)]
    assert sorted(unused) == []


FIELDS = ("name", "avatar", "description", "instruction", "language", "prologue", "knowledge", "tools", "model")
LABELS = {field: f"ui.cfg_{field}" for field in FIELDS} | {
    "prompt_recommend": "ui.cfg_suggestions",
    "generation.temperature": "ui.cfg_temperature",
    "generation.max_tokens": "ui.cfg_max_tokens",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_field_has_the_same_name_in_the_form_and_in_the_list_of_changes(language: str) -> None:
    form, chat = (texts(folder, language) for folder, _ in (PAGE, CHAT))
    assert {field: chat[f"chat.field.{field}"] for field in LABELS} == {
        field: form[key] for field, key in LABELS.items()
    }


def test_every_error_that_a_person_may_meet_has_a_sentence() -> None:
    known = texts(CHAT[0], "en")
    assert sorted(code for code in error_codes() if f"error.{code}" not in known) == []


def test_every_error_sentence_belongs_to_an_error() -> None:
    raised = set(re.findall(r'code: "(\w+)"', "".join(path.read_text() for path in ROOT.glob("static/chat/*.js"))))
    told = {key.removeprefix("error.") for key in texts(CHAT[0], "en") if key.startswith("error.")}
    faults = {f"{error.code}.{fault}" for error in (BrokenStream, ModelRequestRefused) for fault in get_args(Fault)}
    faults.add(f"{RateLimited.code}.wait")
    faults |= {f"{BadRequest.code}.{fault}" for fault in get_args(LinkFault)} | {
        f"{Conflict.code}.slug",
        *(f"{LimitReached.code}.{fault}" for fault in get_args(LimitFault)),
        f"{LimitReached.code}.later",
        f"{NotFound.code}.shared",
    }
    assert sorted(told - raised - error_codes() - faults) == []


def test_every_fault_of_an_answer_has_a_sentence() -> None:
    known = texts(CHAT[0], "en")
    # An answer that broke off is what the sentence without a fault says.
    told = {key.rpartition(".")[2] for key in known if re.fullmatch(r"error\.model_(broken_stream|refused)\.\w+", key)}
    assert told | {"cut"} == set(get_args(Fault))
