"""What is done again and again goes on, whatever comes of it once."""

import asyncio

from structlog.testing import capture_logs

from agentfabric.service.tidying import every, meanwhile
from user_agent.errors import StorageFailed


async def test_what_fails_once_is_tried_again_and_keeps_nothing_else_from_being_done() -> None:
    failures = [StorageFailed("The disk is full."), PermissionError(13, "Permission denied"), None]
    failed, done, enough = list[BaseException](), list[int](), asyncio.Event()

    async def fails() -> None:
        failure = failures.pop(0)
        if failure is not None:
            failed.append(failure)
            raise failure

    async def works() -> None:
        done.append(len(failed))
        if not failures:
            enough.set()
            await asyncio.Event().wait()

    with capture_logs() as told:
        async with meanwhile(every(0.0, fails, works)):
            await asyncio.wait_for(enough.wait(), 20)
    assert done == [1, 2, 2]
    assert [entry["log_level"] for entry in told] == ["warning", "error"]
