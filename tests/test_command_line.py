"""`python -m agentfabric`: every command, what it prints for scripts, and the exit status that these go by."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from blockbuster import BlockBuster

from agentfabric.command_line.asking import asked
from agentfabric.command_line.commands import COMMANDS
from agentfabric.command_line.frames import SOCKET
from agentfabric.command_line.main import main
from agentfabric.command_line.terminal import Here
from agentfabric.serving import home_lock
from tests.foreign_exports import DIFY_AGENT, predecessor_zip
from tests.terminal import ROOT

Command = Callable[..., tuple[int, Any, str]]


@pytest.fixture(autouse=True)
def logged_as_before() -> Iterator[None]:
    """A command sends what is logged to the terminal of now, which no later test has."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def command(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command on a home of its own: the exit status, the JSON that was printed, and the complaint."""
    monkeypatch.setenv("AGENTFABRIC_HOME", str(home))

    def run(*arguments: str) -> tuple[int, Any, str]:
        name, *rest = arguments
        status = main([name, "--json", *rest])
        printed = capsys.readouterr()
        return status, json.loads(printed.out), printed.err

    return run


def test_an_agent_lives_its_whole_life_at_a_terminal(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, built, _ = command("build", "I want an agent that tells the time in any city")
    assert status == 0
    assert "current_time" in {tool for tool, entry in built["config"]["tools"].items() if entry["use"]}
    assert built["changes"]
    agent = built["agent"]
    status, talk, _ = command("chat", agent, "What time is it in Tokyo?")
    assert (status, talk["tools"]) == (0, ["current_time"])
    assert "Tokyo" in talk["text"]
    status, again, _ = command("chat", agent, "And in Paris?", "--conversation", talk["conversation"])
    assert (status, again["conversation"]) == (0, talk["conversation"])

    status, found, _ = command("validate", agent)
    assert (status, [item["kind"] for item in found["findings"] if item["level"] == "missing"]) == (1, ["model"])
    assert command("diff", agent)[0] == 1, "nothing is published yet"
    status, release, _ = command("publish", agent, "--note", "The first")
    assert (status, release["number"], release["note"]) == (0, 1, "The first")
    assert command("diff", agent)[:2] == (0, [])
    status, problem, complaint = command("publish", agent, "--to", "git", "--set", "url=https://example.org/a.git")
    assert (status, problem["code"], "`--live`" in complaint) == (1, "nothing_to_publish", True)
    status, changed, _ = command("build", "Call it Clockwork", "--agent", agent)
    assert (status, changed["agent"], changed["config"]["name"]) == (0, agent, "Clockwork")
    status, differences, _ = command("diff", agent)
    assert (status, differences[0]["field"], differences[0]["after"]) == (1, "name", "Clockwork")
    assert command("publish", agent, "--to", "nowhere")[1]["code"] == "not_found", "and nothing is released"

    file = tmp_path / "kept.json"
    assert command("export", "Clockwork", "-o", str(file))[0] == 0
    assert json.loads(file.read_text(encoding="utf-8"))["name"] == "Clockwork"
    bundle = tmp_path / "bundle.zip"
    assert command("export", agent, "--bundle", "-o", str(bundle))[0] == 0
    status, looked, _ = command("validate", str(bundle))
    assert (status, looked["origin"]) == (0, "bundle")
    assert command("import", str(bundle), "--look", "--language", "zh")[1]["report"][0]["text"] == "原样保留"
    assert main(["import", str(bundle), "--look"]) == 0
    assert capsys.readouterr().out.startswith("kept: name, description, instruction, ")
    status, kept, _ = command("versions", agent)
    assert len(kept["versions"]) >= 2
    assert [item["live"] for item in kept["releases"]] == [True]
    oldest = str(min(version["number"] for version in kept["versions"]))
    status, restored, _ = command("restore", agent, oldest)
    assert (status, "name" in restored["changed"]) == (0, True)
    assert command("list")[1][0]["id"] == agent


def test_files_are_imported_and_looked_at(command: Command, tmp_path: Path) -> None:
    export, archive = tmp_path / "agent.yml", tmp_path / "agent.zip"
    export.write_text(DIFY_AGENT, encoding="utf-8")
    archive.write_bytes(predecessor_zip())
    status, looked, _ = command("import", str(export), "--look")
    assert (status, looked["origin"], command("list")[1]) == (0, "dify", [])
    status, brought, _ = command("import", str(archive))
    assert (status, brought["name"]) == (0, "武侠说书人")
    found = command("validate", "武侠说书人")[1]["findings"]
    assert "file_waiting" not in {item["kind"] for item in found}, "a command ends when the files are read"
    status, changed, _ = command("import", str(export), "--agent", "武侠说书人")
    assert (status, changed["agent"], changed["refused"]) == (0, brought["agent"], [])
    assert [item["name"] for item in command("list")[1]] == ["Weekend Scout"]
    assert command("validate", str(export))[0] == 0
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and nothing else")
    status, problem, complaint = command("validate", str(broken))
    assert (status, problem["code"]) == (1, "import_refused")
    assert "cannot be imported" in complaint


def test_what_is_wrong_has_its_exit_status(
    command: Command, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, problem, complaint = command("chat", "nobody", "Hello")
    assert (status, problem["code"]) == (1, "not_found")
    assert "`list` shows" in complaint
    with pytest.raises(SystemExit) as usage:
        main(["build"])
    assert usage.value.code == 2
    monkeypatch.setattr("agentfabric.serving.LOCK_TIMEOUT_S", 0.05)
    with home_lock(home):
        status, problem, complaint = command("list")
    assert (status, problem["code"]) == (2, "config_invalid")
    assert "another AgentFabric is running on it" in complaint
    monkeypatch.setenv("AGENTFABRIC_TOKENS", "ann:the-token-of-ann,bob:the-token-of-bob")
    assert command("list")[0] == 2
    assert command("list", "--user", "ann")[:2] == (0, [])
    assert command("list", "--user", "carl")[0] == 2
    capsys.readouterr()


def test_what_cannot_begin_leaves_nothing_behind(command: Command) -> None:
    assert command("build", " ")[0] == 1
    assert command("list")[1] == [], "no agent was made for nothing"
    agent = command("build", "I want an agent that tells the time in any city")[1]["agent"]
    assert command("chat", agent, "")[0] == 1
    for wrong in (("--to", "nowhere"), ("--to", "git"), ("--to", "git", "--set", "url"), ("--to", "s3", "--key", "X")):
        assert command("publish", agent, *wrong)[0] == 1
    assert command("versions", agent)[1]["releases"] == []


def broken_off(text: str) -> None:
    """Somebody presses Ctrl-C where there was something to read."""
    signal.raise_signal(signal.SIGINT)


def test_whoever_leaves_or_breaks_it_off_sees_no_traceback(
    command: Command,
    never_blocking: BlockBuster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    never_blocking.deactivate()  # a command waits for its reader, and nobody else for it
    agent = command("build", "I want an agent that tells the time in any city")[1]["agent"]
    for arguments in (["list"], ["chat", agent, "What time is it in Tokyo?"]):
        left, ours = os.pipe()
        os.close(left)
        with open(ours, "w", encoding="utf-8") as output, monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", output)
            assert main(arguments) == 141
    with monkeypatch.context() as patched:
        patched.setattr("agentfabric.command_line.terminal.put_out", broken_off)
        assert main(["chat", agent, "What time is it in Tokyo?"]) == 130
    assert "Traceback" not in capsys.readouterr().err


class Screen(io.TextIOWrapper):
    """A standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_words_are_told_at_a_terminal_that_has_no_letters_for_them(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "builder_config.json"
    config.write_text('{"name": "说书人 😀\\u001b]52;c;aGk=\\u0007"}', encoding="utf-8")
    command("import", str(config))
    said: list[str] = []
    for more in ([], ["--json"]):
        output = Screen(io.BytesIO(), "ascii")
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", output)
            assert main(["list", *more]) == 0
        output.seek(0)
        said.append(output.read())
    assert said[0].endswith("\\u8bf4\\u4e66\\u4eba \\U0001f600\\x1b]52;c;aGk=\\x07\n"), "it obeys no name"
    assert json.loads(said[1])[0]["name"].startswith("说书人 😀")


async def test_a_running_server_is_sent_no_argument_that_is_no_text(home: Path) -> None:
    home.mkdir(exist_ok=True)
    sent = asyncio.Queue[bytes]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read()
        writer.close()
        await writer.wait_closed()
        sent.put_nowait(data)

    async with await asyncio.start_unix_server(take, home / SOCKET):
        outcome = await asked(home, ["import", os.fsdecode(b"caf\xe9.json")], Here())
        assert await sent.get() == b""
    assert outcome is not None and (outcome.status, "UTF-8" in outcome.problem) == (2, True)


def test_people_read_lines_and_help_costs_no_start(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENTFABRIC_HOME", str(home))
    assert main(["build", "I want an agent that tells the time in any city"]) == 0
    printed = capsys.readouterr().out
    assert "  instruction: " in printed
    config = tmp_path / "builder_config.json"
    config.write_text('{"name": "Max"}', encoding="utf-8")
    assert main(["validate", str(config)]) == 0
    assert f"{config} can be imported." in capsys.readouterr().out
    helped = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "agentfabric", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert helped.returncode == 0
    for word in ("exit status", *COMMANDS):
        assert word in helped.stdout
    assert "sqlalchemy" not in helped.stderr
