"""A Jupyter kernel in the sandbox: code in, what it printed and drew out.

Whatever comes from the kernel was perhaps written by the code that runs in it. So everything is bounded here, nothing
is believed, and where the kernel does not keep to the rules it is ended.
"""

import asyncio
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from user_agent.sandbox.cells import Cell, Sandbox
from user_agent.sandbox.heard import End, Heard, Ran, take
from user_agent.sandbox.wire import CONNECTION_FILE, HEARTBEAT, Broken, Loaded, Wire, prepare

START_TIMEOUT_S = 20.0
INTERRUPT_TIMEOUT_S = 3.0
REST_TIMEOUT_S = 2.0


class KernelFailed(Exception):
    """The kernel did not start, or is not there any more."""


class Kernel:
    """One kernel, from its start to its end. Runs one piece of code at a time."""

    def __init__(self, cell: Cell, run: Path, wire: Wire) -> None:
        self._cell = cell
        self._run = run
        self._wire = wire
        self._died = asyncio.create_task(cell.wait())
        self._ended_by: End | None = None
        """Why somebody here ended it."""

    @classmethod
    async def start(cls, sandbox: Sandbox, work: Path, run: Path, load: Callable[[], Loaded]) -> "Kernel":
        """A kernel that works in the folder `work` and can take code. `run`, which is made here, is for its sockets.

        Raises `KernelFailed`.
        """
        loaded = await asyncio.to_thread(load)
        key = secrets.token_hex(32)
        await asyncio.to_thread(prepare, run, key, sandbox.owner)
        try:
            cell = await sandbox.start(work, run, CONNECTION_FILE)
        except OSError as error:
            await asyncio.to_thread(shutil.rmtree, run, ignore_errors=True)
            raise KernelFailed("it did not start") from error
        kernel = cls(cell, run, Wire(loaded, key))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await kernel._ready()
        except (TimeoutError, KernelFailed) as error:
            await kernel.end()
            raise KernelFailed("it did not start") from error
        except BaseException:
            await kernel.end()
            raise
        return kernel

    @property
    def run_folder(self) -> Path:
        """Where its sockets are: it can write there, too."""
        return self._run

    @property
    def pid(self) -> int:
        return self._cell.pid

    @property
    def alive(self) -> bool:
        return not self._died.done()

    async def run(self, code: str, *, timeout_s: float) -> Ran:
        """Run code to its end or its limit. Cancelled, it ends the kernel: nobody knows what the code is doing.

        Raises `KernelFailed` where the kernel was gone before.
        """
        if not self.alive:
            raise KernelFailed("it is gone")
        heard = Heard()
        asked = self._wire.execute(code)
        end: End = "done"
        try:
            async with asyncio.timeout(timeout_s):
                end = await self._until_idle(asked, heard)
        except TimeoutError:
            end = "late"
        except Broken:
            end = "flood"
            await self.end()
        except asyncio.CancelledError:
            await asyncio.shield(self.end())
            raise
        if end in ("late", "flood") and self.alive:
            await self._interrupt(asked, heard)
        if end == "gone":
            await self.end()
            end = self._ended_by or self._died.result()
        return Ran(heard.text, tuple(heard.pictures), end, self.alive, heard.left_out)

    async def end(self, why: End = "gone") -> None:
        """Nothing of the kernel is there afterwards: no process, no socket."""
        if self.alive:
            self._ended_by = why
            await self._cell.end()
            await asyncio.wait([self._died])
        self._wire.close()
        await asyncio.to_thread(shutil.rmtree, self._run, ignore_errors=True)

    async def _ready(self) -> None:
        last = self._run / f"s-{HEARTBEAT}"
        while not await asyncio.to_thread(last.exists):
            if not self.alive:
                raise KernelFailed("it ended at once")
            await asyncio.sleep(0.01)
        self._wire.connect(self._run)
        while (await self._next(Heard()))["msg_type"] != "iopub_welcome":
            pass
        if await self._until_idle(self._wire.greet(), Heard()) == "gone":
            raise KernelFailed("it ended at once")

    async def _interrupt(self, asked: str, heard: Heard) -> None:
        """Stop the code and keep the variables; where it does not stop, end the kernel."""
        self._wire.interrupt()
        heard.size_bytes = heard.chars = 0
        try:
            async with asyncio.timeout(INTERRUPT_TIMEOUT_S):
                settled = await self._until_idle(asked, heard, quietly=True)
        except (TimeoutError, Broken):
            settled = "gone"
        if settled != "done":
            await self.end()

    async def _until_idle(self, asked: str, heard: Heard, *, quietly: bool = False) -> End:
        """Hear what comes of what was asked, until it is done. Raises `Broken` for what no kernel says."""
        hearing = asyncio.create_task(self._hear(asked, heard, quietly))
        replied = asyncio.create_task(self._wire.reply(asked))
        try:
            await asyncio.wait({hearing, replied}, return_when=asyncio.FIRST_COMPLETED)
            if not hearing.done():
                # The reply is there, so the rest is on its way; unless it was too large to be taken, and all else fell
                # with it.
                await asyncio.wait({hearing}, timeout=REST_TIMEOUT_S)
            if not hearing.done():
                raise Broken("the end was not heard")
            return hearing.result()
        finally:
            for task in (hearing, replied):
                task.cancel()
            await asyncio.gather(hearing, replied, return_exceptions=True)

    async def _hear(self, asked: str, heard: Heard, quietly: bool) -> End:
        while True:
            try:
                message = await self._next(heard)
            except KernelFailed:
                return "gone"
            if heard.floods:
                return "flood"
            content = message["content"]
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "status" and content.get("execution_state") == "idle":
                return "done"
            if not quietly:
                take(message["msg_type"], content, heard)

    async def _next(self, heard: Heard) -> dict[str, Any]:
        """The next message. Raises `KernelFailed` once the kernel is gone, and `Broken`."""
        receiving = asyncio.ensure_future(self._wire.receive())
        try:
            await asyncio.wait({receiving, self._died}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            receiving.cancel()
            raise
        if not receiving.done():
            receiving.cancel()
        frames = (await asyncio.gather(receiving, return_exceptions=True))[0]
        if isinstance(frames, BaseException):  # its socket was closed with it
            raise KernelFailed("it is gone") from frames
        heard.size_bytes += sum(map(len, frames))
        return self._wire.read(frames)
