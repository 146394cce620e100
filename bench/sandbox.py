"""How long code in the sandbox is waited for: a cold start, one from the spare kernels, a round trip, a first figure.

    python -m bench.sandbox <environment>

`environment` is where `python app.py install-sandbox` put the libraries (default: in the home).
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from user_agent.sandbox.bench import Bench
from user_agent.sandbox.watch import descendants
from user_agent.sandbox.workshop import Workshop

STARTS = 15
ROUND_TRIPS = 200
FIGURE = "import matplotlib.pyplot as plt\nplt.figure()\nplt.plot([1, 2])\nplt.show()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environment", nargs="?", default="~/.agentfabric/sandbox/environment")
    asyncio.run(measure(Path(parser.parse_args().environment).expanduser()))


async def measure(environment: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Workshop(Path(folder, "cold"), environment, spare=0, most=2) as workshop:
            if problem := await workshop.problem():
                raise SystemExit(problem.en)
            # The first loads what talks to kernels, once in a server's life.
            told("first start of a server", [await seconds(workshop.bench("c0"), "print(1)")])
            told("cold start", [await seconds(workshop.bench(f"c{n}"), "print(1)") for n in range(1, STARTS + 1)])
            bench = workshop.bench(f"c{STARTS}")
            told("print(1)", [await seconds(bench, "print(1)") for _ in range(ROUND_TRIPS)])
            told("first figure", [await seconds(bench, FIGURE)])
            told("next figure", [await seconds(bench, FIGURE) for _ in range(STARTS)])
            await workshop.close()
        async with Workshop(Path(folder, "warm"), environment, spare=1, most=STARTS + 2) as workshop:
            warm: list[float] = []
            for number in range(STARTS):
                await workshop.fill()
                print(f"memory of a spare kernel: {resident_mb():.0f} MB") if not number else None
                warm.append(await seconds(workshop.bench(f"w{number}"), "print(1)"))
            told("start from a spare kernel", warm)


async def seconds(bench: Bench, code: str) -> float:
    """From the call to its result, as the tool waits for it."""
    started = time.perf_counter()
    async with bench.alone():
        worked = await bench.run(code)
    assert worked.ran.end == "done", worked.ran
    return time.perf_counter() - started


def told(what: str, measured: list[float]) -> None:
    ordered = sorted(measured)
    p95 = ordered[int(len(ordered) * 0.95) - 1] if len(ordered) > 1 else ordered[0]
    print(f"{what:28} p50 {statistics.median(ordered) * 1000:7.1f} ms   p95 {p95 * 1000:7.1f} ms   of {len(ordered)}")


def resident_mb() -> float:
    """What the processes below this one hold."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in descendants(os.getpid())]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
