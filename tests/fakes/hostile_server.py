"""A web server on this machine that answers as nobody should: byte by byte, endlessly, with bombs, with redirects."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

Answerer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class HostileServer:
    """Answers each path by what `answers` holds for it: bytes, or a function that writes them."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | Answerer] = {}
        self.fallback: bytes | Answerer = b"HTTP/1.1 404 Nothing\r\nContent-Length: 0\r\n\r\n"
        self.asked: list[Asked] = []
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server
        return self._server.sockets[0].getsockname()[1]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [asked.target for asked in self.asked]

    def redirects(self, path: str, to: str, status: int = 302) -> None:
        self.answers[path] = b"HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (
            status,
            to.encode(),
        )

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.asked.append(Asked(method, target, headers, body))
            answer = self.answers.get(target, self.fallback)
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has seen enough
        finally:
            writer.close()
            self._talks.discard(task)


def page(body: bytes, *, media_type: str = "text/plain", headers: str = "") -> bytes:
    """A whole well-behaved answer."""
    about_it = f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\n" + about_it.encode() + body


def gzip_bomb(unpacked_bytes: int) -> bytes:
    """An answer of zeros, a thousand times larger once it is unpacked."""
    return page(gzip.compress(bytes(unpacked_bytes), 9), headers="Content-Encoding: gzip\r\n")


async def drip(writer: asyncio.StreamWriter) -> None:
    """A body of which one byte comes now and then, and no end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    await _forever(writer, b"x", every_s=0.02)


async def endless_header_lines(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _forever(writer, b"X-Line: and one more\r\n" * 50)


async def one_endless_header(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Line: ")
    await _forever(writer, b"x" * 10_000)


async def endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await _forever(writer, b"2710\r\n" + bytes(10_000) + b"\r\n")


async def endless_preliminaries(writer: asyncio.StreamWriter) -> None:
    await _forever(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _forever(writer: asyncio.StreamWriter, piece: bytes, every_s: float = 0.0) -> None:
    while True:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(every_s)
