"""The sandboxes of a server: a bench for every conversation, and whether code can be run here at all."""

import asyncio
import importlib
import itertools
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import structlog

from user_agent.errors import ToolError
from user_agent.sandbox.bench import Bench
from user_agent.sandbox.bubblewrap import bubblewrap_here
from user_agent.sandbox.cells import Sandbox, short_folder
from user_agent.sandbox.checking import Checks
from user_agent.sandbox.docker import DockerImage, docker_here
from user_agent.sandbox.folder import WorkFolder
from user_agent.sandbox.kernel import Kernel, KernelFailed
from user_agent.sandbox.limits import SandboxLimits
from user_agent.sandbox.line import PATIENCE_S, Line
from user_agent.sandbox.watch import taken
from user_agent.sandbox.wire import Loaded
from user_agent.walls import stand_in_here
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

WATCH_S = 0.25
IDLE_WATCH_S = 1.0
_SPARE = ".spare-"


@dataclass(frozen=True, slots=True)
class _Spare:
    """A kernel that waits for a conversation, in a folder of its own."""

    kernel: Kernel
    work: WorkFolder
    since: float


class Workshop:
    """Lends benches. Nothing starts before code is run; `close` ends whatever did.

    `folder` holds the conversations' folders, `environment` is where `install` put the sandbox's Python; where there is
    a `docker` image, containers of it are the sandbox, and nothing else is. After the first use `spare` kernels wait,
    awake, for the next conversation. At most `most` kernels are awake at a time, and the folders of at most `kept`
    conversations stay, those that were used last; without a number, all do.
    """

    def __init__(
        self,
        folder: Path,
        environment: Path,
        limits: SandboxLimits | None = None,
        *,
        docker: DockerImage | None = None,
        spare: int = 1,
        idle_s: float = 600.0,
        most: int = 8,
        kept: int | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._folder = folder
        self._limits = limits or SandboxLimits()
        self._spare = spare
        self._idle_s = idle_s
        self._most = most
        self._line = Line(most, patience_s=patience_s)
        self._kept = kept
        self._owner = stand_in_here()
        self._benches: dict[str, Bench] = {}
        self._spares: list[_Spare] = []
        self._dropped: list[_Spare] = []
        self._starting = 0
        self._numbers = itertools.count(1)
        self._runs: Path | None = None
        self._loaded: Loaded | None = None
        self._environment = environment
        self._docker = docker
        self._checks = Checks(self._look)
        self._watching: asyncio.Task[None] | None = None
        self._filling: asyncio.Task[None] | None = None
        self._alone_filling = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(_tidy, self._folder)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def awake(self) -> int:
        """How many kernels there are."""
        return len(self._spares) + self._starting + sum(bench.awake for bench in self._benches.values())

    @property
    def conversations(self) -> Collection[str]:
        """Those that a bench was lent for."""
        return tuple(self._benches)

    async def problem(self) -> Words | None:
        """Why code cannot be run here, with the cure; None where it can."""
        found = await self._checks.sandbox()
        return found if isinstance(found, Words) else None

    def bench(self, conversation_id: str, holder: str | None = None) -> Bench:
        """The bench of a conversation. All that have the same `holder` are used one at a time."""
        if not (conversation_id.isascii() and conversation_id.replace("-", "").isalnum()):
            raise ValueError("The id of a conversation becomes a folder.")
        if conversation_id not in self._benches:
            folder, place = self._folder / conversation_id, partial(self._line.place, holder or conversation_id)
            self._benches[conversation_id] = Bench(folder, self._owner, self._limits, self._wake, place)
        return self._benches[conversation_id]

    async def sleep(self, conversation_id: str) -> None:
        """End the kernel of a conversation, if it is awake."""
        if bench := self._benches.get(conversation_id):
            await bench.sleep()

    async def forget(self, conversation_ids: Iterable[str]) -> None:
        """Nothing of these conversations is there afterwards."""
        for conversation_id in conversation_ids:
            bench = self.bench(conversation_id)
            await bench.sleep()
            if self._benches.pop(conversation_id, None) is bench:  # else somebody else was just as far
                await asyncio.to_thread(_remove, bench.folder)

    async def close(self) -> None:
        """End every kernel. The conversations' files stay."""
        for task in (self._watching, self._filling):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        self._watching = self._filling = None
        await asyncio.gather(*(bench.sleep() for bench in self._benches.values()))
        for spare in (*self._spares, *self._dropped):
            await self._drop(spare)
        self._spares.clear()
        self._dropped.clear()
        if self._loaded is not None:
            self._loaded.context.destroy(linger=0)
            self._loaded = None
        if self._runs is not None:
            await asyncio.to_thread(shutil.rmtree, self._runs, ignore_errors=True)
            self._runs = None

    async def fill(self) -> None:
        """Start as many spare kernels as there are to be."""
        async with self._alone_filling:
            await self._fill()

    async def _fill(self) -> None:
        while len(self._spares) < self._spare and self.awake < self._most:
            work = WorkFolder(self._folder / f"{_SPARE}{next(self._numbers)}" / "work", self._owner)
            await asyncio.to_thread(work.make)
            try:
                kernel = await self._start(work)
            except (KernelFailed, ToolError) as error:
                log.warning("sandbox_spare_failed", reason=str(error))
                await asyncio.to_thread(_remove, work.path.parent)
                return
            self._spares.append(_Spare(kernel, work, time.monotonic()))

    async def _wake(self, bench: Bench) -> Kernel:
        if self._kept is not None:
            await self._clear_others(bench, self._kept - 1)
        spare = next((each for each in self._spares if each.kernel.alive), None)
        if spare is not None:
            self._spares.remove(spare)
            # To its end, also where whoever asked has gone: else nobody would have the kernel.
            kernel = await asyncio.shield(asyncio.create_task(self._adopted(bench, spare)))
        else:
            await self._make_room()
            kernel = await self._start(bench.work)
        if self._spare and (self._filling is None or self._filling.done()):
            self._filling = asyncio.create_task(self.fill())
        return kernel

    async def _adopted(self, bench: Bench, spare: _Spare) -> Kernel:
        self._starting += 1
        try:
            await asyncio.to_thread(_adopt, bench.work, spare.work)
        finally:
            self._starting -= 1
            bench.kernel = spare.kernel
        return spare.kernel

    async def _start(self, work: WorkFolder) -> Kernel:
        self._starting += 1
        try:
            sandbox = await self._checks.sandbox()
            if isinstance(sandbox, Words):
                raise ToolError(sandbox.en)
            if self._runs is None:
                self._runs = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="fabric-", dir=short_folder()))
            run = self._runs / str(next(self._numbers))
            kernel = await Kernel.start(sandbox, work.path, run, self._load)
        except KernelFailed:
            self._checks.doubt()
            raise
        finally:
            self._starting -= 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        return kernel

    async def _clear_others(self, bench: Bench, most: int) -> None:
        """Of the other folders as many stay as may; those go that were unused for longest."""
        others = [each for each in self._benches.values() if each is not bench]
        there = await asyncio.to_thread(lambda: [each for each in others if each.folder.exists()])
        idle = sorted((each for each in there if not each.busy), key=lambda each: each.used)
        for each in idle[: max(0, len(there) - most)]:
            if not each.busy:
                await each.clear()

    async def _make_room(self) -> None:
        """Send the kernel to sleep that was idle for longest, where there are as many as there may be."""
        while self.awake >= self._most:
            idle = [bench for bench in self._benches.values() if bench.awake and not bench.busy]
            if self._spares:
                await self._drop(self._spares.pop())
            elif idle:
                await min(idle, key=lambda bench: bench.used).sleep()
            else:  # whoever asks has a place, so one of those is a spare that just starts
                await asyncio.sleep(WATCH_S)

    async def _drop(self, spare: _Spare) -> None:
        self._dropped.append(spare)  # `close` ends those that somebody was stopped in the middle of ending
        await spare.kernel.end()
        await asyncio.to_thread(_remove, spare.work.path.parent)
        self._dropped.remove(spare)

    async def _watch(self) -> None:
        """Ends what takes too much, and sends to sleep what nobody uses."""
        while True:
            busy = any(bench.busy for bench in self._benches.values())
            await asyncio.sleep(WATCH_S if busy else IDLE_WATCH_S)
            for bench in list(self._benches.values()):
                if bench.kernel is not None and bench.awake:
                    await self._look_at(bench.kernel, bench.work.path)
                    if not bench.busy and time.monotonic() - bench.used > self._idle_s:
                        await bench.sleep()
            for spare in list(self._spares):
                if not spare.kernel.alive or time.monotonic() - spare.since > self._idle_s:
                    self._spares.remove(spare)
                    await self._drop(spare)

    async def _look_at(self, kernel: Kernel, work: Path) -> None:
        limits = self._limits
        folders = (work, kernel.run_folder)
        now = await asyncio.to_thread(
            taken, kernel.pid, folders, most_memory_bytes=limits.memory_bytes, most_files=limits.files
        )
        if now.memory_bytes > limits.memory_bytes:
            await kernel.end("memory")
        elif now.disk_bytes > limits.disk_bytes or now.files > limits.files:
            await kernel.end("disk")

    async def _look(self) -> Sandbox | Words:
        if self._docker is not None:
            return await docker_here(self._docker, self._limits)
        return await bubblewrap_here(self._environment, self._limits)

    def _load(self) -> Loaded:
        if self._loaded is None:
            from jupyter_client.session import Session

            sockets: Any = importlib.import_module("zmq.asyncio")
            self._loaded = Loaded(sockets.Context(), Session)
        return self._loaded


def _adopt(old: WorkFolder, new: WorkFolder) -> None:
    """The folder that a spare kernel works in takes the place, and the files, of a conversation's."""
    if old.path.is_dir():
        old.move_into(new)
    old.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new.path.rename(old.path)
    new.path.parent.rmdir()


def _tidy(folder: Path) -> None:
    """Remove what a server that was killed kept for spare kernels. Called while nobody else uses the folder."""
    for left in folder.glob(f"{_SPARE}*"):
        _remove(left)


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        WorkFolder(folder).remove()
