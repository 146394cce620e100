"""Undo by words, with the guide and over HTTP: exactly the change that is meant, or both texts to choose from."""

import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client, ServerEvent, text_of
from tests.conftest import Serve

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
        undo("drop the weather thing, undo it", "tools.weather"),
        undo("I don't want the weather anymore, undo that", "tools.weather"),
        undo("that weather tool: undo please", "tools.weather"),
        undo("the rename, take it back", "name"),
        undo("about the name: revert it", "name"),
        undo("undo that, the weather I mean", "tools.weather"),
        undo("the weather isn't needed after all, please undo it", "tools.weather"),
        undo("I don't like it, undo that", "instruction"),
        undo("make it less formal again", "instruction"),
        undo("not so formal any more, please", "instruction"),
        undo("it should be less formal again", "instruction"),
        undo("undo the last 2", "instruction", "name"),
        undo("revert my two most recent edits", "instruction", "name"),
        undo("undo the second to last change", "name"),
        undo("undo the one before the last", "name"),
        undo("roll back the third to last edit", "tools.weather"),
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
        undo("天气那个不要了，撤销", "tools.weather"),
        undo("天氣那個不要了，撤銷", "tools.weather"),
        undo("天气那个撤销掉", "tools.weather"),
        undo("天氣那個撤銷掉吧", "tools.weather"),
        undo("不要天气了，帮我撤回", "tools.weather"),
        undo("那个天气的，撤了吧", "tools.weather"),
        undo("撤销吧，天气那个", "tools.weather"),
        undo("改名那一步不要了，撤销吧", "name"),
        undo("名字那個，還原一下", "name"),
        undo("别那么正式了", "instruction"),
        undo("還是不要那麼正式了", "instruction"),
        undo("算了不喜欢，撤销", "instruction"),
        undo("把最近两次改动撤销", "instruction", "name"),
        undo("把剛才兩個改動都撤銷了", "instruction", "name"),
        undo("撤销倒数第二个改动", "name"),
        undo("撤銷上上次的修改", "name"),
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


AfterTheStory = Callable[[str], AbstractAsyncContextManager[tuple[Client, str]]]


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stories")


@pytest.fixture
def after_the_story(serve: Serve, home: Path, stories: Path) -> AfterTheStory:
    """Start a server whose one agent is as the story leaves it, which is told once for all tests: gives its id."""

    @asynccontextmanager
    async def start(language: str) -> AsyncGenerator[tuple[Client, str], None]:
        told_home = stories / language
        if not told_home.exists():
            async with serve(AGENTFABRIC_HOME=str(told_home)) as client:
                await told(client, language, *STORY[language])
        shutil.copytree(told_home, home)
        async with serve() as client:
            [agent] = await client.get("/api/agents")
            yield client, agent["id"]

    return start


@pytest.mark.parametrize(("language", "case"), CASES, ids=[case.said for _, case in CASES])
async def test_exactly_the_change_that_is_meant_is_taken_back(
    after_the_story: AfterTheStory, language: str, case: Undo
) -> None:
    async with after_the_story(language) as (client, agent):
        await _is_taken_back(client, agent, language, case)


async def _is_taken_back(client: Client, agent: str, language: str, case: Undo) -> None:
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


@pytest.mark.parametrize(
    ("language", "described", "said", "words"),
    [
        (
            "en",
            "I want an agent that plans weekend trips and knows the weather",
            "undo the weather thing",
            "Still mentioned",
        ),
        ("zh", "我想要一个能规划周末出行、会查天气的智能体", "撤销天气那个", "还提到它"),
    ],
)
async def test_a_tool_that_came_with_the_description_is_taken_back_alone(
    client: Client, language: str, described: str, said: str, words: str
) -> None:
    agent, events = await told(client, language, described, said)
    assert [change["field"] for change in changes(events)] == ["tools.weather"]
    assert words in text_of(events)
    assert (await client.get(f"/api/agents/{agent}"))["config"]["instruction"]


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


WHICH = {"en": "Which one do you mean?", "zh": "你说的是哪一个？"}


@pytest.mark.parametrize(
    ("language", "said", "chosen", "fields"),
    [
        ("en", "undo the second change", "2", {"name"}),
        ("en", "undo change number 1", "undo the first one", {"tools.weather"}),
        ("en", "please revert the 3rd edit", "undo the third change", {"instruction"}),
        ("en", "undo the first two changes", "undo 1 and 2", {"tools.weather", "name"}),
        ("zh", "撤销第二个改动", "第二个", {"name"}),
        ("zh", "撤銷第1次修改", "撤銷第一個", {"tools.weather"}),
        ("zh", "把第三个改动撤了", "撤销 3", {"instruction"}),
    ],
)
async def test_a_number_that_may_count_the_description_too_is_asked_about_with_a_list(
    client: Client, language: str, said: str, chosen: str, fields: set[str]
) -> None:
    agent, events = await told(client, language, *STORY[language], said)
    assert changes(events) == []
    assert WHICH[language] in text_of(events)
    for number, wish in enumerate(STORY[language][1:], start=1):
        assert f"{number}. “{wish}”" in text_of(events)
    assert STORY[language][0] not in text_of(events)
    events = await client.tell_builder(agent, chosen, language)
    assert {change["field"] for change in changes(events)} == fields, text_of(events)


@pytest.mark.parametrize(
    ("language", "said", "fields"),
    [
        ("en", "undo the second change", {"name"}),
        ("en", "undo the first edit", {"tools.weather"}),
        ("en", "undo the first two changes", {"tools.weather", "name"}),
        ("zh", "撤销第二个改动", {"name"}),
        ("zh", "把第3次修改撤銷", {"instruction"}),
    ],
)
async def test_a_number_counts_from_the_first_change_of_an_agent_that_was_there(
    client: Client, language: str, said: str, fields: set[str]
) -> None:
    agent = (await client.post("/api/agents"))["id"]
    filled = {"name": "Trip", "instruction": "Plan trips.", "description": "Trips."}
    assert (await client.call("PATCH", f"/api/agents/{agent}/config", json=filled)).status == 200
    events: list[ServerEvent] = []
    for text in (*STORY[language][1:], said):
        events = await client.tell_builder(agent, text, language)
    assert {change["field"] for change in changes(events)} == fields, text_of(events)


async def test_a_tone_that_no_change_made_is_changed_and_not_taken_back(client: Client) -> None:
    _, events = await told(client, "en", *STORY["en"][:3], "make it less formal again")
    [change] = changes(events)
    assert (change["field"], change["author"]) == ("instruction", "user")
    assert change["after"].endswith("- Tone: relaxed and conversational.")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "drop the pancakes, undo it"),
        ("zh", "煎饼那个不要了，撤销"),
        ("en", "undo the ninth change"),
        ("zh", "撤销第九个改动"),
    ],
)
async def test_where_what_is_named_was_never_changed_nothing_else_is_taken_back(
    client: Client, language: str, said: str
) -> None:
    _, events = await told(client, language, *STORY[language], said)
    assert changes(events) == []
