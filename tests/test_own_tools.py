"""Tools that whoever runs the server wrote in a file of their own (`AGENTFABRIC_TOOLS`), over the HTTP API."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file

ROOT = Path(__file__).parents[1]
EXAMPLE = str(ROOT / "examples" / "own_tools.py")

MINE = '''
from user_agent import Table, ToolContext, ToolOutput, tool
from user_agent.words import Words

@tool(secrets=["SHOP_API_KEY"], effect="writes", cost=Words(zh="每次一分钱", en="A cent each"), timeout_s=7)
async def order(item: str, context: ToolContext) -> str:
    """Order something."""
    return f"{item} with {context.secrets['SHOP_API_KEY']}"

@tool
async def page(context: ToolContext) -> ToolOutput:
    """Make pages."""
    attack = b"<script>alert(1)</script>"
    kept = [
        await context.keep(attack, name=name, media_type=kind)
        for name, kind in (("a.html", "text/html"), ("b.svg", "image/svg+xml"), ("c\\r\\nX: y.png", "image/png; x=<b>"))
    ]
    return ToolOutput(files=tuple(kept))

@tool
async def big(context: ToolContext) -> ToolOutput:
    """Make too much."""
    return ToolOutput(files=(await context.keep(bytes(100_000_001), name="big.bin", media_type="x/y"),))
'''


@asynccontextmanager
async def studio(
    serve: Serve, tmp_path: Path, places: str, *ticked: str
) -> AsyncGenerator[tuple[Client, FakeOpenAI, str]]:
    """A studio with the tools at these places, and an agent that has some of them."""
    async with FakeOpenAI() as model:
        models = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=models, AGENTFABRIC_TOOLS=places) as client:
            agent = await client.post("/api/agents", json={"config": {"language": "en"}})
            ticks = {"tools": dict.fromkeys(ticked, True)}
            answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=ticks)
            assert answer.body["refused"] == []
            yield client, model, agent["id"]
        model.assert_complete()


def mine(tmp_path: Path, code: str = MINE, name: str = "mine.py") -> str:
    file = tmp_path / name
    file.write_text(code, encoding="utf-8")
    return str(file)


async def finished(client: Client, agent: str, conversation: str = "") -> list[dict[str, Any]]:
    events = await client.say(conversation or await client.conversation(agent), "Go on")
    return [event.data for event in events if event.type == "tool_finished"]


async def test_the_example_is_in_the_catalogue_and_works_in_a_conversation(serve: Serve, tmp_path: Path) -> None:
    async with studio(serve, tmp_path, EXAMPLE, "sales_report", "dice") as (client, model, agent):
        listed = {tool["id"]: tool for tool in await client.get("/api/tools")}
        assert listed["sales_report"]["label"] == {"zh": "销售报告", "en": "Sales report"}
        assert listed["sales_report"]["cost"] == {"zh": "免费", "en": "Free"}
        assert listed["dice"]["state"] == "ready"
        model.script(Says(calls=(Call("sales_report", '{"least": 0}'), Call("dice", '{"count": 1}'))), Says("There."))
        conversation = await client.conversation(agent)
        told = await finished(client, agent, conversation)
        report = next(data for data in told if data["name"] == "sales_report")
        [table], [file] = report["tables"], report["files"]
        assert table["columns"] == ["City", "Sales"]
        assert table["rows"][0] == ["Hangzhou", 1250300.5]
        parts = [part for message in (await client.get(conversation))["messages"] for part in message["parts"]]
        stored = next(part for part in parts if part["type"] == "tool_result" and part["name"] == "sales_report")
        assert (stored["tables"], stored["files"]) == ([table], [file])
        csv = await client.call("GET", f"/api/files/{table['file']['file']}")
        assert csv.body.decode("utf-8-sig").splitlines()[:2] == ["City,Sales", "Hangzhou,1250300.5"]
        assert csv.headers["content-disposition"] == "attachment; filename*=UTF-8''table.csv"
        [call] = [data for data in told if data["name"] == "dice"]
        assert 1 <= json.loads(call["output"])["sum"] <= 6


async def test_the_builder_knows_and_gives_the_tools(serve: Serve, tmp_path: Path) -> None:
    async with studio(serve, tmp_path, EXAMPLE) as (client, model, agent):
        wanted = (Call("choose_tools", '{"query": "a report of sales"}'), Call("choose_tools", '{"enable": ["dice"]}'))
        model.script(Says(calls=wanted), Says("Done."))
        await client.tell_builder(agent, "Give it dice")
        assert (await client.get(f"/api/agents/{agent}"))["config"]["tools"]["dice"]["use"] is True
        told = [message["content"] for message in model.last.body["messages"] if message["role"] == "tool"]
        assert "sales_report" in told[0]


async def test_files_that_could_run_are_downloads_and_nothing_else(serve: Serve, tmp_path: Path) -> None:
    async with studio(serve, tmp_path, mine(tmp_path), "page") as (client, model, agent):
        model.script(Says(calls=(Call("page", "{}"),)), Says("There."))
        [told] = await finished(client, agent)
        assert [file["name"] for file in told["files"]] == ["a.html", "b.svg", "cX: y.png"]
        for file in told["files"]:
            answer = await client.call("GET", f"/api/files/{file['file']}")
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
            assert answer.headers["content-disposition"].isascii()
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "x" not in answer.headers


async def test_what_is_too_large_is_not_kept_and_the_model_is_told(serve: Serve, tmp_path: Path) -> None:
    async with studio(serve, tmp_path, mine(tmp_path), "big") as (client, model, agent):
        model.script(Says(calls=(Call("big", "{}"),)), Says("Too much."))
        [told] = await finished(client, agent)
        assert told["failed"]
        assert "'big.bin' is larger than 100 MB" in told["output"]


async def test_an_own_tool_waits_for_its_key_asks_first_and_says_what_it_costs(serve: Serve, tmp_path: Path) -> None:
    async with studio(serve, tmp_path, mine(tmp_path), "order") as (client, model, agent):
        [order] = [tool for tool in await client.get("/api/tools") if tool["id"] == "order"]
        assert (order["state"], order["effect"], order["timeout_s"]) == ("waiting", "writes", 7)
        assert order["cost"] == {"zh": "每次一分钱", "en": "A cent each"}
        assert 0 < order["tokens"]["en"] < 100
        answer = await client.call("PUT", "/api/secrets/SHOP_API_KEY", json={"value": "sk-shop"})
        assert answer.status == 204
        model.script(Says(calls=(Call("order", '{"item": "tea"}'),)))
        conversation = await client.conversation(agent)
        events = await client.say(conversation, "Order tea")
        assert events[-1].data["stop"] == "input_needed"
        [asked] = [event.data["calls"] for event in events if event.type == "input_needed"]
        turn = events[0].data["turn"]
        model.script(Says("Done."))
        decision = {"turn": turn, "calls": {asked[0]["id"]: "allow"}}
        events = await client.collect("POST", f"{conversation}/decisions", json=decision)
        [told] = [event.data for event in events if event.type == "tool_finished"]
        assert told["output"] == "tea with sk-shop"


async def test_a_langchain_tool_in_the_file_asks_first(serve: Serve, tmp_path: Path) -> None:
    code = '''
from langchain_core.tools import tool

@tool
def run(command: str) -> str:
    """Run a command."""
    return f"ran {command}"

TOOLS = {"terminal": run}
'''
    async with studio(serve, tmp_path, mine(tmp_path, code), "terminal") as (client, model, agent):
        [listed] = [tool for tool in await client.get("/api/tools") if tool["id"] == "terminal"]
        assert (listed["effect"], listed["cost"]) == ("writes", {"zh": "", "en": ""})
        model.script(Says(calls=(Call("terminal", '{"command": "ls"}'),)))
        events = await client.say(await client.conversation(agent), "List the files")
        assert events[-1].data["stop"] == "input_needed"


@pytest.mark.parametrize(
    ("place", "ids"),
    [
        ("folder", {"one", "two"}),
        ("folder/one.py", {"one"}),
        ("examples.own_tools:sales_report", {"sales_report"}),
        ("examples.own_tools", {"sales_report", "dice"}),
        ("folder/one.py,examples.own_tools:Dice", {"one", "dice"}),
    ],
)
async def test_tools_are_found_at_files_folders_and_modules(
    serve: Serve, tmp_path: Path, place: str, ids: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("one", "two", "_hidden"):
        code = f'from user_agent import tool\n\n@tool\ndef {name.strip("_")}() -> str:\n    """It."""\n    return "x"\n'
        mine(tmp_path / "folder", code, f"{name}.py")
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.chdir(tmp_path)
    async with serve() as client:
        shipped = {tool["id"] for tool in await client.get("/api/tools")}
    async with serve(AGENTFABRIC_TOOLS=place) as client:
        assert {tool["id"] for tool in await client.get("/api/tools")} - shipped == ids
        assert (await client.get("/api/models"))["problems"] == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("x = 1", "has no TOOLS"),
        ("raise OSError('/etc/secret-place')", "OSError"),
        ("def broken(:", "SyntaxError"),
        ("TOOLS = [7]", "7 is no tool"),
        ("TOOLS = ['weather']", "only a name"),
        (
            'from user_agent import tool\n@tool\ndef weather() -> str:\n    """It."""\n    return ""',
            "another tool named",
        ),
    ],
    ids=["nothing", "raises", "syntax", "no tool", "a name", "taken"],
)
async def test_a_file_that_cannot_be_used_is_told_and_the_server_runs(
    serve: Serve, tmp_path: Path, code: str, told: str
) -> None:
    places = f"{mine(tmp_path, code)},{mine(tmp_path, MINE, 'fine.py')}"
    async with serve(AGENTFABRIC_TOOLS=places) as client:
        assert "order" in {tool["id"] for tool in await client.get("/api/tools")}
        [problem] = (await client.get("/api/models"))["problems"]
    assert problem["file"] == "AGENTFABRIC_TOOLS"
    assert told in problem["message"]["en"] and "mine.py" in problem["message"]["zh"]
    assert str(tmp_path) not in json.dumps(problem) and "secret-place" not in json.dumps(problem)


async def test_a_place_that_is_not_there_is_told(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TOOLS="/nowhere/tools.py,no_such_module:TOOLS") as client:
        problems = (await client.get("/api/models"))["problems"]
    assert ["no such file" in problems[0]["message"]["en"], "no_such_module" in problems[1]["message"]["en"]] == [
        True
    ] * 2


async def test_a_person_cannot_name_a_place(client: Client) -> None:
    """Neither a configuration nor a request says where code is."""
    config = {"tools": {EXAMPLE: {"use": True}, "examples.own_tools:Dice": {"use": True}}, "AGENTFABRIC_TOOLS": EXAMPLE}
    agent = await client.post("/api/agents", json={"config": config})
    ticks = {"tools": {"examples.own_tools:sales_report": True}}
    answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=ticks)
    assert [refusal["field"] for refusal in answer.body["refused"]] == ["tools.examples.own_tools:sales_report"]
    assert not {"dice", "sales_report"} & {tool["id"] for tool in await client.get("/api/tools")}
