"""Where one conversation's code works: its folder, and its kernel as long as that is awake."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from user_agent.errors import FabricError
from user_agent.messages import FilePart
from user_agent.sandbox.folder import WorkFolder, changed
from user_agent.sandbox.kernel import Kernel, Ran
from user_agent.sandbox.limits import SandboxLimits
from user_agent.tools.context import ConversationFiles

MAX_BROUGHT_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of a piece of code, and the files that it made or changed, by their path in the work folder."""

    ran: Ran
    changed: Sequence[str]
    forgot: bool
    """Whether code had run here before in a kernel that is gone, with its variables."""


class Bench:
    """One conversation's. `wake` gives it a kernel that works in its folder, `place` leave to use one."""

    def __init__(
        self,
        folder: Path,
        owner: int | None,
        limits: SandboxLimits,
        wake: Callable[["Bench"], Awaitable[Kernel]],
        place: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        self.folder = folder
        self.work = WorkFolder(folder / "work", owner)
        self.kernel: Kernel | None = None
        self.used = time.monotonic()
        self.limits = limits
        self._wake = wake
        self._place = place
        self._alone = asyncio.Lock()

    @property
    def awake(self) -> bool:
        return self.kernel is not None and self.kernel.alive

    @property
    def busy(self) -> bool:
        return self._alone.locked()

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None, None]:
        """Nobody else works here meanwhile: a model may make several calls at once. Waits in the line of all who have
        code run; raises `ToolError` where that takes too long."""
        async with self._place(), self._alone:
            try:
                yield
            finally:
                self.used = time.monotonic()

    async def bring(self, files: ConversationFiles) -> Sequence[str]:
        """Put the files of the conversation into the work folder that are not there yet; gives their names there."""
        await asyncio.to_thread(self.work.make)
        known = await asyncio.to_thread(self._known)
        placed: list[str] = []
        for file in await files.list():
            if file.file in known or file.size_bytes > MAX_BROUGHT_BYTES:
                continue
            with suppress(FabricError):  # its bytes are gone, which is no reason to run nothing
                name = await asyncio.to_thread(self.work.place, file.name, await files.read(file.file))
                placed.append(name)
            known.append(file.file)
        if placed:
            await asyncio.to_thread(self._know, known)
        return placed

    async def run(self, code: str) -> Worked:
        """Run code, in the kernel that is there or in a new one. Raises `KernelFailed`, and what `wake` raises."""
        await asyncio.to_thread(self.work.make)
        kernel, forgot = self.kernel, False
        if kernel is None or not kernel.alive:
            self.kernel = kernel = await self._wake(self)
            forgot = await asyncio.to_thread(self._worked_before)
        before = await asyncio.to_thread(self.work.files)
        ran = await kernel.run(code, timeout_s=self.limits.run_s)
        if ran.end == "disk":
            # Left as it is, the next kernel would end at once; the conversation's own files come again.
            await asyncio.to_thread(self._empty)
            return Worked(ran, (), forgot)
        after = await asyncio.to_thread(self.work.files)
        return Worked(ran, changed(before, after), forgot)

    async def read(self, path: str, most_bytes: int) -> bytes | None:
        """The bytes of a file of the work folder; None where it is none now, or larger than that."""
        return await asyncio.to_thread(self.work.read, path, most_bytes)

    async def know(self, files: Sequence[FilePart]) -> None:
        """These files of the conversation came from here, and are not to be brought."""
        if files:
            known = await asyncio.to_thread(self._known)
            await asyncio.to_thread(self._know, [*known, *(file.file for file in files)])

    async def sleep(self) -> None:
        """The files stay, the variables do not."""
        if self.kernel is not None:
            await self.kernel.end()

    async def clear(self) -> None:
        """Nothing that code left is here afterwards. Called where nobody works here."""
        async with self._alone:
            await self.sleep()
            with suppress(FileNotFoundError):
                await asyncio.to_thread(WorkFolder(self.folder).remove)

    @property
    def _list(self) -> Path:
        # Beside the work folder, where no code reaches it.
        return self.folder / "known.json"

    def _worked_before(self) -> bool:
        mark = self.folder / "worked"
        before = mark.exists()
        mark.touch()
        return before

    def _known(self) -> list[str]:
        try:
            return [str(each) for each in json.loads(self._list.read_bytes())]
        except (OSError, ValueError):
            return []

    def _know(self, files: Sequence[str]) -> None:
        self._list.write_text(json.dumps(list(files)), encoding="utf-8")

    def _empty(self) -> None:
        self.work.remove()
        self._list.unlink(missing_ok=True)
        self.work.make()
