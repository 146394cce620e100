"""The first thing that runs in the sandbox: takes the limits upon itself, then becomes a Jupyter kernel.

Run by its path or by its text, by the sandbox's own Python, so it imports nothing of this package. What is set here
holds for all that the kernel ever runs: hard limits are never raised again without a capability, and there is none.
"""

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import shutil
import site
import socket
import sys
import threading
from pathlib import Path
from typing import Any

MOST_WAITING_CHARS = 500_000
_PR_SET_DUMPABLE = 4
_KERNEL_OPTIONS = (
    "--HistoryManager.enabled=False",
    "--InteractiveShell.colors=NoColor",
    "--Application.log_level=CRITICAL",
)


def take_limits(limits: dict[str, int]) -> None:
    """Set each limit, named as in `resource` without `RLIMIT_`, soft and hard. A core dump is never written."""
    for name, most in {**limits, "CORE": 0}.items():
        which = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))
    with contextlib.suppress(OSError):
        # Where the machine's memory ends, this goes first.
        Path("/proc/self/oom_score_adj").write_text("1000")


def say_in_pieces(stream: Any) -> None:
    """What is printed goes out piece by piece: a message beyond a few megabytes is not taken outside."""
    write, waiting = stream.write, 0

    def in_pieces(text: str) -> int:
        nonlocal waiting
        for start in range(0, len(text), MOST_WAITING_CHARS):
            piece = text[start : start + MOST_WAITING_CHARS]
            write(piece)
            waiting += len(piece)
            if waiting >= MOST_WAITING_CHARS:
                waiting = 0
                stream.flush()
        return len(text)

    stream.write = in_pieces


def become_kernel(packages: Path, connection_file: str, fonts: str) -> None:
    prepared = packages / "matplotlib-prepared"
    if prepared.is_dir():
        # The settings and the list of fonts that were made when the environment was installed.
        shutil.copytree(prepared, fonts)
    # It is in the sandbox's environment, not in the one that is checked.
    application: Any = importlib.import_module("ipykernel.kernelapp")
    sys.argv = ["kernel", "-f", connection_file, *_KERNEL_OPTIONS]
    kernel = application.IPKernelApp.instance()
    kernel.initialize()
    for stream in (sys.stdout, sys.stderr):
        say_in_pieces(stream)
    kernel.start()


def attend() -> None:
    """Go on in a child process. This one ends when the child does, or when nobody holds its standard input any more.

    As the first process of a container: what it ends takes all the others along, and none of them can stop it.
    """
    child = os.fork()
    if child == 0:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        return
    # Else the code, which has the same user, could take hold of it.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    threading.Thread(target=_end_with_input, daemon=True).start()
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _end_with_input() -> None:
    while os.read(0, 1_000):
        pass
    os._exit(0)


def check(door: str = "") -> None:
    """Ends well where a kernel could run: its libraries are there, a process may have a child, and whoever listens at
    the `door`, if there is one, can be reached."""
    import zmq  # pyright: ignore[reportUnusedImport]  # noqa: F401  its library has to load

    if not importlib.util.find_spec("ipykernel"):
        raise SystemExit("ipykernel is not installed")
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    if door:
        try:
            with socket.socket(socket.AF_UNIX) as outside:
                outside.connect(door)
        except OSError as error:
            raise SystemExit(f"folders of the server are not reached from in there: {error}") from error


def main(packages: str, limits: str, what: str, *arguments: str) -> None:
    if what == "attended":
        attend()
        what, arguments = arguments[0], arguments[1:]
    take_limits(json.loads(limits))
    site.addsitedir(packages)
    os.umask(0o077)
    if what == "kernel":
        become_kernel(Path(packages), *arguments)
    else:
        check(*arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
