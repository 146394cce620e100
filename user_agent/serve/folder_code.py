"""Code that the agent of a bundle runs: in the sandbox of this machine, or not at all, within limits for strangers."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from user_agent.errors import ConfigError
from user_agent.sandbox.environment import REQUIREMENTS, InstallFailed, install
from user_agent.sandbox.limits import MEGABYTE, SandboxLimits
from user_agent.serve.numbers import number_in
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.sandbox.workshop import Workshop

COMMAND = "install-sandbox"
ENVIRONMENT = "sandbox"
"""The folder beside `app.py` that the command fills."""
CODE_INTERPRETER = "code_interpreter"
NO_CODE = Words("这里没有可以运行代码的沙箱。", "There is no sandbox here to run code in.")
CANNOT_RUN_CODE = Words(
    "它在这里不能运行代码：运行它的机器没有可用的沙箱。",
    "It cannot run code here: the machine it is on has no sandbox.",
)
"""What visitors are told. The reason is for whoever runs it: it names what is on the machine."""
_FOLDER_MB = 100
"""What the files of one conversation's code may come to."""


@dataclass(frozen=True, slots=True)
class CodeSettings:
    """Where code is run, and what strangers' code may take of this machine."""

    environment: Path
    """Where the sandbox's Python was installed."""
    seconds: float = 30.0
    """How long one piece of code may run."""
    memory_mb: int = 500
    """What the code of one conversation may hold in memory."""
    disk_mb: int = 2_000
    """What the files of all conversations' code may come to."""
    at_once: int = 4
    """In how many conversations code is awake at a time."""

    @property
    def kept(self) -> int:
        """In how many conversations the code's files are kept. Those that used them least lately begin anew."""
        return max(1, self.disk_mb // _FOLDER_MB)

    def workshop(self, folder: Path) -> "Workshop":
        """The sandboxes, whose files are in the folder. Whoever opens it closes it."""
        from user_agent.sandbox.workshop import Workshop  # for agents that run code

        limits = SandboxLimits(
            run_s=self.seconds,
            memory_bytes=self.memory_mb * MEGABYTE,
            disk_bytes=_FOLDER_MB * MEGABYTE,
            file_bytes=_FOLDER_MB // 2 * MEGABYTE,
        )
        return Workshop(folder, self.environment, limits, spare=0, most=self.at_once, kept=self.kept)


def code_in(root: Path, environment: Mapping[str, str]) -> CodeSettings:
    """What the settings of a bundle in `root` say. Raises `ConfigError` for what is no number."""
    given = CodeSettings(root / ENVIRONMENT)
    return CodeSettings(
        given.environment,
        seconds=number_in(environment, "CODE_SECONDS", int(given.seconds), most=120),
        memory_mb=number_in(environment, "CODE_MEMORY_MB", given.memory_mb),
        disk_mb=number_in(environment, "CODE_DISK_MB", given.disk_mb),
        at_once=number_in(environment, "CODE_AT_ONCE", given.at_once, most=1_000),
    )


async def install_sandbox(root: Path, environment: Mapping[str, str]) -> None:
    """Make what the sandbox of a bundle in `root` needs, and say whether code can be run now. Raises `ConfigError`.

    That it cannot is no failure: a container is made where none may be started.
    """
    settings, requirements = code_in(root, environment), root / REQUIREMENTS
    if not await asyncio.to_thread(requirements.is_file):
        raise ConfigError("This agent runs no code, so it needs no sandbox.", field=COMMAND, reason="no code is run")
    try:
        await asyncio.to_thread(install, settings.environment, requirements, say)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InstallFailed(f"The folder {str(settings.environment)!r} cannot be used: {reason}.") from error
    async with settings.workshop(settings.environment / "tried") as workshop:
        problem = await workshop.problem()
    say("The agent can run code here." if problem is None else f"The libraries are there. {problem.en}")


def say(text: str) -> None:
    """Tell whoever started the program."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
