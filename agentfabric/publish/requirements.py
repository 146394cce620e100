"""What a bundle needs of Python: the pins of this server, as far as its agent uses them."""

import re
from importlib.metadata import version
from pathlib import Path

BASE = (
    "aiohttp",
    "jinja2",
    "json-repair",
    "json5",
    "openai",
    "orjson",
    "pydantic",
    "python-dotenv",
    "python-multipart",
    "snowballstemmer",
    "starlette",
    "structlog",
    "tenacity",
    "tzdata",
    "uvicorn",
)
READERS = (
    "defusedxml",
    "pillow",
    "pypdf",
    "pypdfium2",
    "pyseccomp",
    "python-calamine",
    "python-docx",
    "python-pptx",
    "resiliparse",
)
"""For files that visitors send along, and for web pages: imported where such a file is read."""
VECTORS = ("faiss-cpu", "numpy")
APIS = ("jsonschema", "pyyaml")
SERVERS = ("mcp",)
DASHSCOPE = ("dashscope",)
CODE = ("jupyter-client",)
"""What speaks to the sandbox's kernels. The libraries of the code itself are apart, in `requirements-sandbox.txt`."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[^\]]*\])?==([^;\s]+)\s*(;.*)?$")
_WITHOUT_EXTRAS = frozenset({"uvicorn"})
"""Of the server the plain one is enough: one agent, and a light start."""


def requirements(pins: Path, wanted: tuple[str, ...]) -> str:
    """The lines of `requirements.txt` for these distributions, in their order."""
    known = {match[1].lower(): match for line in pins.read_text("utf-8").splitlines() if (match := _PIN.match(line))}
    return "".join(f"{_line(name, known)}\n" for name in sorted(set(wanted)))


def _line(name: str, known: dict[str, re.Match[str]]) -> str:
    match = known.get(name)
    if match is None:  # it comes with another one here, and stands alone there
        return f"{name}=={version(name)}"
    extras = "" if name in _WITHOUT_EXTRAS else match[2] or ""
    condition = f"; {match[4][1:].strip()}" if match[4] else ""
    return f"{name}{extras}=={match[3]}{condition}"
