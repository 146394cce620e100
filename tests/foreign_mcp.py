"""MCP servers that others wrote, as processes: `@modelcontextprotocol/server-everything` and two of PyPI.

`AGENTFABRIC_TEST_MCP_SERVERS` is the folder where `.ci/run` installed the first with npm. Without it its tests are
skipped, unless `AGENTFABRIC_MCP_TESTS` says `required`.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from tests.terminal import free_port

# Read when this is imported: tests run without the variables of the product.
REQUIRED = os.environ.get("AGENTFABRIC_MCP_TESTS") == "required"
FOLDER = Path(os.environ.get("AGENTFABRIC_TEST_MCP_SERVERS") or "no-such-folder")
EVERYTHING = FOLDER / "node_modules" / "@modelcontextprotocol" / "server-everything" / "dist" / "index.js"
SCRIPTS = Path(sys.executable).parent


def everything(transport: Literal["stdio", "sse", "streamableHttp"]) -> list[str]:
    """The command that starts it. Skips the test where it is not installed."""
    node = shutil.which("node")
    if node is None or not EVERYTHING.is_file():
        why = f"node or {EVERYTHING} is not there"
        if REQUIRED:
            pytest.fail(why)
        pytest.skip(why)
    return [node, str(EVERYTHING), transport]


@asynccontextmanager
async def serving(transport: Literal["sse", "streamableHttp"]) -> AsyncGenerator[str]:
    """The server over HTTP; gives the address of its endpoint."""
    command = everything(transport)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"], "PORT": str(port)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr
        async with asyncio.timeout(30):
            while line := (await process.stderr.readline()).decode():
                if str(port) in line:
                    break
        reading = asyncio.create_task(_drained(process.stderr))
        yield f"http://127.0.0.1:{port}/{'sse' if transport == 'sse' else 'mcp'}"
        reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _drained(stream: asyncio.StreamReader) -> None:
    while await stream.readline():
        pass
