"""The product's server on a free port of this machine, inside the test's own event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from starlette.types import ASGIApp

from agentfabric.app import create_app
from agentfabric.settings import Settings
from agentfabric.store.database import Database
from agentfabric.store.private import make_private_folder
from user_agent.serve.connection import Connection

GRACE_S = 3
TICK_S = 0.005


@asynccontextmanager
async def running(environment: Mapping[str, str]) -> AsyncGenerator[str, None]:
    """The API in this process, without the page; gives the base URL."""
    settings = Settings.load(environment)
    app = await asyncio.to_thread(create_app, settings, with_page=False)
    if "DATABASE_URL" not in environment:
        await asyncio.to_thread(_lay_out, settings.home)
    async with listening(app, lifespan=True) as base_url:
        yield base_url


@asynccontextmanager
async def listening(app: ASGIApp, *, lifespan: bool = False) -> AsyncGenerator[str, None]:
    """Any application on a free port; gives the base URL."""
    config = uvicorn.Config(
        app,
        http=Connection,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        lifespan="on" if lifespan else "off",
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    # The protocol is named, because asyncio switches off the delay of small packets only then.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await _until(lambda: server.started or serving.done())
        if serving.done():
            serving.result()
            raise RuntimeError("the server ended before it started")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def _lay_out(home: Path) -> None:
    """Put an empty database where there is none: a server would run every migration, half of what it costs to start."""
    database = home / "agentfabric.db"
    if not database.exists():
        make_private_folder(home)
        database.write_bytes(_new_database())


@cache
def _new_database() -> bytes:
    """What the migrations make of nothing."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "agentfabric.db")
        asyncio.run(_make(file))
        return file.read_bytes()


async def _make(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    await database.open()
    await database.close()


async def _until(is_so: Callable[[], bool]) -> None:
    """uvicorn tells nobody when something changes: it is asked, often."""
    while True:
        if is_so():
            return
        await asyncio.sleep(TICK_S)


class _Server(uvicorn.Server):
    """uvicorn's, but it is over at once: uvicorn looks ten times a second, and thousands of tests start a server."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await _until(lambda: self.should_exit)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        state = self.server_state
        for server in self.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await _until(lambda: not state.connections and not state.tasks)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()
