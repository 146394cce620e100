"""A model that is asked again: when, how often, how long, and what the person sees of it."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.asking import asking, text_of
from tests.loop import agent_of
from user_agent.errors import (
    AuthFailed,
    Blocked,
    BrokenStream,
    ContextTooLong,
    ModelError,
    ModelRequestRefused,
    ModelTimeout,
    NoKey,
    NoQuota,
    RateLimited,
    Unavailable,
)
from user_agent.events import ModelWaiting, RunFinished, TextDelta
from user_agent.messages import user_message
from user_agent.models.base import Chunk, Waiting
from user_agent.models.retry import Persistence, Retrying
from user_agent.models.scripted import Reply, ScriptedModel

QUICK = Persistence(first_wait_s=0.01)
DOWN = Unavailable("It is down. Try again.")
BUSY = RateLimited("Too many. Wait.")


async def asked(replies: Sequence[Reply], persistence: Persistence = QUICK) -> tuple[list[Chunk], ModelError | None]:
    """What a retried model says to one question, and how it fails; the script must be played to its end."""
    script, chunks = ScriptedModel(replies), list[Chunk]()
    failure: ModelError | None = None
    try:
        async for chunk in Retrying(script, persistence).stream(asking()):
            chunks.append(chunk)
    except ModelError as error:
        failure = error
    script.assert_complete()
    return chunks, failure


@pytest.mark.parametrize("first", [DOWN, BUSY], ids=["down", "busy"])
async def test_failure_that_passes_is_waited_out_and_told(first: ModelError) -> None:
    chunks, failure = await asked([first, "Here I am."])
    assert failure is None
    assert [chunk.waiting.code for chunk in chunks if chunk.waiting] == [first.code]
    assert text_of(chunks) == "Here I am."


@pytest.mark.parametrize(
    "kind", [NoKey, AuthFailed, NoQuota, ContextTooLong, Blocked, ModelRequestRefused, ModelTimeout]
)
async def test_failure_that_does_not_pass_is_told_at_once(kind: type[ModelError]) -> None:
    chunks, failure = await asked([kind("No.")])
    assert chunks == []
    assert type(failure) is kind


async def test_broken_connection_before_the_first_word_is_asked_again() -> None:
    broken = BrokenStream("It broke off.")
    broken.may_pass = True
    assert text_of((await asked([broken, "fine"]))[0]) == "fine"


async def test_nothing_is_asked_again_after_the_first_word() -> None:
    chunks, failure = await asked([[Chunk(text="Well"), DOWN]])
    assert text_of(chunks) == "Well"
    assert failure is DOWN


async def test_it_gives_up_after_a_few_times_with_the_last_failure() -> None:
    last = Unavailable("Still down.")
    chunks, failure = await asked([DOWN, DOWN, DOWN, last])
    assert failure is last
    waits = [chunk.waiting.seconds for chunk in chunks if chunk.waiting]
    assert len(waits) == 3
    assert waits == sorted(waits), "each wait is longer than the one before"


async def test_endpoint_that_names_a_time_is_left_alone_for_so_long() -> None:
    busy = RateLimited("Too many.", retry_after_s=0.05)
    chunks, _ = await asked([busy, "fine"])
    assert chunks[0] == Chunk(waiting=Waiting(seconds=0.05, code=busy.code))


@pytest.mark.parametrize("total_s", [30, 0])
async def test_wait_beyond_all_patience_is_not_begun(total_s: float) -> None:
    busy = RateLimited("Too many.", retry_after_s=60)
    chunks, failure = await asked([busy], Persistence(total_s=total_s))
    assert chunks == []
    assert failure is busy


async def test_stop_ends_a_wait_at_once() -> None:
    script, waiting = ScriptedModel([DOWN]), asyncio.Event()

    async def read() -> None:
        async for _ in Retrying(script, Persistence(first_wait_s=20)).stream(asking()):
            waiting.set()

    reading = asyncio.create_task(read())
    async with asyncio.timeout(5):
        await waiting.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    script.assert_complete()


async def test_person_sees_the_wait_and_then_the_answer() -> None:
    agent = agent_of(Retrying(ScriptedModel([BUSY, "Hello."]), QUICK))
    events = [event async for event in agent.run([user_message("Hi")])]
    assert [type(event) for event in events] == [ModelWaiting, TextDelta, RunFinished]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].text == "Hello."
