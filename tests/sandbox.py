"""The sandbox for tests, on machines that have one. `AGENTFABRIC_TEST_SANDBOX` names where its Python was installed."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from user_agent.sandbox.bench import Bench, Worked
from user_agent.sandbox.environment import interpreter_in
from user_agent.sandbox.limits import SandboxLimits
from user_agent.sandbox.watch import children_of
from user_agent.sandbox.workshop import Workshop

# Read before a test takes the variables away.
ENVIRONMENT = Path(
    os.environ.get("AGENTFABRIC_TEST_SANDBOX") or Path("~/.agentfabric/sandbox/environment").expanduser()
)
REQUIRED = os.environ.get("AGENTFABRIC_SANDBOX_TESTS") == "required"
"""Whether a machine that cannot run code fails these tests instead of skipping them."""
QUICK = SandboxLimits(run_s=8.0, disk_bytes=60_000_000, files=300, file_bytes=20_000_000, memory_bytes=600_000_000)


def _why_not() -> str:
    """Why there is no sandbox here; empty where there is."""
    if sys.platform != "linux":
        return "There is a sandbox on Linux only."
    if shutil.which("bwrap") is None:
        return "There is no bubblewrap (Debian: apt install bubblewrap)."
    if interpreter_in(ENVIRONMENT) is None:
        return "The sandbox's Python is not installed (python app.py install-sandbox)."
    return ""


WHY_NOT = _why_not()


def require_sandbox() -> None:
    """Skips the test where no code can be run, and fails it where that is required."""
    if WHY_NOT:
        pytest.fail(WHY_NOT) if REQUIRED else pytest.skip(WHY_NOT)


def sandbox_variables() -> dict[str, str]:
    """What a server of a test is told, so that its agents can run code where this machine can."""
    return {"AGENTFABRIC_SANDBOX_ENVIRONMENT": str(ENVIRONMENT), "AGENTFABRIC_SANDBOX_SECONDS": "8"}


def cheap_environment(folder: Path) -> Path:
    """The sandbox's environment, with the sockets and a kernel of our own in it, and nothing else."""
    packages = folder / "environment" / "packages"
    packages.mkdir(parents=True)
    for name in ("zmq", "pyzmq.libs"):
        source = ENVIRONMENT / "packages" / name
        if source.is_dir():
            shutil.copytree(source, packages / name)
    (packages / "ipykernel").mkdir()
    (packages / "ipykernel" / "__init__.py").touch()
    shutil.copy(Path(__file__).with_name("fakes") / "cheap_kernel.py", packages / "ipykernel" / "kernelapp.py")
    interpreter = interpreter_in(ENVIRONMENT)
    assert interpreter is not None
    prefix = interpreter.folders[0] if interpreter.folders else Path("/usr")
    record = {"python": str(interpreter.python), "prefix": str(prefix)}
    (folder / "environment" / "environment.json").write_text(json.dumps(record))
    return folder / "environment"


@asynccontextmanager
async def a_workshop(folder: Path, *, spare: int = 0, **options: float) -> AsyncGenerator[Workshop]:
    """One with tight limits, which has left nothing when it is over: no process, no socket."""
    before = set(await asyncio.to_thread(children_of, os.getpid()))
    async with Workshop(folder, ENVIRONMENT, QUICK, spare=spare, **options) as workshop:
        yield workshop
    assert set(await asyncio.to_thread(children_of, os.getpid())) <= before


async def until(holds: Callable[[], bool]) -> None:
    """Returns once it does."""
    for _ in range(1_000):
        if await asyncio.to_thread(holds):
            return
        await asyncio.sleep(0.02)
    pytest.fail("it never did")


async def worked(bench: Bench, code: str) -> Worked:
    """What came of code, run as the tool runs it."""
    async with bench.alone():
        return await bench.run(code)


async def printed(bench: Bench, code: str) -> str:
    return (await worked(bench, code)).ran.text.strip()
