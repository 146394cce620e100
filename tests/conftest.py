"""What every test stands on: a home of its own, no internet, no blocked event loop, a server on real HTTP."""

import os
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import settings

from tests.client import Client
from tests.offline.reach import is_here

# The same examples in every run; `--hypothesis-profile=default` looks for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

pytest_plugins = ("tests.browser", "tests.chat_page", "tests.postgres", "tests.studio_server")

OWN_NAMES = (
    "AGENTFABRIC_",
    "GRADIO_SERVER_",
    "DATABASE_URL",
    "MODEL_CONFIG_FILE",
    "TOOL_CONFIG_FILE",
    "BUILDER_CONFIG_FILE",
)


@pytest.fixture(autouse=True)
def no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches beyond this machine fails."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not is_here(str(address[0])):
            pytest.fail(f"The test tried to reach {address[0]}.")
        connect(self, address)

    def guarded_resolve(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not is_here(name):
            pytest.fail(f"The test tried to look up {name}.")
        return resolve(host, *rest, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No key and no setting of the machine reaches a test; its working directory holds no `.env`."""
    forget_environment(monkeypatch)


def forget_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away whatever variable the product or its clients would take for theirs."""
    for name in list(os.environ):
        if name.startswith(OWN_NAMES) or name.endswith(("_API_KEY", "_TOKEN", "_BASE_URL")):
            monkeypatch.delenv(name)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder that a test's server keeps everything in."""
    return tmp_path / "home"


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Passwords that the person keeps for other programs, one of them for every host."""
    file = tmp_path / "netrc"
    file.write_text("default login anna password canary\n")
    monkeypatch.setenv("NETRC", str(file))
    return file


@pytest.fixture(autouse=True)
def never_blocking(request: pytest.FixtureRequest, no_internet: None) -> Iterator[BlockBuster | None]:
    """Our own code never blocks the event loop.

    Set up after `no_internet`, which changes the same functions: each must put back what it found.
    """
    if "browser" in request.keywords:
        yield None
        return
    with blockbuster_ctx(scanned_modules=["agentfabric", "builder_core", "user_agent"]) as guard:
        yield guard


Serve = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def serve(home: Path) -> Serve:
    """Start the server with an environment: `async with serve(AMAP_TOKEN="x") as client`."""
    # Here and not above: most tests need no server, and it takes long to import.
    from tests.server import running

    @asynccontextmanager
    async def start(**environment: str) -> AsyncGenerator[Client, None]:
        names = {"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_LOG_LEVEL": "error", **environment}
        async with running(names) as base_url, Client(base_url) as client:
            yield client

    return start


@pytest.fixture
async def client(serve: Serve) -> AsyncGenerator[Client, None]:
    """A client of a server without any key."""
    async with serve() as client:
        yield client
