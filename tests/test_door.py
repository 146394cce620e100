"""Every door has the same lock: page, API, Gradio's own endpoints and the docs."""

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from starlette.datastructures import Headers
from yarl import URL

from agentfabric.identity import SESSION_S, Doorkeeper
from agentfabric.serving import welcome
from agentfabric.settings import Settings
from tests.client import Client
from tests.conftest import Serve
from tests.terminal import terminal

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
GRADIO_DOORS_THE_PAGE_DOES_NOT_USE = (
    ("POST", "/gradio_api/upload"),
    ("POST", "//gradio_api/upload"),
    ("POST", "/gradio_api%2Fupload"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/gradio_api/proxy=http://127.0.0.1:1/"),
    ("POST", "/gradio_api/queue/join"),
    ("GET", "/gradio_api/queue/data?session_hash=somebody-else"),
    ("POST", "/gradio_api/run/predict"),
    ("POST", "/gradio_api/component_server"),
    ("POST", "/gradio_api/info"),
    ("GET", "/gradio_api/dev/reload"),
    ("GET", "/monitoring/summary"),
    ("GET", "/pwa_icon/64"),
    ("POST", "/login"),
)
STRANGERS = (
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Basic bG9jYWw6czNjcmV0LXRva2Vu"},
    {"Cookie": "{session}=0"},
    {"Cookie": '{session}="\\377"; $x=['},
    {"X-Forwarded-User": "local"},
    {"X-Remote-User": "local", "Remote-User": "local", "X-Studio-Token": "s3cret-token"},
    {"X-lobe-chat-auth": "eyJ1c2VySWQiOiJsb2NhbCJ9", "X-User-Id": "local", "X-Auth-Request-Email": "local"},
    {"X-Api-Key": "s3cret-token"},
    {"Cookie": "token=s3cret-token; session=s3cret-token; {session}=s3cret-token"},
)
NO_TOKENS = (
    "",
    "null",
    "undefined",
    "[]",
    "{}",
    '{"$ne":null}',
    "0",
    "true",
    "s3cret-toke",
    "s3cret-token ",
    "S3CRET-TOKEN",
)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "user@127.0.0.1",
        "0.0.0.0",
        "",
        "[",
        "[::1",
        "127.0.0.1/healthz?",
        "127.0.0.1,evil.example",
        "127.0.0.1:evil",
        "127.0.0.1 evil",
    ],
)
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
        {"Origin": "http://["},
        {"Origin": ""},
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
    for path, rule in (
        ("/api/agents", "default-src 'none'"),
        ("/docs", "connect-src 'self'"),
        ("/no", "img-src 'self'"),
    ):
        answer = await client.call("GET", path)
        policy = answer.headers["content-security-policy"]
        assert rule in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_with_a_token_every_door_is_locked_and_health_is_open(home: Path) -> None:
    settings = {
        "AGENTFABRIC_HOME": str(home),
        "AGENTFABRIC_TOKEN": "s3cret-token",
        "AGENTFABRIC_TRUSTED_PROXIES": "127.0.0.1",
    }
    async with terminal(settings) as server, Client(server.base_url) as client:
        await _every_door_is_locked(client)


async def _every_door_is_locked(client: Client) -> None:
    signed_in = await client.call("GET", "/?token=s3cret-token")
    session = signed_in.headers["set-cookie"].partition("=")[0]
    seen: list[str] = []
    for path in DOORS:
        for strange in STRANGERS:
            headers = {name: value.replace("{session}", session) for name, value in strange.items()}
            for method in ("GET", "POST"):
                # Each from another place, or it would be one that guesses.
                headers["X-Forwarded-For"] = f"2001:db8:{len(seen):x}::1"
                seen.append(path)
                answer = await client.call(method, path, headers=headers)
                assert answer.status == 401, (method, path, headers)
    assert await client.get("/healthz") == {"status": "ok"}
    ours = {"Authorization": "Bearer s3cret-token"}
    assert (await client.call("GET", "/api/agents", headers=ours)).status == 200
    assert (await client.call("GET", "/gradio_api/info", headers=ours)).status == 200
    for method, path in GRADIO_DOORS_THE_PAGE_DOES_NOT_USE:
        form = _form("files", "marker.html", b"<script>alert(1)</script>") if method == "POST" else None
        answer = await client.call(method, path, headers=ours, data=form)
        assert (answer.status, answer.body["code"]) == (404, "not_found"), path
    page = await client.call("GET", "/config", headers={**ours, "X-Forwarded-Host": "evil.example"})
    assert page.status == 200
    assert "evil.example" not in json.dumps(page.body)
    broken = await client.call("GET", "/config", headers={**ours, "X-Forwarded-Host": "["})
    assert broken.status == 200


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
        for cookies in (session, f'prefs={{"a": "b c"}}; x[y]=1; {session}; other'):
            assert (await client.call("GET", "/api/agents", headers={"Cookie": cookies})).status == 200
        wrong = await client.call("GET", "/?token=guess", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
        assert wrong.status == 401
        assert "令牌" in wrong.body.decode()


@pytest.mark.parametrize("given", NO_TOKENS)
async def test_nothing_but_the_token_is_the_token(serve: Serve, given: str) -> None:
    async with serve(AGENTFABRIC_TOKEN="s3cret-token") as client:
        for path in (f"/?{urlencode({'token': given})}", f"/?{urlencode({'token[]': given, 'token': ''})}"):
            answer = await client.call("GET", path, headers={"Accept": "text/html"})
            assert (answer.status, "set-cookie" in answer.headers) == (401, False)
            assert given not in answer.body.decode().partition("<script>")[0] or len(given) < 10
        if given.strip() != "s3cret-token":
            answer = await client.call("GET", "/api/session", headers={"Authorization": f"Bearer {given}"})
            assert answer.status == 401


async def test_two_servers_on_one_machine_have_sessions_of_their_own(serve: Serve, tmp_path: Path) -> None:
    """Browsers share cookies between ports, also where both servers were given the same key."""
    names = {"AGENTFABRIC_TOKEN": "s3cret-token", "AGENTFABRIC_SECRET_KEY": "the same passphrase"}
    cookies: set[str] = set()
    for port in ("7860", "7861"):
        environment = {**names, "GRADIO_SERVER_PORT": port, "AGENTFABRIC_HOME": str(tmp_path / port)}
        async with serve(**environment) as client:
            answer = await client.call("GET", "/?token=s3cret-token")
            cookies.add(answer.headers["set-cookie"].partition("=")[0])
            assert f"_{port}_" in answer.headers["set-cookie"]
    assert len(cookies) == 2


def test_a_session_ends_in_time() -> None:
    keeper = Doorkeeper({"ann": "token-of-ann"}, signing_key=b"k", port=1)
    for issued, now, user in (
        (1_000, 1_000, "ann"),
        (1_000, 1_000 + SESSION_S - 1, "ann"),
        (1_000, 1_000 + SESSION_S, None),
        (1_000, 999, None),
    ):
        headers = Headers({"cookie": f"{keeper.cookie}={keeper.session('ann', issued)}"})
        assert keeper.user_of_cookie(headers, now) == user
    forged = keeper.session("ann", 1_000).replace("1000.", "999999.")
    for value in (forged, "1000.", ".", "1000", "-1.x", "１０００.x", "9" * 50 + ".x", "1e3.x"):
        headers = Headers(raw=[(b"cookie", f"{keeper.cookie}={value}".encode())])
        assert keeper.user_of_cookie(headers, 1_000_000) is None


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/a//evil.example", "/a/https://evil.example"]
)
async def test_signing_in_stays_on_this_server(serve: Serve, path: str) -> None:
    async with serve(AGENTFABRIC_TOKEN="s3cret-token") as client:
        for wish in ("", "&next=//evil.example", "&next=https://evil.example"):
            answer = await client.call("GET", f"{path}?token=s3cret-token{wish}")
            location = answer.headers.get("location", "/")
            assert not location.partition("?")[0].startswith(("//", "/\\", "http"))


async def test_a_token_of_any_characters_works_at_every_door(serve: Serve) -> None:
    names = {"AGENTFABRIC_TOKEN": "a&b#c+d%41?=密码"}
    printed = re.search(r"Sign in with http://[^/]+(/\S+)", welcome(Settings.load(names), made_up=True))
    assert printed
    async with serve(**names) as client:
        # As it was printed: a client of its own would write some of the characters differently.
        address = URL(client.base_url + printed[1], encoded=True)
        async with aiohttp.ClientSession() as session, session.get(address, allow_redirects=False) as answer:
            assert answer.status == 303
        bearer = {"Authorization": f"Bearer {names['AGENTFABRIC_TOKEN']}"}
        assert (await client.call("GET", "/api/agents", headers=bearer)).status == 200


async def test_a_web_socket_is_no_way_around(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TOKEN="s3cret-token") as client, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(client.base_url + "/gradio_api/queue/join")
        assert refused.value.status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_link_on_another_page_signs_nobody_in_unasked(serve: Serve, site: str) -> None:
    async with serve(AGENTFABRIC_TOKEN="s3cret-token") as client:
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
        asked = await client.call("GET", "/?token=s3cret-token", headers=headers)
        assert asked.status == 401
        assert "set-cookie" not in asked.headers
        assert "<form" in asked.body.decode()
        # Whoever agrees sends the form, from this page.
        agreed = await client.call("GET", "/?token=s3cret-token", headers={**headers, "Sec-Fetch-Site": "same-origin"})
        assert agreed.status == 303
        assert "set-cookie" in agreed.headers


async def test_a_session_ends_with_its_user_and_with_its_token(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TOKENS="ann:token-of-ann,bob:token-of-bob") as client:
        answer = await client.call("GET", "/?token=token-of-bob")
        session = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
        assert (await client.get("/api/session", headers=session))["user"] == "bob"
    async with serve(AGENTFABRIC_TOKENS="ann:token-of-ann") as client:
        assert (await client.call("GET", "/api/session", headers=session)).status == 401
    async with serve(AGENTFABRIC_TOKENS="ann:token-of-ann,bob:another-token") as client:
        assert (await client.call("GET", "/api/session", headers=session)).status == 401


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


def _form(field: str, name: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field(field, content, filename=name)
    return form
