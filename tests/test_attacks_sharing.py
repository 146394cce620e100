"""The doors of shared agents, asked by nobody well-meaning: links, frames, and programs with keys."""

import asyncio
import json
import re
import socket
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from starlette.routing import Route

from tests.client import Answer, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.test_attacks import BODIES
from tests.test_attacks_paths import IDS
from tests.test_links import ANN, Shared, Visitor, frame_of, sharing
from user_agent.serve.page import page_routes

OF_A_VISITOR = (
    *(
        f"{method} {re.sub('{.+?}', '{id}', route.path[1:])}"
        for route in page_routes(Path())
        if isinstance(route, Route) and route.path != "/"
        for method in sorted({*(route.methods or ())} - {"HEAD"})
    ),
    "POST embed/token",
)
"""What a page of an agent asks below its address: a new route is tried without a word here."""
MARKUP = '</script></title><img src=x onerror=alert(1)>"><b>{{profile}}{{frame}}{% raw %}\u2028'
OTHER_PAGES = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Origin": "null"},
)


@pytest.fixture
async def shared(serve: Serve, tmp_path: Path) -> AsyncGenerator[Shared]:
    async with sharing(serve, tmp_path) as shared:
        yield shared


async def test_no_body_and_no_id_breaks_a_door_of_a_shared_agent(shared: Shared) -> None:
    visitor = await shared.visitor()
    talk = (await visitor.conversation()).rpartition("/")[2]
    key = (await shared.client.post(f"{shared.agent}/keys", json={}, headers=ANN))["key"]
    program = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream", "A2A-Version": "1.0"}
    agent = shared.agent.rpartition("/")[2]
    programs = ("POST /v1/chat/completions", f"POST /agents/{agent}/mcp", f"POST /agents/{agent}/a2a")
    named = ("GET /v1/models/{id}", "GET /v1/files/{id}/content", "POST /agents/{id}/mcp", "POST /agents/{id}/a2a")

    async def ask(route: str, asked: str, headers: dict[str, str], data: bytes) -> None:
        method, _, path = route.partition(" ")
        path = path if path.startswith("/") else visitor.path + path
        headers = {"Content-Type": "application/json", **headers}
        answer = await shared.client.call(method, path.format(id=quote(asked, safe="")), headers=headers, data=data)
        assert answer.status < 500, (route, asked[:20], data[:40], answer.body)
        assert answer.status < 400 or {"code", "error"} & {*answer.body}, (route, answer.body)

    for body in BODIES.values():
        for route in OF_A_VISITOR:
            if not route.startswith(("GET", "DELETE")):
                await ask(route, talk, visitor.cookie, body)
        for route in programs:
            await ask(route, agent, program, body)
    for odd in IDS:
        for route in OF_A_VISITOR:
            if "{id}" in route:
                await ask(route, odd, visitor.cookie, b'{"text":"x"}')
        for route in named:
            await ask(route, odd, program, b"{}")
        there = await shared.client.call("GET", f"/a/{quote(odd, safe='')}/profile")
        assert there.status in (308, 401, 404), odd  # of dots, clients make other addresses
    assert (await visitor.call("GET", "profile")).body["name"] == "Socks"
    assert not shared.model.requests


async def test_what_is_somebodys_own_is_kept_by_no_cache(shared: Shared) -> None:
    visitor = await shared.visitor()
    talk = await visitor.conversation()
    await shared.client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "x"}, headers=ANN)
    answers = {route: await visitor.call("GET", route) for route in ("", "conversations", talk, "turns/x/events")}
    own = (shared.agent, f"{shared.agent}/links", f"{shared.agent}/keys", "/api/agents", "/api/secrets", "/api/bin")
    answers |= {path: await shared.client.call("GET", path, headers=ANN) for path in own}
    answers["a stranger"] = await shared.client.call("GET", "/api/agents")
    for route, answer in answers.items():
        assert answer.headers.get("cache-control") == "no-store", route
    avatar = await visitor.call("GET", "avatar")
    assert avatar.headers["cache-control"].startswith("private"), "what says something itself is left as it is"


async def test_a_host_that_a_request_names_gets_into_a_policy_as_an_origin_or_not_at_all(shared: Shared) -> None:
    visitor = await shared.visitor()
    for host in ("a;script-src *", "{{nope}}", "a b", "[::1", "a,b", ""):
        origin = quote(f"http://{host}", safe="")
        for path in (f"{visitor.path}embed?origin={origin}", "/v1/models", f"{visitor.path}profile", "/?token=x"):
            head = await asyncio.to_thread(_head, shared.client.base_url, path, host)
            assert "embed" not in path or " 403 " in head.partition("\n")[0], (host, head)
            assert " 50" not in head.partition("\n")[0] and "script-src *" not in head, (host, path, head)
    own = f"{visitor.path}embed?origin=http%3A%2F%2Fown.example"
    head = await asyncio.to_thread(_head, shared.client.base_url, own, "own.example")
    assert " 200 " in head and "frame-ancestors http://own.example;" in head


async def test_markup_of_an_agent_is_text_on_every_page_of_its_link(shared: Shared) -> None:
    config = {"name": MARKUP, "description": MARKUP, "prologue": MARKUP, "prompt_recommend": [MARKUP]}
    assert (await shared.client.call("PATCH", f"{shared.agent}/config", json=config, headers=ANN)).status == 200
    await shared.client.post(f"{shared.agent}/releases", json={}, headers=ANN)
    visitor = await shared.visitor(visibility="public", origins=["https://shop.example"])
    pages = {route: await visitor.call("GET", route) for route in ("", "embed?origin=https://shop.example")}
    pages["the list"] = await shared.client.call("GET", "/a/")
    for route, page in pages.items():
        html = page.body.decode()
        assert page.status == 200 and "&lt;img src=x" in html, route
        assert "<img src=x" not in html and "<b>" not in html, route
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe-eval" not in policy, route
        assert "'unsafe-inline'" not in policy.partition("style-src")[0], route
    profile = json.loads(pages[""].body.decode().partition('id="profile">')[2].partition("</script>")[0])
    assert (profile["name"], profile["suggestions"]) == (MARKUP, [MARKUP])
    assert (await frame_of(visitor))["origin"] == "https://shop.example", "what the agent is called fills nothing in"
    manifest = await visitor.call("GET", "manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    assert manifest.headers["x-content-type-options"] == "nosniff"
    assert {name: json.loads(manifest.body)[name] for name in ("id", "start_url", "scope")} == dict.fromkeys(
        ("id", "start_url", "scope"), "./"
    )
    script = await visitor.call("GET", "embed.js")
    assert b"onerror" not in script.body and b"Socks" not in script.body


async def test_a_file_of_a_visitor_is_never_a_page_and_its_name_a_label(shared: Shared, home: Path) -> None:
    visitor = await shared.visitor()
    talk = await visitor.conversation()
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("text", "Look")
    page = b"<!doctype html><script>marker()</script>"
    form.add_field("files", page, filename="../../evil%0D%0ASet-Cookie: a=b.html", content_type="text/html")
    form.add_field("files", b"marker()", filename="sw.js", content_type="text/javascript")
    shared.model.script(Says("Seen."))
    assert (await visitor.call("POST", f"{talk}/messages", data=form)).status == 200
    sent = [part for part in (await visitor.call("GET", talk)).body["messages"][0]["parts"] if part["type"] == "file"]
    assert len(sent) == 2
    for part in sent:
        answer = await visitor.call("GET", f"files/{part['file']}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["content-disposition"].isascii() and "set-cookie" not in answer.headers
        assert "sandbox" in answer.headers["content-security-policy"]
        worker = await visitor.call("GET", f"files/{part['file']}", headers={"Service-Worker": "script"})
        assert worker.headers["content-type"] != "text/javascript"
    assert [path for path in home.parent.rglob("*evil*") if path.is_file()] == []


async def test_files_of_strangers_fill_no_disk(shared: Shared, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentfabric.store.shares.MAX_SENT_BYTES", 100)
    link, other = await shared.link(), await shared.visitor()
    blobs = {*(home / "blobs").glob("*")}

    async def send(visitor: Visitor, size: int) -> Answer:
        form = aiohttp.FormData()
        form.add_field("text", "Look")
        form.add_field("files", bytes([size]) * size, filename="x.bin")
        return await visitor.call("POST", f"{await visitor.conversation()}/messages", data=form)

    shared.model.script(*[Says("Seen.")] * 4)
    assert (await send(Visitor(shared.client, link["path"]), 60)).status == 200
    refused = await send(Visitor(shared.client, link["path"]), 61)
    assert (refused.status, refused.body["code"], refused.body["params"]["fault"]) == (429, "limit_reached", "files")
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert len({*(home / "blobs").glob("*")} - blobs) == 1, "nothing of it is kept"
    assert (await send(other, 62)).status == 200, "the room of another link is its own"
    late = Visitor(shared.client, link["path"])
    assert text_of(await late.say(await late.conversation(), "Hi")) == "Seen.", "without a file it answers"


async def test_another_page_makes_no_visitor_do_anything(shared: Shared) -> None:
    visitor = await shared.visitor()
    talk = await visitor.conversation()
    for headers in OTHER_PAGES:
        for route in OF_A_VISITOR:
            method, _, path = route.partition(" ")
            if method == "GET" and headers.get("Sec-Fetch-Mode") == "navigate":
                continue  # nothing changes where somebody follows a link
            path = path.format(id=talk.rpartition("/")[2])
            answer = await visitor.call(method, path, headers=headers, **({} if method == "GET" else {"json": {}}))
            assert (answer.status, answer.body["code"]) == (403, "not_allowed"), (route, headers)
    assert [item["id"] for item in (await visitor.call("GET", "conversations")).body] == [talk.rpartition("/")[2]]


async def test_what_a_header_says_of_who_asks_is_believed_by_no_door(shared: Shared) -> None:
    private = await shared.visitor(visibility="private")
    said = {
        **dict.fromkeys(("X-Forwarded-User", "X-Auth-Request-User", "Remote-User", "x-studio-token"), "ann"),
        **dict.fromkeys(("x-api-key", "api-key", "x-lobe-chat-auth"), "the-token-of-ann"),
        "Cookie": "af_visitor=ann; af_session=the-token-of-ann; user=ann",
        "X-Forwarded-Host": "localhost",
        "X-Original-URL": "/healthz",
        "X-Rewrite-URL": "/healthz",
        "X-HTTP-Method-Override": "GET",
    }
    for path in (shared.agent, "/api/session", f"{private.path}profile", "/v1/models", "/api/agents?token=x&user=ann"):
        answer = await shared.client.call("GET", path, headers=said)
        assert answer.status == 401, (path, answer.body)


async def test_a_text_that_is_too_long_is_refused_while_it_comes(shared: Shared) -> None:
    visitor = await shared.visitor()
    talk = await visitor.conversation()
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        for _ in range(600):
            yield bytes(100_000)
            sent += 100_000

    answer: Answer | None = None
    try:
        headers = {"Content-Type": "application/json"}
        answer = await visitor.call("POST", f"{talk}/messages", data=endless(), headers=headers)
    except aiohttp.ClientError:
        pass  # the connection was closed before all of it was sent: refused as well
    assert answer is None or (answer.status, answer.body["code"]) == (413, "too_large")
    assert sent < 30_000_000, "of 60 MB hardly more is read than may come"


async def test_a_visitor_of_one_link_is_nobody_at_another(shared: Shared) -> None:
    """A browser sends each cookie to its link alone; whoever sends it elsewhere gains nothing."""
    one, other = await shared.visitor(), await shared.visitor()
    begun = await one.call("POST", "conversations")
    assert f"Path={one.path};" in begun.headers["set-cookie"] and "HttpOnly" in begun.headers["set-cookie"]
    brought = Visitor(shared.client, other.path, one.cookie)
    assert (await brought.call("GET", f"conversations/{begun.body['id']}")).status == 404
    assert (await brought.call("GET", "conversations")).body == []
    forged = Visitor(shared.client, one.path, {"Cookie": one.cookie["Cookie"][:-1] + "x"})
    assert (await forged.call("GET", "conversations")).body == []


async def test_what_strangers_began_without_a_word_is_gone_the_next_day(
    serve: Serve, tmp_path: Path, home: Path
) -> None:
    async with sharing(serve, tmp_path) as shared:
        visitor = await shared.visitor()
        said = await visitor.conversation()
        shared.model.script(Says("Hello."))
        await visitor.say(said, "Hi")
        nobody = [await Visitor(shared.client, visitor.path).conversation() for _ in range(3)]
        fresh = await visitor.conversation()
    old = {talk.rpartition("/")[2] for talk in (said, *nobody)}
    with closing(sqlite3.connect(home / "agentfabric.db")) as database, database:
        database.executemany("UPDATE conversations SET created = '2020-01-01 00:00:00.000000' WHERE id = ?", zip(old))
    async with serve():
        pass
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        kept = {row[0] for row in database.execute("SELECT id FROM conversations WHERE kind = 'visit'")}
    assert kept == {talk.rpartition("/")[2] for talk in (said, fresh)}


def _head(base_url: str, target: str, host: str) -> str:
    """The head of the answer to a request with that `Host`, sent as it is."""
    address, _, port = base_url.partition("://")[2].partition(":")
    with socket.create_connection((address, int(port)), timeout=10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    return answer.partition(b"\r\n\r\n")[0].decode()
