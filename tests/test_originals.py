"""The files behind citations, as they came: shown where that is safe, kept where not, and nobody else's."""

import aiohttp
import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.documents import archive, pdf
from tests.fakes.hostile_server import HostileServer, page
from tests.knowing import add, knowing, settled
from tests.pictures import png

PAPER = pdf("Cover", "Geese fly south in October.", "Ducks stay.")
SCRIPT = b"<!doctype html><script>parent.hacked = 1</script>"
FILES = {
    "paper.pdf": (PAPER, "application/pdf"),
    "a PDF by another name.txt": (b"\n" + PAPER, "application/pdf"),
    "hill.jpg": (png(8, 8), "image/png"),
    "page.html": (SCRIPT, ""),
    "lies.pdf": (SCRIPT, ""),
    "picture.svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', ""),
    '名字 "x".zip': (archive({"paper.pdf": PAPER}), ""),
}


async def test_what_an_agent_knows_is_opened_as_what_it_is_and_nothing_in_it_runs(client: Client) -> None:
    agent = (await client.post("/api/agents"))["id"]
    path = f"/api/agents/{agent}/knowledge"
    await add(client, agent, {name: data for name, (data, _) in FILES.items()})
    for file, (data, kind) in zip(await settled(client, agent), FILES.values(), strict=True):
        original = (await client.get(f"{path}/{file['id']}/passages"))["original"]
        assert (original["name"], original["media_type"], original["address"]) == (file["name"], kind, "")
        answer = await client.call("GET", original["url"])
        assert (answer.status, answer.body) == (200, data)
        assert answer.headers["content-type"] == (kind or "application/octet-stream")
        assert answer.headers["content-disposition"].startswith("inline;" if kind else "attachment;")
        assert answer.headers["content-disposition"].isascii()
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "sandbox" in policy


async def test_a_viewer_gets_the_parts_that_it_asks_for(client: Client) -> None:
    agent = await knowing(client, {"paper.pdf": PAPER})
    [file] = await client.get(f"/api/agents/{agent}/knowledge")
    url = f"/api/agents/{agent}/knowledge/{file['id']}/content"
    for asked, status, body in (("bytes=5-8", 206, PAPER[5:9]), ("bytes=-4", 206, b"%EOF"), ("bytes=9999-", 416, b"")):
        answer = await client.call("GET", url, headers={"Range": asked})
        assert (answer.status, answer.body) == (status, body)


async def test_a_file_is_opened_by_its_owner_alone_and_no_longer_than_it_is_known(serve: Serve) -> None:
    tokens = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
    ann, bob = ({"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob"))
    async with serve(**tokens) as client:
        anns = await knowing(client, {"paper.pdf": PAPER}, headers=ann)
        bobs = await knowing(client, {"notes.txt": "Geese."}, headers=bob)
        [file] = await client.get(f"/api/agents/{anns}/knowledge", headers=ann)
        url = f"/api/agents/{anns}/knowledge/{file['id']}/content"
        assert (await client.call("GET", url, headers=ann)).status == 200
        for foreign in (url, f"/api/agents/{bobs}/knowledge/{file['id']}/content", f"/api/files/{file['id']}"):
            assert (await client.call("GET", foreign, headers=bob)).status == 404
        await client.call("DELETE", f"/api/agents/{anns}/knowledge/{file['id']}", headers=ann)
        assert (await client.call("GET", url, headers=ann)).status == 404


async def test_a_web_page_is_told_with_its_address(serve: Serve) -> None:
    async with HostileServer() as site, serve(AGENTFABRIC_TRUSTED_ORIGINS=site.base_url) as client:
        text = b"<title>Help</title><main><p>Parcels take two days to Hangzhou by the night train.</p></main>"
        site.answers["/help"] = page(text, media_type="text/html")
        agent = (await client.post("/api/agents"))["id"]
        path = f"/api/agents/{agent}/knowledge"
        await client.post(f"{path}/addresses", json={"url": f"{site.base_url}/help"})
        [file] = await settled(client, agent)
        original = (await client.get(f"{path}/{file['id']}/passages"))["original"]
        assert (original["address"], original["media_type"]) == (f"{site.base_url}/help", "")
        assert (await client.call("GET", original["url"])).headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(("name", "data", "kind"), [("paper.pdf", PAPER, "application/pdf"), ("a.htm", SCRIPT, "")])
async def test_a_file_of_a_message_is_opened_by_the_same_rules(
    client: Client, name: str, data: bytes, kind: str
) -> None:
    conversation = await client.conversation((await client.post("/api/agents"))["id"])
    form = aiohttp.FormData({"text": "When do geese fly?"})
    form.add_field("files", data, filename=name, content_type="application/pdf")
    await client.collect("POST", f"{conversation}/messages", data=form)
    [file] = [part["file"] for part in (await client.get(conversation))["messages"][0]["parts"] if "file" in part]
    original = (await client.get(f"/api/files/{file}/passages"))["original"]
    assert (original["url"], original["media_type"]) == (f"/api/files/{file}", kind)
    answer = await client.call("GET", original["url"])
    assert (answer.body, answer.headers["content-type"]) == (data, kind or "application/octet-stream")
    assert answer.headers["content-disposition"].startswith("inline;" if kind else "attachment;")
