"""What is kept of reads: never older than the last write that somebody saw done."""

import asyncio

import pytest

from agentfabric.store.remembered import Remembered


class Table:
    """A value for everybody; a read may be held up after it has looked."""

    def __init__(self) -> None:
        self.value, self.reads = "old", 0
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def read(self) -> str:
        self.reads += 1
        value = self.value
        await self.let_go.wait()
        return value

    async def write(self, value: str) -> str:
        await asyncio.sleep(0)
        self.value = value
        return f"wrote {value}"


async def test_a_value_is_read_once_for_each_owner_until_it_is_written() -> None:
    table, known = Table(), Remembered[str]()
    assert [await known.get(owner, table.read) for owner in ("ann", "ann", "bob")] == ["old"] * 3
    assert table.reads == 2
    assert await known.write("ann", table.write("new")) == "wrote new"
    assert await known.get("ann", table.read) == "new"
    assert table.reads == 3


async def test_a_read_that_a_write_overtook_is_not_kept() -> None:
    table, known = Table(), Remembered[str]()
    table.let_go.clear()
    reading = asyncio.create_task(known.get("ann", table.read))
    await asyncio.sleep(0)
    await known.write("ann", table.write("new"))
    table.let_go.set()
    assert await reading == "old"
    assert await known.get("ann", table.read) == "new"


async def test_a_write_whose_caller_left_is_seen_all_the_same() -> None:
    table, known = Table(), Remembered[str]()
    await known.get("ann", table.read)
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late() -> None:
        begun.set()
        await go_on.wait()
        table.value = "new"
        done.set()

    writing = asyncio.create_task(known.write("ann", late()))
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await known.get("ann", table.read) == "old"
    go_on.set()
    await done.wait()
    assert await known.get("ann", table.read) == "new"


async def test_a_write_that_fails_is_told() -> None:
    async def failing() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await Remembered[str]().write("ann", failing())
