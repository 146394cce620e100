"""How long an endpoint is waited for."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

from user_agent.alarm import Alarm
from user_agent.models.entry import ModelEntry

SETTLE_S = 2.0
"""How long the token count is waited for once the answer is whole."""

Result = TypeVar("Result")


class TooSlow(Exception):
    """Nothing came for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Nothing came for {seconds:g} s.")
        self.seconds = seconds


class Patience:
    """How long a reader waits: for the first piece in all, then for each further one. Only waiting counts, so a slow
    consumer costs nothing, and neither a heartbeat nor a count of tokens wins time. Use it as a context."""

    def __init__(self, *, first_s: float, then_s: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._alarm = Alarm()
        self._then_s = then_s
        self._granted_s = first_s
        self._left_s = first_s

    @classmethod
    def of(cls, entry: ModelEntry) -> Self:
        """As an entry says."""
        first_s = entry.first_token_timeout_s if entry.support_stream else entry.answer_timeout_s
        return cls(first_s=first_s, then_s=entry.silence_timeout_s)

    def __enter__(self) -> Self:
        self._alarm.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alarm.__exit__(kind, error, trace)

    async def wait(self, arriving: Awaitable[Result]) -> Result:
        """What arrives. Raises `TooSlow` when patience has run out."""
        began = self._clock()
        try:
            return await self._alarm.wait(arriving, began + self._left_s)
        except TimeoutError as error:
            if self._alarm.rang:
                raise TooSlow(self._granted_s) from error
            raise
        finally:
            self._left_s -= self._clock() - began

    def renew(self) -> None:
        """Something of the answer came."""
        self._granted_s = self._left_s = self._then_s

    def settle(self) -> None:
        """The answer is whole: only a little more is worth waiting for."""
        self._granted_s = self._left_s = min(SETTLE_S, self._then_s)
