"""MCP servers that others wrote, over each transport, and programs: who may start them, with what, and their end."""

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.client import an_agent, text_of
from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer, page
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.foreign_mcp import SCRIPTS, everything, serving
from tests.mcp import OWN_NETWORK, Shelf
from tests.model_file import model_file
from tests.test_mcp import added
from user_agent.errors import ConfigError
from user_agent.events import RunFinished
from user_agent.mcp.connections import Connections
from user_agent.mcp.endpoint import Endpoint
from user_agent.mcp.failures import in_our_words
from user_agent.mcp.patience import Patience
from user_agent.mcp.programs import Program
from user_agent.messages import user_message
from user_agent.net import Http
from user_agent.questions import Question, Reply
from user_agent.serve.folder import FolderSettings, open_folder
from user_agent.serve.served import Caller

PATIENT = Patience(connect_s=40, call_s=40)


@asynccontextmanager
async def reached(endpoint: Endpoint) -> AsyncGenerator[Shelf]:
    """That server, with all its tools allowed."""
    async with Http(policy=OWN_NETWORK) as http, Connections(http, PATIENT) as connections:
        connection = await connections.of("ann", endpoint)
        yield Shelf(connection, http, pinned=(await connection.look()).tools)


@asynccontextmanager
async def over(transport: str) -> AsyncGenerator[Shelf]:
    if transport == "stdio":
        command, *args = everything("stdio")
        async with reached(Endpoint("stdio", program=Program(command, tuple(args)))) as shelf:
            yield shelf
    elif transport == "sse":
        async with serving("sse") as url, reached(Endpoint("sse", url)) as shelf:
            yield shelf
    else:
        async with serving("streamableHttp") as url, reached(Endpoint("http", url)) as shelf:
            yield shelf


@pytest.mark.parametrize("transport", ["stdio", "sse", "streamable http"])
async def test_everything_that_a_server_of_others_offers(transport: str) -> None:
    async with over(transport) as shelf:
        assert {"echo", "get-sum", "get-tiny-image"} <= {tool.name for tool in shelf.pinned}
        assert (await shelf.call("shelf__echo", message="你好")).output == "Echo: 你好"
        assert (await shelf.call("shelf__get-sum", a=2, b=40)).output == "The sum of 2 and 40 is 42."
        structured = await shelf.call("shelf__get-structured-content", location="New York")
        assert json.loads(structured.output)["conditions"] and structured.output.count("conditions") == 1
        image = await shelf.call("shelf__get-tiny-image", _=None)
        assert len(image.files) == 1 and image.files[0].media_type == "image/png"
        assert shelf.kept.files[0].startswith(b"\x89PNG") and "base64" not in image.output
        links = await shelf.call("shelf__get-resource-links", count=2)
        assert links.output.count("demo://resource") == 2
        text = await shelf.call("shelf__get-resource-reference", resourceType="Text", resourceId=1)
        assert "demo://resource/dynamic/text/1" in text.output
        refused = await shelf.call("shelf__get-sum", a="no number", b=1)
        assert refused.failed and "a" in refused.output


@pytest.mark.parametrize("transport", ["stdio", "streamable http"])
async def test_how_far_a_long_call_is_is_told(transport: str) -> None:
    async with over(transport) as shelf:
        finished = await shelf.call("shelf__trigger-long-running-operation", duration=0.4, steps=4)
        assert "completed" in finished.output
        assert [share for share, _ in shelf.reported] == [0.25, 0.5, 0.75, 1.0]


@pytest.mark.parametrize("transport", ["stdio", "sse", "streamable http"])
async def test_what_a_server_of_others_asks_is_answered(transport: str) -> None:
    async with over(transport) as shelf:
        replies = [Reply("accept", {"name": "Ann", "integer": 7}), Reply("decline"), *[Reply("accept")] * 2]

        async def answer(question: Question) -> Reply:
            shelf.asked.append(question)
            return replies[len(shelf.asked) - 1]

        shelf.answer = answer
        filled_in = await shelf.call("shelf__trigger-elicitation-request", _=None)
        assert "- Name: Ann" in filled_in.output and "- Favorite Integer: 7" in filled_in.output
        declined = await shelf.call("shelf__trigger-elicitation-request", _=None)
        assert "declined" in declined.output
        form = shelf.asked[0]
        kinds = [field.kind for field in form.fields]
        assert len(kinds) == 13 and set(kinds) == {"text", "yes_no", "integer", "number", "choice", "choices"}
        assert form.fields[0].required and form.fields[11].options[0].title == "Tuna"
        asked: dict[str, Any] = {
            "url": "https://example.com/consent",
            "message": "Agree there.",
            "elicitationId": "e-1",
        }
        agreed = await shelf.call("shelf__trigger-url-elicitation", **asked)
        assert not agreed.failed and shelf.asked[2].url == asked["url"], agreed.output
        # A server may also refuse the call until the person was there.
        asked |= {"elicitationId": "e-2", "errorPath": True}
        before = await shelf.call("shelf__trigger-url-elicitation", **asked)
        assert before.failed and "call it again when they say that they are done" in before.output
        assert shelf.asked[3].url == "https://modelcontextprotocol.io"


async def test_a_program_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTFABRIC_SECRET_KEY", "canary")
    monkeypatch.setenv("DASHSCOPE_API_KEY", "canary")
    command, *args = everything("stdio")
    program = Program(command, tuple(args), (("MINE", "yes"),))
    async with reached(Endpoint("stdio", program=program)) as shelf:
        seen = json.loads((await shelf.call("shelf__get-env", _=None)).output)
        assert seen.keys() <= {"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "MINE"} and "MINE" in seen


async def test_time_of_the_server_of_others(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as model:
        names = {
            "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url),
            "AGENTFABRIC_MCP_COMMANDS": json.dumps({"time": [str(SCRIPTS / "mcp-server-time")]}),
        }
        async with serve(**names) as client:
            agent = await an_agent(client)
            await added(client, agent, '{"mcpServers": {"clock": {"command": "time"}}}', "convert_time")
            said = {"source_timezone": "Asia/Shanghai", "time": "16:30", "target_timezone": "UTC"}
            model.script(Says(calls=(Call("clock__convert_time", json.dumps(said)),)), Says("It is 08:30."))
            events = await client.say(await client.conversation(agent.rpartition("/")[2]), "And in UTC?")
            assert text_of(events) == "It is 08:30."
            assert "T08:30:00" in json.dumps(model.requests[-1].body)
            told = await client.get(f"{agent}/readiness")
            assert [each["field"] for each in told["findings"] if each["kind"] == "program"] == ["mcpServers.clock"]
            packed = await client.get(f"{agent}/bundle")
        # Its bundle starts the program where whoever runs it allows that, and nowhere else.
        folder = tmp_path / "unpacked"
        await asyncio.to_thread(zipfile.ZipFile(io.BytesIO(packed)).extractall, folder)
        assert 'MCP_COMMANDS={"time": ["…"]}' in await asyncio.to_thread((folder / ".env.example").read_text)
        allowed = {"MCP_COMMANDS": names["AGENTFABRIC_MCP_COMMANDS"]}
        for keys, offered in ({}, False), (allowed, True):
            model.script(*([Says(calls=(Call("clock__convert_time", json.dumps(said)),))] * offered), Says("08:30."))
            async with open_folder(folder / "config", FolderSettings(keys)) as packed_agent:
                told = [problem.en for problem in await packed_agent.problems()]
                events = [event async for event in packed_agent.run(Caller("ann", "openai"), [user_message("In UTC?")])]
            assert isinstance(events[-1], RunFinished)
            assert (
                told
                == ["The MCP server 'clock' is not started: MCP_COMMANDS does not name its program 'time'."][offered:]
            )
            assert ("T08:30:00" in json.dumps(model.requests[-1].body)) is offered
            assert ("clock__convert_time" in json.dumps(model.requests[-1].body.get("tools"))) is offered
        with pytest.raises(ConfigError, match="MCP_COMMANDS"):
            async with open_folder(folder / "config", FolderSettings({"MCP_COMMANDS": "time"})):
                pass


async def test_a_page_through_the_server_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    # Where it finds Node it has libraries fetched at its first page, and stands or falls with the newest of them.
    monkeypatch.setenv("PATH", str(SCRIPTS))
    async with HostileServer() as web:
        web.fallback = page(
            b"<html><body><h1>West Lake</h1><p>" + b"A lake. " * 60 + b"</p></body></html>", media_type="text/html"
        )
        program = Program(str(SCRIPTS / "mcp-server-fetch"), ("--ignore-robots-txt", "--allow-private-ips"))
        async with reached(Endpoint("stdio", program=program)) as shelf:
            assert "West Lake" in (await shelf.call("shelf__fetch", url=f"{web.base_url}/lake")).output


FORMS: list[dict[str, Any]] = [
    {"command": "npx", "args": ["-c", "touch {file}"]},
    {"command": "npx", "args": ["--yes", "some-package"]},
    {"command": "uvx", "args": ["x"]},
    {"command": "docker", "args": ["run", "x"]},
    {"command": "env", "args": ["PATH=/tmp", "touch", "{file}"]},
    {"command": "touch", "args": ["{file}"]},
    {"command": "touch {file}"},
    {"command": "/bin/sh", "args": ["-c", "touch {file}"]},
    {"command": "allowed", "args": ["{file}"]},
    {"command": "allowed", "env": {"NODE_OPTIONS": "--require {file}"}},
    {"command": "allowed", "env": {"LD_PRELOAD": "{file}"}},
    {"command": "allowed", "args": "{file}"},
    {"command": " allowed"},
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form['command'][:10]} {sorted(form)[0]}")
async def test_nobody_starts_a_program_that_was_not_allowed(serve: Serve, tmp_path: Path, form: dict[str, Any]) -> None:
    proof = tmp_path / "spawned"
    entry = json.loads(json.dumps(form).replace("{file}", str(proof)))
    allowed = {"allowed": [sys.executable, "-c", f"open({str(proof)!r}, 'w')"]}
    async with serve(AGENTFABRIC_MCP_COMMANDS=json.dumps(allowed)) as client:
        tool = {"name": "t", "description": "d", "arguments": {"type": "object", "properties": {}}}
        config = {"mcpServers": {"x": {**entry, "tools": [tool]}}}
        made = await client.post("/api/agents", json={"config": config})
        agent = f"/api/agents/{made['id']}"
        (server,) = await client.get(f"{agent}/mcp")
        assert server["state"] == "failed" and "not allowed" in server["problem"]["en"]
        assert (await client.call("POST", f"{agent}/mcp/{server['id']}/look")).body["state"] == "failed"
        text = json.dumps({"mcpServers": {"x": entry}})
        (found,) = (await client.call("POST", "/api/mcp", json={"text": text})).body["servers"]
        assert "not allowed" in found["problem"]["en"]
        await client.say(await client.conversation(made["id"]), "Hello")
    assert not proof.exists()


async def test_a_program_that_cannot_be_asked_says_why() -> None:
    ends = Program(sys.executable, ("-c", "pass"))
    talks = Program(sys.executable, ("-c", "import time\nprint('Welcome!', flush=True)\ntime.sleep(60)"))
    gone = Program("/no/such/program")
    last = "import os, sys\nprint('x' * 900_000, file=sys.stderr)\nprint('No key', os.environ['KEY'], file=sys.stderr)"
    told = Program(sys.executable, ("-c", last), (("KEY", "canary-4711"),))
    for program, why in (
        (told, "ended by itself, and wrote last: No key [key]."),
        (ends, "ended by itself."),
        (gone, "cannot be started"),
        (talks, "did not answer in time"),
    ):
        async with Http() as http, Connections(http, Patience(connect_s=1.5)) as connections:
            connection = await connections.of("ann", Endpoint("stdio", program=program))
            finished = await Shelf(connection, http).call()
            assert finished.failed and why in finished.output, finished.output
            assert connection.failure is None or "No key" not in in_our_words(connection.failure).en


@pytest.mark.skipif(sys.platform == "win32", reason="looks at /proc")
async def test_programs_end_with_what_started_them(tmp_path: Path) -> None:
    """Also those that do not want to, and what they started themselves."""
    ids = tmp_path / "ids"
    stubborn = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(ids)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(600)
"""
    async with Http() as http, Connections(http, Patience(connect_s=60)) as connections:
        connection = await connections.of("ann", Endpoint("stdio", program=Program(sys.executable, ("-c", stubborn))))
        connection.begin()
        await _until(lambda: ids.exists() and len(ids.read_text().split()) == 2)
        pids = [int(pid) for pid in ids.read_text().split()]
        assert all(_is_running(pid) for pid in pids)
    await _until(lambda: not any(_is_running(pid) for pid in pids))


async def _until(holds: Callable[[], bool]) -> None:
    """What other processes do is looked at until it is so: they tell nobody."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  nothing of another process could be waited for
            await asyncio.sleep(0.02)


def _is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
