"""Endpoints that people add: their models are used like the catalogue's, and their keys go where they belong alone."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.client import Client, kinds, text_of
from tests.conftest import Serve
from tests.fakes.model_lists import ModelLists, openai_list
from tests.fakes.openai_replies import UNAUTHORIZED, Json, Says
from tests.fakes.openai_server import FakeOpenAI, refused_base_url
from tests.fakes.openai_talents import Talents
from tests.test_net import Names
from user_agent.addresses import AddressPolicy
from user_agent.errors import AddressForbidden
from user_agent.messages import user_message
from user_agent.models.base import ModelRequest
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.runtime import ModelClients

KEY = "sk-canary-endpoint-4711"
OTHER_KEY = "sk-canary-other-0815"
CATALOGUE_KEY = "sk-canary-of-the-catalogue"
ENVIRONMENT_KEY = "sk-canary-of-the-server"


def origin(server: FakeOpenAI) -> str:
    return server.base_url.removesuffix("/v1")


def catalogue(folder: Path, base_url: str) -> str:
    """A model list with one model at `base_url`, which waits for a key."""
    file = folder / "models.json"
    entry = {"type": "openai", "model": "listed-1", "api_base": base_url, "api_key_env": "LISTED_API_KEY"}
    file.write_text(json.dumps({"listed": entry}), encoding="utf-8")
    return str(file)


async def added(client: Client, url: str, *models: str, key: str | None = KEY, **more: Any) -> dict[str, Any]:
    wanted = [{"model": model} for model in models]
    return await client.post("/api/endpoints", json={"url": url, "key": key, "models": wanted, **more})


async def agent_on(client: Client, model: str) -> str:
    agent: str = (await client.post("/api/agents"))["id"]
    answer = await client.call("PATCH", f"/api/agents/{agent}/config", json={"model": model})
    assert answer.body["config"]["model"] == model, answer.body
    return agent


async def failure_of(client: Client, agent: str) -> str:
    """The code with which the agent's answer fails; empty where it does not."""
    events = await client.say(await client.conversation(agent), "Hello")
    return events[-1].data["code"] if events[-1].type == "run_failed" else ""


async def listed(client: Client, key: str) -> dict[str, Any]:
    models = (await client.get("/api/models"))["models"]
    return next(model for model in models if model["key"] == key)


@pytest.fixture
async def server() -> AsyncGenerator[FakeOpenAI, None]:
    async with FakeOpenAI(fallback=lambda _: Says("Good morning.")) as server:
        yield server


@pytest.fixture
async def other() -> AsyncGenerator[FakeOpenAI, None]:
    """An endpoint at a second origin."""
    async with FakeOpenAI(fallback=lambda _: Says("I am the other.")) as server:
        yield server


@asynccontextmanager
async def two_people(serve: Serve, **environment: str) -> AsyncGenerator[tuple[Client, Client]]:
    """Ann and Bob, on a server with tokens."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serve(AGENTFABRIC_TOKENS="ann:token-a,bob:token-b", **environment))
        ann, bob = (Client(server.base_url, {"Authorization": f"Bearer {token}"}) for token in ("token-a", "token-b"))
        yield await stack.enter_async_context(ann), await stack.enter_async_context(bob)


# ---- adding and using


async def test_a_model_of_an_own_endpoint_answers_like_any_other(client: Client, server: FakeOpenAI) -> None:
    found = (await client.call("POST", "/api/endpoints/look", json={"url": origin(server), "key": KEY})).body
    assert (found["url"], found["problem"], found["models"][0]["model"]) == (server.base_url, "", "fake")
    endpoint = await added(client, found["url"], "fake", name="My server")
    assert (endpoint["name"], endpoint["key"]) == ("My server", "stored")
    model = await listed(client, "fake")
    assert (model["state"], model["name"], model["origin"]) == ("ready", "fake", origin(server))
    assert model["own"]["endpoint"] == endpoint["id"]
    agent = await agent_on(client, "fake")
    events = await client.say(await client.conversation(agent), "Hello")
    assert text_of(events) == "Good morning."
    assert server.last.headers["Authorization"] == f"Bearer {KEY}"
    assert server.last.body["model"] == "fake"


async def test_the_builder_can_use_it(client: Client, server: FakeOpenAI) -> None:
    await added(client, server.base_url, "fake")
    session = (await client.call("PUT", "/api/session", json={"builder_model": "fake"})).body
    assert session["builder_model"] == "fake"
    agent = (await client.post("/api/agents"))["id"]
    await client.tell_builder(agent, "I want a poet")
    assert server.last.headers["Authorization"] == f"Bearer {KEY}"


async def test_it_is_the_default_where_nothing_else_is_ready(serve: Serve, home: Path, server: FakeOpenAI) -> None:
    home.mkdir()
    async with serve(MODEL_CONFIG_FILE=catalogue(home, server.base_url)) as client:
        assert (await client.get("/api/models"))["default"] == ""
        await added(client, server.base_url, "fake")
        assert (await client.get("/api/models"))["default"] == "fake"


async def test_an_endpoint_without_a_key_is_asked_without_one(serve: Serve, server: FakeOpenAI) -> None:
    async with serve(OPENAI_API_KEY=ENVIRONMENT_KEY) as client:
        endpoint = await added(client, server.base_url, "fake", key=None)
        assert endpoint["key"] == "none"
        assert await failure_of(client, await agent_on(client, "fake")) == ""
        assert server.last.headers["Authorization"] == "Bearer EMPTY"


async def test_models_are_added_renamed_told_about_and_removed(client: Client, server: FakeOpenAI) -> None:
    endpoint = await added(client, server.base_url, "fake")
    path = f"/api/endpoints/{endpoint['id']}"
    more = await client.post(f"{path}/models", json={"models": [{"model": "fake"}, {"model": "bigger"}]})
    assert [model["key"] for model in more["models"]] == ["fake", "bigger"]
    model = more["models"][0]["id"]
    facts = {"vision": True, "context_length": 32_000, "function_calling": False}
    changed = await client.call("PATCH", f"/api/own-models/{model}", json={"name": "Little one", "facts": facts})
    assert (changed.body["name"], changed.body["key"]) == ("Little one", "fake")
    entry = await listed(client, "fake")
    assert entry["name"] == "Little one"
    assert {name: entry["facts"][name] for name in facts} == facts
    await client.call("PATCH", f"/api/own-models/{model}", json={"facts": {"vision": None}})
    assert (await listed(client, "fake"))["facts"]["vision"] is False
    assert (await client.call("DELETE", f"/api/own-models/{model}")).status == 204
    assert [model["key"] for model in (await client.get(path))["models"]] == ["bigger"]


async def test_an_agent_whose_model_was_removed_says_so_with_a_cure(client: Client, server: FakeOpenAI) -> None:
    endpoint = await added(client, server.base_url, "fake")
    agent = await agent_on(client, "fake")
    await client.call("PUT", "/api/session", json={"builder_model": "fake"})
    assert (await client.call("DELETE", f"/api/endpoints/{endpoint['id']}")).status == 204
    events = await client.say(await client.conversation(agent), "Hello")
    assert (events[-1].data["code"], events[-1].data["params"]["model"]) == ("model_unknown", "fake")
    assert "Choose another one under Configure." in events[-1].data["message"]
    assert (await client.get("/api/session"))["builder_model"] == ""
    assert kinds(await client.tell_builder(agent, "Call it Ada"))[-1] == "run_failed"


async def test_two_endpoints_may_have_a_model_of_the_same_name(
    client: Client, server: FakeOpenAI, other: FakeOpenAI
) -> None:
    await added(client, server.base_url, "fake", name="One")
    second = await added(client, other.base_url, "fake", name="Two", key=OTHER_KEY)
    assert second["models"][0]["key"] == "fake · Two"
    events = await client.say(await client.conversation(await agent_on(client, "fake · Two")), "Hello")
    assert text_of(events) == "I am the other."
    assert not server.requests
    assert other.last.headers["Authorization"] == f"Bearer {OTHER_KEY}"


async def test_everything_is_there_again_after_a_restart(serve: Serve, server: FakeOpenAI) -> None:
    async with serve() as client:
        await added(client, server.base_url, "fake")
    async with serve() as client:
        assert await failure_of(client, await agent_on(client, "fake")) == ""
    assert server.last.headers["Authorization"] == f"Bearer {KEY}"


# ---- keys


async def test_a_key_stays_with_the_origin_it_was_entered_for(
    client: Client, server: FakeOpenAI, other: FakeOpenAI
) -> None:
    endpoint = await added(client, server.base_url, "fake")
    path = f"/api/endpoints/{endpoint['id']}"
    agent = await agent_on(client, "fake")
    moved = await client.call("PATCH", path, json={"url": other.base_url})
    assert (moved.body["url"], moved.body["key"]) == (other.base_url, "missing")
    assert (await listed(client, "fake"))["state"] == "needs_key"
    assert await failure_of(client, agent) == "model_no_endpoint_key"
    await client.call("GET", f"{path}/offers")
    assert not other.requests
    back = await client.call("PATCH", path, json={"url": server.base_url})
    assert back.body["key"] == "missing", "the key was kept for later"
    there = await client.call("PATCH", path, json={"url": other.base_url, "key": OTHER_KEY})
    assert there.body["key"] == "stored"
    assert await failure_of(client, agent) == ""
    assert other.last.headers["Authorization"] == f"Bearer {OTHER_KEY}"


async def test_a_new_path_at_the_same_origin_keeps_the_key(client: Client, server: FakeOpenAI) -> None:
    endpoint = await added(client, f"{origin(server)}/elsewhere", "fake")
    moved = await client.call("PATCH", f"/api/endpoints/{endpoint['id']}", json={"url": server.base_url})
    assert moved.body["key"] == "stored"


async def test_a_key_can_be_taken_away_and_replaced(client: Client, server: FakeOpenAI) -> None:
    endpoint = await added(client, server.base_url, "fake")
    path = f"/api/endpoints/{endpoint['id']}"
    agent = await agent_on(client, "fake")
    assert (await client.call("PATCH", path, json={"key": ""})).body["key"] == "none"
    assert await failure_of(client, agent) == ""
    assert server.last.headers["Authorization"] == "Bearer EMPTY"
    assert (await client.call("PATCH", path, json={"key": OTHER_KEY})).body["key"] == "stored"
    assert await failure_of(client, agent) == ""
    assert server.last.headers["Authorization"] == f"Bearer {OTHER_KEY}"


async def test_a_model_called_like_one_of_the_catalogue_gets_none_of_its_keys(
    serve: Serve, home: Path, server: FakeOpenAI, other: FakeOpenAI
) -> None:
    home.mkdir()
    environment = {"MODEL_CONFIG_FILE": catalogue(home, server.base_url), "OPENAI_API_KEY": ENVIRONMENT_KEY}
    async with serve(**environment, LISTED_API_KEY=ENVIRONMENT_KEY) as client:
        await client.call("PUT", "/api/secrets/LISTED_API_KEY", json={"value": CATALOGUE_KEY})
        endpoint = await added(client, other.base_url, "listed", key=None, name="LISTED_API_KEY")
        key = endpoint["models"][0]["key"]
        assert key == "listed · LISTED_API_KEY"
        for model in ("listed", key):
            assert await failure_of(client, await agent_on(client, model)) == ""
    assert [request.headers["Authorization"] for request in other.requests] == ["Bearer EMPTY"]
    assert [request.headers["Authorization"] for request in server.requests] == [f"Bearer {CATALOGUE_KEY}"]


async def test_a_key_that_the_catalogue_comes_to_use_stays_the_persons_model(
    serve: Serve, home: Path, server: FakeOpenAI, other: FakeOpenAI
) -> None:
    async with serve() as client:
        await added(client, other.base_url, "listed", key=None)
    async with serve(MODEL_CONFIG_FILE=catalogue(home, server.base_url), LISTED_API_KEY=ENVIRONMENT_KEY) as client:
        assert await failure_of(client, await agent_on(client, "listed")) == ""
    assert not server.requests
    assert other.last.headers["Authorization"] == "Bearer EMPTY"


async def test_a_key_for_the_catalogue_goes_to_no_origin_that_it_was_not_entered_for(
    serve: Serve, home: Path, server: FakeOpenAI, other: FakeOpenAI
) -> None:
    home.mkdir()
    async with serve(MODEL_CONFIG_FILE=catalogue(home, server.base_url)) as client:
        await client.call("PUT", "/api/secrets/LISTED_API_KEY", json={"value": CATALOGUE_KEY})
        agent = await agent_on(client, "listed")
        assert await failure_of(client, agent) == ""
    async with serve(MODEL_CONFIG_FILE=catalogue(home, other.base_url)) as client:
        assert (await listed(client, "listed"))["state"] == "needs_key"
        assert await failure_of(client, agent) == "model_no_key"
        assert not other.requests
        await client.call("PUT", "/api/secrets/LISTED_API_KEY", json={"value": OTHER_KEY})
        assert await failure_of(client, agent) == ""
    assert [request.headers["Authorization"] for request in other.requests] == [f"Bearer {OTHER_KEY}"]


async def test_where_a_persons_key_is_for_elsewhere_the_servers_own_is_used(
    serve: Serve, home: Path, server: FakeOpenAI, other: FakeOpenAI
) -> None:
    home.mkdir()
    async with serve(MODEL_CONFIG_FILE=catalogue(home, server.base_url)) as client:
        await client.call("PUT", "/api/secrets/LISTED_API_KEY", json={"value": CATALOGUE_KEY})
    async with serve(MODEL_CONFIG_FILE=catalogue(home, other.base_url), LISTED_API_KEY=ENVIRONMENT_KEY) as client:
        assert await failure_of(client, await agent_on(client, "listed")) == ""
    assert other.last.headers["Authorization"] == f"Bearer {ENVIRONMENT_KEY}"


@pytest.mark.parametrize("odd", ["http://127.1:1/v1", "http://my host/v1", "http://[::1/v1"])
async def test_an_odd_address_in_the_operators_file_breaks_nothing(serve: Serve, home: Path, odd: str) -> None:
    home.mkdir()
    async with serve(MODEL_CONFIG_FILE=catalogue(home, odd)) as client:
        await client.call("PUT", "/api/secrets/LISTED_API_KEY", json={"value": CATALOGUE_KEY})
        assert (await client.call("GET", "/api/models")).status == 200


async def test_a_redirect_of_an_own_endpoint_is_not_followed(client: Client, other: FakeOpenAI) -> None:
    async with ModelLists({"/v1/chat/completions": f"{other.base_url}/chat/completions"}) as server:
        await added(client, f"{server.origin}/v1", "fake")
        assert await failure_of(client, await agent_on(client, "fake")) == "model_refused"
        assert [asked.path for asked in server.asked] == ["/v1/chat/completions"]
    assert not other.requests


async def test_no_route_gives_a_key_out(client: Client, server: FakeOpenAI) -> None:
    endpoint = await added(client, server.base_url, "fake")
    path = f"/api/endpoints/{endpoint['id']}"
    answers = [
        await client.call("PATCH", path, json={"name": "Another name"}),
        await client.call("POST", "/api/endpoints/look", json={"url": server.base_url, "key": KEY}),
        await client.call("POST", "/api/endpoints/look", json={"url": refused_base_url(), "key": KEY}),
        await client.call("POST", "/api/endpoints", json={"url": "nonsense", "key": KEY}),
        await client.call("POST", "/api/endpoints", json={"url": server.base_url, "key": KEY, "models": "none"}),
        await client.call("POST", "/api/endpoints", json={"url": server.base_url, "key": f"{KEY}\n{KEY}"}),
    ]
    for route in (
        path,
        f"{path}/offers",
        "/api/endpoints",
        "/api/models",
        "/api/secrets",
        "/api/session",
        "/api/tools",
    ):
        answers.append(await client.call("GET", route))
    assert [answer.status for answer in answers] == [200, 200, 502, 422, 422, 422, *[200] * 7]
    assert KEY not in json.dumps([answer.body for answer in answers])
    assert (await client.get("/api/secrets"))["names"] == []


async def test_removing_an_endpoint_removes_its_key(serve: Serve, home: Path, server: FakeOpenAI) -> None:
    async with serve() as client:
        endpoint = await added(client, server.base_url, "fake")
        await client.call("DELETE", f"/api/endpoints/{endpoint['id']}")
    with sqlite3.connect(home / "agentfabric.db") as database:
        assert database.execute("select name from secrets").fetchall() == []
        assert database.execute("select id from models").fetchall() == []
    database.close()


async def test_a_key_that_the_endpoint_refuses_is_told_with_the_place_to_change_it(client: Client) -> None:
    async with FakeOpenAI(fallback=lambda _: UNAUTHORIZED) as server:
        await added(client, server.base_url, "fake")
        agent = await agent_on(client, "fake")
        failed = (await client.say(await client.conversation(agent), "Hello"))[-1].data
    assert failed["code"] == "model_auth"
    assert "Check the endpoint's key under Models & keys" in failed["message"]
    assert KEY not in json.dumps(failed)


# ---- two people


async def test_what_one_person_added_is_not_there_for_another(serve: Serve, server: FakeOpenAI) -> None:
    async with two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=origin(server)) as (ann, bob):
        endpoint = await added(ann, server.base_url, "fake")
        path, model = f"/api/endpoints/{endpoint['id']}", f"/api/own-models/{endpoint['models'][0]['id']}"
        routes: list[tuple[str, str, Any]] = [
            ("GET", path, None),
            ("PATCH", path, {"url": "https://evil.example/v1"}),
            ("DELETE", path, None),
            ("GET", f"{path}/offers", None),
            ("POST", f"{path}/models", {"models": [{"model": "x"}]}),
            ("PATCH", model, {"name": "mine"}),
            ("DELETE", model, None),
            ("POST", "/api/trials", {"model": "fake"}),
        ]
        statuses = [(await bob.call(method, route, json=body)).status for method, route, body in routes]
        assert statuses == [404] * 7 + [422]
        assert await bob.get("/api/endpoints") == []
        assert "fake" not in [model["key"] for model in (await bob.get("/api/models"))["models"]]
        refused = await bob.call("PUT", "/api/session", json={"builder_model": "fake"})
        assert (refused.status, refused.body["code"]) == (422, "model_unknown")
        agent = (await bob.post("/api/agents", json={"config": {"name": "Thief", "model": "fake"}}))["id"]
        assert await failure_of(bob, agent) == "model_unknown"
        assert not server.requests
        assert await ann.get(path) == endpoint


async def test_the_same_model_of_two_people_is_asked_with_the_key_of_each(serve: Serve, server: FakeOpenAI) -> None:
    async with two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=origin(server)) as (ann, bob):
        await added(ann, server.base_url, "fake", key=KEY)
        await added(bob, server.base_url, "fake", key=OTHER_KEY)
        for person, key in ((ann, KEY), (bob, OTHER_KEY), (ann, KEY)):
            assert await failure_of(person, await agent_on(person, "fake")) == ""
            assert server.last.headers["Authorization"] == f"Bearer {key}"


# ---- addresses

REFUSED_EVERYWHERE = (
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:169.254.169.254]/v1",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://100.100.100.200/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/v1",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://127.0.0.1/v1",
    "data:text/plain,hi",
    "//127.0.0.1/v1",
    "http://user:secret@127.0.0.1/v1",
    "http://127.0.0.1\\@evil.example/v1",
    "http://evil.example\t.127.0.0.1/",
    "http://127.1/v1",
    "http://0x7f.1/v1",
    "http://2130706433/v1",
    "http://0177.0.0.1/v1",
    "http://127.0.0.1:0/v1",
    "http://",
    "https://",
    "nonsense",
    "http://" + "a" * 300 + ".example/v1",
)
REFUSED_ON_A_SERVER = (
    "http://127.0.0.1:11434/v1",
    "http://localhost:11434/v1",
    "http://LOCALHOST.:11434/v1",
    "http://api.localhost/v1",
    "http://[::1]:8000/v1",
    "http://[::ffff:127.0.0.1]/v1",
    "http://0.0.0.0:8000/v1",
    "http://0/v1",
    "http://10.0.0.5/v1",
    "http://192.168.1.10:1234/v1",
    "http://172.16.0.1/v1",
    "http://100.64.0.1/v1",
    "http://[fc00::1]/v1",
)


async def test_addresses_that_nobody_may_ask_are_refused_in_every_spelling(client: Client) -> None:
    await _refuse_all(client, REFUSED_EVERYWHERE)


async def test_on_a_server_for_others_its_own_network_is_refused_too(serve: Serve) -> None:
    async with two_people(serve) as (ann, _):
        await _refuse_all(ann, REFUSED_EVERYWHERE + REFUSED_ON_A_SERVER)


async def _refuse_all(client: Client, urls: tuple[str, ...]) -> None:
    endpoint = await added(client, "https://api.example/v1", key=None)
    for url in urls:
        for method, path in (
            ("POST", "/api/endpoints/look"),
            ("POST", "/api/endpoints"),
            ("PATCH", f"/api/endpoints/{endpoint['id']}"),
        ):
            answer = await client.call(method, path, json={"url": url})
            assert (answer.status, answer.body["code"]) in ((422, "address_unusable"), (422, "config_invalid")), url
            assert answer.body["message"].endswith("."), url
            chinese = await client.call(method, path, json={"url": url, "language": "zh"})
            assert chinese.body["params"].get("reason") != answer.body["params"].get("reason"), url
    assert [each["url"] for each in await client.get("/api/endpoints")] == ["https://api.example/v1"]


async def test_an_origin_that_the_operator_trusts_may_be_on_their_network(serve: Serve, server: FakeOpenAI) -> None:
    async with two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=origin(server)) as (ann, _):
        found = await ann.call("POST", "/api/endpoints/look", json={"url": server.base_url})
        assert found.body["models"][0]["model"] == "fake"
        await added(ann, server.base_url, "fake")
        assert await failure_of(ann, await agent_on(ann, "fake")) == ""
        near = server.base_url.replace(f":{origin(server).rpartition(':')[2]}", ":1")
        assert (await ann.call("POST", "/api/endpoints/look", json={"url": near})).status == 422


async def test_an_endpoint_from_before_the_tokens_is_not_asked_any_more(serve: Serve, server: FakeOpenAI) -> None:
    """The address is looked at when it is asked, not only when it is entered."""
    async with serve() as client:
        await added(client, server.base_url, "fake")
    async with serve(AGENTFABRIC_TOKEN="token-of-the-local-user") as anybody:
        headers = {"Authorization": "Bearer token-of-the-local-user"}
        async with Client(anybody.base_url, headers) as client:
            assert await failure_of(client, await agent_on(client, "fake")) == "model_address"
    assert not server.requests


@pytest.mark.parametrize(
    ("policy", "addresses", "allowed"),
    [
        (AddressPolicy(), ["127.0.0.1"], False),
        (AddressPolicy(own_network=True), ["127.0.0.1"], True),
        (AddressPolicy(own_network=True), ["169.254.169.254"], False),
    ],
    ids=["loopback", "own machine", "metadata"],
)
async def test_a_name_is_judged_by_the_address_it_has_when_it_is_asked(
    server: FakeOpenAI, policy: AddressPolicy, addresses: list[str], allowed: bool
) -> None:
    port = origin(server).rpartition(":")[2]
    entry = ModelEntry.of_user({"type": "openai", "model": "m", "api_base": f"http://models.test:{port}/v1"})
    async with ModelClients(policy=policy, resolver=Names(addresses)) as clients:
        model = OpenAICompatible(clients, entry, SecretStr(KEY))
        answer = _text(model)
        if allowed:
            assert await answer == "Good morning."
        else:
            with pytest.raises(AddressForbidden):
                await answer
    assert bool(server.requests) == allowed


async def test_a_name_that_changes_its_mind_is_caught(server: FakeOpenAI) -> None:
    """The first connection was fine; the next one is looked at again."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    port = origin(server).rpartition(":")[2]
    entry = ModelEntry.of_user({"type": "openai", "model": "m", "api_base": f"http://models.test:{port}/v1"})
    async with ModelClients(policy=AddressPolicy(own_network=True), resolver=names) as clients:
        assert await _text(OpenAICompatible(clients, entry, SecretStr(KEY))) == "Good morning."
    async with ModelClients(policy=AddressPolicy(own_network=True), resolver=names) as clients:
        with pytest.raises(AddressForbidden):
            await _text(OpenAICompatible(clients, entry, SecretStr(KEY)))
    assert len(server.requests) == 1


async def _text(model: OpenAICompatible) -> str:
    request = ModelRequest(system="", messages=[user_message("Hello")])
    return "".join([chunk.text async for chunk in model.stream(request)])


# ---- local models


async def test_local_models_are_found_and_added_at_once(serve: Serve, server: FakeOpenAI) -> None:
    async with ModelLists({"/v1/models": openai_list("qwen2.5:7b", owner="library")}) as ollama:
        vllm = origin(server).rpartition(":")[2]
        async with serve(AGENTFABRIC_LOCAL_MODEL_PORTS=f"ollama:{ollama.port}, vllm:{vllm}") as client:
            answer = await client.call("POST", "/api/local-models")
            found = {listing["type"]: listing for listing in answer.body}
            assert found.keys() == {"ollama", "vllm"}
            assert found["ollama"]["models"] == [{"model": "qwen2.5:7b", "context_length": None}]
            await added(client, found["vllm"]["url"], "fake", key=None, type="vllm", name="vLLM")
            assert (await listed(client, "fake"))["provider"] == "vllm"
            assert await failure_of(client, await agent_on(client, "fake")) == ""


async def test_on_a_server_for_others_no_local_models_are_looked_for(serve: Serve, server: FakeOpenAI) -> None:
    port = origin(server).rpartition(":")[2]
    async with two_people(serve, AGENTFABRIC_LOCAL_MODEL_PORTS=f"vllm:{port}") as (ann, _):
        answer = await ann.call("POST", "/api/local-models")
        assert (answer.status, answer.body["code"]) == (403, "not_allowed")


# ---- bodies


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/api/endpoints", {"url": "http://127.0.0.1:1", "modles": []}, "modles"),
        ("POST", "/api/endpoints", {"url": "http://127.0.0.1:1", "models": [{"model": "a", "lenght": 1}]}, "lenght"),
        ("POST", "/api/endpoints/look", {"url": "http://127.0.0.1:1", "api_key": "sk-x"}, "api_key"),
        ("PATCH", "/api/endpoints/{endpoint}", {"nmae": "Acme"}, "nmae"),
        ("POST", "/api/endpoints/{endpoint}/models", {"models": [{"model": "b"}], "name": "c"}, "name"),
        ("PATCH", "/api/own-models/{model}", {"facts": {"visoin": True}}, "visoin"),
        ("POST", "/api/trials", {"model": "fake", "again": True}, "again"),
        ("PUT", "/api/session", {"builder_model": "", "local": False}, "local"),
        ("PUT", "/api/secrets/DASHSCOPE_API_KEY", {"value": "sk-x", "name": "y"}, "name"),
    ],
)
async def test_a_field_that_nothing_reads_is_refused_by_its_name(
    client: Client, server: FakeOpenAI, method: str, path: str, body: Json, field: str
) -> None:
    endpoint = await added(client, server.base_url, "fake")
    place = path.format(endpoint=endpoint["id"], model=endpoint["models"][0]["id"])
    answer = await client.call(method, place, json=body)
    assert (answer.status, answer.body["code"]) == (422, "bad_request"), answer.body
    assert answer.body["params"]["field"].endswith(field)
    assert await client.get("/api/endpoints") == [endpoint]


# ---- trying


async def test_what_a_trial_finds_goes_into_the_persons_entry(client: Client) -> None:
    async with FakeOpenAI(fallback=Talents(calls="words", sees="guesses")) as server:
        await added(client, server.base_url, "fake")
        events = await client.collect("POST", "/api/trials", json={"model": "fake"})
        assert len(server.requests) <= 6
        assert {request.headers["Authorization"] for request in server.requests} == {f"Bearer {KEY}"}
    assert [event.type for event in events] == [
        "trial_started",
        *["asking", "found"] * 4,
        "probed",
        "trial_kept",
        "run_finished",
    ]
    assert events[-3].data["fallbacks"] == ["text_protocol", "no_pictures"]
    assert events[-2].data == {"kept": True}
    model = await listed(client, "fake")
    assert model["checked"]
    known = {name: model["facts"][name] for name in ("stream", "function_calling", "vision", "keeps_json")}
    assert known == {"stream": True, "function_calling": False, "vision": False, "keeps_json": True}


async def test_what_a_trial_finds_has_an_effect(client: Client) -> None:
    async with FakeOpenAI(fallback=Talents(streams="refuses")) as server:
        await added(client, server.base_url, "fake")
        agent = await agent_on(client, "fake")
        assert await failure_of(client, agent) == "model_refused"
        await client.collect("POST", "/api/trials", json={"model": "fake"})
        assert await failure_of(client, agent) == ""
        assert server.last.body["stream"] is False


async def test_a_model_of_the_catalogue_is_tried_and_left_as_it_is(
    serve: Serve, home: Path, server: FakeOpenAI
) -> None:
    home.mkdir()
    file = catalogue(home, server.base_url)
    async with serve(MODEL_CONFIG_FILE=file, LISTED_API_KEY=ENVIRONMENT_KEY) as client:
        before = await listed(client, "listed")
        events = await client.collect("POST", "/api/trials", json={"model": "listed"})
        assert events[-2].data == {"kept": False}
        assert await listed(client, "listed") == before


async def test_a_model_that_cannot_be_asked_ends_its_trial_with_a_cure(client: Client) -> None:
    await added(client, refused_base_url(), "fake")
    events = await client.collect("POST", "/api/trials", json={"model": "fake"})
    assert (events[-1].type, events[-1].data["code"]) == ("run_failed", "model_unavailable")
    assert (await listed(client, "fake"))["checked"] == ""


async def test_a_trial_can_be_stopped_by_its_person_alone_and_is_the_only_one(serve: Serve) -> None:
    asked = asyncio.Event()

    def slow(_: Json) -> Says:
        asked.set()
        return Says("one ", ending="endless", delay_s=0.05)

    async with FakeOpenAI(fallback=slow) as server, AsyncExitStack() as stack:
        ann, bob = await stack.enter_async_context(two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=origin(server)))
        await added(ann, server.base_url, "fake")
        events = ann.events("POST", "/api/trials", json={"model": "fake"})
        trial = (await anext(events)).data["trial"]
        await asked.wait()
        second = await ann.call("POST", "/api/trials", json={"model": "fake"})
        assert (second.status, second.body["code"]) == (409, "trial_running")
        assert (await bob.call("POST", f"/api/trials/{trial}/stop")).status == 404
        assert (await ann.call("POST", f"/api/trials/{trial}/stop")).status == 204
        last = [event async for event in events][-1]
        assert (last.type, last.data["stop"]) == ("run_finished", "stopped")
        assert (await listed(ann, "fake"))["checked"] == ""
        await server.last.gone.wait()
