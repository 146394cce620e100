"""The past of an agent over HTTP: bases, undo, acceptance, locks, versions."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.client import Client
from tests.knowing import settled

DRAFT = {"name": "Trip", "instruction": "Plan trips.", "prologue": "Hi", "generation": {"temperature": 0.2}}


async def made(client: Client) -> str:
    return (await client.post("/api/agents", json={"config": DRAFT}))["id"]


async def patched(client: Client, agent: str, **fields: Any) -> Any:
    return await client.call("PATCH", f"/api/agents/{agent}/config", json=fields)


async def done(client: Client, path: str, **body: Any) -> Any:
    answer = await client.call("POST", path, json=body)
    assert answer.status == 200, answer.body
    return answer.body


async def test_two_windows_on_different_fields_both_survive(client: Client) -> None:
    agent = await made(client)
    one, two = await asyncio.gather(
        patched(client, agent, name="Max", base={"name": "Trip"}),
        patched(client, agent, prologue="Hello", base={"prologue": "Hi"}),
    )
    assert (one.status, two.status) == (200, 200)
    config = (await client.get(f"/api/agents/{agent}"))["config"]
    assert (config["name"], config["prologue"]) == ("Max", "Hello")


async def test_two_windows_on_one_field_are_told_both_texts(client: Client) -> None:
    agent = await made(client)
    await patched(client, agent, name="Max", base={"name": "Trip"})
    refused = await patched(client, agent, name="Zed", description="Plans.", base={"name": "Trip", "description": ""})
    assert (refused.status, refused.body["code"]) == (409, "field_conflict")
    assert refused.body["clashes"] == {"name": {"wanted": "Zed", "current": "Max"}}
    config = (await client.get(f"/api/agents/{agent}"))["config"]
    assert (config["name"], "description" in config) == ("Max", False)
    assert (await patched(client, agent, name="Zed", base={"name": "Max"})).status == 200


async def test_the_same_text_from_two_windows_is_no_conflict(client: Client) -> None:
    agent = await made(client)
    await patched(client, agent, name="Max", base={"name": "Trip"})
    assert (await patched(client, agent, name="Max", base={"name": "Trip"})).status == 200


async def test_ticks_and_settings_have_bases_of_their_own(client: Client) -> None:
    agent = await made(client)
    await patched(client, agent, tools={"weather": True}, generation={"temperature": 0.9})
    fine = await patched(
        client,
        agent,
        tools={"calculator": True},
        generation={"max_tokens": 50},
        base={"tools": {"calculator": False}, "generation": {"max_tokens": None}},
    )
    assert fine.status == 200
    assert fine.body["config"]["generation"] == {"temperature": 0.9, "max_tokens": 50}
    clash = await patched(client, agent, generation={"temperature": 0.5}, base={"generation": {"temperature": 0.2}})
    assert clash.body["clashes"] == {"generation.temperature": {"wanted": 0.5, "current": 0.9}}


@pytest.mark.parametrize("base", ["x", 3, [1]])
async def test_a_base_that_is_no_object_is_refused(client: Client, base: Any) -> None:
    assert (await patched(client, await made(client), name="x", base=base)).status == 400


async def test_an_agent_tells_who_set_what_and_what_is_locked(client: Client) -> None:
    agent = await made(client)
    await patched(client, agent, name="Max")
    locked = await client.call("PUT", f"/api/agents/{agent}/locks/prologue")
    assert locked.body["locks"] == ["prologue"]
    view = await client.get(f"/api/agents/{agent}")
    assert {field: mark["author"] for field, mark in view["marks"].items()} == {
        "name": "form",
        "instruction": "import",
        "prologue": "import",
        "generation": "import",
    }
    refused = await patched(client, agent, prologue="other", name="Zed")
    assert refused.body["refused"] == [{"field": "prologue", "why": "it is locked", "clash": None}]
    assert (refused.body["config"]["prologue"], refused.body["config"]["name"]) == ("Hi", "Zed")
    assert (await client.call("DELETE", f"/api/agents/{agent}/locks/prologue")).body["locks"] == []
    assert (await client.call("PUT", f"/api/agents/{agent}/locks/colour")).status == 404


async def test_a_new_agent_says_what_is_its_default(client: Client) -> None:
    agent = await client.post("/api/agents")
    assert {mark["author"] for mark in agent["marks"].values()} <= {"default"}


async def test_changes_are_listed_undone_and_made_again(client: Client) -> None:
    agent = await made(client)
    [change] = (await patched(client, agent, name="Max")).body["changes"]
    listed = await client.get(f"/api/agents/{agent}/changes")
    assert [(item["id"], item["field"], item["undone"]) for item in listed] == [(change["id"], "name", False)]
    undone = await done(client, f"/api/agents/{agent}/changes/undo", changes=[change["id"]])
    assert undone["config"]["name"] == "Trip"
    again = await done(client, f"/api/agents/{agent}/changes/undo", changes=[undone["changes"][0]["id"]])
    assert again["config"]["name"] == "Max"
    for body in ({}, {"changes": []}, {"changes": "x"}, {"changes": ["x"], "agent": "y"}):
        assert (await client.call("POST", f"/api/agents/{agent}/changes/undo", json=body)).status == 422
    assert (await client.call("POST", f"/api/agents/{agent}/changes/undo", json={"changes": ["x"]})).status == 404


async def test_versions_are_listed_read_and_restored(client: Client) -> None:
    agent = await made(client)
    await patched(client, agent, name="Max")
    await patched(client, agent, prologue="Hello")
    versions = await client.get(f"/api/agents/{agent}/versions")
    assert [(item["number"], item["author"], item["fields"]) for item in versions] == [
        (3, "form", ["prologue"]),
        (2, "form", ["name"]),
        (1, "import", []),
    ]
    second = await client.get(f"/api/agents/{agent}/versions/2")
    assert (second["config"]["name"], second["config"]["prologue"]) == ("Max", "Hi")
    assert [item["field"] for item in second["since"]] == ["prologue"]
    restored = await done(client, f"/api/agents/{agent}/versions/1/restore")
    assert restored["config"] == DRAFT
    assert (await client.call("GET", f"/api/agents/{agent}/versions/9")).status == 404
    assert (await client.call("GET", f"/api/agents/{agent}/versions/x")).status == 422


LONG = "You plan trips.\n" + "Ask where they start from, and when. " * 9 + "Look up the weather in Beijing.\nBe brief."
LONG_ZH = "按季节推荐路线，先问出发地和天数，再查天气，最后给出每天的安排，并提醒带好证件和雨具，路上注意安全。"


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        pytest.param({"name": "Trip"}, {"name": "Max"}, [("name", "Trip", "Max")], id="short text"),
        pytest.param({}, {"prologue": "Hi"}, [("prologue", "", "Hi")], id="empty before"),
        pytest.param(
            {"instruction": LONG},
            {"instruction": LONG.replace("Beijing", "Nanjing")},
            [("instruction", "… Beijing …", "… Nanjing …")],
            id="a word of a long text",
        ),
        pytest.param(
            {"instruction": LONG},
            {"instruction": LONG + " Bring an umbrella."},
            [("instruction", "", "… Bring an umbrella.")],
            id="more of a long text",
        ),
        pytest.param(
            {"instruction": LONG_ZH},
            {"instruction": LONG_ZH.replace("天数", "预算")},
            [("instruction", "… 先问出发地和天数 …", "… 先问出发地和预算 …")],
            id="words of a long Chinese text",
        ),
        pytest.param({}, {"instruction": "x" * 500}, [("instruction", "", "x" * 119 + "…")], id="clipped"),
        pytest.param({}, {"tools": {"weather": True}}, [("tools.weather", False, True)], id="switch"),
        pytest.param(
            {"prompt_recommend": ["a", "b", "c"]},
            {"prompt_recommend": ["b", "d", "e", "f", "g"]},
            [("prompt_recommend", ["a", "c"], ["d", "e", "f", "…"])],
            id="list",
        ),
        pytest.param(
            {"generation": {"temperature": 0.2}},
            {"generation": {"temperature": 0.5, "max_tokens": 50}},
            [("generation.temperature", 0.2, 0.5), ("generation.max_tokens", None, 50)],
            id="settings",
        ),
    ],
)
async def test_a_list_of_versions_tells_what_each_changed_in_a_line(
    client: Client, first: dict[str, Any], then: dict[str, Any], told: list[tuple[str, Any, Any]]
) -> None:
    agent = (await client.post("/api/agents", json={"config": first}))["id"]
    await patched(client, agent, **then)
    newest = (await client.get(f"/api/agents/{agent}/versions"))[0]
    assert [(line["field"], line["before"], line["after"]) for line in newest["changes"]] == told


async def test_a_restored_version_has_its_files_again(client: Client) -> None:
    agent = await made(client)
    form = aiohttp.FormData()
    form.add_field("files", b"# Trips", filename="notes.md")
    added = await client.post(f"/api/agents/{agent}/knowledge", data=form)
    await patched(client, agent, name="Max")
    await client.call("DELETE", f"/api/agents/{agent}/knowledge/{added[0]['id']}")
    assert await client.get(f"/api/agents/{agent}/knowledge") == []
    [gone, named, brought, *_] = await client.get(f"/api/agents/{agent}/versions")
    assert gone["changes"] == [{"field": "knowledge", "before": ["notes.md"], "after": []}]
    assert brought["changes"] == [{"field": "knowledge", "before": [], "after": ["notes.md"]}]
    whole = await client.get(f"/api/agents/{agent}/versions/{brought['number']}")
    assert [change["after"] for change in whole["changes"]] == [["notes.md"]]
    assert [change["before"] for change in whole["since"] if change["field"] == "knowledge"] == [["notes.md"]]
    await done(client, f"/api/agents/{agent}/versions/{named['number']}/restore")
    assert [(file["name"], file["state"]) for file in await settled(client, agent)] == [("notes.md", "ready")]


async def test_a_copy_knows_who_had_set_its_fields(client: Client) -> None:
    agent = await made(client)
    copy = await client.post(f"/api/agents/{agent}/duplicate")
    assert copy["marks"]["instruction"]["author"] == "import"
    assert copy["marks"]["name"]["author"] == "form"
    assert {"knowledge", "avatar"}.isdisjoint(copy["config"])


async def test_a_copy_offers_no_proposal_that_it_cannot_take_back(client: Client) -> None:
    agent = (await client.post("/api/agents"))["id"]
    await client.tell_builder(agent, "I want an agent that plans weekend trips")
    copy = await client.post(f"/api/agents/{agent}/duplicate")
    proposed = {field: mark for field, mark in copy["marks"].items() if mark["author"] == "builder"}
    assert proposed["instruction"]["said"] == "I want an agent that plans weekend trips"
    known = {change["id"] for change in await client.get(f"/api/agents/{copy['id']}/changes")}
    assert {mark["change"] for mark in copy["marks"].values()} - {""} <= known


async def test_replacing_the_configuration_tells_what_is_locked(client: Client) -> None:
    agent = await made(client)
    locked = (await client.call("PUT", f"/api/agents/{agent}/locks/name")).body
    answer = await client.call(
        "PUT",
        f"/api/agents/{agent}/config",
        json={**DRAFT, "name": "Zed", "prologue": "Hello"},
        headers={"If-Match": f'"{locked["revision"]}"'},
    )
    assert (answer.status, answer.body["config"]["name"], answer.body["config"]["prologue"]) == (200, "Trip", "Hello")
    assert [(item["field"], item["why"]) for item in answer.body["refused"]] == [("name", "it is locked")]


async def test_locked_knowledge_refuses_files_and_their_removal_with_the_reason(client: Client) -> None:
    def notes() -> aiohttp.FormData:
        form = aiohttp.FormData()
        form.add_field("files", b"# Trips", filename="notes.md")
        return form

    agent = await made(client)
    [file] = await client.post(f"/api/agents/{agent}/knowledge", data=notes())
    await client.call("PUT", f"/api/agents/{agent}/locks/knowledge")
    for method, path, options in (("POST", "", {"data": notes()}), ("DELETE", f"/{file['id']}", {})):
        answer = await client.call(method, f"/api/agents/{agent}/knowledge{path}", **options)
        assert (answer.status, answer.body["code"]) == (409, "locked"), method
    assert [item["id"] for item in await client.get(f"/api/agents/{agent}/knowledge")] == [file["id"]]


async def test_one_field_of_a_version_is_restored_and_nothing_else(client: Client) -> None:
    agent = await made(client)
    path = f"/api/agents/{agent}/versions/1/restore"
    await patched(client, agent, name="Max", instruction="Plan.", tools={"weather": True})
    await patched(client, agent, generation={"temperature": 0.9, "max_tokens": 50})
    restored = await done(client, path, fields=["name", "generation.temperature", "tools.weather"])
    assert restored["config"]["name"] == "Trip"
    assert restored["config"]["generation"] == {"temperature": 0.2, "max_tokens": 50}
    assert restored["config"]["tools"]["weather"]["use"] is False
    assert restored["config"]["instruction"] == "Plan."
    assert {change["field"] for change in restored["changes"]} == {"name", "generation", "tools.weather"}
    await client.call("PUT", f"/api/agents/{agent}/locks/instruction")
    refused = await done(client, path, fields=["instruction", "prologue"])
    assert [(each["field"], each["why"]) for each in refused["refused"]] == [("instruction", "it is locked")]
    assert refused["config"]["instruction"] == "Plan."
    for fields, status in ((["colour"], 404), ([], 422), ("name", 422)):
        assert (await client.call("POST", path, json={"fields": fields})).status == status
    whole = await done(client, path)
    assert whole["config"]["generation"] == {"temperature": 0.2}
