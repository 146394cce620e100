"""How the studio stays of use while a hundred files are read (Linux): uploads over HTTP, and a person beside them.

    python -m bench.busy [--mb 800]

The files of `bench.reading` go into one agent's knowledge as the page sends them. Meanwhile somebody loads the page,
lists the agents, looks at the files' states and asks another agent, which the guide answers from a file of its own.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bench.processes import child, free_port, resident_mb
from bench.reading import made
from user_agent.sandbox.watch import descendants

GOAL_S, GOAL_MB = 900, 1_500
MOST_FILES, MOST_BYTES = 20, 8_000_000
"""Of one request, as the page sends them."""
LOOK_S = 0.25
REST_S = 0.2
"""A person does one thing after the other, with so much between."""
AT_WORK = {"queued", "reading", "indexing"}
NOTE = b"# Returns\n\nSocks can be returned within thirty days, unworn.\n"


def batches(paths: Iterable[Path]) -> list[list[Path]]:
    found, size = list[list[Path]](), 0
    for path in paths:
        bytes_ = path.stat().st_size
        if found and len(found[-1]) < MOST_FILES and size + bytes_ <= MOST_BYTES:
            found[-1].append(path)
        else:
            found.append([path])
            size = 0
        size += bytes_
    return found


class Person:
    """Uses the page, and notes how long everything takes."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.took: dict[str, list[float]] = defaultdict(list)

    async def use(self, agent: str, busy: str) -> None:
        conversation = (await self._json("POST", f"/api/agents/{agent}/conversations"))["id"]
        path = f"/api/agents/{agent}/conversations/{conversation}/messages"
        while True:
            async with self._timed("load the page"):
                await self._read("GET", "/")
            async with self._timed("list the agents"):
                await self._read("GET", "/api/agents")
            async with self._timed("look how far the files are"):
                await self._read("GET", f"/api/agents/{busy}/knowledge")
            async with self._timed("ask, until the answer is whole"):
                answer = await self._read("POST", path, json={"text": "When can socks be returned?"})
            if b"thirty days" not in answer:
                raise RuntimeError(answer.decode())
            await asyncio.sleep(REST_S)

    @asynccontextmanager
    async def _timed(self, what: str) -> AsyncGenerator[None]:
        started = time.perf_counter()
        yield
        self.took[what].append(time.perf_counter() - started)

    async def _json(self, method: str, path: str) -> Mapping[str, str]:
        async with self._session.request(method, path) as answer:
            return await answer.json()

    async def _read(self, method: str, path: str, json: object = None) -> bytes:
        async with self._session.request(method, path, json=json) as answer:
            answer.raise_for_status()
            return await answer.read()


async def weighed(pid: int, most: dict[str, float]) -> None:
    """The most that the server and all that it started weigh together, looked at while they work."""
    while True:
        parts = [pid, *descendants(pid)]
        most["all"] = max(most["all"], sum(map(_weight, parts)))
        most["server"] = max(most["server"], _weight(pid))
        await asyncio.sleep(LOOK_S)


def _weight(pid: int) -> float:
    try:
        return resident_mb(pid)
    except (OSError, StopIteration):
        return 0.0  # it has ended meanwhile


async def send(session: aiohttp.ClientSession, agent: str, paths: Iterable[Path]) -> None:
    form = aiohttp.FormData(quote_fields=False)
    for path in paths:
        form.add_field("files", path.open("rb"), filename=path.name)
    async with session.post(f"/api/agents/{agent}/knowledge", data=form) as answer:
        answer.raise_for_status()


async def settled(session: aiohttp.ClientSession, agent: str) -> Counter[str]:
    while True:
        async with session.get(f"/api/agents/{agent}/knowledge") as answer:
            states = Counter(file["state"] for file in await answer.json())
        if not AT_WORK & set(states):
            return states
        await asyncio.sleep(LOOK_S)


async def new_agent(session: aiohttp.ClientSession) -> str:
    async with session.post("/api/agents", json={"config": {"language": "en"}}) as answer:
        return str((await answer.json())["id"])


async def measure(base: str, pid: int, paths: list[Path]) -> None:
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(base, timeout=timeout) as session:
        busy, quiet = await new_agent(session), await new_agent(session)
        form = aiohttp.FormData()
        form.add_field("files", NOTE, filename="returns.md")
        await session.post(f"/api/agents/{quiet}/knowledge", data=form)
        await settled(session, quiet)
        most, alone, person = {"all": 0.0, "server": 0.0}, Person(session), Person(session)
        before = asyncio.create_task(alone.use(quiet, quiet))
        await asyncio.wait([before], timeout=4)
        before.cancel()
        watching = asyncio.create_task(weighed(pid, most))
        using = asyncio.create_task(person.use(quiet, busy))
        started = time.monotonic()
        for batch in batches(paths):
            await send(session, busy, batch)
        sent = time.monotonic() - started
        states = await settled(session, busy)
        took = time.monotonic() - started
        for task in (watching, using):
            task.cancel()
        await asyncio.gather(before, watching, using, return_exceptions=True)
    size = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} files of {size:.0f} MB: sent in {sent:.1f} s, ready or failed in {took:.1f} s (goal {GOAL_S})")
    print(f"states: {dict(states)}")
    print(f"at most {most['all']:.0f} MB in all (goal {GOAL_MB}), {most['server']:.0f} MB of it the server's")
    print("| | alone p50 | meanwhile p50 | p95 | longest | times |\n|---|---|---|---|---|---|")
    for what, times in person.took.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        columns = (statistics.median(alone.took[what]), statistics.median(times), p95, max(times))
        print(f"| {what} | " + " | ".join(f"{value * 1_000:.0f} ms" for value in columns) + f" | {len(times)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, default=800)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        files.mkdir()
        paths, port = list(made(files, options.mb)), free_port()
        base = f"http://127.0.0.1:{port}"
        environment = {"AGENTFABRIC_HOME": f"{folder}/home", "GRADIO_SERVER_PORT": str(port)}
        with child(["app.py"], environment, f"{base}/healthz") as pid:
            asyncio.run(measure(base, pid, paths))


if __name__ == "__main__":
    main()
