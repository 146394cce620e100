"""The code interpreter over the HTTP API: what goes in, what comes back as text and files, and where it is off."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agentfabric.service import conversations
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.sandbox import require_sandbox, sandbox_variables
from tests.test_api_media import studio_with
from user_agent.tools.registry import find_tool

CHART = """
import pandas as pd, matplotlib.pyplot as plt
sales = pd.read_csv("sales.csv")
print(sales["amount"].sum())
sales.plot.bar(x="month", y="amount", title="销售额")
plt.show()
sales.describe().to_excel("summary.xlsx")
"""


def runs(code: str) -> Says:
    return Says(calls=(Call("code_interpreter", json.dumps({"code": code})),))


async def said(client: Client, model: FakeOpenAI, conversation: str, *codes: str, text: Any = "Go on") -> list[Any]:
    """What each piece of code came to, the model making one call after the other."""
    model.script(*map(runs, codes), Says("Done."))
    if isinstance(text, str):
        events = await client.say(conversation, text)
    else:
        events = await client.collect("POST", f"{conversation}/messages", data=text)
    return [event.data for event in events if event.type == "tool_finished"]


def with_file(text: str, name: str, data: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData({"text": text})
    form.add_field("files", data, filename=name, content_type="text/csv")
    return form


async def test_a_table_that_was_attached_becomes_a_chart_and_a_file(serve: Serve, tmp_path: Path) -> None:
    require_sandbox()
    async with studio_with(serve, tmp_path, "code_interpreter", **sandbox_variables()) as (client, model, _, agent):
        conversation = await client.conversation(agent)
        table = with_file("Chart this", "sales.csv", "month,amount\n一月,3\n二月,4\n".encode())
        [finished] = await said(client, model, conversation, CHART, text=table)
        assert finished["failed"] is False
        assert finished["output"].startswith("7\n") and "sales.csv" in finished["output"]
        chart, summary = finished["files"]
        assert (chart["media_type"], summary["name"]) == ("image/png", "summary.xlsx")
        answer = await client.call("GET", f"/api/files/{chart['file']}")
        assert answer.headers["content-type"] == "image/png" and answer.body.startswith(b"\x89PNG")
        answer = await client.call("GET", f"/api/files/{summary['file']}")
        assert answer.headers["content-disposition"].startswith("attachment") and answer.body.startswith(b"PK")
        # What it made itself is not put into its folder again, and what it knew is still there.
        [again] = await said(client, model, conversation, "import os; print(sorted(os.listdir('.')), len(sales))")
        assert again["output"] == "['sales.csv', 'summary.xlsx'] 2"


async def test_an_endless_loop_ends_in_a_sentence_with_what_it_printed(serve: Serve, tmp_path: Path) -> None:
    require_sandbox()
    variables = {**sandbox_variables(), "AGENTFABRIC_SANDBOX_SECONDS": "1"}
    async with studio_with(serve, tmp_path, "code_interpreter", **variables) as (client, model, _, agent):
        conversation = await client.conversation(agent)
        loop = "print('step 1', flush=True)\nwhile True: pass"
        ended, after = await said(client, model, conversation, loop, "print('here')")
        assert ended["output"].startswith("step 1\n[代码运行到 1 秒的时限被停下")
        assert after["output"] == "here"


async def test_names_with_markup_and_files_beyond_the_limits(serve: Serve, tmp_path: Path) -> None:
    require_sandbox()
    code = """
open("<img src=x onerror=alert(1)>.html", "w").write("<script>alert(1)</script>")
open("a\\nb\\u202e.txt", "w").write("x")
open("picture.png", "w").write("no picture")
open("large.bin", "wb").truncate(30_000_000)
open(b"\\xff.txt", "w").write("x")
for number in range(12):
    open(f"n{number}.txt", "w").write("x")
None
"""
    async with studio_with(serve, tmp_path, "code_interpreter", **sandbox_variables()) as (client, model, _, agent):
        [finished] = await said(client, model, await client.conversation(agent), code)
        kept = {file["name"]: file for file in finished["files"]}
        assert set(kept) >= {"<img src=x onerror=alert(1)>.html", "ab.txt", "picture.png"}
        assert len(kept) <= 10 and "large.bin" in finished["output"] and "n11.txt" in finished["output"]
        assert kept["picture.png"]["media_type"] == "application/octet-stream"
        page = await client.call("GET", f"/api/files/{kept['<img src=x onerror=alert(1)>.html']['file']}")
        assert page.headers["content-type"] == "application/octet-stream"
        assert page.headers["content-disposition"].startswith("attachment")


async def test_code_in_a_block_as_models_write_it_is_taken(serve: Serve, tmp_path: Path) -> None:
    require_sandbox()
    async with studio_with(serve, tmp_path, "code_interpreter", **sandbox_variables()) as (client, model, _, agent):
        conversation = await client.conversation(agent)
        block, nothing = await said(client, model, conversation, "```python\nprint(1 + 1)\n```", " ")
        assert block["output"] == "2"
        assert nothing["failed"] and "没有要运行的代码" in nothing["output"]


async def test_the_folder_goes_with_its_conversation(
    serve: Serve, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_sandbox()
    folders = home / "sandbox" / "conversations"
    async with studio_with(serve, tmp_path, "code_interpreter", **sandbox_variables()) as (client, model, _, agent):
        conversation = await client.conversation(agent)
        await said(client, model, conversation, "open('a.txt', 'w').write('x')")
        name = conversation.rpartition("/")[2]
        assert (folders / name / "work" / "a.txt").exists()
        monkeypatch.setattr(conversations, "KEPT_AWAY", timedelta(0))
        assert (await client.call("DELETE", conversation)).status == 204
        assert not (folders / name).exists()


async def test_where_code_cannot_be_run_the_tool_says_why_and_is_not_offered(serve: Serve, tmp_path: Path) -> None:
    nowhere = {"AGENTFABRIC_SANDBOX_ENVIRONMENT": str(tmp_path / "nowhere")}
    async with studio_with(serve, tmp_path, "code_interpreter", "calculator", **nowhere) as (client, model, _, agent):
        tools = {tool["id"]: tool for tool in await client.get("/api/tools")}
        tool = tools["code_interpreter"]
        assert (tool["state"], tools["calculator"]["reason"]) == ("unavailable", None)
        assert tool["reason"]["en"] and tool["reason"]["zh"]
        model.script(Says("No."))
        await client.say(await client.conversation(agent), "Run it")
        assert [each["function"]["name"] for each in model.requests[-1].body["tools"]] == ["calculator"]


async def test_the_builder_is_told_that_it_does_not_work(serve: Serve, tmp_path: Path) -> None:
    nowhere = {"AGENTFABRIC_SANDBOX_ENVIRONMENT": str(tmp_path / "nowhere")}
    async with studio_with(serve, tmp_path, **nowhere) as (client, model, _, agent):
        ticks = Says(calls=(Call("choose_tools", '{"query": "run code", "enable": ["code_interpreter"]}'),))
        model.script(ticks, Says("It is on, but it does not work here yet."))
        await client.tell_builder(agent, "Let it run code")
        first, second = list(model.requests)[-2:]
        assert "does not work on this server" in first.body["messages"][0]["content"]
        answer = json.loads(second.body["messages"][-1]["content"])
        assert "code_interpreter" in answer["does_not_work"]


def test_it_asks_nobody_first() -> None:
    tool = find_tool("code_interpreter")
    assert tool is not None and (tool.effect, tool.secrets) == ("reads", ())
