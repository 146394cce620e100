"""Trying an operation: dry shows the request and an answer that is made up, live sends it; no key is ever shown."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.client import Client, an_agent
from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer, page
from tests.fakes.token_server import CLIENT, CLIENT_SECRET, TokenServer
from tests.openapi import body, describing, parameter
from user_agent.openapi.description import read_description

KEY = "canary-key-4711"
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid", "readOnly": True},
        "state": {"type": "string", "enum": ["open", "sent"]},
        "secret": {"type": "string", "writeOnly": True},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
    },
}
SAME = {"$ref": "#/components/schemas/Line"}
LINE = {
    "allOf": [{"type": "object", "properties": {"amount": {"type": "integer", "minimum": 3}}}],
    "properties": {
        "note": {"type": ["null", "string"], "example": "fragile"},
        "again": {"$ref": "#/components/schemas/Line"},
    },
}
MADE_UP = {"id": "00000000-0000-4000-8000-000000000000", "state": "open", "lines": [{"amount": 3, "note": "fragile"}]}


def answering(schema: Any, **media: Any) -> dict[str, Any]:
    return {"201": {"description": "", "content": {"application/json": {"schema": schema, **media}}}}


def shop(server: str) -> str:
    place = {
        "path": "/orders/{shop}",
        "method": "post",
        "operationId": "place_order",
        "parameters": [parameter("shop", "path"), parameter("q")],
        "requestBody": body("application/json", {"state": {"type": "string"}}),
        "responses": answering({"$ref": "#/components/schemas/Order"}),
    }
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "k"}}}
    components = {**schemes, "schemas": {"Order": ORDER, "Line": LINE}}
    return describing(place, server=server, components=components)


@pytest.fixture
async def server() -> AsyncGenerator[HostileServer, None]:
    async with HostileServer() as server:
        server.fallback = page(f'{{"state": "sent", "you": "{KEY}"}}'.encode(), media_type="application/json")
        yield server


@pytest.fixture
async def client(serve: Serve, server: HostileServer) -> AsyncGenerator[Client, None]:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as client:
        yield client


async def given(client: Client, text: str, **more: Any) -> str:
    """The path at which the first operation of a description is tried."""
    agent = await an_agent(client)
    name = read_description(text).operations[0].name
    await client.post(f"{agent}/apis", json={"text": text, "operations": [name], **more})
    (api,) = await client.get(f"{agent}/apis")
    return f"{agent}/apis/{api['id']}/operations/{name}/try"


async def tried(client: Client, path: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await client.call("POST", path, json={"arguments": arguments, **more})
    assert answer.status == 200, answer.body
    return dict(answer.body)


CALL = {"shop": "a/b", "q": "x y", "body": {"state": "open"}}


async def test_a_dry_trial_shows_the_request_and_makes_up_the_answer(client: Client, server: HostileServer) -> None:
    found = await tried(client, await given(client, shop(server.base_url), key=KEY), CALL)
    assert found["request"] == {
        "method": "POST",
        "url": f"{server.base_url}/orders/a%2Fb?q=x%20y&k=[key]",
        "headers": {"accept": "application/json", "content-type": "application/json"},
        "body": '{"state":"open"}',
    }
    made_up = json.loads(found["answer"])
    again = made_up["lines"][0].pop("again")
    assert made_up == MADE_UP and again["amount"] == 3
    assert (found["status"], found["failed"], server.asked) == (None, None, [])


async def test_a_live_trial_sends_it_at_the_press_of_the_button(client: Client, server: HostileServer) -> None:
    found = await tried(client, await given(client, shop(server.base_url), key=KEY), CALL, live=True)
    (sent,) = server.asked
    assert (sent.method, sent.target) == ("POST", f"/orders/a%2Fb?q=x%20y&k={KEY}")
    assert (found["status"], found["answer"]) == (200, '{"state":"sent","you":"[key]"}')
    assert KEY not in json.dumps(found)


async def test_a_refusal_is_shown_as_an_answer(client: Client, server: HostileServer) -> None:
    server.fallback = page(b'{"no": "such shop"}').replace(b" 200 OK", b" 404 No", 1)
    found = await tried(client, await given(client, shop(server.base_url), key=KEY), CALL, live=True)
    assert (found["status"], found["answer"], found["failed"]) == (404, '{"no": "such shop"}', None)


async def test_what_cannot_be_sent_says_why(client: Client, server: HostileServer) -> None:
    path = await given(client, shop(server.base_url))
    assert "do not fit" in (await tried(client, path, {"shop": 5}))["failed"]
    assert "waits for its key" in (await tried(client, path, CALL, live=True))["failed"]
    assert "密钥" in (await tried(client, path, CALL, live=True, language="zh"))["failed"]
    assert server.asked == []
    gone = path.replace("place_order", "no_such_order")
    assert (await client.call("POST", gone, json={"arguments": {}})).status == 404


async def test_a_trial_goes_to_public_addresses_alone(serve: Serve, server: HostileServer) -> None:
    async with serve() as client:
        found = await tried(client, await given(client, shop(server.base_url), key=KEY), CALL, live=True)
        assert "not on the public internet" in found["failed"] and server.asked == []


async def test_a_user_and_a_password_are_not_shown(client: Client, server: HostileServer) -> None:
    path = await given(client, shop(server.base_url), auth={"kind": "basic"}, key="anna:canary-password")
    found = await tried(client, path, CALL)
    assert found["request"]["headers"]["authorization"] == "Basic [key]"


async def test_a_trial_with_a_token_gets_one(serve: Serve) -> None:
    async with TokenServer() as server, serve(AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as client:
        auth = {"kind": "oauth2", "token_url": server.token_url, "scopes": "orders"}
        path = await given(client, shop(server.base_url), auth=auth, key=f"{CLIENT}:{CLIENT_SECRET}")
        found = await tried(client, path, CALL)
        assert found["request"]["headers"]["authorization"] == "Bearer [key]" and server.asked == []
        found = await tried(client, path, CALL, live=True)
        assert (found["status"], found["answer"]) == (200, '{"ok":true,"with":"[key]"}')
        await tried(client, path, CALL, live=True)
        assert len(server.wishes) == 1 and server.wishes[0]["scope"] == ["orders"]


@pytest.mark.parametrize(
    ("media", "made_up"),
    [
        ({"example": {"a": 1}}, {"a": 1}),
        ({"examples": {"one": {"value": {"b": 2}}}}, {"b": 2}),
        ({"example": "x" * 5_000}, {"n": 1.5}),
    ],
    ids=["example", "examples", "too long"],
)
def test_an_example_of_the_description_comes_first(media: dict[str, Any], made_up: Any) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "number"}}}
    text = describing({"path": "/x", "responses": answering(schema, **media)})
    assert read_description(text).operations[0].answer == made_up


def test_a_schema_without_end_makes_up_an_end() -> None:
    wide = {"type": "object", "properties": {f"p{n}": {"$ref": "#/components/schemas/S"} for n in range(30)}}
    text = describing(
        {"path": "/x", "responses": answering({"$ref": "#/components/schemas/S"})}, components={"schemas": {"S": wide}}
    )
    assert len(json.dumps(read_description(text).operations[0].answer)) < 4_000
