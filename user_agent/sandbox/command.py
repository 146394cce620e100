"""The command that starts a kernel in a sandbox: what it sees there, beside what everything inside of walls sees."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from user_agent.sandbox.environment import Interpreter
from user_agent.sandbox.limits import SandboxLimits
from user_agent.walls import Shown, Walls, stand_in_here, walled

WORK = "/work"
RUN = "/run/kernel"
_PACKAGES = "/packages"
_INSIDE = "/inside.py"
_TIME_ZONE = "/etc/localtime"

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
class Sandbox:
    """How programs are started here. `stand_in` is the user that a server of root's steps back to; None for others."""

    bwrap: str
    interpreter: Interpreter
    limits: SandboxLimits
    stand_in: int | None = None

    @classmethod
    def here(cls, bwrap: str, interpreter: Interpreter, limits: SandboxLimits) -> "Sandbox":
        return cls(bwrap, interpreter, limits, stand_in_here())

    def kernel(self, work: Path, run: Path, connection_file: str, *, seccomp: int | None) -> list[str]:
        """The command of a kernel that works in `work` and listens in `run`, where its connection file lies."""
        own = [Shown(work, WORK, writable=True), Shown(run, RUN, writable=True)]
        inside = ["kernel", f"{RUN}/{connection_file}", _VARIABLES["MPLCONFIGDIR"]]
        return self._command(own, inside, WORK, seccomp)

    def check(self, *, seccomp: int | None) -> list[str]:
        """The command of a program that shows, by its end alone, whether a kernel could run."""
        return self._command([], ["check"], "/", seccomp)

    def _command(self, own: Sequence[Shown], inside: Sequence[str], folder: str, seccomp: int | None) -> list[str]:
        shown = [
            *(Shown(needed, str(needed)) for needed in self.interpreter.folders),
            Shown(self.interpreter.packages, _PACKAGES),
            Shown(Path(__file__).with_name("inside.py"), _INSIDE),
            Shown(Path(_TIME_ZONE), _TIME_ZONE, may_be_missing=True),
            *own,
        ]
        # Isolated, and without what other programs installed for this Python.
        python = [str(self.interpreter.python), "-I", "-S", _INSIDE, _PACKAGES]
        program = [*python, json.dumps(self.limits.of_process), *inside]
        walls = Walls(_VARIABLES, shown, folder, self.limits.scratch_bytes, self.stand_in)
        return walled(self.bwrap, program, walls, seccomp=seccomp)
