"""Turns: runs that outlive the request that began them.

A turn has an id and numbered events. Doors subscribe, leave, and come back with the number of the last event they saw.
"""

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from user_agent.alarm import Alarm
from user_agent.errors import FabricError, Interrupted, NotFound, StorageFailed
from user_agent.events import EventBase, ReasoningDelta, RunFailed, RunFinished, TextDelta, Usage
from user_agent.transcript import Transcript

TurnState = Literal["finished", "input_needed", "failed", "stopped", "interrupted"]
KEPT_AFTER_END_S = 300.0
MAX_KEPT = 300
"""How many turns are kept after their end at the most: those that ended first go first."""
STORING_S = 10.0
"""After so long readers are told that the ending could not be stored. It is tried on."""
FEW = 16
"""While no more turns than that run, each is asked for its next words at once."""
PACE_S, MAX_PACE_S = 0.0006, 0.25
"""Else so much later for each turn that runs: what a model said meanwhile is read, stored and sent in one piece, which
costs as much as a word does."""
SILENCE_S = 15.0
"""After so long a reader is told that there is nothing, so that it can show that it is alive."""
INTERRUPTED = RunFailed(
    code=Interrupted.code, message="The server was restarted in the middle of this answer. Ask again."
)
"""The last event of a turn whose process ended before it did."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class TurnStarted(EventBase):
    """The first event of every turn."""

    type: str = "turn_started"
    turn: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event with its number in the turn, counted from 1."""

    seq: int
    event: EventBase


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn ended. `last` is its final event, already numbered `seq`."""

    state: TurnState
    last: RunFinished | RunFailed
    seq: int


Finish = Callable[[list[EventBase], Ending], Awaitable[None]]
"""Stores a turn's events and ending, before the final event is shown to anybody. Called again where it raises
`StorageFailed`: the conversation is free only once the ending is stored."""


@dataclass(eq=False, slots=True)
class _Turn:
    events: list[EventBase] = field(default_factory=list[EventBase])
    waiting: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])
    task: asyncio.Task[None] | None = None
    stopping: bool = False
    ending: bool = False
    """Whether nothing more can be stopped: the last event is known and being stored."""
    ended_at: float = 0.0

    def publish(self, event: EventBase) -> None:
        self.events.append(event)
        self.wake()

    def wake(self) -> None:
        """Let all who wait look again."""
        waiting, self.waiting = self.waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


class Turns:
    """The turns of this process."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}
        self._running = 0
        self._kept: deque[str] = deque()
        """Turns that ended, in that order."""

    def start(self, turn_id: str, first: EventBase, events: AsyncGenerator[EventBase, None], finish: Finish) -> None:
        """Run `events` to their end in the background, whoever listens."""
        self._forget_old()
        turn = _Turn()
        turn.events.append(first)
        turn.task = asyncio.create_task(self._run(turn, events, finish), name=f"turn {turn_id}")
        self._turns[turn_id] = turn
        self._running += 1
        turn.task.add_done_callback(lambda _: self._ended(turn_id))

    def knows(self, turn_id: str) -> bool:
        return turn_id in self._turns

    async def subscribe(
        self, turn_id: str, after: int = 0, *, silence_s: float = SILENCE_S
    ) -> AsyncGenerator[list[Envelope], None]:
        """The events after number `after`, in batches: all that have come since the last batch was taken.

        A batch is empty where nothing came for `silence_s`. Ends with the turn. Leaving early does not stop it. Raises
        `NotFound` for a turn this process does not hold.
        """
        turn = self._turns.get(turn_id)
        if turn is None:
            raise NotFound(f"There is no turn {turn_id!r} here.")
        loop = asyncio.get_running_loop()
        position = min(max(0, after), len(turn.events))
        with Alarm() as alarm:
            while True:
                ended = bool(turn.ended_at)
                batch = [Envelope(seq, event) for seq, event in enumerate(turn.events[position:], start=position + 1)]
                position += len(batch)
                if batch:
                    yield batch
                if ended:
                    return
                if position == len(turn.events) and not turn.ended_at:
                    waiter: asyncio.Future[None] = loop.create_future()
                    turn.waiting.append(waiter)
                    try:
                        await alarm.wait(waiter, loop.time() + silence_s)
                    except TimeoutError:
                        yield []

    async def stop(self, turn_id: str) -> None:
        """End a turn, its model and its tools; returns when the ending is stored, or cannot be for a while. Nothing
        happens if it has ended."""
        turn = self._turns.get(turn_id)
        if turn is None or turn.task is None or turn.task.done():
            return
        if not turn.stopping and not turn.ending:
            turn.stopping = True
            turn.task.cancel()
        await asyncio.wait([turn.task], timeout=STORING_S)

    async def close(self) -> None:
        """End every turn of this process as interrupted, and store that."""
        tasks: list[asyncio.Task[None]] = []
        for turn in self._turns.values():
            if turn.task is not None and not turn.task.done():
                tasks.append(turn.task)
                if not turn.ending:
                    turn.task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)

    def _ended(self, turn_id: str) -> None:
        self._running -= 1
        self._kept.append(turn_id)

    async def _run(self, turn: _Turn, events: AsyncGenerator[EventBase, None], finish: Finish) -> None:
        state: TurnState = "failed"
        last: RunFinished | RunFailed | None = None
        try:
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, RunFinished):
                        state, last = "input_needed" if event.stop == "input_needed" else "finished", event
                    else:
                        turn.publish(event)
                        if self._running > FEW and isinstance(event, TextDelta | ReasoningDelta):
                            await asyncio.sleep(min(self._running * PACE_S, MAX_PACE_S))
            last = last or _failure(RuntimeError("the run ended without RunFinished"))
        except asyncio.CancelledError:
            if turn.stopping:
                state, last = "stopped", RunFinished(text=_text(turn), usage=Usage(), stop="stopped")
            else:
                state, last = "interrupted", INTERRUPTED
        except FabricError as error:
            last = RunFailed(code=error.code, message=error.message, params=error.params)
        except Exception as error:
            # The other place that catches everything: whatever happens, the person is told and the turn has an end.
            last = _failure(error)
        turn.ending = True
        seq = len(turn.events) + 1
        storing = asyncio.create_task(_store(turn, finish, Ending(state, last, seq)))
        told: RunFinished | RunFailed = RunFailed(
            code=StorageFailed.code, message="The answer could not be stored yet. It is tried on."
        )
        try:
            async with asyncio.timeout(STORING_S):
                told = await asyncio.shield(storing)
        except TimeoutError:
            pass
        finally:
            turn.events.append(told)
            turn.ended_at = time.monotonic()
            turn.wake()
        await storing

    def _forget_old(self) -> None:
        limit = time.monotonic() - KEPT_AFTER_END_S
        while self._kept and (len(self._kept) > MAX_KEPT or self._turns[self._kept[0]].ended_at < limit):
            del self._turns[self._kept.popleft()]


async def _store(turn: _Turn, finish: Finish, ending: Ending) -> RunFinished | RunFailed:
    """Store an ending, again and again while the store is out of order; gives what the last event is then."""
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(StorageFailed), wait=wait_exponential(0.2, max=15), reraise=True
        ):
            with attempt:
                await finish(turn.events[: ending.seq - 1], ending)
        return ending.last
    except Exception as error:
        last = _failure(error)
        # Without what was said, which may be what cannot be stored: the conversation must not stay busy.
        with contextlib.suppress(Exception):
            await finish([], Ending("failed", last, ending.seq))
        return last


def _failure(error: Exception) -> RunFailed:
    incident = secrets.token_hex(4)
    with contextlib.suppress(Exception):
        log.error("turn_failed", incident=incident, exc_info=error)
    return RunFailed(
        code="internal",
        message=f"Something went wrong here. The log has it under incident {incident}.",
        params={"incident": incident},
        incident=incident,
    )


def _text(turn: _Turn) -> str:
    transcript = Transcript()
    for event in turn.events:
        transcript.add(event)
    return transcript.text
