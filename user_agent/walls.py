"""Walls around a program of this machine: bubblewrap, and in it nothing of the machine but what the program needs.

There is no network, no other process, no right and no environment; the system is read-only, and what else is to be seen
is shown by name. What the program reads, somebody wrote who is not to be trusted: a page, a document, code.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

ROOTS_STAND_IN = 61_000
"""The user under whom programs of a server of root's run: limits on processes do not hold for root."""

_ALIASES = ("/bin", "/lib", "/lib64", "/lib32", "/sbin")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts")
_WAY_IN = "/mnt"
_DEVICES_BYTES = 1_000_000


def stand_in_here() -> int | None:
    """The user that a program steps back to, where this server is root's; None for others."""
    return ROOTS_STAND_IN if hasattr(os, "geteuid") and os.geteuid() == 0 else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A file or folder of this machine as it is seen inside; one that may be missing is left out where it is."""

    source: Path
    target: str
    writable: bool = False
    may_be_missing: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        how = "--bind" if self.writable else "--ro-bind"
        return (f"{how}-try" if self.may_be_missing else how, str(self.source), self.target)


@dataclass(frozen=True, slots=True)
class Walls:
    """What is there inside, beside the system to read and `/tmp` in memory."""

    variables: Mapping[str, str]
    """The whole environment."""
    shown: Sequence[Shown] = ()
    folder: str = "/"
    """Where the program starts."""
    scratch_bytes: int | None = None
    """The most that `/tmp` takes; None for half of the machine's memory."""
    stand_in: int | None = None
    """The user to step back to before anything else, as `stand_in_here` tells it."""


def walled(bwrap: str, program: Sequence[str], walls: Walls, *, seccomp: int | None = None) -> list[str]:
    """The command that runs the program inside. `seccomp` is the descriptor of a filter, inherited by the command."""
    if walls.stand_in is None:
        return [bwrap, *_arguments(walls, walls.shown, seccomp), "--", *program]
    # That user may not walk through the folders of root's: they are shown to them elsewhere.
    ways = [
        Shown(shown.source, f"{_WAY_IN}/{number}", shown.writable, shown.may_be_missing)
        for number, shown in enumerate(walls.shown)
    ]
    through = [
        Shown(Path(way.target), shown.target, shown.writable, shown.may_be_missing)
        for way, shown in zip(ways, walls.shown, strict=True)
    ]
    way_in = [bwrap, "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/", "--tmpfs", _WAY_IN]
    user = f"{walls.stand_in}"
    step_back = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"]
    inner = [bwrap, *_arguments(walls, through, seccomp), "--", *program]
    return [*way_in, *_words(ways), "--", *step_back, *inner]


def _arguments(walls: Walls, shown: Sequence[Shown], seccomp: int | None) -> list[str]:
    size = () if walls.scratch_bytes is None else ("--size", str(walls.scratch_bytes))
    return [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"),
        *("--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"),
        *(word for name, value in walls.variables.items() for word in ("--setenv", name, value)),
        *("--ro-bind", "/usr", "/usr", *_aliases()),
        *(word for file in _SYSTEM_FILES for word in ("--ro-bind-try", file, file)),
        *("--proc", "/proc", "--dev", "/dev", "--size", str(_DEVICES_BYTES), "--tmpfs", "/dev/shm"),  # noqa: S108
        # Before what may lie below it.
        *(*size, "--tmpfs", "/tmp", "--dir", "/run"),  # noqa: S108
        *_words(shown),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", walls.folder),
        *(("--seccomp", str(seccomp)) if seccomp is not None else ()),
    ]


def _words(shown: Sequence[Shown]) -> list[str]:
    return [word for each in shown for word in each.arguments]


def _aliases() -> list[str]:
    """`/bin` and its like as this machine has them: links into `/usr`, or folders of their own."""
    words: list[str] = []
    for alias in map(Path, _ALIASES):
        if alias.is_symlink():
            words.extend(("--symlink", str(alias.readlink()), str(alias)))
        elif alias.is_dir():
            words.extend(("--ro-bind", str(alias), str(alias)))
    return words


async def begun(starting: Coroutine[Any, Any, T], end: Callable[[T], Awaitable[None]]) -> T:
    """A process behind walls, once it is started. Where that is cancelled, it is ended as a whole, once it is there.

    Asyncio would end the first of those that build the walls, and wait for pipes that another one holds, which does not
    know yet that it is to end with the first.
    """
    started = asyncio.create_task(starting)
    try:
        return await asyncio.shield(started)
    except asyncio.CancelledError:
        await asyncio.shield(_ended(started, end))
        raise


async def _ended(started: asyncio.Task[T], end: Callable[[T], Awaitable[None]]) -> None:
    with suppress(OSError):  # it could not be started
        await end(await started)
