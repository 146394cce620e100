"""A token's way: relays of three kinds, the API and a link in turn, at the same model, in one run (Linux).

    python -m bench.tokens [--rounds 3] [--loads 1x200@50 100x200@50/1 300x100@20/5 500x100@10/5 100x200@50/1+2]

`100x200@50/1` is 100 conversations of 200 tokens, 50 a second, that start within one second; with `+2` each calls a
tool twice before. A relay answers a call by a constant; only one of them can. Quote the ratios to the relay on the same
SDK; the times are those of the machine. What is measured runs on one core, the model and this on the other.
"""

import argparse
import asyncio
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from bench.processes import cpu_seconds
from bench.servers import WITH_A_TOOL, Asked, Server, Servers, conversations, new_agent, running, visits

STAMP = re.compile(rb"(\d{10}\.\d{6}) ")
_LOAD = re.compile(r"(\d+)x(\d+)@(\d+)(?:/([0-9.]+))?(?:\+(\d+))?")


@dataclass(frozen=True)
class Load:
    conversations: int
    tokens: int
    rate: int
    within_s: float
    calls: int = 0
    """Of a tool, one after the other, before the tokens."""

    @property
    def ideal_s(self) -> float:
        return self.tokens / self.rate

    @property
    def message(self) -> str:
        """What the model is told, which says how it answers."""
        return f"{self.tokens} at {self.rate}" + (f" after {self.calls} calls" if self.calls else "")

    def __str__(self) -> str:
        started = f", started within {self.within_s:g} s" if self.within_s else ""
        after = f" after {self.calls} calls" if self.calls else ""
        what = f"{self.conversations} x {self.tokens} tokens at {self.rate}/s{after}"
        return f"{what}{started}, ideal {self.ideal_s:.1f} s each"


@dataclass(frozen=True)
class Heard:
    """One answer as its reader had it; seconds."""

    first: float
    wall: float
    lags: list[float]
    """Of each token: from when the model sent it."""


@dataclass(frozen=True)
class Row:
    """Medians of all rounds."""

    wall_s: float
    first_p50_ms: float
    first_p95_ms: float
    after_model_ms: float
    """The first token, from when the model sent it, p50."""
    lag_p95_ms: float
    cpu_us: float
    failed: int


async def measure(server: Server, places: Sequence[Asked], load: Load) -> Row:
    """One message to each place, spread evenly over the time in which they start."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=300)
    ) as session:
        cpu = cpu_seconds(server.pid)
        apart = load.within_s / max(1, len(places))
        asked = [_answer(session, place, load, at * apart) for at, place in enumerate(places)]
        heard = [item for item in await asyncio.gather(*asked, return_exceptions=True) if isinstance(item, Heard)]
        spent = cpu_seconds(server.pid) - cpu
    whole = [item for item in heard if len(item.lags) == load.tokens]
    first = sorted(item.first for item in whole)
    return Row(
        wall_s=max(item.wall for item in whole),
        first_p50_ms=statistics.median(first) * 1e3,
        first_p95_ms=p95(first) * 1e3,
        after_model_ms=statistics.median(item.lags[0] for item in whole) * 1e3,
        lag_p95_ms=p95(sorted(lag for item in whole for lag in item.lags)) * 1e3,
        cpu_us=spent / (len(places) * load.tokens) * 1e6,
        failed=len(places) - len(whole),
    )


async def _answer(session: aiohttp.ClientSession, place: Asked, load: Load, after_s: float) -> Heard:
    await asyncio.sleep(after_s)
    started, first, lags, rest = time.time(), 0.0, list[float](), b""
    async with session.post(place.url, json={"text": load.message}, headers=place.headers) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            now = time.time()
            *whole, rest = (rest + piece).split(b"\n\n")
            for event in whole:
                if b"event: text_delta" in event:
                    lags += [now - float(stamp) for stamp in STAMP.findall(event)]
                    first = first or now - started
    return Heard(first, time.time() - started, lags)


def p95(ordered: Sequence[float]) -> float:
    return ordered[max(0, round(len(ordered) * 0.95) - 1)]


def median(rows: Sequence[Row]) -> Row:
    """The median of each figure; of failures, all."""

    def of(name: str) -> float:
        return statistics.median(float(getattr(row, name)) for row in rows)

    return Row(
        wall_s=of("wall_s"),
        first_p50_ms=of("first_p50_ms"),
        first_p95_ms=of("first_p95_ms"),
        after_model_ms=of("after_model_ms"),
        lag_p95_ms=of("lag_p95_ms"),
        cpu_us=of("cpu_us"),
        failed=sum(row.failed for row in rows),
    )


async def compare(servers: Servers, load: Load, rounds: int) -> dict[str, Row]:
    count = load.conversations
    relays = {
        "sockets": (servers.sockets, f"{servers.sockets.base}/say"),
        "relay": (servers.relay, f"{servers.relay.base}/say"),
        "typed": (servers.relay, f"{servers.relay.base}/typed"),
    }
    asked = ["relay"] if load.calls else list(relays)
    agent = await new_agent(servers.studio.base, **(WITH_A_TOOL if load.calls else {}))
    found: dict[str, list[Row]] = {name: [] for name in [*asked, "API", "link"]}
    for _ in range(rounds):
        for name in asked:
            server, url = relays[name]
            found[name].append(await measure(server, [Asked(url)] * count, load))
        places = [Asked(url) for url in await conversations(servers.studio.base, count, agent)]
        found["API"].append(await measure(servers.studio, places, load))
        found["link"].append(await measure(servers.studio, await visits(servers.studio.base, count, agent), load))
    return {name: median(rows) for name, rows in found.items()}


def show(load: Load, rows: dict[str, Row]) -> None:
    print(f"\n{load}")
    relay = rows["relay"]
    for name, row in rows.items():
        print(
            f"{name:8} wall {row.wall_s:5.2f} s ({row.wall_s / relay.wall_s:4.2f}x)  first p50 {row.first_p50_ms:5.0f} "
            f"p95 {row.first_p95_ms:5.0f} ms ({row.first_p95_ms / relay.first_p95_ms:4.2f}x)  after the model "
            f"{row.after_model_ms:5.1f} ms  lag p95 {row.lag_p95_ms:5.1f} ms  CPU {row.cpu_us:4.0f} us/token "
            f"({row.cpu_us / max(relay.cpu_us, 1e-9):4.2f}x)  failed {row.failed}",
            flush=True,
        )


def load_of(text: str) -> Load:
    found = _LOAD.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError("write it like 100x200@50/1")
    return Load(int(found[1]), int(found[2]), int(found[3]), float(found[4] or 0), int(found[5] or 0))


async def run(servers: Servers, loads: Sequence[Load], rounds: int) -> None:
    await compare(servers, Load(20, 20, 50, 0.5), 2)  # the first answers pay for imports and connections
    for load in loads:
        show(load, await compare(servers, load, rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    usual = ["1x200@50", "100x200@50/1", "300x100@20/5", "500x100@10/5", "100x200@50/1+2"]
    parser.add_argument("--loads", type=load_of, nargs="+", default=[load_of(text) for text in usual])
    options = parser.parse_args()
    with running() as servers:
        asyncio.run(run(servers, options.loads, options.rounds))


if __name__ == "__main__":
    main()
