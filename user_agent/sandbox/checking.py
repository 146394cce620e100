"""Whether code can be run on this machine, found out by trying."""

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

import structlog

from user_agent.sandbox.command import Sandbox
from user_agent.sandbox.environment import interpreter_in
from user_agent.sandbox.limits import SandboxLimits
from user_agent.sandbox.seccomp import filter_file
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

CHECK_TIMEOUT_S = 20.0
LOOK_AGAIN_AFTER_S = 10.0
"""How long a reason not to run code is believed: it goes away when somebody does what it says."""

_OTHER_SYSTEM = Words(
    zh="运行代码的沙箱只能在 Linux 上使用（Windows 可以用 WSL）。",
    en="Code runs in a sandbox that there is on Linux only (on Windows, in WSL).",
)
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
    zh="沙箱在这台服务器上启动不了（{reason}）。docs/sandbox.md 说明了常见原因和解决办法。",
    en="The sandbox does not start on this server ({reason}). docs/sandbox.md has the usual reasons and their cures.",
)


class Checks:
    """Looks when first asked, and again as long as there is a reason why not."""

    def __init__(self, environment: Path, limits: SandboxLimits) -> None:
        self._environment = environment
        self._limits = limits
        self._found: Sandbox | Words | None = None
        self._at = 0.0
        self._alone = asyncio.Lock()

    async def sandbox(self) -> Sandbox | Words:
        """The sandbox, or why there is none."""
        async with self._alone:
            old = isinstance(self._found, Words) and time.monotonic() - self._at > LOOK_AGAIN_AFTER_S
            if self._found is None or old:
                self._found, self._at = await self._looked(), time.monotonic()
            return self._found

    async def _looked(self) -> Sandbox | Words:
        if sys.platform != "linux":
            return _OTHER_SYSTEM
        bwrap = await asyncio.to_thread(shutil.which, "bwrap")
        if bwrap is None:
            return _NO_BUBBLEWRAP
        interpreter = await asyncio.to_thread(interpreter_in, self._environment)
        if interpreter is None:
            return _NOT_INSTALLED
        sandbox = Sandbox.here(bwrap, interpreter, self._limits)
        reason = await _tried(sandbox)
        if not reason:
            return sandbox
        log.warning("sandbox_does_not_work", reason=reason)
        return Words(_DOES_NOT_WORK.zh.format(reason=reason), _DOES_NOT_WORK.en.format(reason=reason))


async def _tried(sandbox: Sandbox) -> str:
    """Why a kernel could not run in the sandbox; empty where it could."""
    seccomp = await asyncio.to_thread(filter_file)
    try:
        command = await asyncio.to_thread(sandbox.check, seccomp=seccomp)
        process = await asyncio.create_subprocess_exec(
            *command,
            pass_fds=() if seccomp is None else (seccomp,),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.defpath},
        )
    except OSError as error:
        return str(error)
    finally:
        if seccomp is not None:
            os.close(seccomp)
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            _, said = await process.communicate()
    except TimeoutError:
        return f"it took longer than {CHECK_TIMEOUT_S:g} seconds"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 0:
        return ""
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else f"it ended with {process.returncode}"
