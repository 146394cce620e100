"""The calls that are open at one server, and which of them it asks a question for."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TypeVar

from user_agent.deadline import Deadline
from user_agent.questions import PUT_AWAY, Question, Reply

MAX_QUESTIONS = 5
"""How often a server may ask during one call; what it asks after that is put away unseen."""

Asking = Callable[[Question], Awaitable[Reply]]


class _OpenCall:
    def __init__(self, ask: Asking, deadline: Deadline) -> None:
        self._ask = ask
        self._deadline = deadline
        self._asked = 0
        self._asking: set[asyncio.Task[Reply]] = set()

    async def answered(self, question: Question) -> Reply:
        """What the person does with it; put away where the call ends before."""
        if self._asked >= MAX_QUESTIONS:
            return PUT_AWAY
        self._asked += 1

        async def asked() -> Reply:
            return await self._ask(question)

        asking = asyncio.create_task(asked())
        self._asking.add(asking)
        try:
            with self._deadline.stopped():
                await asyncio.wait((asking,))
            return PUT_AWAY if asking.cancelled() else asking.result()
        finally:
            asking.cancel()
            self._asking.discard(asking)

    async def close(self) -> None:
        asking = tuple(self._asking)
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


_Answer = TypeVar("_Answer")
_CALL: ContextVar[_OpenCall | None] = ContextVar("mcp_call", default=None)


class OpenCalls:
    """What a server's questions are told apart by. Over HTTP the SDK runs what came on the stream of a call's answer in
    that call's context; elsewhere a question is taken to be for the only call that is open."""

    def __init__(self) -> None:
        self._open: list[_OpenCall] = []

    async def in_time(self, call: Callable[[], Awaitable[_Answer]], ask: Asking, seconds: float) -> _Answer:
        """The answer to a call, whose questions go to `ask`; how long a person thinks about one does not count.

        Raises the SDK's `MCPError`.
        """
        from mcp.shared.exceptions import MCPError
        from mcp_types import REQUEST_TIMEOUT

        try:
            async with Deadline(seconds) as deadline, self._during(ask, deadline):
                return await call()
        except TimeoutError as error:
            raise MCPError(code=REQUEST_TIMEOUT, message=f"it did not answer within {seconds:g} seconds") from error

    @asynccontextmanager
    async def _during(self, ask: Asking, deadline: Deadline) -> AsyncGenerator[None]:
        call = _OpenCall(ask, deadline)
        self._open.append(call)
        token = _CALL.set(call)
        try:
            yield
        finally:
            _CALL.reset(token)
            self._open.remove(call)
            await call.close()

    async def answered(self, question: Question) -> Reply:
        """What the person does with a question; put away where nobody knows for which call it is."""
        call = _CALL.get()
        if call not in self._open:
            call = self._open[0] if len(self._open) == 1 else None
        return await call.answered(question) if call else PUT_AWAY
