"""What the server weighs after thousands of turns (Linux).

    python -m bench.memory [--warm-up 2000] [--turns 10000]

Turns of 20 tokens without a pause, ten at a time, ten in each conversation.
"""

import argparse
import asyncio
import time

import aiohttp

from bench.processes import resident_mb
from bench.servers import Server, conversations, new_agent, running

AT_ONCE, TURNS_EACH = 10, 10


async def talk(session: aiohttp.ClientSession, server: Server, agent: str, turns: int) -> None:
    for url in await conversations(server.base, turns // TURNS_EACH // AT_ONCE, agent):
        for _ in range(TURNS_EACH):
            async with session.post(url, json={"text": "20 at 100000"}) as said:
                if b"event: run_finished" not in await said.read():
                    raise RuntimeError("a turn did not finish")


async def measure(server: Server, warm_up: int, turns: int) -> None:
    agent = await new_agent(server.base)
    async with aiohttp.ClientSession() as session:

        async def so_many(count: int) -> None:
            await asyncio.gather(*(talk(session, server, agent, count) for _ in range(AT_ONCE)))

        await so_many(warm_up)
        before, started = resident_mb(server.pid), time.monotonic()
        for _ in range(5):
            await so_many(turns // 5)
            print(f"{resident_mb(server.pid):.0f} MB ({resident_mb(server.pid) - before:+.1f} MB)", flush=True)
    took = time.monotonic() - started
    grown = resident_mb(server.pid) - before
    print(f"{turns} turns in {took:.0f} s: {before:.0f} MB, then {grown:+.1f} MB (goal +20 MB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm-up", type=int, default=2_000)
    parser.add_argument("--turns", type=int, default=10_000)
    options = parser.parse_args()
    with running() as servers:
        asyncio.run(measure(servers.studio, options.warm_up, options.turns))


if __name__ == "__main__":
    main()
