"""A model that is asked again where that can help: before its first word, after failures that pass, not for long."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from user_agent.errors import ModelError
from user_agent.models.base import ChatModel, Chunk, ModelFacts, ModelRequest, Waiting

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long a model is asked again."""

    attempts: int = 4
    total_s: float = 30.0
    """From the first question on. What an endpoint wants to be left alone for longer than that is told at once."""
    first_wait_s: float = 1.0
    """Doubled after each further failure, where the endpoint names no time itself."""


class Retrying:
    """A model that is asked again after a failure that `may_pass`. A chunk tells of each wait; its reader may leave.

    A wrong key, an empty account, a text that is too long or refused: those are told at once.
    """

    def __init__(self, model: ChatModel, persistence: Persistence | None = None) -> None:
        self._model = model
        self._persistence = persistence or Persistence()

    @property
    def facts(self) -> ModelFacts:
        return self._model.facts

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The reply as the model gives it. Raises the `ModelError` of the last attempt."""
        pause = _Pause()
        async for attempt in self._attempts(pause):
            if pause.waiting:
                yield Chunk(waiting=pause.waiting)
                await asyncio.sleep(pause.waiting.seconds)
            begun = False
            try:
                async with aclosing(self._model.stream(request)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                return
            except ModelError:
                if begun:
                    raise
                with attempt:
                    raise

    def _attempts(self, pause: "_Pause") -> AsyncRetrying:
        # The wait itself is `stream`'s, which tells of it first.
        return _attempts(self._persistence, before_sleep=pause.note, sleep=_at_once)


async def asked_again(ask: Callable[[], Awaitable[Answer]], persistence: Persistence) -> Answer:
    """What `ask` returns, asked again after a failure that `may_pass`. Raises the `ModelError` of the last attempt."""
    async for attempt in _attempts(persistence):
        with attempt:
            return await ask()
    raise AssertionError("the last attempt returns or raises")


def _attempts(limits: Persistence, **more: Any) -> AsyncRetrying:
    # Not all at the same moment: an endpoint that failed for many would be asked by all of them again.
    own_wait_s = wait_exponential_jitter(multiplier=limits.first_wait_s, jitter=limits.first_wait_s / 4)

    def wait_s(state: RetryCallState) -> float:
        asked = _failure(state).params.get("retry_after_s")
        own = own_wait_s(state)
        return max(own, float(asked)) if isinstance(asked, int | float) else own

    return AsyncRetrying(
        retry=retry_if_exception(_may_pass),
        wait=wait_s,
        stop=stop_after_attempt(limits.attempts) | stop_before_delay(limits.total_s),
        reraise=True,
        **more,
    )


class _Pause:
    """The wait that is due before the next attempt, if any."""

    def __init__(self) -> None:
        self.waiting: Waiting | None = None

    def note(self, state: RetryCallState) -> None:
        self.waiting = Waiting(seconds=state.upcoming_sleep, code=_failure(state).code)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, ModelError) and error.may_pass


def _failure(state: RetryCallState) -> ModelError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, ModelError) else ModelError("The model did not answer.")


async def _at_once(seconds: float) -> None:
    """No wait."""
