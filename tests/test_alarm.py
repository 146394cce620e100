"""A limit on waits: it ends the wait that takes too long and nothing else."""

import asyncio
import gc
import weakref

import pytest

from user_agent.alarm import Alarm


def in_s(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def at_once() -> str:
    return "here"


async def test_a_wait_ends_when_it_is_due_and_the_task_goes_on() -> None:
    with Alarm() as alarm:
        with pytest.raises(TimeoutError):
            await alarm.wait(asyncio.Event().wait(), in_s(0.01))
        assert alarm.rang
        assert await alarm.wait(asyncio.sleep(0, "next"), in_s(60)) == "next"
        assert not alarm.rang
    task = asyncio.current_task()
    assert task is not None and not task.cancelling()


async def test_a_later_wait_has_its_own_due_time_whatever_earlier_ones_had() -> None:
    with Alarm() as alarm:
        for seconds in (60, 0.01, 60):
            assert await alarm.wait(at_once(), in_s(seconds)) == "here"
        # The timer of the second wait goes off in this one, and only sets itself anew.
        assert await alarm.wait(asyncio.sleep(0.03, "slept"), in_s(60)) == "slept"
        with pytest.raises(TimeoutError):
            await alarm.wait(asyncio.Event().wait(), in_s(0.01))


async def test_a_wait_that_somebody_cancels_is_cancelled() -> None:
    begun = asyncio.Event()

    async def waiting() -> None:
        with Alarm() as alarm:
            begun.set()
            await alarm.wait(asyncio.Event().wait(), in_s(60))

    task = asyncio.create_task(waiting())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_cancels_as_the_alarm_rings_is_obeyed() -> None:
    async def waiting() -> None:
        with Alarm() as alarm:
            await alarm.wait(cancelled_late(), in_s(0.01))

    async def cancelled_late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            task.cancel()
            await asyncio.sleep(0)

    task = asyncio.create_task(waiting())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_timeout_of_somebody_else_is_told_apart() -> None:
    async def failing() -> None:
        raise TimeoutError

    with Alarm() as alarm:
        with pytest.raises(TimeoutError):
            await alarm.wait(failing(), in_s(60))
        assert not alarm.rang


async def test_nothing_holds_an_alarm_that_is_no_longer_used() -> None:
    with Alarm() as alarm:
        await alarm.wait(at_once(), in_s(60))
    left = weakref.ref(alarm)
    del alarm
    gc.collect()
    assert left() is None
