"""Ids, names and paths that mean to leave their place: on every route that takes one, nothing outside is reached."""

import asyncio
import http.client
import re
import time
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.pictures import png, png_that_claims

IDS = (
    "../../../etc",
    "/abs/evil",
    "..%2f..%2f",
    "a\\..\\..\\b",
    "CON",
    ".",
    "..",
    "",
    " ",
    "x" * 5_000,
    "null",
    "[]",
    "{}",
    '{"$ne":null}',
    "-1",
    "1 OR 1=1",
    "'; DROP TABLE agents; --",
    "%00",
    "\u202e\u0000",
)


async def test_an_id_of_any_kind_is_nowhere_and_never_becomes_a_path(client: Client, home: Path) -> None:
    schema = await client.get("/openapi.json")
    await client.post("/api/agents")
    outside = {path for path in home.parent.rglob("*") if home not in path.parents}
    tried = 0
    for template, methods in schema["paths"].items():
        for method in methods:
            for odd in IDS if "{" in template and template.startswith("/api/") else ():
                path = re.sub(r"{\w+}", quote(odd, safe=""), template)
                answer = await client.call(method.upper(), path, json={"text": "x", "name": "x", "value": "x"})
                if template.startswith("/api/secrets/") and answer.status == 204:
                    continue  # forgotten already: a name is no id
                assert 400 <= answer.status < 500, f"{method} {path[:100]}: {answer.status}"
                assert {"code", "message"} <= set(answer.body)
                tried += 1
    assert tried > 500
    assert {path for path in home.parent.rglob("*") if home not in path.parents} == outside
    assert len(await client.get("/api/agents")) == 1


@pytest.mark.parametrize("mount", ["/static/chat/", "/static/studio/", "/static/vendor/", "/i18n/"])
async def test_static_files_end_at_their_folder(client: Client, mount: str) -> None:
    """Sent as they are: other clients would take the dots away."""
    there = {"/static/chat/": "chat.js", "/static/studio/": "studio.js", "/static/vendor/": "", "/i18n/": "zh.json"}
    if there[mount]:
        assert await asyncio.to_thread(_raw, client.base_url, mount + there[mount]) == 200
    for way in (
        "../../etc/passwd",
        "../../app.py",
        "../../.env.example",
        "../chat_other/x",
        "%2e%2e/%2e%2e/app.py",
        "..%2f..%2fapp.py",
        "%2e%2e%2f%2e%2e%2fapp.py",
        "....//....//app.py",
        "..%5c..%5capp.py",
        "/etc/passwd",
        "//etc/passwd",
        "%2fetc%2fpasswd",
        "x%00.js",
    ):
        assert await asyncio.to_thread(_raw, client.base_url, mount + way) in (400, 404), way


async def test_every_door_that_takes_a_file_keeps_its_name_as_a_label(client: Client, home: Path) -> None:
    agent = (await client.post("/api/agents"))["id"]
    conversation = await client.conversation(agent)
    for name in ("/etc/cron.d/evil", "../../evil.txt", "..\\..\\evil.txt", "evil\r\nSet-Cookie: a=b.txt", "x" * 4_096):
        for path in (f"/api/agents/{agent}/knowledge", f"{conversation}/messages"):
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("text", "look")
            form.add_field("files", b"marker", filename=name.replace("\r\n", "%0D%0A"))
            answer = await client.call("POST", path, data=form)
            assert answer.status < 300, (path, answer.body)
    kept = [file for file in home.parent.rglob("*") if file.is_file() and file.read_bytes() == b"marker"]
    assert len(kept) == 10
    assert {file.parent for file in kept} == {home / "blobs"}
    shown = await client.get(conversation)
    for message in shown["messages"]:
        for part in message["parts"]:
            if part["type"] == "file":
                answer = await client.call("GET", f"/api/files/{part['file']}")
                assert "set-cookie" not in answer.headers
                assert answer.headers["content-disposition"].isascii()


ACTIVE = {
    "page.html": ("text/html", b"<!doctype html><script>alert(1)</script>"),
    "picture.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    "page.xhtml": ("application/xhtml+xml", b'<html xmlns="http://www.w3.org/1999/xhtml"/>'),
    "data.xml": ("text/xml", b'<?xml-stylesheet href="x.xsl"?><x/>'),
    "script.js": ("text/javascript", b"alert(1)"),
    "paper.pdf": ("application/pdf", b"%PDF-1.7"),
    "lies.png": ("image/png", b"<!doctype html><script>alert(1)</script>"),
    "lies.html": ("image/png", b"<!doctype html><script>alert(1)</script>"),
}


@pytest.mark.parametrize("name", ACTIVE)
async def test_a_file_of_a_person_is_never_a_page(client: Client, name: str) -> None:
    kind, data = ACTIVE[name]
    conversation = await client.conversation((await client.post("/api/agents"))["id"])
    form = aiohttp.FormData()
    form.add_field("text", "look")
    form.add_field("files", data, filename=name, content_type=kind)
    await client.call("POST", f"{conversation}/messages", data=form)
    message = (await client.get(conversation))["messages"][0]
    file = next(part["file"] for part in message["parts"] if part["type"] == "file")
    answer = await client.call("GET", f"/api/files/{file}")
    assert (answer.status, answer.headers["x-content-type-options"]) == (200, "nosniff")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    if answer.headers["content-type"] not in ("image/png", "application/pdf"):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_bomb_in_a_message_costs_neither_time_nor_the_answer(serve: Serve) -> None:
    """A picture that claims a million times a million pixels: nobody here unpacks it."""
    async with serve() as client:
        conversation = await client.conversation((await client.post("/api/agents"))["id"])
        form = aiohttp.FormData()
        form.add_field("text", "look")
        for number, data in enumerate((png_that_claims(1_000_000, 1_000_000), png(2, 2)[:-20])):
            form.add_field("files", data, filename=f"{number}.png", content_type="image/png")
        started = time.monotonic()
        answer = await client.call("POST", f"{conversation}/messages", data=form)
        assert answer.status in (200, 413, 415)
        assert time.monotonic() - started < 5
        assert (await client.say(conversation, "Hello"))[-1].type == "run_finished"


def _raw(base_url: str, target: str) -> int:
    """The status of a request whose target is sent letter by letter."""
    connection = http.client.HTTPConnection(base_url.partition("://")[2], timeout=10)
    try:
        connection.putrequest("GET", target, skip_accept_encoding=True)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()
