"""The command that starts a program in a sandbox: bubblewrap, with nothing of this machine but what it needs to run."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from user_agent.sandbox.environment import Interpreter
from user_agent.sandbox.limits import SandboxLimits

ROOTS_STAND_IN = 61_000
"""The user under whom the sandbox of a server of root's runs: limits on processes do not hold for root."""

WORK = "/work"
RUN = "/run/kernel"
_PACKAGES = "/packages"
_INSIDE = "/inside.py"
_ALIASES = ("/bin", "/lib", "/lib64", "/lib32", "/sbin")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts")
_WAY_IN = "/mnt"
_DEVICES_BYTES = 1_000_000

_VARIABLES: Mapping[str, str] = {
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


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or folder of this machine as the sandbox sees it."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """How programs are started here. `stand_in` is the user that a server of root's steps back to; None for others."""

    bwrap: str
    interpreter: Interpreter
    limits: SandboxLimits
    stand_in: int | None = None

    @classmethod
    def here(cls, bwrap: str, interpreter: Interpreter, limits: SandboxLimits) -> "Sandbox":
        return cls(bwrap, interpreter, limits, ROOTS_STAND_IN if os.geteuid() == 0 else None)

    def kernel(self, work: Path, run: Path, connection_file: str, *, seccomp: int | None) -> list[str]:
        """The command of a kernel that works in `work` and listens in `run`, where its connection file lies."""
        binds = [Bind(work, WORK, writable=True), Bind(run, RUN, writable=True)]
        return self._command(binds, ["kernel", f"{RUN}/{connection_file}", _VARIABLES["MPLCONFIGDIR"]], seccomp)

    def check(self, *, seccomp: int | None) -> list[str]:
        """The command of a program that shows, by its end alone, whether a kernel could run."""
        return self._command([], ["check"], seccomp)

    def _command(self, binds: Sequence[Bind], inside: Sequence[str], seccomp: int | None) -> list[str]:
        binds = [
            *(Bind(folder, str(folder)) for folder in self.interpreter.folders),
            Bind(self.interpreter.packages, _PACKAGES),
            Bind(Path(__file__).with_name("inside.py"), _INSIDE),
            *binds,
        ]
        # Isolated, and without what other programs installed for this Python.
        python = [str(self.interpreter.python), "-I", "-S", _INSIDE, _PACKAGES]
        program = [*python, json.dumps(self.limits.of_process), *inside]
        if self.stand_in is None:
            return [self.bwrap, *self._walls(binds, seccomp), "--", *program]
        # That user may not walk through the folders of root's: they are shown to them elsewhere.
        shown = [Bind(bind.source, f"{_WAY_IN}/{number}", bind.writable) for number, bind in enumerate(binds)]
        walls = self._walls(
            [Bind(Path(way.target), bind.target, bind.writable) for way, bind in zip(shown, binds, strict=True)],
            seccomp,
        )
        way_in = [self.bwrap, "--die-with-parent", "--unshare-pid", "--dev-bind", "/", "/"]
        user = f"{self.stand_in}"
        step_back = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"]
        return [*way_in, "--tmpfs", _WAY_IN, *_arguments(shown), "--", *step_back, self.bwrap, *walls, "--", *program]

    def _walls(self, binds: Sequence[Bind], seccomp: int | None) -> list[str]:
        shared = str(self.limits.scratch_bytes)
        return [
            *("--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"),
            *("--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"),
            *(word for name, value in _VARIABLES.items() for word in ("--setenv", name, value)),
            *("--ro-bind", "/usr", "/usr", *_aliases()),
            *(word for file in _SYSTEM_FILES for word in ("--ro-bind-try", file, file)),
            *("--proc", "/proc", "--dev", "/dev", "--size", str(_DEVICES_BYTES), "--tmpfs", "/dev/shm"),  # noqa: S108
            # Before what may lie below it.
            *("--size", shared, "--tmpfs", "/tmp"),  # noqa: S108
            *_arguments(binds),
            *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK if _has(binds, WORK) else "/"),
            *(("--seccomp", str(seccomp)) if seccomp is not None else ()),
        ]


def _arguments(binds: Sequence[Bind]) -> list[str]:
    return [
        word for bind in binds for word in ("--bind" if bind.writable else "--ro-bind", str(bind.source), bind.target)
    ]


def _aliases() -> list[str]:
    """`/bin` and its like as this machine has them: links into `/usr`, or folders of their own."""
    words: list[str] = []
    for alias in map(Path, _ALIASES):
        if alias.is_symlink():
            words.extend(("--symlink", str(alias.readlink()), str(alias)))
        elif alias.is_dir():
            words.extend(("--ro-bind", str(alias), str(alias)))
    return words


def _has(binds: Sequence[Bind], target: str) -> bool:
    return any(bind.target == target for bind in binds)
