"""Has the server that is running on a home do a command."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agentfabric.command_line.frames import LONGEST_LINE, Frame, address_of, receive, send
from agentfabric.command_line.outcome import FOUND_SOMETHING, OUTCOMES, USAGE, Outcome
from agentfabric.command_line.terminal import Terminal
from user_agent.errors import BadRequest, FabricError
from user_agent.storable import is_clean

ENDED = "The server ended before the command was done. Look what came of it, and give it again."
NO_TEXT = "An argument is no text in UTF-8, which the running server reads. Rename the file, or stop the server first."


async def asked(home: Path, arguments: Sequence[str], terminal: Terminal) -> Outcome | None:
    """What came of the command; None where no server listens."""
    try:
        with address_of(home) as address:
            reader, writer = await asyncio.open_unix_connection(address, limit=LONGEST_LINE)
    except (OSError, AttributeError):  # AttributeError: a system without such sockets
        return None
    try:
        if not all(map(is_clean, arguments)):
            return Outcome.failed(BadRequest(NO_TEXT), USAGE)
        await send(writer, Frame("run", data=json.dumps(list(arguments)).encode()))
        while (frame := await receive(reader)) is not None:
            if frame.kind == "done":
                return OUTCOMES.validate_json(frame.data)
            await _obey(frame, terminal, writer)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return Outcome.failed(FabricError(ENDED), FOUND_SOMETHING)


async def _obey(frame: Frame, terminal: Terminal, writer: asyncio.StreamWriter) -> None:
    match frame.kind:
        case "say":
            return await terminal.say(frame.text)
        case "complain":
            return await terminal.complain(frame.text)
        case _:
            pass
    try:
        answer = await _given(frame, terminal)
    except OSError as error:
        await send(writer, Frame("failed", error.strerror or type(error).__name__))
    else:
        await send(writer, Frame("no" if answer is None else "yes", data=answer or b""))


async def _given(frame: Frame, terminal: Terminal) -> bytes | None:
    """None is a no. Raises `OSError`, for what no server of this version asks, too."""
    match frame.kind:
        case "is_file":
            return b"" if await terminal.is_file(frame.text) else None
        case "read":
            return await terminal.read(frame.text, frame.number)
        case "write":
            await terminal.write(frame.text, frame.data)
            return b""
        case "variable":
            value = await terminal.variable(frame.text)
            return None if value is None else value.encode(errors="surrogateescape")
        case _:
            raise OSError(0, f"the server asks for {frame.kind!r}")
