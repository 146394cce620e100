"""What is measured: relays of three kinds and the studio, on one core; the model is on the other, as the driver is."""

import json
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.processes import child, free_port, pin

DRIVER_CORE, SERVER_CORE = 0, 1
WITH_A_TOOL = {"tools": {"calculator": {"name": "calculator", "is_active": True, "use": True}}}
"""An agent that can call what `bench.pacer` calls."""


@dataclass(frozen=True)
class Server:
    base: str
    pid: int


@dataclass(frozen=True)
class Servers:
    sockets: Server
    relay: Server
    studio: Server
    silent: str
    """The address of what accepts connections and never says a word."""


@contextmanager
def running() -> Iterator[Servers]:
    """All of them, beside one another. The calling process is pinned too."""
    pin(0, DRIVER_CORE)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model, sockets, relay, studio = (free_port() for _ in range(4))
        model_url = f"http://127.0.0.1:{model}/v1"
        entry = {"type": "openai", "model": "any", "api_base": model_url, "function_calling": True}
        (home / "models.json").write_text(json.dumps({"bench": entry}))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1_000))
        silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = {
            "AGENTFABRIC_TRUSTED_ORIGINS": silent_url,
            "AGENTFABRIC_HOME": str(home / "home"),
            "GRADIO_SERVER_PORT": str(studio),
            "MODEL_CONFIG_FILE": str(home / "models.json"),
        }

        def start(port: int, arguments: list[str], ready: str = "healthz", core: int = SERVER_CORE) -> Server:
            base = f"http://127.0.0.1:{port}"
            given = environment if arguments == ["app.py"] else {}
            return Server(base, stack.enter_context(child(arguments, given, f"{base}/{ready}", core)))

        start(model, ["-m", "bench.pacer", str(model)], core=DRIVER_CORE)
        yield Servers(
            sockets=start(sockets, ["-m", "bench.sockets", str(sockets), str(model)]),
            relay=start(relay, ["-m", "bench.relay", str(relay), model_url]),
            studio=start(studio, ["app.py"]),
            silent=silent_url,
        )


async def new_agent(base: str, **config: object) -> str:
    """A new agent of the studio's."""
    async with aiohttp.ClientSession(base) as session, session.post("/api/agents", json=config) as made:
        made.raise_for_status()
        return str((await made.json())["id"])


async def conversations(base: str, count: int, agent: str = "") -> list[str]:
    """The message URLs of that many new conversations of one agent."""
    agent = agent or await new_agent(base)
    paths: list[str] = []
    async with aiohttp.ClientSession(base) as session:
        for _ in range(count):
            async with session.post(f"/api/agents/{agent}/conversations") as made:
                paths.append(f"{base}/api/agents/{agent}/conversations/{(await made.json())['id']}/messages")
    return paths


@dataclass(frozen=True)
class Asked:
    """Where something is said, and by whom."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


async def visits(base: str, count: int, agent: str) -> list[Asked]:
    """That many strangers at a new link to an agent, each with a cookie and a conversation of their own. Its limits are
    counted, and never reached."""
    cap = {"turns": 1_000_000, "tokens": 1_000_000_000}
    api = f"{base}/api/agents/{agent}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        async with session.post(f"{api}/releases", json={}) as published:
            if published.status != 409:  # nothing new to publish
                published.raise_for_status()
        async with session.post(f"{api}/links", json={"limits": {"visitor": cap, "everybody": cap}}) as made:
            made.raise_for_status()
            link = f"{base}{(await made.json())['path']}"
        asked: list[Asked] = []
        for _ in range(count):
            async with session.post(f"{link}conversations") as begun:
                begun.raise_for_status()
                cookie = begun.headers["set-cookie"].partition(";")[0]
                asked.append(Asked(f"{link}conversations/{(await begun.json())['id']}/messages", {"Cookie": cookie}))
    return asked
