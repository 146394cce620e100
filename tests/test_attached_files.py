"""Files of messages: read before they go out and while somebody waits, by whoever has eyes, and found by meaning."""

import asyncio
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.client import Client, ServerEvent
from tests.conftest import Serve
from tests.documents import slow_pdf
from tests.fakes.embedding_server import FakeEmbeddings
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.knowing import form_of
from tests.model_file import model_file
from tests.pictures import png
from tests.test_knowledge_models import QUESTION, models
from tests.test_reading_pictures import needs_tesseract, saved, written

NAMES = ("plum", "cherry", "quince", "medlar", "fig", "pear", "grape", "lemon", "melon", "peach", "date", "olive")
FILLER = " It is kept in the cellar beside the other fruit and is for sale at the market on every day of the week."
LARGE = "\n\n".join(
    [
        "# Doctor\n\nA physician looks at the throat every Monday.",
        *(f"# {name} {n}\n\nNote {n} on {name}." + FILLER * 6 for n in range(4) for name in NAMES),
    ]
)
"""More passages than are looked at one by one."""


async def told(client: Client, path: str, text: str, files: Mapping[str, bytes | str] = {}) -> list[ServerEvent]:
    if not files:
        return await client.say(path, text)
    form = aiohttp.FormData({"text": text})
    for name, content in files.items():
        kind = "image/png" if name.endswith(".png") else "application/octet-stream"
        data = content if isinstance(content, bytes) else content.encode()
        form.add_field("files", io.BytesIO(data), filename=name, content_type=kind)
    return await client.collect("POST", f"{path}/messages", data=form)


def used(events: list[ServerEvent]) -> dict[str, Any] | None:
    return next((event.data for event in events if event.type == "knowledge_used"), None)


async def ahead(client: Client, agent: str, name: str, data: bytes) -> list[ServerEvent]:
    form = aiohttp.FormData()
    form.add_field("files", io.BytesIO(data), filename=name)
    return await client.collect("POST", f"/api/agents/{agent}/reading", data=form)


async def test_a_large_file_is_found_by_words_at_once_and_by_meaning_when_its_vectors_are_there(
    serve: Serve, tmp_path: Path
) -> None:
    async with FakeEmbeddings() as server, serve(MODEL_CONFIG_FILE=models(tmp_path, server)) as client:
        agent = (await client.post("/api/agents"))["id"]
        small, path = await client.conversation(agent), await client.conversation(agent)
        await told(client, small, QUESTION, {"small.md": "# Doctor\n\nA physician looks at the throat."})
        assert server.requests == []  # so little is looked at passage by passage
        server.held = "embed"
        first = used(await told(client, path, QUESTION, {"large.md": LARGE}))
        assert first and (first["engine"], first["problem"]) == ("lexical", None)
        server.held = ""
        server.release.set()
        async with asyncio.timeout(10):
            while (found := used(await told(client, path, QUESTION)) or {})["engine"] != "hybrid":  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.02)
        assert found["hits"][0]["headings"] == ["Doctor"] and found["hits"][0]["attached"]
        sent = len(server.requests)
        await client.call("PATCH", f"/api/agents/{agent}/config", json={"retrieval": {"embedding": ""}})
        again = used(await told(client, path, QUESTION))
        assert again and again["engine"] == "lexical" and len(server.requests) == sent


async def test_a_file_is_read_before_it_is_sent_and_no_second_time(client: Client, home: Path) -> None:
    agent = (await client.post("/api/agents"))["id"]
    paper = slow_pdf(60)
    *reading, last = await ahead(client, agent, "paper.pdf", paper)
    assert {event.type for event in reading} == {"file_reading"}
    shares = [event.data["share"] for event in reading]
    assert shares == sorted(shares) and 0 <= shares[0] < 1
    assert (last.type, last.data) == ("file_read", {"name": "paper.pdf", "why": None})
    [kept] = (home / "knowledge" / "readings").iterdir()
    before = kept.stat().st_mtime_ns
    events = await told(client, await client.conversation(agent), "What is in it?", {"paper.pdf": paper})
    found = used(events)
    assert found and [file["state"] for file in found["files"]] == ["searched"]
    assert "file_reading" not in [event.type for event in events]
    assert kept.stat().st_mtime_ns == before
    [failed] = await ahead(client, agent, "bad.pdf", b"%PDF-1.7 and nothing")
    assert failed.type == "file_read" and "bad.pdf" in failed.data["why"]["zh"] and failed.data["why"]["en"]


async def test_while_a_file_of_a_message_is_read_it_is_told_how_far_that_is(client: Client) -> None:
    path = await client.conversation((await client.post("/api/agents"))["id"])
    events = await told(client, path, "What is in it?", {"paper.pdf": slow_pdf(60)})
    kinds = [event.type for event in events]
    assert kinds.index("file_reading") < kinds.index("knowledge_used")
    reading = [event.data for event in events if event.type == "file_reading"]
    assert {(one["name"], 0 <= one["share"] <= 1) for one in reading} == {("paper.pdf", True)}
    [file] = {one["file"] for one in reading}
    assert [known["file"] for known in (used(events) or {})["files"]] == [file]
    assert "file_reading" not in json.dumps(await client.get(path))


async def test_a_file_is_read_ahead_alone_and_within_the_limit_of_a_message(client: Client) -> None:
    agent = (await client.post("/api/agents"))["id"]
    two = form_of({"a.txt": "a", "b.txt": "b"})
    for data, status in ((two, 400), (io.BytesIO(b"x" * 20_000_001), 413)):
        assert (await client.call("POST", f"/api/agents/{agent}/reading", data=data)).status == status
    assert (await client.call("POST", f"/api/agents/{'0' * 24}/reading", data=b"x")).status == 404


@needs_tesseract
@pytest.mark.parametrize("sees", [False, True], ids=["no eyes", "eyes"])
async def test_the_words_of_a_picture_are_told_to_a_model_that_sees_none(
    serve: Serve, tmp_path: Path, sees: bool
) -> None:
    async with FakeOpenAI(fallback=lambda _: Says("Within thirty days.")) as model:
        file = model_file(tmp_path, model.base_url, vision=sees)
        async with serve(MODEL_CONFIG_FILE=file) as client:
            path = await client.conversation((await client.post("/api/agents"))["id"])
            picture = saved(written("Refund within thirty days"), "PNG")
            found = used(await told(client, path, "Until when?", {"sign.png": picture, "dot.png": png(40, 40)}))
            prompt = str(model.last.body["messages"][0]["content"])
            assert ("Refund within thirty days" in prompt) is not sees
            # A picture without words is no file that could not be read.
            assert [file["name"] for file in (found or {"files": []})["files"]] == ([] if sees else ["sign.png"])
