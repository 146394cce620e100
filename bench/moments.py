"""Single moments that a person waits for, one conversation at a time, on a server of its own core (Linux).

    python -m bench.moments [--times 20]

First token: from when the model sent it, at the API and on the page in Chromium. Tool turn: from the model's call until
the model is asked again. Change: until a `PATCH` is answered, after which the next answer follows it.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
from playwright.async_api import Page, async_playwright

from bench.servers import WITH_A_TOOL, conversations, new_agent, running
from bench.tokens import STAMP, p95
from tests.browser import ARGUMENTS, chromium_path

PAGE_TOKENS = 200
WATCH = """() => {
  window.lags = [];
  let seen = 0;
  new MutationObserver(() => {
    const now = (performance.timeOrigin + performance.now()) / 1000;
    const stamps = document.querySelector("#preview_chat").textContent.match(/\\d{10}\\.\\d{6}/g) ?? [];
    for (const stamp of stamps.slice(seen)) window.lags.push(now - Number(stamp));
    seen = stamps.length;
  }).observe(document.querySelector("#preview_chat"), { subtree: true, childList: true, characterData: true });
}"""


def line(name: str, seconds: Sequence[float], goal_ms: int) -> None:
    ordered = sorted(seconds)
    print(
        f"{name:32} p50 {statistics.median(ordered) * 1e3:5.1f} ms  p95 {p95(ordered) * 1e3:5.1f} ms  goal {goal_ms}",
        flush=True,
    )


async def said(session: aiohttp.ClientSession, url: str, text: str) -> tuple[str, list[float]]:
    """The answer to a text, and how late each stamped token was."""
    lags: list[float] = []
    body = b""
    async with session.post(url, json={"text": text}) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            now = time.time()
            body += piece
            lags += [now - float(stamp) for stamp in STAMP.findall(piece.partition(b"event: run_finished")[0])]
    finished = body.rsplit(b"event: run_finished\ndata: ", 1)
    return (str(json.loads(finished[1])["text"]) if len(finished) == 2 else ""), lags


async def first_tokens(session: aiohttp.ClientSession, base: str, times: int) -> list[float]:
    return [(await said(session, url, "5 at 50"))[1][0] for url in await conversations(base, times)]


async def beside_a_dead_server(session: aiohttp.ClientSession, base: str, silent: str, times: int) -> None:
    """Whole turns of an agent with a tool of an MCP server that never answers, in turn with one that has none."""
    tools = [{"name": "say", "description": "Says what it is told.", "arguments": {"type": "object"}}]
    agents = {
        "a whole turn": await new_agent(base),
        "the same, beside a dead server": await new_agent(
            base, mcpServers={"dead": {"url": f"{silent}/mcp", "tools": tools}}
        ),
    }
    urls = {name: await conversations(base, times, agent) for name, agent in agents.items()}
    took: dict[str, list[float]] = {name: [] for name in agents}
    for number in range(times):
        for name in agents:
            started = time.monotonic()
            await said(session, urls[name][number], "1 at 1000")
            took[name].append(time.monotonic() - started)
    for name, seconds in took.items():
        line(name, seconds, 50)


async def tool_turns(session: aiohttp.ClientSession, base: str, times: int) -> list[float]:
    agent = await new_agent(base, **WITH_A_TOOL)
    return [float((await said(session, url, "tool"))[0]) for url in await conversations(base, times, agent)]


async def changes(session: aiohttp.ClientSession, base: str, times: int) -> list[float]:
    """How long a change takes; the answer right after it has to follow it."""
    agent = await new_agent(base)
    took: list[float] = []
    before = ""
    for number, url in enumerate(await conversations(base, times, agent)):
        wanted = f"You are number {number}."
        body = {"instruction": wanted, "base": {"instruction": before}}
        started = time.monotonic()
        async with session.patch(f"{base}/api/agents/{agent}/config", json=body) as response:
            await response.read()
            took.append(time.monotonic() - started)
            response.raise_for_status()
        answer, _ = await said(session, url, "what are you")
        if wanted not in answer:
            raise RuntimeError(f"the change to {wanted!r} had no effect: {answer[:200]!r}")
        before = wanted
    return took


async def restores(session: aiohttp.ClientSession, base: str, times: int) -> list[float]:
    took: list[float] = []
    for _ in range(times):
        agent = await new_agent(base, instruction="x" * 8_000)
        for name in ("one", "two"):
            async with session.patch(f"{base}/api/agents/{agent}/config", json={"name": name}) as changed:
                changed.raise_for_status()
        started = time.monotonic()
        async with session.post(f"{base}/api/agents/{agent}/versions/1/restore") as response:
            await response.read()
            took.append(time.monotonic() - started)
            response.raise_for_status()
    return took


async def page_tokens(page: Page, base: str) -> list[float]:
    """How late each token of one answer is in the page."""
    agent = await new_agent(base)
    await page.goto(f"{base}/?agent={agent}")
    await page.wait_for_selector("html[data-af-ready]")
    await page.evaluate(WATCH)
    await page.fill("#preview_input textarea", f"{PAGE_TOKENS} at 50")
    await page.press("#preview_input textarea", "Enter")
    await page.wait_for_selector(".af-chat[data-running] #preview_chat")
    await page.wait_for_selector(".af-chat:not([data-running]) #preview_chat", timeout=0)
    lags: list[Any] = await page.evaluate("window.lags")
    return [float(lag) for lag in lags]


async def on_the_page(base: str, times: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        answers: list[list[float]] = []
        for _ in range(times):
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            answers.append(await page_tokens(page, base))
            await page.close()
        await browser.close()
    line("first token on the page", [lags[0] for lags in answers], 60)
    line("every token on the page", [lag for lags in answers for lag in lags], 100)


async def measure(base: str, silent: str, times: int, pages: int) -> None:
    async with aiohttp.ClientSession() as session:
        await first_tokens(session, base, 3)
        line("first token at the API", await first_tokens(session, base, times), 15)
        await beside_a_dead_server(session, base, silent, times)
        line("tool turn beyond model", await tool_turns(session, base, times), 15)
        line("change stored and in effect", await changes(session, base, times), 50)
        line("version restored", await restores(session, base, times), 200)
    if pages:
        await on_the_page(base, pages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--pages", type=int, default=3, help="answers in the browser; 0 leaves them out")
    options = parser.parse_args()
    with running() as servers:
        asyncio.run(measure(servers.studio.base, servers.silent, options.times, options.pages))


if __name__ == "__main__":
    main()
