"""Kernels in containers, for servers where bubblewrap does not work and Docker does.

Each is in one of its own, without a network, without rights, and with nothing of this machine but the conversation's
folder. Nothing is pulled.

Options: docs.docker.com/reference/cli/docker/container/run
"""

import asyncio
import csv
import io
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from user_agent.sandbox.cells import (
    PACKAGES,
    RUN,
    VARIABLES,
    WORK,
    Cell,
    Told,
    has_ended,
    kernel_words,
    short_folder,
    told,
)
from user_agent.sandbox.heard import End
from user_agent.sandbox.limits import SandboxLimits
from user_agent.walls import stand_in_here
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

ASK_TIMEOUT_S = 5.0
CHECK_TIMEOUT_S = 20.0
END_TIMEOUT_S = 2.0
_FAILED_ITSELF = 125
"""How `docker run` ends where it is Docker that failed, and not what was to be run."""
_KILLED = 137
_DOOR = "check"

_NO_DOCKER = Words(
    zh="代码要在 Docker 容器里运行，但这台服务器上没有 docker 命令。请安装 Docker，或去掉 AGENTFABRIC_SANDBOX=docker。",
    en="Code is to be run in containers, but there is no `docker` command on this server. Install Docker, or remove "
    "`AGENTFABRIC_SANDBOX=docker`.",
)
_NO_DAEMON = Words(
    zh="代码要在 Docker 容器里运行，但 Docker 没有回应（{reason}）。请启动它，并允许运行服务器的用户使用它。",
    en="Code is to be run in containers, but Docker does not answer ({reason}). Start it, and let the user of this "
    "server use it.",
)
_NO_IMAGE = Words(
    zh="Docker 里没有运行代码用的镜像“{image}”。请在服务器上运行 python app.py install-sandbox。",
    en="Docker has no image {image!r} to run code in. Run `python app.py install-sandbox` on the server.",
)
_DOES_NOT_WORK = Words(
    zh="运行代码的容器启动不了（{reason}）。docs/sandbox.md 说明了常见原因和解决办法。",
    en="The container for code does not work ({reason}). docs/sandbox.md has the usual reasons and their cures.",
)


@dataclass(frozen=True, slots=True)
class DockerImage:
    """What kernels are started from, and the address of the Docker that has it; empty for the usual one."""

    name: str
    host: str = ""


@dataclass(frozen=True, slots=True)
class Docker:
    """How containers are started here. `owner` is the user that a server of root's steps back to; None for others."""

    command: str
    image: DockerImage
    limits: SandboxLimits
    owner: int | None = None

    async def start(self, work: Path, run: Path, connection_file: str) -> Cell:
        """See `Sandbox`."""
        name = f"agentfabric-{secrets.token_hex(8)}"
        process = await asyncio.create_subprocess_exec(
            *await asyncio.to_thread(self._run, name, work, run, ["attended", *kernel_words(connection_file)]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath},
        )
        return _Container(process, self, name)

    async def ask(self, *words: str) -> Told:
        """What Docker says to a command. Raises `OSError`, and `TimeoutError`."""
        return await told([*self._docker, *words], ASK_TIMEOUT_S)

    async def problem(self) -> Words | None:
        """Why a kernel could not run, with the cure; None where it could. Found out by running something."""
        if reason := await self._reason("version", "--format", "{{.Server.Version}}"):
            return Words(_NO_DAEMON.zh.format(reason=reason), _NO_DAEMON.en.format(reason=reason))
        if await self._lacks_image():
            return Words(_NO_IMAGE.zh.format(image=self.image.name), _NO_IMAGE.en.format(image=self.image.name))
        if reason := await self._tried():
            return Words(_DOES_NOT_WORK.zh.format(reason=reason), _DOES_NOT_WORK.en.format(reason=reason))
        return None

    async def _lacks_image(self) -> bool:
        try:
            return (await self.ask("image", "inspect", "--format", "{{.Id}}", self.image.name)).status != 0
        except (OSError, TimeoutError):
            return False  # what is tried next says more

    async def _tried(self) -> str:
        """Why a container could not reach a socket of ours in a folder that it is shown; empty where it could."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="fabric-", dir=short_folder()))
        work, run = folder / "work", folder / "run"
        try:
            with await asyncio.to_thread(self._listening, work, run):
                name = f"agentfabric-{secrets.token_hex(8)}"
                words = await asyncio.to_thread(self._run, name, work, run, ["check", f"{RUN}/{_DOOR}"])
                return await _reason_of(words, CHECK_TIMEOUT_S)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _listening(self, work: Path, run: Path) -> socket.socket:
        """A socket in one of two new folders, for whoever the container runs under. Its calls wait, unheard."""
        for folder in (work, run):
            folder.mkdir(mode=0o700)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(run / _DOOR))
        listening.listen()
        if self.owner is not None:
            for path in (work, run, run / _DOOR):
                os.chown(path, self.owner, self.owner)
        return listening

    async def _reason(self, *words: str) -> str:
        return await _reason_of([*self._docker, *words], ASK_TIMEOUT_S)

    @property
    def _docker(self) -> Sequence[str]:
        return (self.command, "--host", self.image.host) if self.image.host else (self.command,)

    def _run(self, name: str, work: Path, run: Path, inside: Sequence[str]) -> list[str]:
        limits = self.limits
        memory, scratch = f"{limits.memory_bytes}b", f"rw,noexec,nosuid,nodev,size={limits.scratch_bytes},mode=1777"
        user = f"{os.geteuid()}:{os.getegid()}" if self.owner is None else f"{self.owner}:{self.owner}"
        # All of a container's processes are counted together; by their user, others' would be too.
        of_process = {name: most for name, most in limits.of_process.items() if name != "NPROC"}
        # By its text: so it is always the one that belongs to this server, whatever is in the image.
        program = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
        return [
            *self._docker,
            *("run", "--rm", "--interactive", "--pull", "never", "--name", name, "--hostname", "sandbox"),
            *("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--user", user, "--pids-limit", str(limits.processes), "--cpus", "1"),
            *("--memory", memory, "--memory-swap", memory, "--shm-size", "1000000b"),
            *("--tmpfs", f"/tmp:{scratch}"),  # noqa: S108  the container's own
            *("--mount", _mount(work, WORK), "--mount", _mount(run, RUN), "--workdir", WORK),
            *("--log-driver", "none", "--no-healthcheck", "--entrypoint", "python"),
            *(word for name, value in VARIABLES.items() if name != "PATH" for word in ("--env", f"{name}={value}")),
            *(self.image.name, "-I", "-S", "-c", program, PACKAGES, json.dumps(of_process), *inside),
        ]


async def docker_here(image: DockerImage, limits: SandboxLimits) -> Docker | Words:
    """The sandbox that starts containers of the image, or why it cannot be used."""
    command = await asyncio.to_thread(shutil.which, "docker")
    if command is None:
        return _NO_DOCKER
    sandbox = Docker(command, image, limits, stand_in_here())
    problem = await sandbox.problem()
    if problem is None:
        return sandbox
    log.warning("sandbox_does_not_work", reason=problem.en)
    return problem


class _Container:
    """One container, which ends when its standard input does: also where this server is killed."""

    def __init__(self, process: asyncio.subprocess.Process, docker: Docker, name: str) -> None:
        self._process = process
        self._docker = docker
        self._name = name

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> End:
        # What a container takes beyond its memory, Linux kills; nobody else here does it that way.
        return "memory" if await self._process.wait() == _KILLED else "gone"

    async def end(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        if await has_ended(self._process, END_TIMEOUT_S):
            return
        with suppress(OSError, TimeoutError):
            await self._docker.ask("rm", "--force", self._name)
        if not await has_ended(self._process, END_TIMEOUT_S):
            self._process.kill()
            await self._process.wait()


def _mount(source: Path, target: str) -> str:
    """The option's text, which is a line of CSV: a comma may stand in a path."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(("type=bind", f"source={source}", f"target={target}"))
    return line.getvalue()


async def _reason_of(command: Sequence[str], timeout_s: float) -> str:
    """Why a command failed; empty where it did not."""
    try:
        ended = await told(command, timeout_s)
    except TimeoutError:
        return f"it took longer than {timeout_s:g} seconds"
    except OSError as error:
        return str(error)
    if ended.status == 0:
        return ""
    if not ended.said:
        return f"it ended with {ended.status}"
    # Docker says first what is wrong, and then what help there is; what runs in there says it last.
    return ended.said[0 if ended.status == _FAILED_ITSELF else -1]
