"""Signing in to MCP servers over OAuth, also with authorization servers that misbehave; through the HTTP API."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from aiohttp import web

from tests.client import Answer, Client, an_agent, text_of
from tests.conftest import Serve
from tests.fakes.mcp_server import FakeMcp
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.sign_in_server import FakeSignIn
from tests.model_file import model_file
from tests.test_endpoints import two_people
from tests.test_mcp import pasted


@dataclass
class Locked:
    """An MCP server that wants a sign-in, and where that is done."""

    server: FakeMcp
    place: FakeSignIn

    @property
    def trusted(self) -> str:
        return f"{self.server.origin},{self.place.url}"


@pytest.fixture
async def locked() -> AsyncGenerator[Locked, None]:
    async with FakeMcp() as server, FakeSignIn(server.accepted) as place:
        server.issuer = place.url
        yield Locked(server, place)


async def added_unseen(client: Client, agent: str, server: FakeMcp) -> str:
    """Add a server that wants a sign-in, and give its path."""
    await client.post(f"{agent}/mcp", json={"text": pasted(server), "servers": {"shelf": {}}})
    (state,) = await client.get(f"{agent}/mcp")
    return f"{agent}/mcp/{state['id']}"


async def begun(client: Client, path: str, **known: str) -> dict[str, Any]:
    answer = await client.call("POST", f"{path}/sign-in", json=known)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def agreed(url: str) -> str:
    """Where the authorization server sends a person who agrees."""
    async with aiohttp.ClientSession() as browser, browser.get(url, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return answer.headers["location"]


async def came_back(client: Client, address: str) -> Answer:
    assert address.startswith(f"{client.base_url}/api/mcp/callback?"), address
    return await client.call("GET", address.removeprefix(client.base_url))


def queried(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))


async def signed_in(client: Client, path: str) -> None:
    answer = await came_back(client, await agreed((await begun(client, path))["url"]))
    assert answer.status == 200, answer.body


async def chosen(client: Client, path: str, *names: str) -> None:
    looked = (await client.call("POST", f"{path}/look")).body
    digests = {tool["name"]: tool["digest"] for tool in looked["offered"]["tools"] if tool["name"] in names}
    answer = await client.call("PUT", f"{path}/tools", json={"tools": digests})
    assert answer.status == 200, answer.body


@asynccontextmanager
async def talking(serve: Serve, locked: Locked, tmp_path: Path) -> AsyncGenerator[tuple[Client, FakeOpenAI], None]:
    """A server with a model, whose agent may use a tool behind a sign-in."""
    async with FakeOpenAI() as model:
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
            yield client, model


async def test_a_person_signs_in_and_their_agent_uses_the_server(serve: Serve, locked: Locked, tmp_path: Path) -> None:
    async with talking(serve, locked, tmp_path) as (client, model):
        agent = await an_agent(client)
        (found,) = (await client.call("POST", "/api/mcp", json={"text": pasted(locked.server)})).body["servers"]
        assert (found["sign_in"], found["tools"]) == (True, [])
        path = await added_unseen(client, agent, locked.server)
        assert (await client.call("POST", f"{path}/look")).body["state"] == "sign_in"
        begin = await begun(client, path)
        asked = queried(urlsplit(str(begin["url"])).query)
        assert asked["resource"] == locked.server.url and asked["code_challenge_method"] == "S256"
        assert (asked["scope"], asked["client_id"]) == ("shelf:read", "client-0")
        (registered,) = locked.place.registered
        assert registered["redirect_uris"] == [f"{client.base_url}/api/mcp/callback"]
        answer = await came_back(client, await agreed(begin["url"]))
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert "You are signed in" in answer.body.decode()
        looked = (await client.call("POST", f"{path}/look")).body
        assert (looked["state"], looked["signed_in"]) == ("ready", True)
        await chosen(client, path, "look")
        model.script(Says(calls=(Call("shelf__look", '{"shelf": "top"}'),)), Says("Three apples."))
        events = await client.say(await client.conversation(agent.rpartition("/")[2]), "What is there?")
        assert text_of(events) == "Three apples."
        seen = json.dumps([await client.get(agent), await client.get(f"{agent}/mcp"), await client.get("/api/secrets")])
        assert "canary-" not in seen
        assert "canary-" not in json.dumps([request.body for request in model.requests])


async def test_a_token_that_a_server_repeats_is_not_shown(serve: Serve, locked: Locked, tmp_path: Path) -> None:
    async with talking(serve, locked, tmp_path) as (client, model):
        agent = await an_agent(client)
        path = await added_unseen(client, agent, locked.server)
        await signed_in(client, path)
        await chosen(client, path, "look")

        async def repeats(request: web.Request, message: dict[str, Any]) -> dict[str, Any]:
            return {"content": [{"type": "text", "text": f"You sent {request.headers['Authorization']}"}]}

        locked.server.answers["tools/call"] = repeats
        model.script(Says(calls=(Call("shelf__look", '{"shelf": "top"}'),)), Says("Well."))
        await client.say(await client.conversation(agent.rpartition("/")[2]), "What is there?")
        assert "You sent Bearer [key]" in json.dumps(model.requests[1].body)
        assert "canary-token" not in json.dumps(model.requests[1].body)


async def test_a_tool_whose_server_wants_a_sign_in_says_what_to_do(
    serve: Serve, locked: Locked, tmp_path: Path
) -> None:
    async with talking(serve, locked, tmp_path) as (client, model):
        locked.place.renews = False
        agent = await an_agent(client)
        path = await added_unseen(client, agent, locked.server)
        await signed_in(client, path)
        await chosen(client, path, "look")
        locked.server.accepted.clear()  # the server ended it, while the connection stands
        model.script(Says(calls=(Call("shelf__look", '{"shelf": "top"}'),)), Says("Sign in first."))
        await client.say(await client.conversation(agent.rpartition("/")[2]), "What is there?")
        told = json.dumps(model.requests[1].body, ensure_ascii=False)
        assert "它要求先登录：请在“配置”的“MCP 服务器”里登录" in told
        assert locked.server.calls() == []
        assert (await client.call("POST", f"{path}/look")).body["state"] == "sign_in"


async def test_a_token_that_runs_out_is_renewed_before_it_is_missed(serve: Serve, locked: Locked) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        locked.place.lasts_s = 1
        agent = await an_agent(client)
        path = await added_unseen(client, agent, locked.server)
        await signed_in(client, path)
        locked.place.lasts_s = None
        assert (await client.call("POST", f"{path}/look")).body["state"] == "ready"
        _, renewal = locked.place.posted("/token")
        assert (renewal["grant_type"], renewal["resource"]) == ("refresh_token", locked.server.url)
        # What has no end is used until the server refuses it, and renewed then.
        locked.server.accepted.clear()
        assert (await client.call("POST", f"{path}/look")).body["state"] == "ready"
        assert len(locked.place.posted("/token")) == 3


@pytest.mark.parametrize(
    ("status", "state", "signed_in"), [(400, "sign_in", False), (503, "failed", True)], ids=["for good", "for now"]
)
async def test_a_renewal_that_is_refused(
    serve: Serve, locked: Locked, status: int, state: str, signed_in: bool
) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        locked.place.lasts_s = 1
        agent = await an_agent(client)
        path = await added_unseen(client, agent, locked.server)
        answer = await came_back(client, await agreed((await begun(client, path))["url"]))
        assert answer.status == 200
        locked.place.answers["/token"] = web.json_response({"error": "invalid_grant"}, status=status)
        await client.call("POST", f"{path}/look")
        looked = (await client.call("POST", f"{path}/look")).body
        assert (looked["state"], looked["signed_in"]) == (state, signed_in), looked["problem"]


async def test_signing_out_forgets_the_sign_in_and_tells_so(serve: Serve, locked: Locked) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        await signed_in(client, path)
        assert (await client.call("POST", f"{path}/look")).body["signed_in"]
        assert (await client.call("DELETE", f"{path}/sign-in")).body["signed_in"] is False
        assert [each["token"] for each in locked.place.posted("/revoke")] == [
            locked.place.tokens_given[0]["refresh_token"]
        ]
        assert (await client.call("POST", f"{path}/look")).body["state"] == "sign_in"


async def test_a_sign_in_is_its_persons_alone(serve: Serve, locked: Locked) -> None:
    async with two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as (ann, bob):
        anns = await added_unseen(ann, await an_agent(ann), locked.server)
        bobs = await added_unseen(bob, await an_agent(bob), locked.server)
        back = await agreed((await begun(ann, anns))["url"])
        refused = await came_back(bob, back)
        assert refused.status == 400 and "was not begun here" in refused.body.decode()
        assert locked.place.posted("/token") == []
        assert (await came_back(ann, back)).status == 200
        assert (await ann.call("POST", f"{anns}/look")).body["state"] == "ready"
        assert (await bob.call("POST", f"{bobs}/look")).body["state"] == "sign_in"
        # An agent of ann's with the same server, by its address alone, has not been signed in either.
        other = await added_unseen(ann, await an_agent(ann), locked.server)
        assert (await ann.call("POST", f"{other}/look")).body["state"] == "sign_in"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": "another"}, "was not begun here"),
        ({"state": None}, "was not begun here"),
        ({"iss": "https://evil.example.com"}, "from another sign-in server"),
        ({"iss": None}, "from another sign-in server"),
        ({"code": None}, "sent no result"),
        ({"code": "guessed"}, "refused (invalid_grant)"),
        ({"error": "access_denied"}, "you did not agree"),
        ({"error": "<img src=x onerror=alert(1)>"}, "refused (&lt;img src=x onerror=alert(1)&gt;)"),
    ],
    ids=["wrong state", "no state", "mix-up", "no issuer", "no code", "wrong code", "denied", "hostile error"],
)
async def test_what_comes_back_wrong_signs_nobody_in(
    serve: Serve, locked: Locked, change: dict[str, str | None], why: str
) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        back = urlsplit(await agreed((await begun(client, path))["url"]))
        query: dict[str, str | None] = {**queried(back.query), **change}
        sent = {name: value for name, value in query.items() if value is not None}
        answer = await client.call("GET", back.path, params=sent)
        assert answer.status == 400 and why in answer.body.decode(), answer.body.decode()
        assert (await client.call("POST", f"{path}/look")).body["state"] == "sign_in"
        if "state" not in change:
            again = await client.call("GET", back.path, params={**sent, "iss": locked.place.url})
            assert "was not begun here" in again.body.decode(), "a state counts once"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"issuer": "https://evil.example.com"}, "gives another name"),
        ({"code_challenge_methods_supported": None}, "PKCE"),
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE"),
        ({"token_endpoint": "http://sign-in.example.com/token"}, "without encryption"),
        ({"authorization_endpoint": "http://sign-in.example.com/authorize"}, "without encryption"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "does not say where"),
        ({"registration_endpoint": "https://169.254.169.254/register"}, "not on the public internet"),
        ({"registration_endpoint": "https://[::ffff:a9fe:a9fe]/register"}, "not on the public internet"),
        ({"registration_endpoint": None}, "takes only programs that were registered"),
    ],
    ids=["issuer", "no PKCE", "plain PKCE", "http token", "http page", "script", "metadata", "mapped", "closed"],
)
async def test_a_place_that_is_not_safe_is_not_gone_to(
    serve: Serve, locked: Locked, said: dict[str, Any], why: str
) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        locked.place.said = said
        begin = await begun(client, path)
        assert begin["url"] == "" and why in begin["problem"]["en"], begin
        assert begin["needs_client"] is ("registration_endpoint" in said and said["registration_endpoint"] is None)


@pytest.mark.parametrize(
    ("described", "why"),
    [
        ({"at": "http://169.254.169.254/latest/meta-data"}, "not on the public internet"),
        ({"authorization_servers": ["http://169.254.169.254/"]}, "not on the public internet"),
        ({"resource": "https://mail.example.com/mcp"}, "for another address"),
    ],
    ids=["metadata", "issuer", "resource"],
)
async def test_a_server_sends_nobody_to_private_addresses(
    serve: Serve, locked: Locked, described: dict[str, Any], why: str
) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        locked.server.described = described
        begin = await begun(client, path)
        assert begin["url"] == "" and why in begin["problem"]["en"], begin


async def test_a_code_follows_no_redirect(serve: Serve, locked: Locked) -> None:
    async with FakeSignIn() as evil, serve(AGENTFABRIC_TRUSTED_ORIGINS=f"{locked.trusted},{evil.url}") as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        back = await agreed((await begun(client, path))["url"])
        locked.place.answers["/token"] = web.Response(status=307, headers={"Location": f"{evil.url}/token"})
        answer = await came_back(client, back)
        assert answer.status == 400 and "gives no token now (status 307)" in answer.body.decode()
        assert evil.asked == []


async def test_a_studio_that_was_registered_by_hand_signs_in(serve: Serve, locked: Locked) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        locked.place.said = {"registration_endpoint": None, "token_endpoint_auth_methods_supported": None}
        assert (await begun(client, path))["redirect_uri"] == f"{client.base_url}/api/mcp/callback"
        begin = await begun(client, path, client_id="ours", client_secret="canary secret")
        assert "canary" not in json.dumps(begin)
        assert (await came_back(client, await agreed(begin["url"]))).status == 200
        (sent,) = locked.place.posted("/token")
        assert sent["authorization"].startswith("Basic ") and "client_id" not in sent
        # And again, after the server ended it, without entering it anew.
        begin = await begun(client, path)
        assert begin["problem"] is None and "client_id=ours" in begin["url"]


async def test_a_token_that_no_header_can_carry_signs_nobody_in(serve: Serve, locked: Locked) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        bodies: list[Any] = [
            {"access_token": "two\r\nX: lines"},
            {"access_token": "x", "token_type": "mac"},
            {"x": 1},
            [],
        ]
        for body in bodies:
            back = await agreed((await begun(client, path))["url"])
            locked.place.answers["/token"] = web.json_response(body)
            answer = await came_back(client, back)
            assert answer.status == 400 and "cannot be read" in answer.body.decode(), body


async def test_the_way_back_is_the_address_that_the_browser_shows(serve: Serve, locked: Locked) -> None:
    hosts = {"AGENTFABRIC_ALLOWED_HOSTS": "studio.example.com"}
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=locked.trusted, **hosts) as client:
        path = await added_unseen(client, await an_agent(client), locked.server)
        headers = {"Origin": "https://studio.example.com", "Host": "studio.example.com"}
        begin = (await client.call("POST", f"{path}/sign-in", json={}, headers=headers)).body
        assert begin["redirect_uri"] == "https://studio.example.com/api/mcp/callback"
        foreign = await client.call("POST", f"{path}/sign-in", json={}, headers={"Origin": "https://evil.example.com"})
        assert foreign.status == 403
