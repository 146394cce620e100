"""Publishing over HTTP: draft and release apart, what a live release knows, and what differs."""

from typing import Any

from tests.client import Client
from tests.knowing import add, knowing, search, settled
from tests.openapi import describing
from tests.test_api_history import made, patched

SOCKS, BOOTS = "# Socks\n\nWool socks come back within 30 days.\n", "# Boots\n\nLeather boots are waxed every month.\n"


async def published(client: Client, agent: str, **body: Any) -> Any:
    return await client.post(f"/api/agents/{agent}/releases", json=body)


async def differences(client: Client, agent: str, **places: str) -> dict[str, Any]:
    found = await client.get(f"/api/agents/{agent}/differences", params=places)
    return {difference["field"]: difference for difference in found}


async def test_a_release_stays_what_it_was_while_the_draft_goes_on(client: Client) -> None:
    agent = await made(client)
    path = f"/api/agents/{agent}/releases"
    assert await client.get(path) == []
    first = await published(client, agent, note="  The first one ")
    assert (first["number"], first["version"], first["note"], first["live"]) == (1, 1, "The first one", True)
    await patched(client, agent, name="Max")
    assert (await client.get(f"{path}/1"))["config"]["name"] == "Trip"
    again = await client.call("POST", path, json={"version": 1})
    assert (again.status, again.body["code"], again.body["params"]) == (409, "nothing_to_publish", {"number": 1})
    second = await published(client, agent)
    assert [(it["number"], it["live"]) for it in await client.get(path)] == [(2, True), (1, False)]
    assert second["version"] == 2
    assert (await client.call("PUT", f"{path}/1/live")).body["live"]
    assert [(it["number"], it["live"]) for it in await client.get(path)] == [(2, False), (1, True)]
    assert (await client.get(f"/api/agents/{agent}"))["config"]["name"] == "Max"
    assert not (await client.call("DELETE", f"{path}/1/live")).body["live"]
    assert not any(it["live"] for it in await client.get(path))
    third = await published(client, agent, version=1)
    assert (third["number"], third["version"], third["live"]) == (3, 1, True)


async def test_a_version_that_was_published_grows_no_more(client: Client) -> None:
    agent = await made(client)
    await patched(client, agent, name="Ma")
    await patched(client, agent, name="Max")
    await published(client, agent)
    await patched(client, agent, name="Maxi")
    versions = await client.get(f"/api/agents/{agent}/versions")
    assert [(it["number"], it["release"], it["closed"]) for it in versions] == [
        (3, None, False),
        (2, 1, True),
        (1, None, True),
    ]
    assert (await client.get(f"/api/agents/{agent}/versions/2"))["config"]["name"] == "Max"


async def test_what_was_not_seen_is_not_published(client: Client) -> None:
    agent = await made(client)
    seen = (await patched(client, agent, name="Max")).body["revision"]
    await patched(client, agent, name="Zed")
    path = f"/api/agents/{agent}/releases"
    assert (await client.call("POST", path, json={"revision": seen})).status == 409
    for body, status in (
        ({"version": 9}, 404),
        ({"note": "x" * 2_001}, 422),
        ({"version": "x"}, 422),
        ({"live": 1}, 422),
    ):
        assert (await client.call("POST", path, json=body)).status == status
    assert await client.get(path) == []
    for number in ("0", "7", "99999999999"):
        assert (await client.call("PUT", f"{path}/{number}/live")).status == 404


async def test_what_is_live_is_found_though_the_draft_forgot_it(client: Client) -> None:
    agent = await knowing(client, {"socks.md": SOCKS})
    path = f"/api/agents/{agent}"
    [socks] = await client.get(f"{path}/knowledge")
    await client.call("PUT", f"{path}/knowledge/{socks['id']}/tags", json={"tags": ["wool"]})
    await patched(client, agent, retrieval={"tags": ["wool"]})
    await published(client, agent)
    assert (await client.call("POST", f"{path}/releases", json={})).status == 409
    await client.call("PUT", f"{path}/knowledge/{socks['id']}/tags", json={"tags": ["wool", "feet"]})
    [filed] = await client.get(f"{path}/differences")
    assert filed["field"] == "knowledge.tags"
    assert (filed["before"], filed["after"]) == (["socks.md: wool"], ["socks.md: wool, feet"])
    await published(client, agent)  # how its files are filed is a part of a release
    assert (await client.call("DELETE", f"{path}/knowledge/{socks['id']}")).status == 204
    await add(client, agent, {"boots.md": BOOTS})
    await settled(client, agent)
    await patched(client, agent, retrieval={"tags": []})

    async def of_release(query: str, number: int = 2) -> list[str]:
        found = await client.call("POST", f"{path}/releases/{number}/search", json={"query": query})
        assert found.status == 200, found.body
        return [hit["name"] for hit in found.body["hits"]]

    assert await of_release("When do socks come back?") == ["socks.md"]
    assert await of_release("leather boots") == []
    assert (await search(client, agent, "When do socks come back?"))["hits"] == []
    assert [hit["name"] for hit in (await search(client, agent, "leather boots"))["hits"]] == ["boots.md"]
    assert (await client.get(f"{path}/knowledge/statistics"))["files"] == 1
    for method, gone in (("GET", "passages"), ("POST", "retry"), ("POST", "cancel"), ("POST", "refresh")):
        assert (await client.call(method, f"{path}/knowledge/{socks['id']}/{gone}")).status == 404
    await published(client, agent)
    assert await of_release("leather boots", 3) == ["boots.md"]
    assert await of_release("When do socks come back?") == []
    await client.call("PUT", f"{path}/releases/2/live")
    while not (names := await of_release("When do socks come back?")):
        await client.get(f"{path}/knowledge")
    assert names == ["socks.md"]
    await client.call("DELETE", f"{path}/releases/2/live")
    assert await of_release("When do socks come back?") == []


async def readiness(client: Client, agent: str) -> tuple[dict[str, str], list[str]]:
    """The kinds that were found, each with its field, and the names of the keys that others need."""
    told = await client.get(f"/api/agents/{agent}/readiness")
    assert all(finding["text"]["zh"] and finding["text"]["en"] for finding in told["findings"])
    levels = [finding["level"] for finding in told["findings"]]
    assert levels == sorted(levels), "what is missing comes first"
    return {finding["kind"]: finding["field"] for finding in told["findings"]}, [key["name"] for key in told["keys"]]


async def test_what_is_missing_is_told_with_its_place_before_it_goes_out(client: Client) -> None:
    agent = (await client.post("/api/agents"))["id"]
    found, keys = await readiness(client, agent)
    assert (found, keys) == ({"name": "name", "instruction": "instruction", "model": "model"}, [])
    secured = {"components": {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}}}
    text = describing({"path": "/x", "operationId": "x", "method": "post"}, security=[{"k": []}], **secured)
    api = {"text": text, "operations": ["x"]}
    await client.post(f"/api/agents/{agent}/apis", json=api)
    api_id = (await client.get(f"/api/agents/{agent}/apis"))[0]["id"]
    await add(client, agent, {"broken.pdf": b"no pdf"})
    await settled(client, agent)
    tools = {"image_gen": True, "web_browser": True, "http_request": True, "code_interpreter": True}
    await patched(client, agent, name="Max", instruction="Plan.", tools=tools, policies={"http_request": "allow"})
    [file] = await client.get(f"/api/agents/{agent}/knowledge")
    found, keys = await readiness(client, agent)
    assert "name" not in found and "instruction" not in found
    assert found["file_failed"] == f"knowledge.{file['id']}"
    assert found["tool_key"] == "tools.image_gen"
    assert found["mixture"] == "tools"
    assert found["sandbox"] == "tools.code_interpreter"
    assert (found["asks"], found["service_key"]) == (f"openapi.{api_id}", f"openapi.{api_id}")
    assert "DASHSCOPE_API_KEY" in keys
    await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": "sk-canary"})
    found, _ = await readiness(client, agent)
    assert "tool_key" not in found
    assert "sk-canary" not in str(await client.get(f"/api/agents/{agent}/readiness"))
    assert "model_near" not in found
    await patched(client, agent, model="ollama-local")
    found, _ = await readiness(client, agent)
    assert found["model_near"] == "model", "elsewhere nothing answers at this machine's address"


async def test_differences_are_told_by_words_items_and_settings(client: Client) -> None:
    agent = await made(client)
    fresh = await differences(client, agent)
    assert fresh["name"]["after"] == "Trip", "nothing is live: all of it is new"
    await published(client, agent)
    assert await differences(client, agent) == {}
    await patched(
        client,
        agent,
        instruction="Plan short trips.",
        prompt_recommend=["To Rome?"],
        generation={"temperature": 0.9},
        tools={"weather": True},
    )
    told = await differences(client, agent)
    assert told["instruction"]["pieces"] == [
        {"kind": "same", "text": "Plan "},
        {"kind": "come", "text": "short "},
        {"kind": "same", "text": "trips."},
    ]
    assert (told["prompt_recommend"]["before"], told["prompt_recommend"]["after"]) == ([], ["To Rome?"])
    assert (told["generation.temperature"]["before"], told["generation.temperature"]["after"]) == (0.2, 0.9)
    assert told["tools.weather"]["after"] is True
    back = await differences(client, agent, **{"from": "draft", "to": "release:1"})
    assert back["instruction"]["pieces"][1] == {"kind": "gone", "text": "short "}
    assert await differences(client, agent, **{"from": "version:1", "to": "release:1"}) == {}
    for places, status in (({"from": "release:4"}, 404), ({"from": "x"}, 400), ({"to": "version:"}, 400)):
        assert (await client.call("GET", f"/api/agents/{agent}/differences", params=places)).status == status


async def test_the_keys_of_what_goes_out_are_asked_for_and_no_others(client: Client) -> None:
    own = {"url": "http://127.0.0.1:9/v1", "key": "sk-own", "models": [{"model": "mine"}]}
    [model] = (await client.post("/api/endpoints", json=own))["models"]
    made = await client.post("/api/agents", json={"config": {"name": "Max", "model": model["key"]}})
    proposed = {
        "url": "https://maps.example/mcp",
        "headers": {"X-Key": "x"},
        "tools": [{"name": "t"}],
        "proposed": True,
    }
    path, document = f"/api/agents/{made['id']}", {**made["config"], "mcpServers": {"maps": proposed}}
    seen = {"if-match": f'"{made["revision"]}"'}
    assert (await client.call("PUT", f"{path}/config", json=document, headers=seen)).status == 200
    told = await client.get(f"{path}/readiness")
    assert [key["name"] for key in told["keys"]] == ["MODEL_API_KEY"], "as in the bundle's .env.example"
    await published(client, made["id"])
    await patched(client, made["id"], model="", tools={"image_gen": True})
    told = await client.get(f"{path}/readiness")
    asked, sent = ([key["name"] for key in told[which]] for which in ("keys", "sent_keys"))
    assert "DASHSCOPE_API_KEY" in asked and sent == ["MODEL_API_KEY"], "what is sent elsewhere is what is live"
