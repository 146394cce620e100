"""Every door has the same lock: page, API, Gradio's own endpoints and the docs."""

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.server import app_process

DOORS = (
    "/",
    "/api/agents",
    "/docs",
    "/openapi.json",
    "/static/chat/chat.js",
    "/config",
    "/theme.css",
    "/manifest.json",
    "/gradio_api/info",
    "/gradio_api/heartbeat/x",
    "/gradio_api/queue/join",
    "/gradio_api/upload",
    "/nothing/here",
)
STRANGERS = (
    {},
    {"Authorization": "Bearer wrong"},
    {"Cookie": "af_session=0"},
    {"X-Forwarded-User": "local"},
)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "user@127.0.0.1", "0.0.0.0", ""])
async def test_on_loopback_other_host_names_are_turned_away(client: Client, host: str) -> None:
    answer = await client.call("GET", "/api/agents", headers={"Host": host})
    assert answer.status == 403
    assert answer.body["code"] == "not_allowed"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
    ids=str,
)
async def test_other_web_pages_cannot_reach_in(client: Client, headers: dict[str, str]) -> None:
    assert (await client.call("POST", "/api/agents", headers=headers)).status == 403
    assert (await client.get("/api/agents")) == []


async def test_the_own_page_can(client: Client) -> None:
    headers = {"Origin": client.base_url, "Sec-Fetch-Site": "same-origin"}
    assert (await client.call("POST", "/api/agents", headers=headers)).status == 201


async def test_every_answer_forbids_other_origins(client: Client) -> None:
    answer = await client.call("GET", "/api/agents")
    policy = answer.headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_with_a_token_every_door_is_locked_and_health_is_open(home: Path) -> None:
    settings = {"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_TOKEN": "s3cret-token"}
    server = ExitStack()
    base_url = await asyncio.to_thread(server.enter_context, app_process(settings))
    with server:
        async with Client(base_url) as client:
            await _every_door_is_locked(client)


async def _every_door_is_locked(client: Client) -> None:
    for path in DOORS:
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Cookie": "af_session=0"},
            {"X-Forwarded-User": "local"},
        ):
            for method in ("GET", "POST"):
                answer = await client.call(method, path, headers=headers)
                assert answer.status == 401, (method, path, headers)
    assert await client.get("/healthz") == {"status": "ok"}
    opened = await client.call("GET", "/api/agents", headers={"Authorization": "Bearer s3cret-token"})
    assert opened.status == 200


async def test_the_url_with_the_token_becomes_a_cookie(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TOKEN="s3cret-token") as client:
        answer = await client.call("GET", "/?agent=abc&token=s3cret-token")
        assert answer.status == 303
        assert answer.headers["location"] == "/?agent=abc"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "s3cret-token" not in cookie
        session = cookie.split(";")[0]
        assert (await client.call("GET", "/api/agents", headers={"Cookie": session})).status == 200
        wrong = await client.call("GET", "/?token=guess", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
        assert wrong.status == 401
        assert "令牌" in wrong.body.decode()


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%2f%2fevil.example"])
async def test_signing_in_stays_on_this_server(serve: Serve, path: str) -> None:
    async with serve(AGENTFABRIC_TOKEN="s3cret-token") as client:
        answer = await client.call("GET", f"{path}?token=s3cret-token")
        location = answer.headers.get("location", "/")
        assert not location.startswith(("//", "/\\", "http"))


async def test_several_users_see_only_their_own(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TOKENS="ann:token-of-ann,bob:token-of-bob") as client:
        ann, bob = ({"Authorization": f"Bearer token-of-{name}"} for name in ("ann", "bob"))
        await client.call("POST", "/api/agents", headers=ann)
        assert len(await client.get("/api/agents", headers=ann)) == 1
        assert await client.get("/api/agents", headers=bob) == []
        await client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "of-ann"}, headers=ann)
        states = {}
        for name, headers in (("ann", ann), ("bob", bob)):
            tools = await client.get("/api/tools", headers=headers)
            states[name] = next(tool["state"] for tool in tools if tool["id"] == "amap_weather")
        assert states == {"ann": "ready", "bob": "waiting"}


async def test_every_route_answers_404_to_another_user_s_ids(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TOKENS="ann:token-of-ann,bob:token-of-bob") as client:
        ann, bob = ({"Authorization": f"Bearer token-of-{name}"} for name in ("ann", "bob"))
        agent = (await client.call("POST", "/api/agents", headers=ann)).body["id"]
        made = await client.call("POST", f"/api/agents/{agent}/conversations", headers=ann)
        conversation = made.body["id"]
        path = f"/api/agents/{agent}/conversations/{conversation}/messages"
        form = _form("files", "a.png", PNG)
        form.add_field("text", "look")
        events = await client.collect("POST", path, headers=ann, data=form)
        turn = events[0].data["turn"]
        message = (await client.get(f"/api/agents/{agent}/conversations/{conversation}", headers=ann))["messages"][0]
        attachment = next(part["file"] for part in message["parts"] if part["type"] == "file")
        ids = {"agent_id": agent, "conversation_id": conversation, "turn_id": turn, "file_id": attachment}
        schema = await client.get("/openapi.json", headers=ann)
        walked = 0
        for template, methods in schema["paths"].items():
            if not any("{" + name + "}" in template for name in ids):
                continue
            for method in methods:
                answer = await client.call(
                    method.upper(),
                    template.format(**ids),
                    headers={**bob, "If-Match": '"1"'},
                    **_body(template, method),
                )
                assert answer.status == 404, (method, template, answer.status, answer.body)
                walked += 1
        assert walked >= 20
        mine = await client.get(f"/api/agents/{agent}", headers=ann)
        assert mine["revision"] == 1


def _body(template: str, method: str) -> dict[str, object]:
    """A body that the route accepts from the owner, so that only the ids can be wrong."""
    if method in ("get", "delete"):
        return {}
    if template.endswith("/knowledge"):
        return {"data": _form("files", "a.txt", b"text")}
    if template.endswith("/avatar"):
        return {"data": PNG}
    if template.endswith(("/messages", "/builder")):
        return {"json": {"text": "hello"}}
    return {"data": json.dumps({"name": "x"}).encode()}


def _form(field: str, name: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field(field, content, filename=name)
    return form


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8ffff3f0005fe02fea7d605"
    "810000000049454e44ae426082"
)
