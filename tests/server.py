"""The product's server on a free port of this machine, inside the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from agentfabric.app import create_app
from agentfabric.settings import Settings


@asynccontextmanager
async def running(environment: Mapping[str, str]) -> AsyncGenerator[str, None]:
    """The API in this process, without the page; gives the base URL."""
    app = await asyncio.to_thread(create_app, Settings.load(environment), with_page=False)
    async with listening(app, lifespan=True) as base_url:
        yield base_url


@asynccontextmanager
async def listening(app: ASGIApp, *, lifespan: bool = False) -> AsyncGenerator[str, None]:
    """Any application on a free port; gives the base URL."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        lifespan="on" if lifespan else "off",
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    # The protocol is named, because asyncio switches off the delay of small packets only then.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if serving.done():
                serving.result()
                raise RuntimeError("the server ended before it started")
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
