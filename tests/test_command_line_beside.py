"""`python -m agentfabric` while a server runs on the home: the server does it; files and words stay at the terminal."""

import asyncio
import json
import os
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agentfabric.command_line.frames import SOCKET, Frame, send
from tests.fakes.openai_replies import NeverAnswers, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.terminal import ROOT, Terminal, terminal


class Person:
    """Somebody at a terminal in a folder of their own, beside a server."""

    def __init__(self, server: Terminal, home: Path, folder: Path, model: FakeOpenAI) -> None:
        self.server, self.home, self.folder, self.model = server, home, folder, model

    async def start(self, *arguments: str, **environment: str) -> Process:
        names = {**os.environ, "AGENTFABRIC_HOME": str(self.home), "PYTHONPATH": str(ROOT), **environment}
        command = [sys.executable, "-m", "agentfabric", *arguments]
        return await asyncio.create_subprocess_exec(*command, cwd=self.folder, env=names, stdout=PIPE, stderr=PIPE)

    async def says(self, *arguments: str, **environment: str) -> tuple[int | None, str, str]:
        process = await self.start(*arguments, **environment)
        said, complained = await process.communicate()
        return process.returncode, said.decode(), complained.decode()

    async def json(self, name: str, *arguments: str) -> tuple[int | None, Any]:
        status, said, _ = await self.says(name, "--json", *arguments)
        return status, json.loads(said)


@pytest.fixture
async def person(home: Path, tmp_path: Path) -> AsyncGenerator[Person, None]:
    folder = tmp_path / "a folder"
    folder.mkdir()
    async with FakeOpenAI() as model:
        environment = {
            "AGENTFABRIC_HOME": str(home),
            "AGENTFABRIC_PUBLISH_FOLDER": str(tmp_path / "published"),
            "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url),
        }
        async with terminal(environment) as server:
            yield Person(server, home, folder, model)


async def test_a_running_server_does_what_is_said_at_a_terminal(person: Person, tmp_path: Path) -> None:
    assert stat.S_IMODE((person.home / SOCKET).stat().st_mode) == 0o600
    (person.folder / "given.json").write_text(
        json.dumps({"name": "Clockwork", "instruction": "Tell the time.", "model": "fake-model"}), encoding="utf-8"
    )
    status, brought = await person.json("import", "given.json")
    assert (status, brought["name"]) == (0, "Clockwork")
    async with aiohttp.ClientSession(person.server.base_url) as session, session.get("/api/agents") as answer:
        assert [agent["id"] for agent in await answer.json()] == [brought["agent"]]

    person.model.script(Says("It is noon."))
    status, said, _ = await person.says("chat", "Clockwork", "What time is it?")
    assert (status, said.splitlines()[0]) == (0, "It is noon.")
    assert (await person.says("export", "Clockwork", "--bundle", "-o", "mine.zip"))[0] == 0
    assert (person.folder / "mine.zip").read_bytes().startswith(b"PK")
    status, _, complaint = await person.says("export", "Clockwork", "-o", "no/such/folder.json")
    assert (status, complaint) == (1, "'no/such/folder.json' cannot be written: No such file or directory.\n")
    status, said, _ = await person.says("validate", "nobody")
    assert (status, said) == (1, "")
    assert (await person.says("list", "--user", "ann"))[0] == 2

    status, said, _ = await person.says("publish", "Clockwork", "--to", "folder", "--note", "The first")
    assert status == 0
    assert "Unpacking" in said
    assert Path(said.splitlines()[-1]) == tmp_path / "published" / brought["agent"]
    assert (tmp_path / "published" / brought["agent"] / "app.py").is_file()
    status, again = await person.json("publish", "Clockwork", "--live", "--to", "folder")
    assert (status, again["number"], again["sent"]["changed"]) == (0, 1, False)
    for wrong, why in (
        (("--to", "nowhere"), "publishes to no 'nowhere', but to folder, git"),
        (("--to", "folder", "--set", "depth=3"), "has no field 'depth'"),
        (("--to", "git", "--set", "url"), "lacks a ="),
        (("--to", "git", "--secret", "token=NO_SUCH_VARIABLE"), "no variable 'NO_SUCH_VARIABLE'"),
        (("--to", "git", "--secret", "token=LATIN"), "The variable 'LATIN' holds no text in UTF-8."),
        (("--to", "git"), "Enter what is missing: 'Address'."),
    ):
        status, _, complaint = await person.says("publish", "Clockwork", "--live", *wrong, LATIN="na\udcefve")
        assert status == 1
        assert why in complaint


async def test_a_command_ends_with_its_terminal_and_with_its_server(person: Person) -> None:
    await person.json("build", "Answer briefly")
    person.model.script(NeverAnswers(), NeverAnswers())
    (person.folder / "given.json").write_text(json.dumps({"name": "Slow", "model": "fake-model"}), encoding="utf-8")
    await person.json("import", "given.json")
    asked = len(person.model.requests)
    left = await person.start("chat", "Slow", "Hello?")
    await _asked(person.model, asked + 1)
    left.kill()
    await asyncio.wait_for(person.model.last.gone.wait(), 10)
    await left.wait()

    reader, writer = await asyncio.open_unix_connection(str(person.home / SOCKET))
    await send(writer, Frame("run", data=b"[1]"))
    assert await reader.read() == b"", "what is no command line is not done"
    writer.close()

    cut = await person.start("chat", "Slow", "Hello again?")
    await _asked(person.model, asked + 2)
    await person.server.kill()
    said, complained = await cut.communicate()
    assert (cut.returncode, said) == (1, b"")
    assert b"The server ended before the command was done." in complained
    # What was killed left its socket behind: the command is done here.
    assert (await person.json("list"))[0] == 0


async def _asked(model: FakeOpenAI, times: int) -> None:
    """Return once the model was asked so often."""
    async with asyncio.timeout(20):
        while len(model.requests) < times:  # noqa: ASYNC110  the fake is asked from another process
            await asyncio.sleep(0.02)
