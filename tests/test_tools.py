"""The catalogue of built-in tools, and those that ask nobody: the time and the demonstration."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tool_calls import KEY, call
from user_agent.tools.registry import TOOLS, all_tools, find_tool
from user_agent.words import Language

# --- the catalogue ---


def test_every_tool_of_the_table_exists_under_its_own_name() -> None:
    assert [tool.name for tool in all_tools()] == list(TOOLS)


@pytest.mark.parametrize("tool_id", TOOLS)
def test_a_tool_says_what_it_does_to_people_in_both_languages_and_to_the_model(tool_id: str) -> None:
    tool = find_tool(tool_id)
    assert tool is not None
    assert tool.label.zh and tool.label.en and tool.summary.zh and tool.summary.en
    if tool.secrets:  # its card tells the keys it waits for, and whether they are there
        assert "密钥" not in tool.summary.zh and "key" not in tool.summary.en
    schema = tool.schema
    assert schema.description
    assert all(parameter.get("description") for parameter in schema.parameters["properties"].values())  # type: ignore[union-attr]
    assert "context" not in json.dumps(schema.parameters)


@pytest.mark.parametrize("tool_id", TOOLS)
def test_a_model_reads_of_a_tool_in_the_language_of_its_agent(tool_id: str) -> None:
    tool = find_tool(tool_id)
    assert tool is not None
    languages: tuple[tuple[Language, bool], ...] = (("zh", True), ("en", False))
    for language, is_chinese in languages:
        schema = tool.schema_in(language)
        properties = schema.parameters["properties"]
        assert isinstance(properties, dict)
        texts: list[Any] = [schema.description, *(part["description"] for part in properties.values())]  # type: ignore[index]
        for text in map(str, texts):
            chinese, latin = len(re.findall("[\u4e00-\u9fff]", text)), len(re.findall("[A-Za-z]", text))
            assert chinese if is_chinese else 4 * chinese < latin, text


def test_tool_config_lists_exactly_the_tools_that_exist() -> None:
    entries = json.loads(Path("config/tool_config.json").read_text(encoding="utf-8"))
    assert set(entries) == set(TOOLS)
    assert all(entry["is_active"] is True and entry["name"] and "use" in entry for entry in entries.values())


def test_an_unknown_tool_is_none() -> None:
    assert find_tool("phantom_tool") is None


def test_a_tool_that_lacks_its_key_says_which() -> None:
    tool = find_tool("amap_weather")
    assert tool is not None
    assert [need.name for need in tool.missing({})] == ["AMAP_TOKEN"]
    assert [need.name for need in tool.missing({"AMAP_TOKEN": ""})] == ["AMAP_TOKEN"]
    assert not tool.missing({"AMAP_TOKEN": KEY})


# --- the time ---


@pytest.mark.parametrize(
    ("place", "zone", "offset", "clock", "weekday"),
    [
        ("Asia/Shanghai", "Asia/Shanghai", "+08:00", "14:05:00", "Friday"),
        ("东京", "Asia/Tokyo", "+09:00", "15:05:00", "Friday"),
        ("new york", "America/New_York", "-05:00", "01:05:00", "Friday"),
        ("成都市", "Asia/Shanghai", "+08:00", "14:05:00", "Friday"),
        ("San Francisco", "America/Los_Angeles", "-08:00", "22:05:00", "Thursday"),
        ("UTC+5:30", "UTC+05:30", "+05:30", "11:35:00", "Friday"),
        ("gmt-8", "UTC-08:00", "-08:00", "22:05:00", "Thursday"),
        ("", "UTC", "+00:00", "06:05:00", "Friday"),
    ],
)
async def test_current_time_knows_places(place: str, zone: str, offset: str, clock: str, weekday: str) -> None:
    [time] = json.loads((await call("current_time", {"place": place})).output)["times"]
    assert (time["zone"], time["utc_offset"], time["time"], time["weekday"]) == (zone, offset, clock, weekday)


async def test_current_time_of_a_country_with_several_zones_gives_them_all() -> None:
    times = json.loads((await call("current_time", {"place": "美国"})).output)["times"]
    assert [time["time"][:2] for time in times] == ["01", "00", "23", "22"]


@pytest.mark.parametrize("place", ["Atlantis", "../../etc/passwd", "UTC+99", "/etc/localtime"])
async def test_current_time_of_an_unknown_place_says_what_to_try(place: str) -> None:
    finished = await call("current_time", {"place": place}, language="en")
    assert finished.failed
    assert "Asia/Shanghai" in finished.output


# --- the demonstration ---


@pytest.mark.parametrize("period", [22, "22"])
async def test_renew_instance_confirms_as_the_predecessor_did(period: object) -> None:
    finished = await call("RenewInstance", {"instance_id": "i-rj90a7e840y5cde", "period": period})
    assert json.loads(finished.output) == {"result": "已完成ECS实例ID为i-rj90a7e840y5cde的续费，续费时长22月"}


def test_renew_instance_says_to_people_and_models_that_it_renews_nothing() -> None:
    tool = find_tool("RenewInstance")
    assert tool is not None
    assert tool.effect == "writes"
    assert "不会真的续费" in tool.summary.zh and "renews and charges nothing" in tool.summary.en
    assert "demonstration" in tool.description.en
