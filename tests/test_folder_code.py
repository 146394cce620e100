"""Code in a bundle: each visitor's apart and gone with the conversation, within limits, or not run at all."""

import asyncio
import dataclasses
import itertools
import json
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.sandbox import cheap_environment, require_sandbox
from tests.test_folder import begun, opened, visited
from user_agent.errors import ConfigError
from user_agent.serve.folder_code import CodeSettings, code_in
from user_agent.serve.starting import main

CODER: dict[str, Any] = {"tools": {"code_interpreter": {"use": True, "is_active": True}}, "knowledge": []}


def runs(code: str) -> Says:
    return Says(calls=(Call("code_interpreter", json.dumps({"code": code})),))


async def ran(visitor: Client, talk: str, model: FakeOpenAI, *codes: str) -> list[dict[str, Any]]:
    """What each piece of code came to, in one answer."""
    model.script(*map(runs, codes), Says("Done."))
    events = await visitor.say(talk, "Go on")
    return [event.data for event in events if event.type == "tool_finished"]


@asynccontextmanager
async def coders(tmp_path: Path, **limits: Any) -> AsyncGenerator[tuple[FakeOpenAI, Client, Client]]:
    require_sandbox()
    environment = await asyncio.to_thread(cheap_environment, tmp_path)
    code = CodeSettings(environment, **limits)
    async with (
        FakeOpenAI() as model,
        opened(tmp_path, model, changes=CODER, code=code) as agent,
        visited(agent) as (visitor, other),
    ):
        yield model, visitor, other


async def test_what_a_visitors_code_makes_is_theirs_and_goes_with_the_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with coders(tmp_path) as (model, visitor, other):
        assert (await visitor.get("/profile"))["cannot"] == []
        talk, theirs = await begun(visitor), await begun(other)
        made, again = await ran(
            visitor, talk, model, "open('sums.txt', 'w').write('42')", "print(open('sums.txt').read())"
        )
        assert (made["failed"], again["output"]) == (False, "42")
        [file] = made["files"]
        assert (file["name"], await visitor.get(f"/files/{file['file']}")) == ("sums.txt", b"42")
        assert (await other.call("GET", f"/files/{file['file']}")).status == 404
        [seen] = await ran(other, theirs, model, "import os; print(os.listdir(), os.path.exists('/etc/passwd'))")
        assert seen["output"] == "[] False"
        assert (await visitor.call("DELETE", talk)).status == 204
        assert (await visitor.call("GET", f"/files/{file['file']}")).status == 404
        folders = await asyncio.to_thread(lambda: [*tmp_path.glob("agent-*/code/*/work")])
        assert [folder.parent.name for folder in folders] == [theirs.rpartition("/")[2]]


async def test_code_takes_no_more_than_the_settings_say(tmp_path: Path) -> None:
    said = {"CODE_SECONDS": "9", "CODE_MEMORY_MB": "300", "CODE_DISK_MB": "100", "CODE_AT_ONCE": "1"}
    limits = dataclasses.asdict(code_in(tmp_path, said))
    assert limits.pop("environment") == tmp_path / "sandbox"
    async with coders(tmp_path, **limits) as (model, visitor, other):
        talk, theirs = await begun(visitor), await begun(other)
        asked = "import resource as r\nprint([r.getrlimit(each)[0] // 10**6 for each in (r.RLIMIT_AS, r.RLIMIT_FSIZE)])"
        [held] = await ran(visitor, talk, model, f"open('.kept', 'w').write('1')\n{asked}")
        assert held["output"] == "[2300, 50]"
        # One sandbox is awake, and the files of one conversation are kept: the other one's take their place.
        assert (await ran(other, theirs, model, "print('mine')"))[0]["output"] == "mine"
        [gone] = await ran(visitor, talk, model, "import os; print(os.path.exists('.kept'))")
        assert gone["output"] == "False"
    with pytest.raises(ConfigError, match="CODE_SECONDS"):
        code_in(tmp_path, {"CODE_SECONDS": "1000"})


async def test_a_visitor_has_code_run_in_one_conversation_at_a_time(tmp_path: Path) -> None:
    waits = runs("import time\nbegan = time.monotonic()\ntime.sleep(0.1)\nprint(began, time.monotonic())")

    def reply(body: dict[str, Any]) -> Says:
        return Says("Done.") if body["messages"][-1]["role"] == "tool" else waits

    async with coders(tmp_path, at_once=3) as (model, visitor, _):
        model.fallback = reply
        talks = [await begun(visitor) for _ in range(3)]
        said = await asyncio.gather(*(visitor.say(talk, "Go on") for talk in talks))
        told = [event.data["output"].split() for events in said for event in events if event.type == "tool_finished"]
        times = sorted((float(began), float(ended)) for began, ended in told)
        assert len(times) == 3
        assert all(ended <= began for (_, ended), (began, _) in itertools.pairwise(times))


async def test_without_a_sandbox_no_code_is_run_and_everybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code = CodeSettings(tmp_path / "environment")
    async with (
        FakeOpenAI(Says("Nine.")) as model,
        opened(tmp_path, model, changes=CODER, code=code) as agent,
        visited(agent) as (visitor, _),
    ):
        assert "cannot run code here" in (await visitor.get("/profile"))["cannot"][0]["en"]
        [problem] = await agent.problems()
        assert problem.en.startswith("The agent runs no code here. There is no bubblewrap")
        await visitor.say(await begun(visitor), "Run it")
        assert "code_interpreter" not in json.dumps(model.requests[0].body)
    assert await asyncio.to_thread(main, tmp_path, {}, ["install-sandbox"]) == 2
    assert "This agent runs no code" in capsys.readouterr().err
