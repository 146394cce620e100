"""Turns without a server: what listeners see, whatever the run or the storing of its end does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from user_agent.errors import StorageFailed
from user_agent.events import EventBase, RunFinished, TextDelta, Usage
from user_agent.serve.sse import BEAT, frames
from user_agent.serve.turns import Ending, Turns


async def run_of(*texts: str, until: asyncio.Event | None = None) -> AsyncGenerator[EventBase, None]:
    for text in texts:
        yield TextDelta(text=text)
    if until is not None:
        await until.wait()
    yield RunFinished(text="".join(texts), usage=Usage(), stop="answered")


class Store:
    """Keeps how turns ended; fails as often as it is told to, with that error."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.endings: list[tuple[int, Ending]] = []
        self.kept = asyncio.Event()
        self._failures = failures
        self._error = error or OSError("No space left on device")

    async def finish(self, events: list[EventBase], ending: Ending) -> None:
        if self._failures:
            self._failures -= 1
            raise self._error
        self.endings.append((len(events), ending))
        self.kept.set()


async def test_a_long_silence_is_filled_with_comments_until_the_next_event() -> None:
    turns, go_on = Turns(), asyncio.Event()
    turns.start("t", TextDelta(text="first"), run_of("second", until=go_on), Store().finish)
    seen: list[bytes] = []
    async with aclosing(frames(turns.subscribe("t", silence_s=0.01))) as pieces:
        async for piece in pieces:
            seen.append(piece)
            if seen.count(BEAT) == 2:
                go_on.set()
    assert BEAT == b": beat\n\n"
    assert seen[-1].startswith(b"id: 3\nevent: run_finished\ndata: {")
    written = b"".join(piece for piece in seen if piece != BEAT)
    assert written.count(b"\n\n") == written.count(b"id: ") == 3


async def test_an_end_that_cannot_be_stored_is_told_and_stored_without_what_was_said() -> None:
    turns, store = Turns(), Store(failures=1)
    turns.start("t", TextDelta(text="first"), run_of("second"), store.finish)
    events = [item.event async for batch in turns.subscribe("t") for item in batch]
    assert [getattr(event, "code", "") for event in events] == ["", "", "internal"]
    [(kept, ending)] = store.endings
    assert (kept, ending.state, ending.last) == (0, "failed", events[-1])


async def test_an_end_is_stored_once_the_store_works_again() -> None:
    turns, store = Turns(), Store(2, StorageFailed("The database is locked."))
    turns.start("t", TextDelta(text="first"), run_of("second"), store.finish)
    events = [item.event async for batch in turns.subscribe("t") for item in batch]
    assert isinstance(events[-1], RunFinished)
    assert [(kept, ending.state, ending.last) for kept, ending in store.endings] == [(2, "finished", events[-1])]


async def test_an_end_that_takes_long_to_store_is_told_and_stored_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("user_agent.serve.turns.STORING_S", 0.02)
    turns, store = Turns(), Store(1, StorageFailed("The database is locked."))
    turns.start("t", TextDelta(text="first"), run_of("second"), store.finish)
    events = [item.event async for batch in turns.subscribe("t") for item in batch]
    assert getattr(events[-1], "code", "") == "storage_failed"
    await turns.stop("t")  # ends nothing, and does not wait for ever
    await store.kept.wait()
    assert [(kept, ending.state) for kept, ending in store.endings] == [(2, "finished")]


async def test_a_listener_that_comes_late_or_from_beyond_the_end_ends_with_the_turn() -> None:
    turns, go_on = Turns(), asyncio.Event()
    turns.start("t", TextDelta(text="first"), run_of("second", until=go_on), Store().finish)

    async def numbers(after: int) -> list[int]:
        return [item.seq async for batch in turns.subscribe("t", after) for item in batch]

    listening = [asyncio.create_task(numbers(after)) for after in (-5, 0, 1, 2, 3, 10**30)]
    await asyncio.sleep(0)  # the run and every listener get their first step, in this order
    go_on.set()
    heard = await asyncio.gather(*listening)
    assert heard[:3] == [[1, 2, 3], [1, 2, 3], [2, 3]]
    assert all(each[-1] == 3 for each in heard)
    assert [await numbers(after) for after in (0, 2, 3, 10**30)] == [[1, 2, 3], [3], [], []]


async def test_of_the_turns_that_ended_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("user_agent.serve.turns.MAX_KEPT", 2)
    turns, go_on = Turns(), asyncio.Event()
    turns.start("running", TextDelta(text="first"), run_of("second", until=go_on), Store().finish)
    for name in ("a", "b", "c", "d"):
        turns.start(name, TextDelta(text="first"), run_of("second"), Store().finish)
        assert [batch async for batch in turns.subscribe(name)]
        await turns.stop(name)  # which waits until it is stored
        await asyncio.sleep(0)
    turns.start("next", TextDelta(text="first"), run_of("second"), Store().finish)
    assert [name for name in ("running", "a", "b", "c", "d", "next") if turns.knows(name)] == [
        "running",
        "c",
        "d",
        "next",
    ]
    await turns.close()
