"""Undo by words, with the guide and over HTTP: exactly the change that is meant, or both texts to choose from."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.client import Client, ServerEvent, text_of

STORY = {
    "en": ("I want an agent that plans weekend trips", "add the weather", "rename it to Max", "more formal"),
    "zh": ("做一个规划周末旅行的助手", "加上天气", "改名为小旅", "语气更正式"),
}


@dataclass(frozen=True)
class Undo:
    said: str
    fields: frozenset[str]
    """The fields that go back."""


def undo(said: str, *fields: str) -> Undo:
    return Undo(said, frozenset(fields))


UNDOS = {
    "en": (
        undo("undo the weather thing", "tools.weather"),
        undo("revert the weather", "tools.weather"),
        undo("undo the name", "name"),
        undo("please undo the rename", "name"),
        undo("bring the old name back", "name"),
        undo("change the name back to what it was", "name"),
        undo("restore the old name", "name"),
        undo("undo", "instruction"),
        undo("undo that", "instruction"),
        undo("undo the last change", "instruction"),
        undo("take it back", "instruction"),
        undo("can you undo the tone change?", "instruction"),
        undo("roll back the formal tone", "instruction"),
        undo("go back a step", "instruction"),
        undo("undo adding the weather", "tools.weather"),
        undo("undo renaming it", "name"),
        undo("undo the formality", "instruction"),
        undo("go back to the old name", "name"),
        undo("I want the old name back", "name"),
        undo("cancel the last change", "instruction"),
        undo("Ctrl+Z", "instruction"),
        undo("oops, undo", "instruction"),
        undo("never mind, undo the last one", "instruction"),
        undo("undo the name and the weather", "name", "tools.weather"),
        undo("undo the weather and the rename", "name", "tools.weather"),
        undo("undo the last two changes", "instruction", "name"),
        undo("undo the weather, but keep the name", "tools.weather"),
    ),
    "zh": (
        undo("撤销天气那个改动", "tools.weather"),
        undo("把天气那个撤销掉", "tools.weather"),
        undo("撤销改名", "name"),
        undo("把名字改回去", "name"),
        undo("名字改回来吧", "name"),
        undo("恢复原来的名字", "name"),
        undo("撤销", "instruction"),
        undo("撤销刚才的修改", "instruction"),
        undo("取消刚才的修改", "instruction"),
        undo("改回去", "instruction"),
        undo("撤销语气", "instruction"),
        undo("撤銷天氣的修改", "tools.weather"),
        undo("撤销天气工具", "tools.weather"),
        undo("把天气撤了", "tools.weather"),
        undo("麻烦把天气那个改动撤销一下", "tools.weather"),
        undo("撤销改名那一步", "name"),
        undo("名字还是用原来的", "name"),
        undo("撤销正式语气", "instruction"),
        undo("回到上一步", "instruction"),
        undo("算了，撤销", "instruction"),
        undo("把刚才改的都撤销", "instruction"),
        undo("撤销名字和天气", "name", "tools.weather"),
        undo("撤销最近两次修改", "instruction", "name"),
    ),
}
CASES = [(language, case) for language, cases in UNDOS.items() for case in cases]


async def told(client: Client, language: str, *said: str) -> tuple[str, list[ServerEvent]]:
    """The agent after these messages, and the events of the last answer."""
    agent = (await client.post("/api/agents"))["id"]
    events: list[ServerEvent] = []
    for text in said:
        events = await client.tell_builder(agent, text, language)
    return agent, events


def changes(events: list[ServerEvent]) -> list[dict[str, Any]]:
    return [change for event in events if event.type == "config_changed" for change in event.data["changes"]]


def refused(events: list[ServerEvent]) -> list[dict[str, Any]]:
    return [item for event in events if event.type == "config_changed" for item in event.data["refused"]]


@pytest.mark.parametrize(("language", "case"), CASES, ids=[case.said for _, case in CASES])
async def test_exactly_the_change_that_is_meant_is_taken_back(client: Client, language: str, case: Undo) -> None:
    agent, _ = await told(client, language, *STORY[language])
    history = await client.get(f"/api/agents/{agent}/changes")
    before = (await client.get(f"/api/agents/{agent}"))["config"]
    events = await client.tell_builder(agent, case.said, language)
    assert {change["field"] for change in changes(events)} == case.fields, text_of(events)
    assert {change["author"] for change in changes(events)} == {"undo"}
    after = (await client.get(f"/api/agents/{agent}"))["config"]
    for field in case.fields:
        meant = next(item for item in history if item["field"] == field)
        assert next(change["after"] for change in changes(events) if change["field"] == field) == meant["before"]
    top = {field.split(".")[0] for field in case.fields}
    assert {key: value for key, value in after.items() if key not in top} == {
        key: value for key, value in before.items() if key not in top
    }
    assert ("Taken back" if language == "en" else "已撤销") in text_of(events)


async def test_undoing_goes_further_back_each_time_and_redo_brings_back(client: Client) -> None:
    agent, events = await told(client, "en", *STORY["en"], "undo", "undo")
    assert [change["field"] for change in changes(events)] == ["name"]
    events = await client.tell_builder(agent, "redo", "en")
    assert [(change["field"], change["after"]) for change in changes(events)] == [("name", "Max")]


async def test_a_turn_that_described_the_agent_is_undone_whole(client: Client) -> None:
    agent, events = await told(client, "en", STORY["en"][0], "undo")
    config = (await client.get(f"/api/agents/{agent}"))["config"]
    assert (config["name"], config["instruction"], config["description"]) == ("", "", "")
    assert len(changes(events)) >= 4


@pytest.mark.parametrize(
    ("language", "said", "words"),
    [
        ("en", "undo the rename", "was changed again later"),
        ("zh", "撤销改名", "后来又改过"),
    ],
)
async def test_a_change_that_a_later_one_depends_on_is_shown_with_both_texts(
    client: Client, language: str, said: str, words: str
) -> None:
    agent, _ = await told(client, language, *STORY[language])
    named = (await client.get(f"/api/agents/{agent}"))["config"]["name"]
    answer = await client.call("PATCH", f"/api/agents/{agent}/config", json={"name": "By Hand"})
    assert answer.status == 200
    events = await client.tell_builder(agent, said, language)
    [refusal] = refused(events)
    assert changes(events) == []
    assert refusal["field"] == "name"
    assert refusal["clash"]["current"] == "By Hand"
    assert refusal["clash"]["wanted"] not in ("By Hand", named)
    assert words in text_of(events)
    assert "By Hand" in text_of(events)


@pytest.mark.parametrize(
    ("language", "said", "words"),
    [
        ("en", "undo the pancakes", "no change about “the pancakes”"),
        ("zh", "撤销煎饼", "没有找到和“煎饼”有关的改动"),
        ("en", "undo everything", "History"),
        ("zh", "撤销所有修改", "历史"),
        ("en", "don't undo the weather", "nothing is taken back"),
        ("zh", "不要撤销天气", "不撤销"),
    ],
)
async def test_what_cannot_be_undone_is_told(client: Client, language: str, said: str, words: str) -> None:
    _, events = await told(client, language, *STORY[language], said)
    assert changes(events) == []
    assert words in text_of(events)


async def test_a_quoted_undo_is_no_request(client: Client) -> None:
    _, events = await told(client, "en", *STORY["en"], 'my colleague wrote: "undo the weather thing"')
    assert changes(events) == []
