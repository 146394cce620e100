"""Tools that whoever runs this server wrote, found by the place that they name in their settings."""

import importlib
import importlib.util
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import cast

import structlog

from user_agent.errors import ConfigError
from user_agent.tools.base import Tool
from user_agent.tools.forms import tools_given

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

PLACES = "AGENTFABRIC_TOOLS"
"""The setting that names them."""


def tools_at(place: str) -> list[Tool]:
    """The tools of `module:attribute`, of a Python file, or of all in a folder but those that begin with `_`.

    Of a file, or of a module without an attribute, they are what `TOOLS` lists, in any form that `tools_given` knows,
    or else all that `@tool` made. The code there runs, so only whoever runs the server may say where it is. Raises
    `ConfigError`.
    """
    path = Path(place).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
        return [tool for file in files for tool in _of_file(file)]
    if path.is_file():
        return _of_file(path)
    name, _, attribute = place.partition(":")
    with _told(place):
        if not all(part.isidentifier() for part in name.split(".")):
            raise LookupError("there is no such file or folder")
        module = importlib.import_module(name)
        return _of_value(getattr(module, attribute)) if attribute else _of_module(module)


def unusable(reason: str) -> ConfigError:
    return ConfigError(f"`{PLACES}` cannot be used: {reason}.", field=PLACES, reason=reason)


@contextmanager
def _told(place: str) -> Generator[None]:
    """Whatever goes wrong in somebody's own code is told, with its reason, and does not end the server."""
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        log.error("tools_not_loaded", place=place, reason=f"{type(error).__name__}: {error}")
        # Whoever uses the page may read it: only what the code itself is about, and no text of a machine's own.
        said = f": {error}" if isinstance(error, (TypeError, LookupError, ModuleNotFoundError)) else ""
        raise unusable(f"{type(error).__name__}{said}") from error


def _of_file(file: Path) -> list[Tool]:
    with _told(str(file)):
        name = f"own_tools_{file.stem}"
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            raise LookupError(f"{file.name} is no Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # where the type hints of its functions are looked up
        spec.loader.exec_module(module)
        return _of_module(module)


def _of_module(module: ModuleType) -> list[Tool]:
    if hasattr(module, "TOOLS"):
        return _of_value(module.TOOLS)
    found = [value for value in vars(module).values() if isinstance(value, Tool)]
    if not found:
        raise LookupError(f"{module.__name__} has no TOOLS, and nothing in it is marked with @tool")
    return found


def _of_value(value: object) -> list[Tool]:
    several = cast(Sequence[object], value) if isinstance(value, (list, tuple)) else [value]
    return [given.tool for each in several for given in tools_given(each, _no_name)]


def _no_name(name: str) -> Tool:
    raise LookupError(f"{name!r} is only a name: list the tool itself")
