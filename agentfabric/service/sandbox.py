"""Where code of agents is run on this server, and how that place is made."""

import asyncio
import sys
from pathlib import Path

from agentfabric.settings import Settings
from user_agent.sandbox.environment import REQUIREMENTS, InstallFailed, install
from user_agent.sandbox.limits import MEGABYTE, SandboxLimits
from user_agent.sandbox.workshop import Workshop

_ROOT = Path(__file__).parents[2]


def workshop_of(settings: Settings) -> Workshop:
    """The sandboxes of a server with these settings. Whoever opens it closes it."""
    limits = SandboxLimits(run_s=settings.sandbox_seconds, memory_bytes=settings.sandbox_memory_mb * MEGABYTE)
    return Workshop(
        settings.home / "sandbox" / "conversations",
        settings.sandbox_environment,
        limits,
        spare=settings.sandbox_spare,
        idle_s=settings.sandbox_idle_minutes * 60,
    )


async def install_sandbox(settings: Settings) -> None:
    """Make the Python of the sandbox, and say whether code can be run now. Raises `InstallFailed`."""
    folder = settings.sandbox_environment
    try:
        await asyncio.to_thread(install, folder, _ROOT / REQUIREMENTS, _say)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InstallFailed(
            f"The folder {str(folder)!r} cannot be used: {reason}. Set `AGENTFABRIC_SANDBOX_ENVIRONMENT` to one that "
            "this user may write to."
        ) from error
    async with workshop_of(settings) as workshop:
        problem = await workshop.problem()
    if problem:
        raise InstallFailed(f"The Python of the sandbox is there, but code cannot be run yet. {problem.en}")
    _say("Agents can run code now. A server that is running need not be started again.")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
