"""What other products write, in the shapes that their own code writes it: read, and told of to the last field."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from agentfabric.publish.importer.incoming import Incoming, Origin, Unreadable
from agentfabric.publish.importer.reading import read_incoming
from tests.foreign_exports import CANARY
from user_agent.errors import ConfigError

FOLDER = Path(__file__).parent / "foreign"
FILES = {path.stem: path for path in sorted(FOLDER.iterdir())}
"""Exports in the shapes that other products' own code writes, several versions of each: their fields, our words."""
SHAPES: dict[str, Any] = {name: yaml.safe_load(path.read_text(encoding="utf-8")) for name, path in FILES.items()}

Place = tuple[str | int, ...]


def read(shape: Any) -> Incoming:
    return read_incoming(json.dumps(shape).encode())


def told(incoming: Incoming, kind: str) -> str:
    return "\n".join(f"{note.field}: {note.told.en}" for note in incoming.notes if note.kind == kind)


@dataclass(frozen=True)
class Case:
    shape: str
    origin: Origin
    name: str
    instruction: str
    tools: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


CASES = (
    Case("dify_chat_before_0_1", "dify", "Site sketcher", "Sketch a site of one page."),
    Case(
        "dify_first_agents",
        "dify",
        "First of its kind",
        "Look things up.",
        ("web_search",),
        lost=("knowledge: files that did not come along: add them: ds-1", "switched off: web_reader"),
    ),
    Case(
        "dify_completion",
        "dify",
        "Query writer",
        "Write {{dialect}} for: [query]\n\nBefore you begin, ask the person for: "
        "Dialect ({{dialect}}: MySQL / SQLite), Question ({{query}}). {{…}} above stands for their answer.",
        changed=("what wrote one text became a conversation", "the form before the chat (Dialect, Question)"),
        lost=("more like this", "someone/models", "select.default"),
    ),
    Case(
        "dify_own_prompt",
        "dify",
        "Own prompt",
        "Use only this: [context]",
        lost=("no instruction: user, assistant", "temperature that cannot be used here: 7", "b2c4", "prices", "top_k"),
    ),
    Case(
        "dify_workflow",
        "dify",
        "Ticket desk",
        "## Sort\nRefunds are about money back.\n- Refunds\n- Everything else\n\n## Facts\n- order: as printed\n\n"
        "## Write\nAnswer from [House rules].\n\nSign as the desk.\n\nBefore you begin, ask the person for: "
        "The ticket ({{ticket}}). {{…}} above stands for their answer.",
        changed=("a flow of 8 nodes",),
        lost=("House rules", "http-request × 1, custom-note × 1", "SHOP_KEY", "http-request.url", "Write (qwen-max)"),
    ),
    Case(
        "dify_agent_node",
        "dify",
        "Searcher",
        "## Agent\nSearch, then answer [query] briefly.\n\n## Answer\nHere is what I found:\n[Agent]",
        ("web_search",),
        lost=("mood", "switched off: never_on", "maximum_iterations", "value[].settings"),
    ),
    Case(
        "webui_today",
        "openwebui",
        "Law clerk",
        "Quote the clause first.",
        ("web_search", "current_time"),
        lost=(
            "server:mcp:courts, memory",
            "Statutes, code.pdf",
            "profanity, pin",
            "pictures of this kind",
            "meta.skillIds",
        ),
    ),
    Case("webui_listed", "openwebui", "Poet", "Rhyme."),
    Case("gpt_of_requests", "gpt", "Stoic", "Answer as a stoic.", ("web_search",), lost=("canvas", "file-1")),
    Case(
        "gpt_by_hand",
        "gpt",
        "Recipe box",
        "Ask what is in the fridge.",
        ("web_search", "code_interpreter"),
        lost=("pantry",),
    ),
    Case(
        "assistant",
        "gpt",
        "Tutor",
        "You tutor maths.",
        ("code_interpreter",),
        changed=("what it knows is always searched",),
        lost=("grade", "file-1, vs_1", "top_p"),
    ),
    Case(
        "librechat_agent",
        "librechat",
        "Researcher",
        "Cite every claim.",
        ("web_search", "code_interpreter"),
        changed=("file_search",),
        lost=("papers", "api.shop.example", "paper.pdf", "agent_y2", "recursion_limit"),
    ),
    Case(
        "librechat_preset", "librechat", "Editor", "Edit gently.", ("web_search",), lost=("file-7", "examples", "topK")
    ),
    Case("librechat_conversation", "librechat", "About briefness", "Be brief.", lost=("messages × 1",)),
    Case(
        "lobe_sessions",
        "lobechat",
        "Versifier",
        "Answer in verse.",
        ("image_gen", "web_search"),
        lost=("bilibili", "Poems, verses.txt", "template around", "state.messages", "monogram"),
    ),
    Case("lobe_first", "lobechat", "Versifier", "Answer in verse.", ("web_search",), lost=("compressThreshold",)),
    Case("lobe_settings", "lobechat", "Versifier", "Answer in verse.", ("image_gen", "web_search")),
    Case(
        "lobe_database",
        "lobechat",
        "Versifier",
        "Answer in verse.",
        ("web_search",),
        lost=("chatConfig.searchMode", "data.messages"),
    ),
    Case("lobe_market", "lobechat", "Versifier", "Answer in verse.", ("image_gen", "web_search"), lost=("summary",)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.shape)
def test_each_shape_of_each_product_becomes_an_agent(case: Case) -> None:
    incoming = read_incoming(FILES[case.shape].read_bytes())
    document = incoming.document
    assert (incoming.origin, document["name"], document["instruction"]) == (case.origin, case.name, case.instruction)
    assert tuple(cast(dict[str, Any], document.get("tools", {}))) == case.tools
    changed, lost = told(incoming, "changed"), told(incoming, "lost")
    assert [part for part in case.changed if part not in changed] == []
    assert [part for part in case.lost if part not in lost] == []
    assert CANARY not in repr(incoming.notes) + json.dumps(document), "values of keys stay where they are"
    kept = {note.field for note in incoming.notes if note.kind == "kept"}
    assert not kept & {note.field for note in incoming.notes if note.kind == "changed"}


def test_every_shape_is_tried() -> None:
    assert {case.shape for case in CASES} == SHAPES.keys()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_field_goes_missing_unsaid(shape: str) -> None:
    """An object is told of as a whole, or every field of it by itself, known or not."""
    whole, before = SHAPES[shape], read(SHAPES[shape])
    for place in _objects(whole):
        here = _inside(whole, place)
        says = {key for key in here if _says_something(here[key])}
        seen = {key for key in says if _result(_without(whole, (*place, key))) != before}
        changed = copy.deepcopy(whole)
        _inside(changed, place)["surprise"] = {"deep": CANARY}
        after = _result(changed)
        if after == before:
            named = [key for key in place if isinstance(key, str) and key in told(before, "lost")]
            assert named or seen == says or _around_is_seen(whole, place, before), f"{place}: {says - seen} go missing"
            continue
        assert says == seen, place
        odd = {key for key in says if _is_dropped(whole, (*place, key))}
        assert odd == set(), f"{place}: of another kind than it should be, and dropped unsaid"
        if isinstance(after, Incoming) and after.descriptions == before.descriptions:
            assert "surprise" in told(after, "lost"), place
            assert CANARY not in repr(after.notes), "values stay where they are"


def test_several_agents_are_offered_whatever_they_are_wrapped_in() -> None:
    assistants = {"object": "list", "data": [SHAPES["assistant"], {**SHAPES["assistant"], "name": "Second"}]}
    assert read(assistants).choices == ("Tutor", "Second")
    agents = {"agents": [SHAPES["librechat_agent"], {**SHAPES["librechat_agent"], "name": "Second"}]}
    assert read_incoming(json.dumps(agents).encode(), 2).document["name"] == "Second"
    resource = {"resource": {"gizmo": SHAPES["gpt_of_requests"]}}
    assert read(resource).document["name"] == "Stoic"
    with pytest.raises(Unreadable, match="it holds 2 agents"):
        read_incoming(json.dumps(assistants).encode(), 3)


@pytest.mark.parametrize("picture", ["data:image/png;base64,####", "data:image/png;base64,QUJD", "data:image/gif,x", 7])
def test_a_picture_that_cannot_be_used_costs_the_picture_alone(picture: object) -> None:
    market = SHAPES["lobe_market"]
    incoming = read({**market, "meta": {**market["meta"], "avatar": picture}})
    assert incoming.files == ()
    assert "avatar: " in told(incoming, "lost")


def _result(shape: Any) -> object:
    try:
        return read(shape)
    except (Unreadable, ConfigError) as refused:
        return str(refused)


def _around_is_seen(whole: Any, place: Place, before: Incoming) -> bool:
    """Whether this is a part of something that is told of as a whole."""
    above = [place[:at] for at in range(1, len(place) + 1) if isinstance(place[at - 1], str)]
    return any(_result(_without(whole, one)) != before for one in above)


def _says_something(value: Any) -> bool:
    """What is only switched on or off may say what is so anyway."""
    if isinstance(value, dict):
        return any(map(_says_something, cast(dict[str, Any], value).values()))
    return value not in (None, "", []) and not isinstance(value, bool)


def _objects(value: Any, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, dict):
        yield place
        for name, inner in cast(dict[str, Any], value).items():
            yield from _objects(inner, (*place, name))
    if isinstance(value, list):
        for at, inner in enumerate(cast(list[Any], value)):
            yield from _objects(inner, (*place, at))


def _inside(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _is_dropped(whole: Any, place: Place) -> bool:
    """Whether a value of another kind than it should be makes no difference to there being none."""
    without = _result(_without(whole, place))
    return isinstance(without, Incoming) and _result(_with(whole, place, 7)) == without


def _with(value: Any, place: Place, other: object) -> Any:
    changed = copy.deepcopy(value)
    _inside(changed, place[:-1])[place[-1]] = other
    return changed


def _without(value: Any, place: Place) -> Any:
    changed = copy.deepcopy(value)
    del _inside(changed, place[:-1])[place[-1]]
    return changed
