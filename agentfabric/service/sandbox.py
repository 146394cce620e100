"""Where code of agents is run on this server, and how that place is made."""

import asyncio
import sys
from pathlib import Path

from agentfabric.settings import Settings
from user_agent.sandbox.docker import DockerImage
from user_agent.sandbox.environment import REQUIREMENTS, InstallFailed, install
from user_agent.sandbox.image import build
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
        docker=_image_of(settings),
        spare=settings.sandbox_spare,
        idle_s=settings.sandbox_idle_minutes * 60,
    )


async def install_sandbox(settings: Settings) -> None:
    """Make what the sandbox needs, and say whether code can be run now. Raises `InstallFailed`."""
    image = _image_of(settings)
    if image is not None:
        await asyncio.to_thread(build, image, _ROOT / REQUIREMENTS, _say)
    else:
        await _install_python(settings.sandbox_environment)
    async with workshop_of(settings) as workshop:
        problem = await workshop.problem()
    if problem:
        made = "The Python of the sandbox" if image is None else "The image"
        raise InstallFailed(f"{made} is there, but code cannot be run yet. {problem.en}")
    _say("Agents can run code now. A server that is running need not be started again.")


def _image_of(settings: Settings) -> DockerImage | None:
    is_docker = settings.sandbox == "docker"
    return DockerImage(settings.sandbox_image, settings.docker_host) if is_docker else None


async def _install_python(folder: Path) -> None:
    try:
        await asyncio.to_thread(install, folder, _ROOT / REQUIREMENTS, _say)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InstallFailed(
            f"The folder {str(folder)!r} cannot be used: {reason}. Set `AGENTFABRIC_SANDBOX_ENVIRONMENT` to one that "
            "this user may write to."
        ) from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
