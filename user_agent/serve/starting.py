"""`python app.py` of a bundle: its one agent at port 7860."""

import asyncio
import gc
import secrets
import socket
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

from user_agent.errors import ConfigError, FabricError, Interrupted
from user_agent.sandbox.environment import InstallFailed
from user_agent.serve.app import agent_app
from user_agent.serve.connection import Connection
from user_agent.serve.door import Entered, OpenDoor
from user_agent.serve.folder import FolderAgent, FolderSettings, open_folder
from user_agent.serve.folder_code import COMMAND, code_in, install_sandbox, say
from user_agent.serve.folder_programs import programs_in
from user_agent.serve.limits import ServingLimits, Streams
from user_agent.serve.numbers import number_in
from user_agent.serve.variables import placeholder
from user_agent.serve.visitors import Visitors

HOST, PORT = "127.0.0.1", 7860
HOSTED = {
    "SPACE_ID": ("https://huggingface.co", "https://*.hf.space"),
    "MODELSCOPE_ENVIRONMENT": (
        *("https://modelscope.cn", "https://*.modelscope.cn", "https://modelscope.ai", "https://*.modelscope.ai"),
        "https://*.ms.show",
    ),
}
"""Variables that hosted studios set, and whose pages show the bundle's in a frame then."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where it is served."""

    host: str
    port: int
    frame_ancestors: tuple[str, ...] = ()

    @property
    def is_v6(self) -> bool:
        return ":" in self.host

    @property
    def shown(self) -> str:
        """What a person on this machine opens."""
        host = {"0.0.0.0": HOST, "::": "::1"}.get(self.host, self.host)  # noqa: S104  compared, not bound
        return f"http://{f'[{host}]' if self.is_v6 else host}:{self.port}/"


def main(root: Path, environment: Mapping[str, str], arguments: Sequence[str] = ()) -> int:
    """Serve the agent in `root / "config"` until interrupted, or do what the arguments say. Returns the exit status."""
    environment = {name: value for name, value in environment.items() if value != placeholder(name)}
    try:
        if [*arguments] == [COMMAND]:
            asyncio.run(install_sandbox(root, environment))
            return 0
        if arguments:
            sys.stderr.write(f"Usage: python app.py [{COMMAND}]\n")
            return 2
        address, limits = address_in(environment), limits_in(environment)
        settings = FolderSettings(environment, limits, code=code_in(root, environment))
        asyncio.run(_serve(root, address, settings, environment))
    except InstallFailed as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    except FabricError as error:
        sys.stderr.write(f"The agent cannot start. {error.message}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def address_in(environment: Mapping[str, str]) -> Address:
    """The address of the settings. A hosted studio reaches it from outside of its container. Raises `ConfigError`."""
    hosted = [origin for name, origins in HOSTED.items() if environment.get(name) for origin in origins]
    own = environment.get("FRAME_ANCESTORS", "").split()
    host = environment.get("AGENT_HOST") or ("0.0.0.0" if hosted else HOST)  # noqa: S104  what a container is for
    return Address(host, number_in(environment, "PORT", PORT, most=65_535), tuple(own or hosted))


def limits_in(environment: Mapping[str, str]) -> ServingLimits:
    """Raises `ConfigError` for what is no number."""
    given = ServingLimits()
    return ServingLimits(
        turns_per_minute=number_in(environment, "TURNS_PER_MINUTE", given.turns_per_minute),
        at_once=number_in(environment, "ANSWERS_AT_ONCE", given.at_once),
        turns_per_day=number_in(environment, "TURNS_PER_DAY", given.turns_per_day),
        streams=number_in(environment, "STREAMS_AT_ONCE", given.streams),
    )


async def _serve(root: Path, address: Address, settings: FolderSettings, environment: Mapping[str, str]) -> None:
    # Kept by nobody: with a new start the conversations are gone as well. Several processes share it by a setting.
    key = environment.get("VISITOR_KEY", "").encode() or secrets.token_bytes(32)
    late = _Late(Visitors(key), address.frame_ancestors)
    programs = programs_in(environment, late.opened)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            try:
                agent = late.agent = await stack.enter_async_context(open_folder(root / "config", settings))
            except FabricError as error:
                late.failed = error
                yield
                return
            telling = asyncio.create_task(_tell_problems(agent))
            yield
            telling.cancel()
            if programs:
                await programs.close()

    routes = programs.routes if programs else ()
    streams = Streams(settings.limits.streams)
    pages = await asyncio.to_thread(agent_app, late, root / "static", programs=routes, streams=streams)
    app = Starlette(routes=[Mount("/", pages)], lifespan=lifespan)
    config = uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        http=Connection,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
        proxy_headers=False,
    )
    await asyncio.to_thread(_check_free, address)
    await _Server(config, late, f"\nThe agent is at {address.shown}. Stop with Ctrl+C.\n").serve()


async def _tell_problems(agent: FolderAgent) -> None:
    """Say what of the agent does not work here: found out while it serves already."""
    for problem in await agent.problems():
        say(problem.en)


class _Late:
    """The door of an agent that is opened when the server starts."""

    def __init__(self, visitors: Visitors, frame_ancestors: tuple[str, ...]) -> None:
        self.agent: FolderAgent | None = None
        self.failed: FabricError | None = None
        """Why there is no agent, and will be none."""
        self._visitors = visitors
        self._frame_ancestors = frame_ancestors

    async def enter(self, request: Request) -> Entered:
        return await OpenDoor(self.opened(), self._visitors, self._frame_ancestors).enter(request)

    def opened(self) -> FolderAgent:
        """The agent. Raises `Interrupted` before it is there."""
        if self.agent is None:
            raise Interrupted("The server is just starting. Try again.")
        return self.agent


class _Server(uvicorn.Server):
    """Ends the answers that are running before it waits for their readers to go. What is there when it has started
    stays there: the garbage collector is not to walk through it again and again."""

    def __init__(self, config: uvicorn.Config, door: _Late, greeting: str) -> None:
        super().__init__(config)
        self._door = door
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises the `FabricError` of an agent that cannot be opened."""
        await super().startup(sockets)
        if self._door.failed:
            await super().shutdown(sockets)
            raise self._door.failed
        say(self._greeting)
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._door.agent is not None:
            with suppress(FabricError):
                await self._door.agent.close_turns()
        await super().shutdown(sockets)


def _check_free(address: Address) -> None:
    try:
        family = socket.AF_INET6 if address.is_v6 else socket.AF_INET
        with socket.create_server((address.host, address.port), family=family):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        cure = "Set `AGENT_HOST` and `PORT` to another address"
        message = f"{address.host}:{address.port} cannot be used ({reason}). {cure}."
        raise ConfigError(message, field="PORT", reason=reason) from error
