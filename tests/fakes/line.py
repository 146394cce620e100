"""A network between a browser and a server that can be cut and mended."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

MESSAGE = re.compile(rb"POST /api/agents/\S+/(?:builder|messages) ")


class Line:
    """Passes bytes on to a server. While it is cut, nobody listens, and what was open is torn."""

    def __init__(self, server_url: str) -> None:
        self._target = urlsplit(server_url)
        self._port = 0
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.loses_answers = False
        """Whether answers to messages are lost: the server takes the message, and the line tears when it answers."""

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def mend(self) -> None:
        """Listen, at the address that was listened at before."""
        self._listener = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Tear what is open, and take nothing more."""
        if self._listener is not None:
            self._listener.close()
        for writer in self._open:
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
            self._open |= {writer, far_writer}
            lost = asyncio.Event()
            await asyncio.gather(self._ask(reader, far_writer, lost), self._answer(far_reader, writer, lost))
            self._open -= {writer, far_writer}

    async def _ask(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, lost: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.loses_answers and MESSAGE.match(data):
                    lost.set()
                far.write(data)
                await far.drain()
        far.close()

    async def _answer(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await far.read(65_536):
                if lost.is_set():
                    writer.transport.abort()
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def line(server_url: str) -> AsyncGenerator[Line]:
    """A line that is whole, to the server at that URL."""
    made = Line(server_url)
    await made.mend()
    try:
        yield made
    finally:
        await made.cut()
