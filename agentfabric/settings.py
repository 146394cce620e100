"""The settings of the server. Nothing else reads the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from agentfabric.settings_files import Oss, env_file, filled, read_oss
from agentfabric.variables import (
    BASE_URL_NAMES,
    LOCAL_MODEL_PORTS,
    read_names,
    read_origins,
    read_path,
    read_places,
    read_ports,
    read_proxies,
    read_tokens,
)
from user_agent.errors import ConfigError
from user_agent.mcp.programs import Program, read_programs
from user_agent.serve.limits import STREAMS
from user_agent.urls import NotAnUrl, web_address

LOCAL_USER = "local"
"""The user of `AGENTFABRIC_TOKEN`, and of a server without any token: so agents stay theirs when one is added."""

_JARGON = {"int_parsing": "it is no whole number", "float_parsing": "it is no number"}
_CONFIG_FOLDER = Path(__file__).parents[1] / "config"

LogLevel = Literal["debug", "info", "warning", "error", "critical"]
_AnyPath = Annotated[Path, BeforeValidator(read_path)]


class Settings(BaseModel):
    """What the operator of this server decided. A field's description completes the sentence "Set it to …"."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    home: _AnyPath = Field(
        default_factory=lambda: read_path("~/.agentfabric"),
        alias="AGENTFABRIC_HOME",
        description="a folder that this user may write to",
    )
    database_url: Annotated[str, Field(alias="DATABASE_URL", repr=False, description="an SQLAlchemy URL")] = ""
    host: Annotated[
        str, Field(alias="GRADIO_SERVER_NAME", description="an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    ] = "127.0.0.1"
    port: Annotated[
        int, Field(alias="GRADIO_SERVER_PORT", ge=0, le=65_535, description="a port number, such as 7860")
    ] = 7860
    tokens: Annotated[
        Mapping[str, SecretStr],
        BeforeValidator(read_tokens),
        Field(alias="AGENTFABRIC_TOKENS", description="name:token,name:token with another token for every user"),
    ] = {}
    """Every user's token by their name, the one of `AGENTFABRIC_TOKEN` included. Empty: one user without a token."""
    secret_key: Annotated[
        SecretStr | None, Field(alias="AGENTFABRIC_SECRET_KEY", description="a long random text that you keep safe")
    ] = None
    new_secret_key: Annotated[
        SecretStr | None, Field(alias="AGENTFABRIC_NEW_SECRET_KEY", description="a long random text that you keep safe")
    ] = None
    """What `python app.py rotate-key` puts in the place of `secret_key`."""
    builder_model: Annotated[str, Field(alias="AGENTFABRIC_BUILDER_MODEL", description="a key of the model list")] = ""
    model_config_file: Annotated[_AnyPath, Field(alias="MODEL_CONFIG_FILE", description="the path of a file")] = (
        _CONFIG_FOLDER / "model_config.json"
    )
    tool_config_file: Annotated[_AnyPath, Field(alias="TOOL_CONFIG_FILE", description="the path of a file")] = (
        _CONFIG_FOLDER / "tool_config.json"
    )
    builder_config_file: Annotated[_AnyPath, Field(alias="BUILDER_CONFIG_FILE", description="the path of a file")] = (
        _CONFIG_FOLDER / "builder_config.json"
    )
    """The configuration that a new agent starts from."""
    tools: Annotated[
        tuple[str, ...],
        BeforeValidator(read_places),
        Field(
            alias="AGENTFABRIC_TOOLS",
            description="module:attribute, or the path of a Python file or of a folder of them, with commas between",
        ),
    ] = ()
    """Where the operator's own tools are. What is there runs in this server."""
    tools_per_turn: Annotated[
        int, Field(alias="AGENTFABRIC_TOOLS_PER_TURN", ge=1, le=128, description="a number from 1 to 128, such as 12")
    ] = 12
    """How many tools a model is offered at a time; of more, those that fit the message."""
    tool_tokens_per_turn: Annotated[
        int | None,
        Field(alias="AGENTFABRIC_TOOL_TOKENS_PER_TURN", ge=100, description="a number of tokens, such as 4000"),
    ] = None
    """How much what is said of them may take, about; None for any length."""
    browser: Annotated[
        _AnyPath | None,
        Field(alias="AGENTFABRIC_BROWSER", description="the path of Chromium, such as /usr/bin/chromium"),
    ] = None
    """What draws pages that are empty without their scripts; None for nothing."""
    publish_folder: Annotated[
        _AnyPath | None,
        Field(alias="AGENTFABRIC_PUBLISH_FOLDER", description="a folder that this user may write to"),
    ] = None
    """Where agents may be published to on this machine, each into a folder of its own; None for nowhere."""
    s3_link_hours: Annotated[
        int, Field(alias="AGENTFABRIC_S3_LINK_HOURS", ge=1, le=168, description="hours from 1 to 168, such as 24")
    ] = 24
    """How long the link to a bundle in S3-compatible storage opens it; a signature lasts seven days at most."""
    oss: Oss | None = None
    """Where bundles are put that a ModelScope studio fetches; None for nowhere."""
    oss_link_seconds: Annotated[
        int,
        Field(
            alias="AGENTFABRIC_OSS_LINK_SECONDS",
            ge=60,
            le=604_800,
            description="seconds from 60 to 604800, such as 1800",
        ),
    ] = 1_800
    """How long the address of one is good."""
    sandbox: Annotated[
        Literal["bubblewrap", "docker"],
        BeforeValidator(lambda value: str(value).lower()),
        Field(alias="AGENTFABRIC_SANDBOX", description="bubblewrap or docker"),
    ] = "bubblewrap"
    """What agents' code runs in."""
    sandbox_image: Annotated[
        str,
        Field(
            alias="AGENTFABRIC_SANDBOX_IMAGE",
            pattern=r"^[a-z0-9][A-Za-z0-9._/:@-]{0,254}$",
            description="the name of an image, such as agentfabric-sandbox",
        ),
    ] = "agentfabric-sandbox"
    """What it runs in where that is Docker; `python app.py install-sandbox` builds it under this name."""
    docker_host: Annotated[
        str, Field(alias="DOCKER_HOST", description="the address of a Docker on this machine, such as unix:///…")
    ] = ""
    """Where that Docker is; empty for the usual place."""
    sandbox_environment: Annotated[
        _AnyPath, Field(alias="AGENTFABRIC_SANDBOX_ENVIRONMENT", description="a folder that this user may write to")
    ] = Path()
    """Where `python app.py install-sandbox` puts the Python that agents' code runs in; in the home unless set."""
    sandbox_seconds: Annotated[
        float, Field(alias="AGENTFABRIC_SANDBOX_SECONDS", ge=1, le=120, description="seconds from 1 to 120, such as 60")
    ] = 60.0
    """How long one piece of code may run."""
    sandbox_memory_mb: Annotated[
        int, Field(alias="AGENTFABRIC_SANDBOX_MEMORY_MB", ge=300, description="megabytes, 300 or more, such as 1000")
    ] = 1_000
    """What the code of one conversation may hold in memory."""
    sandbox_spare: Annotated[
        int, Field(alias="AGENTFABRIC_SANDBOX_SPARE", ge=0, le=8, description="a number from 0 to 8, such as 1")
    ] = 1
    """How many kernels wait for the next conversation, once code was run."""
    sandbox_idle_minutes: Annotated[
        float, Field(alias="AGENTFABRIC_SANDBOX_IDLE_MINUTES", gt=0, description="minutes, such as 10")
    ] = 10.0
    """After how long a kernel that nobody uses goes to sleep."""
    visits_kept_days: Annotated[
        float, Field(alias="AGENTFABRIC_VISITS_KEPT_DAYS", ge=1, le=36_500, description="days, 1 or more, such as 90")
    ] = 90.0
    """After how long conversations of visitors are erased who come no more."""
    visitor_streams: Annotated[
        int, Field(alias="AGENTFABRIC_VISITOR_STREAMS", ge=1, description="a number, 1 or more, such as 500")
    ] = STREAMS
    """How many answers visitors may be given at the same time, and how many streams of them may be open, of all links
    together."""
    allowed_hosts: Annotated[
        tuple[str, ...],
        BeforeValidator(read_names),
        Field(alias="AGENTFABRIC_ALLOWED_HOSTS", description="host names with commas between, such as studio.example"),
    ] = ()
    """Further names that requests may be addressed to, in lower case: those of a proxy in front."""
    trusted_proxies: Annotated[
        tuple[str, ...],
        BeforeValidator(read_proxies),
        Field(alias="AGENTFABRIC_TRUSTED_PROXIES", description="addresses or networks, such as 127.0.0.1,10.0.0.0/8"),
    ] = ()
    """Networks of proxies in front, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    trusted_origins: Annotated[
        tuple[str, ...],
        BeforeValidator(read_origins),
        Field(
            alias="AGENTFABRIC_TRUSTED_ORIGINS",
            description="addresses with commas between, such as http://files.internal:8080",
        ),
    ] = ()
    """Scheme, host and port of servers that may be asked for whoever asks, wherever they are."""
    mcp_commands: Annotated[
        Mapping[str, Program],
        BeforeValidator(read_programs),
        Field(alias="AGENTFABRIC_MCP_COMMANDS", description='JSON such as {"time": ["mcp-server-time"]}'),
    ] = {}
    """The MCP servers that are programs on this machine, by the names under which agents may use them."""
    local_model_ports: Annotated[
        Mapping[str, int],
        BeforeValidator(read_ports),
        Field(
            alias="AGENTFABRIC_LOCAL_MODEL_PORTS",
            description="name:port,name:port with names out of ollama, vllm, llamacpp and lmstudio",
        ),
    ] = LOCAL_MODEL_PORTS
    """Where *Find local models* looks on this machine, by the kind of server that is usually there."""
    log_level: Annotated[
        LogLevel,
        BeforeValidator(lambda value: str(value).lower()),
        Field(alias="AGENTFABRIC_LOG_LEVEL", description="debug, info, warning, error or critical"),
    ] = "info"
    base_urls: Mapping[str, str] = {}
    """Addresses that replace a vendor's own, by the variable's name, without a slash at the end."""

    _environment: Mapping[str, str] = PrivateAttr(default_factory=dict[str, str])

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The settings in `environ`; without it, in the process's environment and, below it, a `.env` file here.

        An empty variable counts as unset. Raises `ConfigError` naming the variable and the cure.
        """
        given = {**env_file(Path(".env")), **filled(os.environ)} if environ is None else filled(environ)
        try:
            settings = cls.model_validate({**given, "base_urls": _base_urls(given), "oss": read_oss(given)})
        except ValidationError as error:
            raise _config_error(cls, error) from None  # its text may show a secret
        own = ("AGENTFABRIC_", "OSS_")
        settings._environment = {name: value for name, value in given.items() if not name.startswith(own)}
        if "AGENTFABRIC_TOKEN" in given:
            settings = settings.model_copy(update={"tokens": _with_own(settings.tokens, given["AGENTFABRIC_TOKEN"])})
        if len(set(settings.users.values())) != len(settings.tokens):
            raise _unusable("AGENTFABRIC_TOKENS", "two users have the same token", "another token for every user")
        if not settings.database_url:
            file = (settings.home / "agentfabric.db").as_posix()
            settings = settings.model_copy(update={"database_url": f"sqlite:///{file}"})
        if settings.sandbox_environment == Path():
            settings = settings.model_copy(update={"sandbox_environment": settings.home / "sandbox" / "environment"})
        return settings

    @property
    def users(self) -> dict[str, str]:
        """`tokens`, readable."""
        return {name: token.get_secret_value() for name, token in self.tokens.items()}

    def at(self, *, host: str | None = None, port: int | None = None) -> Self:
        """The same settings for another address, where one is given. Raises `ConfigError`."""
        if port is not None and not 0 <= port <= 65_535:
            raise _unusable("--port", f"{port} is no port", "a number from 0 to 65535")
        changes: dict[str, Any] = {"host": host, "port": port}  # Any: model_copy takes every field's type
        return self.model_copy(update={field: value for field, value in changes.items() if value is not None})

    def with_tokens(self, tokens: Mapping[str, str]) -> Self:
        """The same settings with these users and their tokens."""
        return self.model_copy(update={"tokens": {name: SecretStr(token) for name, token in tokens.items()}})

    def environment_secret(self, name: str) -> SecretStr | None:
        """The value of a variable that a model or a tool declares as its key, such as `DASHSCOPE_API_KEY`.

        The server's own `AGENTFABRIC_…` and `OSS_…` are never given out.
        """
        value = self._environment.get(name, "").strip()
        return SecretStr(value) if value else None


def _with_own(tokens: Mapping[str, SecretStr], token: str) -> dict[str, SecretStr]:
    if LOCAL_USER in tokens:
        raise _unusable("AGENTFABRIC_TOKENS", f"{LOCAL_USER!r} has the token of `AGENTFABRIC_TOKEN`", "other names")
    return {LOCAL_USER: SecretStr(token.strip()), **tokens}


def _base_urls(given: Mapping[str, str]) -> dict[str, str]:
    urls: dict[str, str] = {}
    for name in BASE_URL_NAMES:
        if name in given:
            try:
                web_address(given[name].strip())
                urls[name] = given[name].strip().rstrip("/")
            except NotAnUrl as error:
                raise _unusable(name, str(error), "an address, such as https://api.example") from error
    return urls


def _config_error(settings: type[Settings], error: ValidationError) -> ConfigError:
    first = error.errors(include_url=False, include_input=False)[0]
    variable = str(first["loc"][0])
    wanted = next(field.description for field in settings.model_fields.values() if field.alias == variable)
    reason = _JARGON.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    return _unusable(variable, reason.replace("Input should", "it should"), wanted or "another value")


def _unusable(variable: str, reason: str, wanted: str) -> ConfigError:
    reason = reason[:1].lower() + reason[1:]
    return ConfigError(
        f"`{variable}` cannot be used: {reason}. Set it to {wanted}, or remove it.", field=variable, reason=reason
    )
