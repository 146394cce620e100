"""The server process: address, token, and a clear word on what to open."""

import asyncio
import contextlib
import errno
import gc
import secrets
import socket
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote

import structlog
import uvicorn
from fastapi import FastAPI
from filelock import FileLock, Timeout

from agentfabric.app import create_app
from agentfabric.command_line.listening import listening
from agentfabric.identity import is_loopback
from agentfabric.service.rotation import finish_rotation, rotate_key
from agentfabric.service.sandbox import install_sandbox
from agentfabric.service.studio import Studio
from agentfabric.settings import LOCAL_USER, Settings
from agentfabric.store.database import Database
from agentfabric.store.private import make_private_folder
from user_agent.errors import ConfigError
from user_agent.serve.connection import Connection

MIN_KEY_CHARS = 16
MIN_TOKEN_CHARS = 12
LOCK_TIMEOUT_S = 5.0
"""Longer than a server takes to stop."""

GARBAGE = (20_000, 10, 20)
"""How many new objects make the garbage collector look: an answer makes and drops thousands, hardly any in a cycle."""


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises `ConfigError` where address, home or database cannot be used."""
    configure_logging(settings.log_level)
    _check_strength(settings)
    _check_free(settings.host, settings.port)
    with home_lock(settings.home):
        asyncio.run(prepare(settings))
        serving = with_token(settings)
        app = create_app(serving)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            http=Connection,
            log_level=settings.log_level.lower(),
            access_log=False,
            timeout_graceful_shutdown=3,
            server_header=False,
            proxy_headers=False,  # the application reads them, from the proxies that the settings name
        )
        sys.stdout.write(welcome(serving, made_up=serving is not settings))
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):  # raised again by uvicorn once it has shut down
            Server(config, app, serving).run()


class Server(uvicorn.Server):
    """Ends the answers that are running before it waits for their readers to go.

    What is there when it has started stays there. The garbage collector is not to walk through it again and again:
    each time that would hold up every answer for a tenth of a second.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self._app, self._settings = app, settings
        self._commands = contextlib.AsyncExitStack()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        studio: Studio | None = getattr(self._app.state, "studio", None)
        if studio is not None:
            await self._commands.enter_async_context(listening(studio, self._settings))
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        gc.enable()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._commands.aclose()
        studio: Studio | None = getattr(self._app.state, "studio", None)
        if studio is not None:
            await studio.chat.turns.close()
        await super().shutdown(sockets)


def with_token(settings: Settings) -> Settings:
    """The same settings, with a token made up where the server is bound beyond this machine and has none."""
    if settings.tokens or is_loopback(settings.host):
        return settings
    return settings.with_tokens({LOCAL_USER: secrets.token_urlsafe(24)})


def welcome(settings: Settings, *, made_up: bool = False) -> str:
    """What the terminal says: the address to open, with the token in it where one was made up for this start. Tokens
    that somebody chose are not shown: terminals are logged."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104  compared, not bound
    address = f"http://[{host}]:{settings.port}/" if ":" in host else f"http://{host}:{settings.port}/"
    lines = [f"\nAgentFabric is starting. Open {address}"]
    if made_up:
        lines.extend(f"Sign in with {address}?token={quote(token, safe='')}" for token in settings.users.values())
    elif settings.users:
        lines.append(f"Sign in with your token: there, or with {address}?token=…")
    lines.append(f"Everything is kept in {settings.home}. Stop with Ctrl+C.\n")
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def home_lock(home: Path) -> Generator[None]:
    """The home is this process's alone. Raises `ConfigError` where another one keeps it, or where it cannot be written.

    A process that was killed holds nothing. One that is just ending is waited for.
    """
    lock = FileLock(home / "server.lock", timeout=LOCK_TIMEOUT_S, mode=0o600)
    try:
        make_private_folder(home)
        lock.acquire()
    except Timeout as error:
        reason, cure = (
            "another AgentFabric is running on it",
            "Stop that one, or set `AGENTFABRIC_HOME` to another folder",
        )
        raise _unusable_home(home, reason, cure) from error
    except OSError as error:
        cure = "Set `AGENTFABRIC_HOME` to a folder that this user may write to"
        raise _unusable_home(home, error.strerror or type(error).__name__, cure) from error
    try:
        yield
    finally:
        lock.release()


def _unusable_home(home: Path, reason: str, cure: str) -> ConfigError:
    message = f"The home {str(home)!r} cannot be used: {reason}. {cure}."
    return ConfigError(message, field="AGENTFABRIC_HOME", reason=reason)


def rotate(settings: Settings) -> None:
    """Give the stored secrets a new key and say what to do next. Raises `ConfigError`, also while a server runs."""
    _check_strength(settings)
    with home_lock(settings.home):
        done = asyncio.run(rotate_key(settings))
    lines = [f"{done.moved} stored keys are encrypted anew. Everybody has to sign in again."]
    if done.lost:
        lines.append(f"{done.lost} could not be read with the old key either, and are as they were.")
    if settings.new_secret_key is not None:
        lines.append("Before the next start, set AGENTFABRIC_SECRET_KEY to what AGENTFABRIC_NEW_SECRET_KEY is now.")
    sys.stdout.write("\n".join(lines) + "\n")


def install(settings: Settings) -> None:
    """Make the place where agents' code runs. Raises `InstallFailed`, also where code cannot be run all the same."""
    asyncio.run(install_sandbox(settings))


async def prepare(settings: Settings) -> None:
    """Open the database once, and bring it up to date. Raises `ConfigError`: here it is told as one sentence."""
    await finish_rotation(settings)
    database = Database(settings.database_url)
    try:
        await database.open()
    finally:
        await database.close()


def _check_strength(settings: Settings) -> None:
    """Raises `ConfigError` for keys that are guessed in no time."""
    for variable, key in (
        ("AGENTFABRIC_SECRET_KEY", settings.secret_key),
        ("AGENTFABRIC_NEW_SECRET_KEY", settings.new_secret_key),
    ):
        if key is not None and len(key.get_secret_value()) < MIN_KEY_CHARS:
            raise _too_short(variable, MIN_KEY_CHARS)
    short = [user for user, token in settings.users.items() if len(token) < MIN_TOKEN_CHARS]
    if short and not is_loopback(settings.host):
        variable = "AGENTFABRIC_TOKEN" if short[0] == LOCAL_USER else "AGENTFABRIC_TOKENS"
        raise _too_short(variable, MIN_TOKEN_CHARS)


def _too_short(variable: str, chars: int) -> ConfigError:
    reason = f"it has fewer than {chars} characters, which is guessed in no time"
    cure = "Set it to a long random one, such as `openssl rand -hex 24` prints"
    return ConfigError(f"`{variable}` cannot be used: {reason}. {cure}.", field=variable, reason=reason)


def _check_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        elsewhere = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        cure = "Give an address of this machine with `--host`" if elsewhere else "Choose another port with `--port`"
        raise ConfigError(
            f"{host}:{port} cannot be used ({error.strerror}). {cure}.",
            field="GRADIO_SERVER_NAME" if elsewhere else "GRADIO_SERVER_PORT",
            reason=str(error.strerror),
        ) from error


def configure_logging(level: str) -> None:
    """What is logged goes to the terminal, beside what a command prints."""
    names = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Plain: the default renderer prints local variables, and those may hold keys.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(names.get(level.lower(), 20)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
