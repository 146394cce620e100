"""First token and processor time per token of the API, beside a bare relay on the same SDK, in the same run (Linux).

    python -m bench.tokens [--conversations 1 100]

Both talk to the same fake model: 200 tokens, 50 a second. Quote the ratios; the times are those of the machine.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.model import TOKENS
from bench.processes import child, cpu_seconds, free_port


@dataclass(frozen=True)
class Measured:
    first_ms: list[float]
    wall_s: float
    cpu_us_per_token: float

    def line(self, name: str) -> str:
        first = sorted(self.first_ms)
        p95 = first[max(0, round(len(first) * 0.95) - 1)]
        return (
            f"{name:8} {self.wall_s:5.2f} s  first token p50 {statistics.median(first):6.0f} ms  p95 {p95:6.0f} ms  "
            f"CPU {self.cpu_us_per_token:5.0f} us a token"
        )


async def measure(pid: int, urls: list[str]) -> Measured:
    """All conversations at once: one message to each URL."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        cpu, started = cpu_seconds(pid), time.monotonic()
        first = await asyncio.gather(*(_first_token(session, url) for url in urls))
        wall = time.monotonic() - started
        return Measured([*first], wall, (cpu_seconds(pid) - cpu) / (len(urls) * TOKENS) * 1e6)


async def _first_token(session: aiohttp.ClientSession, url: str) -> float:
    """Milliseconds until the first token; returns when the answer is over."""
    started, first = time.monotonic(), 0.0
    async with session.post(url, json={"text": "Count, please."}) as response:
        response.raise_for_status()
        async for line in response.content:
            if not first and line.startswith(b"event: text_delta"):
                first = (time.monotonic() - started) * 1000
    return first


async def conversations(base: str, count: int) -> list[str]:
    """The message URLs of that many new conversations of one agent."""
    async with aiohttp.ClientSession(base) as session:
        async with session.post("/api/agents") as made:
            agent = (await made.json())["id"]
        paths: list[str] = []
        for _ in range(count):
            async with session.post(f"/api/agents/{agent}/conversations") as made:
                paths.append(f"{base}/api/agents/{agent}/conversations/{(await made.json())['id']}/messages")
        return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, nargs="+", default=[1, 100])
    counts = parser.parse_args().conversations
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model, relay, studio = free_port(), free_port(), free_port()
        model_url = f"http://127.0.0.1:{model}/v1"
        entry = {"type": "openai", "model": "any", "api_base": model_url}
        (home / "models.json").write_text(json.dumps({"bench": entry}))
        environment = {
            "AGENTFABRIC_HOME": str(home / "home"),
            "GRADIO_SERVER_PORT": str(studio),
            "MODEL_CONFIG_FILE": str(home / "models.json"),
        }
        stack.enter_context(child(["-m", "bench.model", str(model)], {}, f"{model_url}/models"))
        base = f"http://127.0.0.1:{relay}"
        relay_pid = stack.enter_context(child(["-m", "bench.relay", str(relay), model_url], {}, f"{base}/healthz"))
        ours = f"http://127.0.0.1:{studio}"
        our_pid = stack.enter_context(child(["app.py"], environment, f"{ours}/healthz"))
        # The first answer of a process pays for imports; afterwards both are as they stay.
        asyncio.run(measure(relay_pid, [f"{base}/say"]))
        asyncio.run(measure(our_pid, asyncio.run(conversations(ours, 1))))
        for count in counts:
            print(f"{count} conversation{'s' if count > 1 else ''}, {TOKENS} tokens each, ideal 4.00 s")
            bare = asyncio.run(measure(relay_pid, [f"{base}/say"] * count))
            print(bare.line("relay"))
            full = asyncio.run(measure(our_pid, asyncio.run(conversations(ours, count))))
            print(full.line("API"))
            first = statistics.median(full.first_ms) / statistics.median(bare.first_ms)
            print(f"ratio    first token {first:.2f}, CPU {full.cpu_us_per_token / bare.cpu_us_per_token:.2f}\n")


if __name__ == "__main__":
    main()
