"""The command that starts a reading process: inside of walls where they can be built, else as it is.

In there it has no network, and of this machine's files only Python, its libraries and this package. Elsewhere it is
held by the limits that it takes upon itself, and has nothing of the server's environment and open files all the same.
"""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import structlog

from user_agent.walls import Shown, Walls, stand_in_here, walled

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

TRIAL_TIMEOUT_S = 10.0
SCRATCH_BYTES = 64_000_000
_INSIDE = Path("user_agent", "knowledge", "inside.py")
_PACKAGES = Path(__file__).parents[2]
_PACKAGES_IN_THERE = "/packages"
_LIBRARIES = ("site-packages", "dist-packages")


def command(limits: str) -> list[str]:
    """What starts a process that reads. Blocking: the first time it is tried whether walls can be built here."""
    bwrap = _bubblewrap()
    if not bwrap:
        return _python(_PACKAGES, limits, str(_PACKAGES), *filter(None, sys.path))
    return walled(bwrap, _python(Path(_PACKAGES_IN_THERE), limits, _PACKAGES_IN_THERE, *_libraries()), _walls())


def _python(packages: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(packages / _INSIDE), *arguments]


@cache
def _bubblewrap() -> str:
    """Where bubblewrap is, if it can build these walls here; else empty."""
    bwrap = shutil.which("bwrap") if sys.platform == "linux" else None
    if bwrap is None:
        return ""
    try:
        trial = walled(bwrap, [sys.executable, "-I", "-S", "-c", ""], _walls())
        done = subprocess.run(trial, env={}, capture_output=True, timeout=TRIAL_TIMEOUT_S, check=False)  # noqa: S603
        reason = done.stderr.decode(errors="replace").strip()[-200:] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    if reason:
        log.warning("files_are_read_without_walls", reason=reason)
    return "" if reason else bwrap


def _walls() -> Walls:
    own = Shown(_PACKAGES / "user_agent", f"{_PACKAGES_IN_THERE}/user_agent")
    folders = {Path(sys.base_prefix), Path(sys.prefix), *(Path(path) for path in _libraries())}
    # What lies in another one is shown with it, and must not be shown before.
    shown = [Shown(folder, str(folder)) for folder in sorted(folders) if not folder.is_relative_to("/usr")]
    return Walls({"PATH": "/usr/bin:/bin"}, [*shown, own], scratch_bytes=SCRATCH_BYTES, stand_in=stand_in_here())


def _libraries() -> list[str]:
    """Where Python looks for what it imports, without folders of anything else: one may hold keys."""
    homes = (sys.base_prefix, sys.prefix, "/usr")
    return [
        path
        for path in sys.path
        if Path(path).is_dir()
        and (Path(path).name in _LIBRARIES or any(Path(path).is_relative_to(home) for home in homes))
    ]
