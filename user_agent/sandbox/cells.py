"""What a way to run kernels has to offer, and what a kernel sees wherever it runs. `bubblewrap.py` and `docker.py` are
the two ways there are."""

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from user_agent.sandbox.heard import End

WORK = "/work"
RUN = "/run/kernel"
PACKAGES = "/packages"
_MAX_FOLDER_CHARS = 60

VARIABLES: Mapping[str, str] = {
    "HOME": WORK,
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "IPYTHONDIR": "/tmp/ipython",  # noqa: S108  the sandbox's own
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",  # noqa: S108
    "MPLCONFIGDIR": "/tmp/matplotlib",  # noqa: S108
    # One thread each, and few pools: what is not mapped is there for data.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
"""The environment of a kernel."""


class Cell(Protocol):
    """A kernel's processes, from their start to their end."""

    @property
    def pid(self) -> int:
        """The process of this machine that was started: what it holds is looked at with all that are below it."""
        ...

    async def wait(self) -> End:
        """Returns when they have ended, with what that means where nobody here ended them."""
        ...

    async def end(self) -> None:
        """None of them is there afterwards."""
        ...


class Sandbox(Protocol):
    """How kernels are started here."""

    @property
    def owner(self) -> int | None:
        """The user that they run under, where that is not the server's."""
        ...

    async def start(self, work: Path, run: Path, connection_file: str) -> Cell:
        """Start one that works in the folder `work` and listens in `run`, where its connection file lies.

        Raises `OSError`.
        """
        ...


def kernel_words(connection_file: str) -> Sequence[str]:
    """What `inside.py` is told to become a kernel."""
    return ("kernel", f"{RUN}/{connection_file}", VARIABLES["MPLCONFIGDIR"])


def short_folder() -> str:
    """Where sockets can be: their paths have 107 characters at the most."""
    folder = tempfile.gettempdir()
    return folder if len(folder) < _MAX_FOLDER_CHARS else "/tmp"  # noqa: S108  mkdtemp makes a private one in it


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended, and what it said about it."""

    status: int
    said: Sequence[str]


async def told(command: Sequence[str], timeout_s: float, *, pass_fds: Sequence[int] = ()) -> Told:
    """Run a command to its end, or to the end of its time. Raises `OSError`, and `TimeoutError`."""
    process = await asyncio.create_subprocess_exec(
        *command,
        pass_fds=pass_fds,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath},
    )
    try:
        async with asyncio.timeout(timeout_s):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = said.decode(errors="replace").splitlines()
    return Told(process.returncode or 0, [line.strip()[:200] for line in lines if line.strip()])


async def has_ended(process: asyncio.subprocess.Process, timeout_s: float) -> bool:
    """Whether the process ends in that time."""
    try:
        async with asyncio.timeout(timeout_s):
            await process.wait()
    except TimeoutError:
        return False
    return True
