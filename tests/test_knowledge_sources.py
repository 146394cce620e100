"""Web pages and sitemaps as knowledge, and tags: over the API, from a web server on this machine."""

import re
from collections.abc import AsyncGenerator

import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer, page
from tests.knowing import RETURNS, knowing, search, settled


@pytest.fixture
async def site() -> AsyncGenerator[HostileServer, None]:
    async with HostileServer() as server:
        yield server


@pytest.fixture
async def trusting(serve: Serve, site: HostileServer) -> AsyncGenerator[Client, None]:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=site.base_url) as client:
        yield client


def html(text: str) -> bytes:
    written = (
        f"<!doctype html><html><head><title>Help</title></head><body><article><p>{text}</p></article></body></html>"
    )
    return page(written.encode(), media_type="text/html; charset=utf-8")


async def test_a_page_is_read_and_fetched_anew_at_a_click(trusting: Client, site: HostileServer) -> None:
    site.answers["/help"] = html("Parcels take two days to Hangzhou. Ask the porter for help with them.")
    agent = (await trusting.post("/api/agents"))["id"]
    path = f"/api/agents/{agent}/knowledge"
    [added] = await trusting.post(f"{path}/addresses", json={"url": f"{site.base_url}/help"})
    assert (added["source"], added["name"]) == (f"{site.base_url}/help", f"127.0.0.1:{site.port}/help")
    assert [file["state"] for file in await settled(trusting, agent)] == ["ready"]
    assert "two days" in (await search(trusting, agent, "How long do parcels take?"))["hits"][0]["text"]
    site.answers["/help"] = html("Parcels take nine days to Hangzhou. Ask the porter for help with them.")
    assert (await trusting.call("POST", f"{path}/{added['id']}/refresh")).status == 200
    await settled(trusting, agent)
    hits = (await search(trusting, agent, "How long do parcels take?"))["hits"]
    assert "nine days" in str(hits)
    assert "two days" not in str(hits)
    del site.answers["/help"]
    await trusting.call("POST", f"{path}/{added['id']}/refresh")
    [kept] = await settled(trusting, agent)
    assert (kept["state"], len(kept["notes"])) == ("ready", 1)
    assert "404" in kept["notes"][0]["en"]
    assert "404" in kept["notes"][0]["zh"]
    assert (await search(trusting, agent, "How long do parcels take?"))["hits"]


async def test_a_page_that_was_published_is_fetched_anew_for_the_draft_alone(
    trusting: Client, site: HostileServer
) -> None:
    site.answers["/help"] = html("Parcels take two days to Hangzhou. Ask the porter for help with them.")
    agent = (await trusting.post("/api/agents"))["id"]
    path = f"/api/agents/{agent}/knowledge"
    [added] = await trusting.post(f"{path}/addresses", json={"url": f"{site.base_url}/help"})
    await settled(trusting, agent)
    await trusting.post(f"/api/agents/{agent}/releases", json={})
    site.answers["/help"] = html("Parcels take nine days to Hangzhou. Ask the porter for help with them.")
    fresh = (await trusting.call("POST", f"{path}/{added['id']}/refresh")).body
    assert fresh["id"] != added["id"]
    assert (fresh["name"], fresh["source"]) == (added["name"], added["source"])
    await settled(trusting, agent)
    draft = (await search(trusting, agent, "How long do parcels take?"))["hits"]
    asked = {"query": "How long do parcels take?"}
    release = (await trusting.call("POST", f"/api/agents/{agent}/releases/1/search", json=asked)).body["hits"]
    assert ["nine days" in str(draft), "two days" in str(draft)] == [True, False]
    assert ["nine days" in str(release), "two days" in str(release)] == [False, True]


async def test_a_sitemap_brings_the_pages_of_its_own_site_alone(trusting: Client, site: HostileServer) -> None:
    listed = [f"{site.base_url}/a", f"{site.base_url}/gone", "http://169.254.169.254/latest", "file:///etc/passwd"]
    entries = "".join(f"<url><loc>{address}</loc></url>" for address in listed)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    site.answers["/sitemap.xml"] = page(f"<?xml version='1.0'?>{bomb}<urlset>{entries}</urlset>".encode())
    site.answers["/a"] = html("Otters sleep on their backs.")
    agent = (await trusting.post("/api/agents"))["id"]
    added = await trusting.post(
        f"/api/agents/{agent}/knowledge/addresses", json={"url": f"{site.base_url}/sitemap.xml"}
    )
    assert [file["source"] for file in added] == listed[:2]
    there, gone = await settled(trusting, agent)
    assert (there["state"], gone["state"]) == ("ready", "failed")
    assert "404" in gone["reason"]["en"]
    assert (await search(trusting, agent, "otters"))["hits"]
    site.answers["/gone"] = html("Herons stand on one leg.")
    await trusting.call("POST", f"/api/agents/{agent}/knowledge/{gone['id']}/retry")
    assert {file["state"] for file in await settled(trusting, agent)} == {"ready"}


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("http://169.254.169.254/latest", (502, "fetch_failed")),
        ("http://localhost:1/", (502, "fetch_failed")),
        ("file:///etc/passwd", (422, "address_unusable")),
        ("", (422, "address_unusable")),
    ],
)
async def test_an_address_that_may_not_be_asked_is_refused(
    client: Client, address: str, refusal: tuple[int, str]
) -> None:
    agent = (await client.post("/api/agents"))["id"]
    answer = await client.call("POST", f"/api/agents/{agent}/knowledge/addresses", json={"url": address})
    assert (answer.status, answer.body["code"]) == refusal
    assert answer.body["reasons"]["en"] == answer.body["params"]["reason"]
    assert re.match(r"不能访问 |连不上 |这个网址不能用：", answer.body["reasons"]["zh"])
    assert await client.get(f"/api/agents/{agent}/knowledge") == []


async def test_a_question_can_be_asked_among_the_files_of_a_tag(client: Client) -> None:
    agent = await knowing(client, {"returns.md": RETURNS, "shoes.md": "Shoes can be returned within 14 days."})
    path = f"/api/agents/{agent}/knowledge"
    returns, shoes = await client.get(path)
    tagged = await client.call("PUT", f"{path}/{shoes['id']}/tags", json={"tags": ["shoes", "2026", "shoes"]})
    assert tagged.body["tags"] == ["shoes", "2026"]
    found = await search(client, agent, "returned within", tags=["shoes", "boots"])
    assert {hit["file"] for hit in found["hits"]} == {shoes["id"]}
    assert (await search(client, agent, "returned within", tags=["boots"]))["hits"] == []
    copy = (await client.post(f"/api/agents/{agent}/duplicate"))["id"]
    assert [file["tags"] for file in await settled(client, copy)] == [[], ["shoes", "2026"]]
    assert (await client.call("POST", f"{path}/{returns['id']}/refresh")).status == 400
