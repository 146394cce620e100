"""What the text of a variable means: each function raises `ValueError` with what does not fit."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from user_agent.urls import NotAnUrl, origin_of

BASE_URL_NAMES = (
    "AMAP_BASE_URL",
    "DASHSCOPE_BASE_URL",
    "HUGGINGFACE_BASE_URL",
    "MODELSCOPE_BASE_URL",
    "MODELSCOPE_INFERENCE_BASE_URL",
    "OPENAI_IMAGES_BASE_URL",
    "OPEN_METEO_BASE_URL",
    *("BOCHA_BASE_URL", "BRAVE_SEARCH_BASE_URL", "DUCKDUCKGO_BASE_URL", "SEARXNG_BASE_URL", "SERPER_BASE_URL"),
    *("TAVILY_BASE_URL", "WIKIPEDIA_BASE_URL"),
)
"""Variables that replace a vendor's own address."""
LOCAL_MODEL_PORTS: Mapping[str, int] = {"ollama": 11434, "vllm": 8000, "llamacpp": 8080, "lmstudio": 1234}
"""The ports that servers for models use on a person's machine unless told otherwise."""

_MAX_USER_CHARS = 64


def read_path(value: object) -> Path:
    """An absolute path; `~` is the home folder."""
    try:
        return Path(str(value)).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("there is no home folder for ~") from error


def read_names(value: str) -> tuple[str, ...]:
    """Names of hosts, in lower case, with commas between."""
    names = [name.strip().lower() for name in value.split(",")]
    if any("/" in name or ":" in name for name in names):
        raise ValueError("these are names, without http:// and without a port")
    return tuple(name for name in names if name)


def read_places(value: str) -> tuple[str, ...]:
    """What stands between commas, as it is."""
    return tuple(place.strip() for place in value.split(",") if place.strip())


def read_origins(value: str) -> tuple[str, ...]:
    """Scheme, host and port of each address."""
    try:
        return tuple(origin_of(item.strip()) for item in value.split(",") if item.strip())
    except NotAnUrl as error:
        raise ValueError(f"in one of the addresses, {error}") from error


def read_proxies(value: str) -> tuple[str, ...]:
    """Addresses, or networks of them, with commas between."""
    return tuple(str(ipaddress.ip_network(item.strip())) for item in value.split(",") if item.strip())


def read_tokens(value: str) -> dict[str, SecretStr]:
    """`name:token,name:token` as a mapping."""
    found: dict[str, SecretStr] = {}
    for number, pair in enumerate((item for item in value.split(",") if item.strip()), start=1):
        name, colon, token = (piece.strip() for piece in pair.partition(":"))
        if not (name and colon and token):
            raise ValueError(f"entry {number} is not name:token")
        if len(name) > _MAX_USER_CHARS or not name.isprintable():
            raise ValueError(
                f"the name of entry {number} is longer than {_MAX_USER_CHARS} characters, or not printable"
            )
        if name in found:
            raise ValueError(f"{name!r} stands twice")
        found[name] = SecretStr(token)
    return found


def read_ports(value: str) -> dict[str, int]:
    """`ollama:11434,vllm:8000` as a mapping."""
    found: dict[str, int] = {}
    for pair in (item for item in value.split(",") if item.strip()):
        name, _, port = (piece.strip() for piece in pair.partition(":"))
        if name not in LOCAL_MODEL_PORTS or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"{pair.strip()!r} is not one of {', '.join(LOCAL_MODEL_PORTS)} with a port")
        found[name] = int(port)
    return found
