"""Kernels inside of walls of this machine's own: `walls.py` makes them, here is what a kernel sees there."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from user_agent.sandbox.cells import PACKAGES, RUN, VARIABLES, WORK, Cell, has_ended, kernel_words, told
from user_agent.sandbox.environment import Interpreter, interpreter_in
from user_agent.sandbox.heard import End
from user_agent.sandbox.limits import SandboxLimits
from user_agent.sandbox.seccomp import filter_file
from user_agent.sandbox.watch import children_of
from user_agent.walls import Shown, Walls, begun, stand_in_here, walled
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CHECK_TIMEOUT_S = 20.0
END_TIMEOUT_S = 2.0
_INSIDE = "/inside.py"
_TIME_ZONE = "/etc/localtime"

_NO_BUBBLEWRAP = Words(
    zh="这台服务器上没有 bubblewrap，代码没有可以隔离运行的地方。请安装它（Debian、Ubuntu：apt install bubblewrap）。",
    en="There is no bubblewrap on this server, so there is no sandbox to run code in. Install it (Debian, Ubuntu: "
    "apt install bubblewrap).",
)
_NOT_INSTALLED = Words(
    zh="沙箱的 Python 环境还没有安装。请在服务器上运行 python app.py install-sandbox。",
    en="The Python for the sandbox is not installed yet. Run `python app.py install-sandbox` on the server.",
)
_DOES_NOT_WORK = Words(
    zh="沙箱在这台服务器上启动不了（{reason}）。容器，以及 Hugging Face、魔搭等托管空间，常常不允许它；"
    "常见原因和解决办法见 docs/sandbox.md，打包的智能体见它的 README.md。",
    en="The sandbox does not start on this server ({reason}). Containers and hosted studios, such as Hugging Face's "
    "and ModelScope's, often forbid it: docs/sandbox.md, or the README.md of a bundle, has the usual reasons and "
    "their cures.",
)


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """How programs are started here. `owner` is the user that a server of root's steps back to; None for others."""

    bwrap: str
    interpreter: Interpreter
    limits: SandboxLimits
    owner: int | None = None

    async def start(self, work: Path, run: Path, connection_file: str) -> Cell:
        """See `Sandbox`."""
        return await begun(self._started(work, run, connection_file), _Processes.end)

    async def _started(self, work: Path, run: Path, connection_file: str) -> "_Processes":
        own = [Shown(work, WORK, writable=True), Shown(run, RUN, writable=True)]
        seccomp = await asyncio.to_thread(filter_file)
        try:
            command = await asyncio.to_thread(self._command, own, kernel_words(connection_file), WORK, seccomp)
            process = await asyncio.create_subprocess_exec(
                *command,
                pass_fds=() if seccomp is None else (seccomp,),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": os.defpath},
            )
        finally:
            if seccomp is not None:
                os.close(seccomp)
        return _Processes(process)

    async def reason_against(self) -> str:
        """Why a kernel could not run; empty where it could. Found out by running something."""
        seccomp = await asyncio.to_thread(filter_file)
        try:
            command = await asyncio.to_thread(self._command, [], ["check"], "/", seccomp)
            ended = await told(command, CHECK_TIMEOUT_S, pass_fds=() if seccomp is None else (seccomp,))
        except TimeoutError:
            return f"it took longer than {CHECK_TIMEOUT_S:g} seconds"
        except OSError as error:
            return str(error)
        finally:
            if seccomp is not None:
                os.close(seccomp)
        if ended.status == 0:
            return ""
        return ended.said[-1] if ended.said else f"it ended with {ended.status}"

    def _command(self, own: Sequence[Shown], inside: Sequence[str], folder: str, seccomp: int | None) -> list[str]:
        shown = [
            *(Shown(needed, str(needed)) for needed in self.interpreter.folders),
            Shown(self.interpreter.packages, PACKAGES),
            Shown(Path(__file__).with_name("inside.py"), _INSIDE),
            Shown(Path(_TIME_ZONE), _TIME_ZONE, may_be_missing=True),
            *own,
        ]
        # Isolated, and without what other programs installed for this Python.
        python = [str(self.interpreter.python), "-I", "-S", _INSIDE, PACKAGES]
        program = [*python, json.dumps(self.limits.of_process), *inside]
        walls = Walls(VARIABLES, shown, folder, self.limits.scratch_bytes, self.owner)
        return walled(self.bwrap, program, walls, seccomp=seccomp)


async def bubblewrap_here(environment: Path, limits: SandboxLimits) -> Bubblewrap | Words:
    """The sandbox whose Python is in the folder, or why it cannot be used."""
    bwrap = await asyncio.to_thread(shutil.which, "bwrap")
    if bwrap is None:
        return _NO_BUBBLEWRAP
    interpreter = await asyncio.to_thread(interpreter_in, environment)
    if interpreter is None:
        return _NOT_INSTALLED
    sandbox = Bubblewrap(bwrap, interpreter, limits, stand_in_here())
    reason = await sandbox.reason_against()
    if not reason:
        return sandbox
    log.warning("sandbox_does_not_work", reason=reason)
    return Words(_DOES_NOT_WORK.zh.format(reason=reason), _DOES_NOT_WORK.en.format(reason=reason))


class _Processes:
    """Bubblewrap's own, and below it all the others."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> End:
        await self._process.wait()
        return "gone"

    async def end(self) -> None:
        # Those below it first: so it is there to see them end, and none is left behind for somebody else to bury.
        for pid in await asyncio.to_thread(children_of, self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not await has_ended(self._process, END_TIMEOUT_S):
            self._process.kill()
            await self._process.wait()
