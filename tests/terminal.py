"""`python app.py` as somebody at a terminal has it: what it prints, and that it can be killed."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]
START_TIMEOUT_S = 60


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


@asynccontextmanager
async def terminal(environment: Mapping[str, str], output: Path) -> AsyncGenerator[Terminal]:
    """The server on a free port, once it answers. It is ended on the way out, if nobody has killed it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    names = {**os.environ, "GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", **environment}
    with output.open("wb") as file:
        process = await asyncio.to_thread(
            subprocess.Popen, [sys.executable, "app.py"], cwd=ROOT, env=names, stdout=file, stderr=subprocess.STDOUT
        )
    started = Terminal(f"http://127.0.0.1:{port}", process, output)
    try:
        await _answers(started)
        yield started
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)


async def _answers(started: Terminal) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline and started.process.poll() is None:
            try:
                async with session.get(f"{started.base_url}/healthz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{started.text}")


async def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """The exit status of `python app.py` with these arguments, what it printed, and what it complained about."""
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
    )
    return ended.returncode, ended.stdout, ended.stderr
