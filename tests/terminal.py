"""`python app.py` as somebody at a terminal has it: what it prints, and that it can be killed."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
OFFLINE = Path(__file__).parent / "offline"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15


@dataclass(frozen=True)
class Terminal:
    """A running server and what it has printed so far."""

    base_url: str
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    async def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        await asyncio.to_thread(self.process.wait)


@contextmanager
def app_process(environment: Mapping[str, str], *, port: int | None = None) -> Generator[Terminal]:
    """The server, page and all, once it answers. It is ended on the way out, if nobody has killed it.

    `port` is that of a server which ran before, to be started again at the same address. What it prints is beside its
    home. A server that tried to reach beyond this machine fails the test.
    """
    port = port or free_port()
    home = environment["AGENTFABRIC_HOME"]
    output, reached = Path(f"{home}.output"), Path(f"{home}.reached")
    names = {
        **os.environ,
        "GRADIO_SERVER_PORT": "",  # as a copy of `.env.example` has it, which counts as unset
        "PYTHONUNBUFFERED": "1",
        **environment,
        **_offline(reached),
    }
    with output.open("wb") as file:
        at_port = () if "GRADIO_SERVER_PORT" in environment else ("--port", str(port))
        process = subprocess.Popen([sys.executable, "app.py", *at_port], cwd=ROOT, env=names, stdout=file, stderr=file)
    started = Terminal(f"http://127.0.0.1:{port}", process, output)
    try:
        _wait_for(started)
        yield started
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        finally:
            process.kill()
    assert not reached.exists(), f"the server tried to reach beyond this machine: {reached.read_text()}"


@asynccontextmanager
async def terminal(environment: Mapping[str, str], *, port: int | None = None) -> AsyncGenerator[Terminal]:
    """The same, while the event loop goes on."""
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, app_process(environment, port=port))
        await asyncio.to_thread(stack.close)


async def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """The exit status of `python app.py` with these arguments, what it printed, and what it complained about."""
    with tempfile.TemporaryDirectory() as folder:
        reached = Path(folder, "reached")
        ended = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "app.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment, **_offline(reached)},
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT_S,
        )
        assert not reached.exists(), f"it tried to reach beyond this machine: {reached.read_text()}"
    return ended.returncode, ended.stdout, ended.stderr


def _offline(reached: Path) -> dict[str, str]:
    """The variables that keep a process on this machine; what it tries to reach beyond is written into `reached`."""
    return {"PYTHONPATH": str(OFFLINE), "REACHED_FILE": str(reached)}


def _wait_for(started: Terminal) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and started.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{started.base_url}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{started.text}")


PORTS = range(20_000, 32_000)
"""Below those that a system gives to connections: one of them may go to a browser's before the server has it."""


def free_port() -> int:
    """A port of this machine at which nobody listens, and which no connection is given."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = secrets.choice(PORTS)
            probe.bind(("127.0.0.1", port))
            return port
