"""Conversations as files over the HTTP API: one as Markdown or JSON, all of them as a zip."""

import io
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiohttp import FormData

from tests.client import Answer, Client
from tests.conftest import Serve
from tests.fakes.openai_replies import UNAUTHORIZED, Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.knowing import RETURNS, add, settled
from tests.model_file import model_file

MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"
SUM = Call("calculator", '{"expression": "2+3"}', "call_a")
WRONG = Call("calculator", '{"expression": "2+`"}', "call_b")


async def agent_called(client: Client, name: str) -> str:
    agent = (await client.post("/api/agents"))["id"]
    await client.call("PATCH", f"/api/agents/{agent}/config", json={"name": name, "tools": {"calculator": True}})
    return str(agent)


async def kept(client: Client, path: str, **asked: str) -> Answer:
    """A download, which no browser shows or runs, whatever is in it."""
    answer = await client.call("GET", f"{path}/export", params=asked)
    assert answer.status == 200, answer.body
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    return answer


def name_of(answer: Answer) -> str:
    return unquote(answer.headers["content-disposition"].split("''")[1])


async def test_a_conversation_is_written_as_markdown_with_speakers_times_calls_and_files(
    serve: Serve, tmp_path: Path
) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation(await agent_called(client, "Ada <b>"))
        form = FormData(quote_fields=False)
        form.add_field("text", "## Ada\n<script>alert(1)</script>\n\n```")
        form.add_field("files", b"It rains. " * 200, filename="w`x.txt", content_type="text/plain")
        server.script(Says("Let me see.", calls=(SUM,)), Says(calls=(WRONG,)), Says("So:\n\n```python\nx = 5"))
        await client.collect("POST", f"{path}/messages", data=form)
        server.script(UNAUTHORIZED)
        await client.say(path, "再说一遍")
        await client.call("PATCH", path, json={"title": "A/B: *c*"})
        answer = await kept(client, path)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert name_of(answer) == "A B c.md"
    text = answer.body.decode()
    blocks = re.sub(MOMENT, "<when>", text).split("\n\n")
    assert blocks[:6] == [
        "# A/B: \\*c\\*",
        "Ada \\<b\\> · <when> – <when>",
        "## User · <when>",
        "> ## Ada\n> <script>alert(1)</script>\n>\n> ```",
        "- File: `w'x.txt` (2.0 KB)",
        "## Ada \\<b\\>",
    ]
    assert blocks[6] == "Let me see."
    assert blocks[7] == '- Called `calculator` with `{"expression": "2+3"}`: `{"expression":"2+3","result":5}`'
    assert blocks[8].startswith('- Called `calculator` with `{"expression": "2+\'"}`, which failed: `')
    # The block of code that the answer was cut off in ends with the answer.
    assert blocks[9:13] == ["So:", "```python\nx = 5\n```", "## User · <when>", "> 再说一遍"]
    assert blocks[13] == "## Ada \\<b\\>"
    assert blocks[14].startswith("- The answer failed: ")
    assert len(blocks) == 15


async def test_what_an_answer_cites_is_named_under_it(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await agent_called(client, "Ada")
        await add(client, agent, {"returns.md": RETURNS})
        await settled(client, agent)
        path = await client.conversation(agent)
        server.script(Says("Within 30 days [1], says nobody [9]."))
        await client.say(path, "When can socks be returned?")
        text = (await kept(client, path)).body.decode()
    assert text.endswith("\n\nWithin 30 days [1], says nobody [9].\n\n- \\[1\\] `returns.md`\n")


async def test_what_a_person_decided_on_calls_is_told(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await agent_called(client, "")
        policy = {"policies": {"calculator": "ask"}}
        assert (await client.call("PATCH", f"/api/agents/{agent}/config", json=policy)).status == 200
        path = await client.conversation(agent)
        server.script(Says("我来算。", calls=(SUM, WRONG)), Says("那就不算了。"))
        turn = (await client.say(path, "2+3？"))[0].data["turn"]
        waiting = (await kept(client, path, language="zh")).body.decode()
        decided = {"turn": turn, "calls": {"call_a": "refuse", "call_b": "refuse"}}
        await client.collect("POST", f"{path}/decisions", json=decided)
        text = (await kept(client, path, language="zh")).body.decode()
    assert '- 调用 `calculator`，参数 `{"expression": "2+3"}`，没有结果' in waiting
    assert re.findall("^## (.*?)(?: · .*)?$", text, re.MULTILINE) == ["用户", "智能体"]
    assert '- 调用 `calculator`，参数 `{"expression": "2+3"}`，未获允许' in text
    assert text.endswith("\n\n那就不算了。\n")
    assert "没有结果" not in text


async def test_a_conversation_is_written_as_json_with_everything_that_is_shown(client: Client) -> None:
    path = await client.conversation(await agent_called(client, "算"))
    form = FormData()
    form.add_field("text", "What is 6 * 7?")
    form.add_field("files", b"a secret plan", filename="plan.txt", content_type="text/plain")
    await client.collect("POST", f"{path}/messages", data=form)
    shown = await client.get(path)
    answer = await kept(client, path, format="json")
    assert answer.headers["content-type"] == "application/json"
    assert name_of(answer) == "What is 6 7.json"
    document = answer.body
    [time] = {message.pop("time") for message in document["messages"]}
    created, updated = (datetime.fromisoformat(shown[name]) for name in ("created", "updated"))
    assert created <= datetime.fromisoformat(time) <= updated
    assert document["messages"] == shown["messages"]
    assert {**shown, **document} == {**shown, "agent": "算"}
    refused = await client.call("GET", f"{path}/export", params={"format": "html"})
    assert (refused.status, refused.body["code"]) == (422, "bad_request")


async def test_all_conversations_come_as_one_zip(client: Client) -> None:
    agent = await agent_called(client, "Ada")
    paths = [await client.conversation(agent) for _ in range(4)]
    for path in paths[:3]:
        await client.say(path, "../../What: 1 + 1?")
    await client.say(paths[1], "and 2 + 2?")
    assert (await client.call("DELETE", paths[2])).status == 204
    answer = await kept(client, f"/api/agents/{agent}/conversations", language="zh")
    assert (answer.headers["content-type"], name_of(answer)) == ("application/zip", "Ada.conversations.zip")
    # It is sent as it is made: nobody knows how long it will be.
    assert "content-length" not in answer.headers
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            f"{number} What 1 + 1.{ending}" for number in ("001", "002") for ending in ("md", "json")
        ]
        for number, path in enumerate(paths[:2], start=1):
            markdown, document = (archive.read(f"00{number} What 1 + 1.{ending}") for ending in ("md", "json"))
            assert markdown == (await kept(client, path, language="zh")).body
            single: dict[str, Any] = (await kept(client, path, format="json")).body
            assert json.loads(document) == single
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o600}
    other = await agent_called(client, "New")
    nothing = await kept(client, f"/api/agents/{other}/conversations")
    assert zipfile.ZipFile(io.BytesIO(nothing.body)).namelist() == []
