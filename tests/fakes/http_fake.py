"""A fake server on real HTTP, from its start to its end."""

from types import TracebackType
from typing import Self

from aiohttp import web

HOST = "127.0.0.1"


class HttpFake:
    """Serves what `application` makes while it is open: `async with`, at a free port unless one was wished for."""

    origin = ""
    """Its scheme, host and port, once it is open."""
    port = 0
    """The port to serve at; 0 for any, until it is open."""
    host = HOST
    hears_leaving = False
    """Whether the handling of a request is cancelled when whoever asked has gone."""
    _runner: web.AppRunner | None = None

    def application(self) -> web.Application:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self.application(), access_log=None, handler_cancellation=self.hears_leaving, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        host, self.port = self._runner.addresses[0][:2]
        self.origin = f"http://{host}:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """The server is gone, as one that crashed."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
