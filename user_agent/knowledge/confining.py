"""The command that starts a reading process: inside of walls where they can be built, else as it is.

In there it has no network, and of this machine's files only Python, its libraries and this package. Elsewhere it is
held by the limits that it takes upon itself, and has nothing of the server's environment and open files all the same.
"""

import os
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
    if _walls_can_be_built(limits):
        return _walled(limits)
    return [sys.executable, "-I", "-S", str(_PACKAGES / _INSIDE), limits, str(_PACKAGES), *filter(None, sys.path)]


@cache
def _walls_can_be_built(limits: str) -> bool:
    """Tries it with a process that nobody asks anything."""
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603
            _walled(limits),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={"PATH": os.defpath},
            timeout=TRIAL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("files_are_read_without_walls", reason=str(error))
        return False
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()[-200:]
        log.warning("files_are_read_without_walls", reason=reason, status=done.returncode)
    return done.returncode == 0


def _walled(limits: str) -> list[str]:
    # Python itself: the folder of a virtual environment may be closed to others, and need not be walked through.
    python = [str(Path(sys.executable).resolve()), "-I", "-S"]
    inside = [f"{_PACKAGES_IN_THERE}/{_INSIDE.as_posix()}", limits, _PACKAGES_IN_THERE, *_libraries()]
    return walled(shutil.which("bwrap") or "bwrap", [*python, *inside], _walls())


def _walls() -> Walls:
    own = Shown(_PACKAGES / "user_agent", f"{_PACKAGES_IN_THERE}/user_agent")
    folders = {Path(sys.base_prefix), *(Path(path) for path in _libraries())}
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
