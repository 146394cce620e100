"""Commands that are given while the server runs: it does them itself, over the studio that it has open."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from pydantic import TypeAdapter

from agentfabric.command_line.arguments import parser
from agentfabric.command_line.commands import done
from agentfabric.command_line.frames import LONGEST_LINE, SOCKET, Frame, address_of, receive, send
from agentfabric.command_line.outcome import FOUND_SOMETHING, OUTCOMES, USAGE, Outcome
from agentfabric.service.studio import Studio
from agentfabric.settings import Settings
from user_agent.errors import BadRequest, FabricError

ARGUMENTS = TypeAdapter(list[str])
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def listening(studio: Studio, settings: Settings) -> AsyncGenerator[None, None]:
    """Take commands at the socket of the home; those that are not done at the end are given up.

    Where there can be no such socket, as on Windows, nothing is taken.
    """
    doing = set[asyncio.Task[None]]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_Asked(reader, writer).serve(studio, settings))
        doing.add(task)
        await asyncio.wait({task})
        doing.discard(task)
        writer.close()

    try:
        bound = await asyncio.to_thread(_bound, settings.home)
    except OSError as error:
        log.warning("commands_not_taken", home=str(settings.home), reason=error.strerror)
        yield
        return
    server = await asyncio.start_unix_server(take, sock=bound, limit=LONGEST_LINE)
    try:
        yield
    finally:
        server.close()
        for task in doing:
            task.cancel()
        if doing:
            await asyncio.wait(doing)
        (settings.home / SOCKET).unlink(missing_ok=True)


def _bound(home: Path) -> socket.socket:
    """A socket that its owner alone may write to, from its first moment. Raises `OSError`."""
    if not hasattr(socket, "AF_UNIX"):
        raise OSError(0, "this system has no such sockets")
    (home / SOCKET).unlink(missing_ok=True)  # of a server that was killed: this one holds the lock
    bound, before = socket.socket(socket.AF_UNIX), os.umask(0o177)
    try:
        with address_of(home) as address:
            bound.bind(address)
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(before)
    return bound


@dataclass(slots=True)
class _Asked:
    """One command, and the terminal at which it was given."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _answers: asyncio.Queue[Frame] = field(default_factory=asyncio.Queue[Frame])

    async def serve(self, studio: Studio, settings: Settings) -> None:
        """Do the command. When its terminal is gone, it is given up."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            frame = await receive(self.reader)
            if frame is None or frame.kind != "run":
                return
            work = asyncio.create_task(self._done(ARGUMENTS.validate_json(frame.data), studio, settings))
            gone = asyncio.create_task(self._hear())
            try:
                await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    await send(self.writer, Frame("done", data=OUTCOMES.dump_json(await work)))
            finally:
                for task in (work, gone):
                    task.cancel()
                await asyncio.wait({work, gone})

    async def _done(self, arguments: list[str], studio: Studio, settings: Settings) -> Outcome:
        try:
            given = parser().parse_args(arguments)
        except SystemExit:
            return Outcome.failed(BadRequest("The server that is running is of another version. Restart it."), USAGE)
        try:
            return await done(studio, settings, given, self)
        except Exception as error:  # a defect ends this command, and is told like one on the page
            incident = secrets.token_hex(4)
            log.exception("command_failed", incident=incident, exc_info=error)
            message = f"Something went wrong in the server. Its log tells more, at incident {incident}."
            return Outcome.failed(FabricError(message), FOUND_SOMETHING)

    async def _hear(self) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ValueError):
            while (frame := await receive(self.reader)) is not None:
                self._answers.put_nowait(frame)

    async def say(self, text: str) -> None:
        await send(self.writer, Frame("say", text))

    async def complain(self, text: str) -> None:
        await send(self.writer, Frame("complain", text))

    async def is_file(self, name: str) -> bool:
        return (await self._answer(Frame("is_file", name))).kind == "yes"

    async def read(self, name: str, most: int) -> bytes:
        return (await self._answer(Frame("read", name, most))).data

    async def write(self, name: str, data: bytes) -> None:
        await self._answer(Frame("write", name, data=data))

    async def variable(self, name: str) -> str | None:
        answer = await self._answer(Frame("variable", name))
        return answer.data.decode(errors="surrogateescape") if answer.kind == "yes" else None

    async def _answer(self, question: Frame) -> Frame:
        """Raises `OSError` where the terminal says that it cannot."""
        await send(self.writer, question)
        answer = await self._answers.get()
        if answer.kind == "failed":
            raise OSError(0, answer.text)
        return answer
