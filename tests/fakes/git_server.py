"""A Git server over real HTTP: `git http-backend`, as any host runs it, behind a token."""

import asyncio
import base64
import os
import zlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

TOKEN = "ghp-the-token-that-may-write"


class GitServer:
    """Serves the bare repositories below a folder. `asked` are the authorizations that came, `paths` what was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.paths: list[str] = []
        self.refuses_writes = False
        self.status = 0
        """What every request is answered with, where it is not 0."""
        self.breaks = False
        """Whether the connection of what is pushed breaks."""
        self.never_ends = False
        """Whether what is fetched is one file without end."""
        self.held = ""
        """What is in the address of requests that wait for `go`; `waits` is set once one does."""
        self.waits, self.go = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        self.base_url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def repository(self, name: str) -> str:
        """The address of a new, empty repository."""
        await self.git("init", "--quiet", "--bare", "-b", "main", name)
        await self.git("-C", name, "config", "http.receivepack", "true")
        return f"{self.base_url}/{name}"

    async def git(self, *arguments: str) -> str:
        """What git says on the server's own disk."""
        process = await asyncio.create_subprocess_exec(
            "git", *arguments, cwd=self.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path_qs)
        given = request.headers.get("authorization", "")
        self.asked.append(given)
        user, _, token = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")
        if token != TOKEN:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        if self.held and self.held in request.path_qs and request.method == "POST":
            self.waits.set()
            await self.go.wait()
        if self.status:
            return web.Response(status=self.status)
        if self.breaks and request.path.endswith("git-receive-pack") and request.method == "POST":
            assert request.transport
            request.transport.abort()
        if self.refuses_writes and request.path.endswith("git-receive-pack") and request.method == "POST":
            return web.Response(status=500)
        if self.never_ends and b"command=fetch" in await request.read():
            return await _without_end(request)
        return await self._backend(request, user)

    async def _backend(self, request: web.Request, user: str) -> web.Response:
        body = await request.read()
        environment = {
            "PATH": os.defpath,
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": user or "somebody",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        answer, _ = await process.communicate(body)
        head, _, content = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        return web.Response(status=status, body=content, headers=headers)


async def _without_end(request: web.Request) -> web.StreamResponse:
    """A pack of one file that is said to have a terabyte, and has whatever is read of it."""
    response = web.StreamResponse(headers={"Content-Type": "application/x-git-upload-pack-result"})
    await response.prepare(request)
    await response.write(_line(b"packfile\n"))
    size, header = 10**12 >> 4, bytearray((0xB0 | 10**12 & 15,))
    while size:
        header.append(size & 127 | (128 if size >> 7 else 0))
        size >>= 7
    packing = zlib.compressobj(0)
    await response.write(_line(b"\1PACK\0\0\0\2\0\0\0\1" + header))
    with suppress(ConnectionError):
        while True:
            packed = packing.compress(bytes(100_000))
            for start in range(0, len(packed), 60_000):
                await response.write(_line(b"\1" + packed[start : start + 60_000]))
    return response


def _line(data: bytes) -> bytes:
    return b"%04x" % (len(data) + 4) + data
