"""The server process: address, token, and a clear word on what to open."""

import secrets
import socket
import sys
from urllib.parse import quote

import structlog
import uvicorn

from agentfabric.app import create_app
from agentfabric.identity import is_loopback
from agentfabric.settings import LOCAL_USER, Settings
from user_agent.errors import ConfigError


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises `ConfigError` where the address cannot be used."""
    _configure_logging(settings.log_level)
    settings = with_token(settings)
    _check_free(settings.host, settings.port)
    app = create_app(settings)
    sys.stdout.write(welcome(settings))
    sys.stdout.flush()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level.lower(),
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
    )


def with_token(settings: Settings) -> Settings:
    """The same settings, with a token made up where the server is bound beyond this machine and has none."""
    if settings.tokens or is_loopback(settings.host):
        return settings
    return settings.with_tokens({LOCAL_USER: secrets.token_urlsafe(24)})


def welcome(settings: Settings) -> str:
    """What the terminal says: the address to open, with the token in it where there is one."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104  compared, not bound
    address = f"http://[{host}]:{settings.port}/" if ":" in host else f"http://{host}:{settings.port}/"
    lines = [f"\nAgentFabric is starting. Open {address}"]
    for user, token in settings.users.items():
        lines.append(f"  as {user}: {address}?token={quote(token, safe='')}")
    lines.append(f"Everything is kept in {settings.home}. Stop with Ctrl+C.\n")
    return "\n".join(lines) + "\n"


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"{host}:{port} cannot be used ({error.strerror}). Choose another port with `--port`.",
                field="GRADIO_SERVER_PORT",
                reason=str(error.strerror),
            ) from error


def _configure_logging(level: str) -> None:
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
