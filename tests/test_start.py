"""Starting and dying: what the terminal says, and what is there after a kill -9 or a stop."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest

from agentfabric.service.knowledge_indexes import AgentIndexes
from tests.client import Client, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.terminal import ROOT, STOP_TIMEOUT_S, command, terminal
from user_agent.sandbox.workshop import Workshop


async def test_help_explains_itself() -> None:
    status, printed, _ = await command("--help")
    assert status == 0
    for word in ("usage: python app.py", "--port", "AGENTFABRIC_HOME", "AGENTFABRIC_TOKEN", "README.md"):
        assert word in printed


async def test_a_busy_port_is_told_with_its_cure(home: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        status, _, complaint = await command("--port", port, AGENTFABRIC_HOME=str(home))
    assert status == 2
    assert port in complaint
    assert "--port" in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"AGENTFABRIC_HOME": "{tmp}/file/home"}, "AGENTFABRIC_HOME"),
        ({"AGENTFABRIC_HOME": "{tmp}/home", "DATABASE_URL": "sqlite:///{tmp}/file"}, "DATABASE_URL"),
        ({"AGENTFABRIC_HOME": "{tmp}/home", "DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"AGENTFABRIC_HOME": "{tmp}/home", "DATABASE_URL": "postgresql+psycopg2://me:pw@h/x"}, "psycopg2`"),
        ({"AGENTFABRIC_HOME": "{tmp}/home", "GRADIO_SERVER_NAME": "192.0.2.1"}, "--host"),
        ({"AGENTFABRIC_HOME": "{tmp}/home", "AGENTFABRIC_SECRET_KEY": "changeme"}, "AGENTFABRIC_SECRET_KEY"),
        ({"GRADIO_SERVER_NAME": "0.0.0.0", "AGENTFABRIC_TOKEN": "secret"}, "`AGENTFABRIC_TOKEN`"),
        ({"GRADIO_SERVER_NAME": "0.0.0.0", "AGENTFABRIC_TOKENS": "ann:secret"}, "`AGENTFABRIC_TOKENS`"),
    ],
    ids=[
        *("home below a file", "no database", "no URL", "no driver", "no address"),
        *("weak key", "weak token", "weak token of one user"),
    ],
)
async def test_what_keeps_it_from_starting_is_told_in_one_sentence(
    tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    (tmp_path / "file").write_text("notes " * 100)
    names = {name: value.format(tmp=tmp_path) for name, value in environment.items()}
    status, printed, complaint = await command(**{"GRADIO_SERVER_PORT": "0", **names})
    assert (status, printed) == (2, "")
    assert complaint.startswith("AgentFabric cannot start. ")
    assert told in complaint
    assert len(complaint.splitlines()) == 1


async def test_a_second_server_on_the_same_home_is_refused(home: Path) -> None:
    async with terminal({"AGENTFABRIC_HOME": str(home)}):
        status, _, complaint = await command(AGENTFABRIC_HOME=str(home), GRADIO_SERVER_PORT="0")
    assert status == 2
    assert "another AgentFabric is running" in complaint


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
async def test_an_interrupt_ends_open_answers_and_the_server_at_once(home: Path, tmp_path: Path) -> None:
    async with FakeOpenAI(Says("half of it", ending="silent")) as model:
        environment = {"AGENTFABRIC_HOME": str(home), "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url)}
        async with terminal(environment) as server, Client(server.base_url) as client:
            agent = await client.post("/api/agents")
            path = await client.conversation(agent["id"])
            async with aclosing(client.events("POST", f"{path}/messages", json={"text": "Go on"})) as events:
                assert [(await anext(events)).type for _ in range(2)] == ["turn_started", "text_delta"]
                server.process.send_signal(signal.SIGINT)
                rest = [event async for event in events]
            status = await asyncio.to_thread(server.process.wait)
    assert rest[-1].type == "run_failed"
    assert rest[-1].data["code"] == "interrupted"
    assert (status, "Traceback" in server.text) == (0, False)


async def test_bound_beyond_this_machine_a_token_is_made_and_its_address_printed(home: Path) -> None:
    environment = {"AGENTFABRIC_HOME": str(home), "GRADIO_SERVER_NAME": "0.0.0.0"}
    async with terminal(environment) as server, Client(server.base_url) as client:
        found = re.search(r"(/\?token=([\w-]{32,}))\s", server.text)
        assert found, server.text
        assert (await client.call("GET", "/api/agents")).status == 401
        answer = await client.call("GET", found[1])
        assert (answer.status, answer.headers["location"]) == (303, "/")
        cookie = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
        assert await client.get("/api/agents", headers=cookie) == []
        assert await client.get("/api/agents", headers={"Authorization": f"Bearer {found[2]}"}) == []
        assert server.text.count(found[2]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
async def test_an_answer_that_a_kill_cut_off_is_told_and_the_conversation_goes_on(
    serve: Serve, home: Path, tmp_path: Path
) -> None:
    async with FakeOpenAI(Says("half of it", ending="silent")) as model:
        environment = {"AGENTFABRIC_HOME": str(home), "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url)}
        async with terminal(environment) as server, Client(server.base_url) as client:
            agent = await client.post("/api/agents")
            path = await client.conversation(agent["id"])
            async with aclosing(client.events("POST", f"{path}/messages", json={"text": "Go on"})) as events:
                turn = (await anext(events)).data["turn"]
                seen = await anext(events)
                await server.kill()
        async with serve(MODEL_CONFIG_FILE=environment["MODEL_CONFIG_FILE"]) as client:
            conversation = await client.get(path)
            assert conversation["busy"] is None
            assert [message["role"] for message in conversation["messages"]] == ["user", "assistant"]
            assert _failures(conversation) == ["interrupted"]
            late = await client.collect("GET", f"/api/turns/{turn}/events", headers={"Last-Event-ID": str(seen.seq)})
            assert [(event.type, event.data["code"]) for event in late] == [("run_failed", "interrupted")]
            assert late[0].seq > seen.seq
            model.script(Says("and the rest"))
            assert text_of(await client.say(path, "Again")) == "and the rest"


async def test_an_answer_that_a_stop_of_the_server_cut_off_keeps_what_was_said(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI(Says("half of it", ending="silent")) as model:
        models = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=models) as client:
            agent = await client.post("/api/agents")
            path = await client.conversation(agent["id"])
            async with aclosing(client.events("POST", f"{path}/messages", json={"text": "Go on"})) as events:
                assert [(await anext(events)).type for _ in range(2)] == ["turn_started", "text_delta"]
        async with serve(MODEL_CONFIG_FILE=models) as client:
            conversation = await client.get(path)
        assert conversation["messages"][1]["parts"][0]["text"].startswith("half")
        assert _failures(conversation) == ["interrupted"]


@pytest.mark.parametrize("used", [Workshop, AgentIndexes])
async def test_an_answer_ends_before_what_it_uses_goes(
    used: type[Workshop | AgentIndexes], serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[bool] = []
    close: Any = used.close

    async def closed(self: Workshop | AgentIndexes) -> None:
        running.append(any(task.get_name().startswith("turn ") for task in asyncio.all_tasks()))
        await close(self)

    monkeypatch.setattr(used, "close", closed)
    async with FakeOpenAI(Says("half of it", ending="silent")) as model:
        async with serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
            agent = await client.post("/api/agents")
            path = await client.conversation(agent["id"])
            async with aclosing(client.events("POST", f"{path}/messages", json={"text": "Go on"})) as events:
                assert [(await anext(events)).type for _ in range(2)] == ["turn_started", "text_delta"]
        assert running and not any(running)


async def test_broken_files_are_told_with_line_and_cure_and_the_rest_works(serve: Serve, tmp_path: Path) -> None:
    files = {
        "MODEL_CONFIG_FILE": '{\n"good": {"type": "openai", "model": "m", "api_base": "http://h:9/v1"},\n"bad": 5\n}',
        "TOOL_CONFIG_FILE": '{\n  "weather": {"name": \n}',
        "BUILDER_CONFIG_FILE": '{\n "name": "",\n "language": "fr"\n}',
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(content)
    async with serve(**{name: str(tmp_path / f"{name}.json") for name in files}) as client:
        models = await client.get("/api/models")
        assert [model["key"] for model in models["models"]] == ["good"]
        problems = {Path(problem["file"]).stem: problem for problem in models["problems"]}
        assert {name: problem["line"] for name, problem in problems.items()} == {
            "MODEL_CONFIG_FILE": 3,
            "TOOL_CONFIG_FILE": 3,
            "BUILDER_CONFIG_FILE": 3,
        }
        for problem in problems.values():
            assert re.search(r"[\u4e00-\u9fff]", problem["message"]["zh"])
            assert len(problem["message"]["en"]) > 30
        assert await client.get("/api/tools")
        agent = await client.post("/api/agents")
        assert agent["config"]["language"] in ("zh", "en")


async def test_keys_and_paths_of_a_template_reach_no_agent(serve: Serve, tmp_path: Path) -> None:
    template = {
        "name": "Base",
        "avatar": "/srv/me.png",
        "tools": {"calculator": {"use": True, "is_active": True, "policy": "allow"}},
        "plugins": {"amap_weather": {"token": "canary"}},
        "own": "\ud800",
    }
    (tmp_path / "base.json").write_text(json.dumps(template))
    async with serve(BUILDER_CONFIG_FILE=str(tmp_path / "base.json")) as client:
        agent = await client.post("/api/agents")
        problems = json.dumps((await client.get("/api/models"))["problems"])
    assert (agent["config"]["name"], agent["config"]["avatar"]) == ("Base", "")
    assert "canary" not in json.dumps(agent)
    assert "own" not in agent["config"]
    calculator = agent["config"]["tools"]["calculator"]
    assert calculator["use"] and "policy" not in calculator, "what is not taken over costs nothing beside it"
    told = ("avatar", "plugins.amap_weather.token", "cannot be kept", "tools.calculator.policy lets a tool write")
    assert all(word in problems for word in told)


async def test_a_model_that_nobody_has_builds_nothing_and_is_told(serve: Serve) -> None:
    async with serve(AGENTFABRIC_BUILDER_MODEL="no-such-model") as client:
        [problem] = (await client.get("/api/models"))["problems"]
        assert problem["file"] == "AGENTFABRIC_BUILDER_MODEL"
        agent = await client.post("/api/agents")
        events = await client.collect("POST", f"/api/agents/{agent['id']}/builder", json={"text": "Call it Ann"})
        assert events[-1].type == "run_finished"


async def test_what_a_killed_server_left_unfinished_is_removed(serve: Serve, home: Path) -> None:
    (home / "blobs").mkdir(parents=True)
    (home / "blobs" / ".abc.123").write_bytes(b"half")
    async with serve():
        assert list((home / "blobs").iterdir()) == []


async def test_files_that_are_not_there_are_told_and_the_server_starts(serve: Serve, tmp_path: Path) -> None:
    names = ("MODEL_CONFIG_FILE", "TOOL_CONFIG_FILE", "BUILDER_CONFIG_FILE")
    async with serve(**{name: str(tmp_path / f"{name}.json") for name in names}) as client:
        told = json.dumps((await client.get("/api/models"))["problems"])
        assert all(f"Check {name}" in told for name in names)
        agent = await client.post("/api/agents")
        assert (await client.say(await client.conversation(agent["id"]), "Hello"))[-1].type == "run_finished"


def _failures(conversation: dict[str, Any]) -> list[str]:
    parts = [part for message in conversation["messages"] for part in message["parts"] if part["type"] == "data"]
    return [part["data"]["code"] for part in parts if part["kind"] == "failed"]


@pytest.mark.skipif(not shutil.which("bwrap"), reason="nothing here makes a process the first one")
@pytest.mark.parametrize("program", ["app.py", "agentfabric/publish/templates/app.py.j2"], ids=["studio", "bundle"])
async def test_the_first_process_of_a_container_is_stopped_while_it_starts(tmp_path: Path, program: str) -> None:
    """A first process does not hear signals by default. The start takes for ever here, by one of its modules."""
    (tmp_path / "uvicorn.py").write_text("import signal\nprint('loading', flush=True)\nsignal.pause()\n")
    told, tell = os.pipe()
    inside = [
        "bwrap",
        "--die-with-parent",
        "--dev-bind",
        "/",
        "/",
        "--unshare-pid",
        "--as-pid-1",
        "--info-fd",
        str(tell),
        "--",
    ]
    started = await asyncio.create_subprocess_exec(
        *(*inside, sys.executable, program),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        stdout=PIPE,
        stderr=PIPE,
        pass_fds=[tell],
    )
    try:
        assert started.stdout and await started.stdout.readline() == b"loading\n"
        os.kill(json.loads(os.read(told, 1_000))["child-pid"], signal.SIGTERM)
        _, complaint = await asyncio.wait_for(started.communicate(), STOP_TIMEOUT_S)
        assert (started.returncode, complaint) == (130, b"")
    finally:
        os.close(told)
        os.close(tell)
        if started.returncode is None:
            started.kill()
            await started.wait()
