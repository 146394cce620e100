"""The page in Chromium: frames while an answer comes, and what a visit costs, beside a page that only appends text.

    python -m bench.page [--chars 10000] [--messages 200] [--only SCENARIO ...] [--visits 5]

The fake model writes 50 tokens a second. A frame is late where the browser gave the page none for more than 50 ms; work
is the time its main thread was busy. Goals: no late frame, a first visit under 2 s and 1 MB. Quote the ratios.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from bench.processes import child, free_port
from tests.browser import ARGUMENTS, chromium_path

LATE_MS = 50
WATCH = """(() => {
  let last = 0, frames = [], tasks = [];
  const tick = (now) => {
    if (last) frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: "longtask" });
  window.watched = () => {
    const seen = { frames, tasks };
    [frames, tasks] = [[], []];
    return seen;
  };
})()"""


@dataclass(frozen=True)
class Scenario:
    """What is asked for, and how many messages the conversation holds before."""

    name: str
    text: str
    before: int = 0


@dataclass(frozen=True)
class Smoothness:
    frames_ms: list[float]
    tasks_ms: list[float]
    busy_s: dict[str, float]
    """Main thread by kind of work: all of it, scripts, styles, layout."""

    def line(self, name: str) -> str:
        frames = sorted(self.frames_ms)
        late = sum(frame > LATE_MS for frame in frames)
        busy = "  ".join(f"{kind} {seconds:.2f} s" for kind, seconds in self.busy_s.items())
        return (
            f"{name:6} frames {len(frames):5}  p50 {statistics.median(frames):3.0f} ms  "
            f"p99 {frames[int(len(frames) * 0.99)]:3.0f} ms  longest {frames[-1]:3.0f} ms  "
            f"late {late}  long tasks {len(self.tasks_ms)}  {busy}"
        )


@dataclass(frozen=True)
class Servers:
    relay: str
    studio: str


async def watched(page: Page, work: Any) -> Smoothness:
    """How smooth the page was while `work` went on."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await page.evaluate("window.watched()")
    before = await _busy(session)
    await work
    after = await _busy(session)
    seen = await page.evaluate("window.watched()")
    return Smoothness(seen["frames"], seen["tasks"], {kind: after[kind] - before[kind] for kind in after})


async def _busy(session: Any) -> dict[str, float]:
    metrics = {each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]}
    kinds = {
        "work": "TaskDuration",
        "script": "ScriptDuration",
        "style": "RecalcStyleDuration",
        "layout": "LayoutDuration",
    }
    return {kind: metrics[name] for kind, name in kinds.items()}


async def bare(browser: Browser, servers: Servers, scenario: Scenario) -> Smoothness:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.add_init_script(WATCH)
    await page.goto(servers.relay)
    for _ in range(scenario.before // 2):
        await page.evaluate("(text) => window.say(text)", "at once long 600")
    found = await watched(page, page.evaluate("(text) => window.say(text)", scenario.text))
    await page.close()
    return found


async def ours(browser: Browser, servers: Servers, scenario: Scenario) -> Smoothness:
    agent = await with_history(servers.studio, scenario.before)
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.add_init_script(WATCH)
    await page.goto(f"{servers.studio}/?agent={agent}")
    await page.wait_for_selector("html[data-af-ready]")
    await page.wait_for_function(
        "(count) => document.querySelectorAll('#preview_chat .af-bubble').length === count", arg=scenario.before // 2
    )
    await page.wait_for_load_state("networkidle")
    await page.fill("#preview_input textarea", scenario.text)

    async def answered() -> None:
        await page.press("#preview_input textarea", "Enter")
        await page.wait_for_selector(".af-chat[data-running] #preview_chat")
        await page.wait_for_selector(".af-chat:not([data-running]) #preview_chat", timeout=0)

    found = await watched(page, answered())
    await page.close()
    return found


async def with_history(studio: str, messages: int) -> str:
    """A new agent, with one conversation of so many messages."""
    async with aiohttp.ClientSession(studio) as session:
        async with session.post("/api/agents") as made:
            agent = (await made.json())["id"]
        if messages:
            async with session.post(f"/api/agents/{agent}/conversations") as made:
                path = f"/api/agents/{agent}/conversations/{(await made.json())['id']}/messages"
        for _ in range(messages // 2):
            async with session.post(path, json={"text": "at once long 600"}) as said:
                await said.read()
        return agent


async def visit(browser: Browser, url: str) -> dict[str, float]:
    """What a first visit costs: seconds until the page can be used, bytes on the wire, requests; and a second one."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    found: dict[str, float] = {}
    for visit in ("first", "again"):
        sizes.clear()
        await page.goto(url)
        await page.wait_for_selector("html[data-af-ready]")
        found[f"{visit}_s"] = await page.evaluate("performance.now()") / 1000
        await page.wait_for_load_state("networkidle")
        found[f"{visit}_kb"] = sum(sizes) / 1000
        found[f"{visit}_requests"] = len(sizes)
    await context.close()
    return found


async def measure(servers: Servers, scenarios: list[Scenario], visits: int) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        if visits:
            found = [await visit(browser, servers.studio) for _ in range(visits)]
            for kind in found[0]:
                values = [each[kind] for each in found]
                print(f"visit  {kind:16} median {statistics.median(values):7.2f}  most {max(values):7.2f}", flush=True)
        for scenario in scenarios:
            print(f"\n{scenario.name}: {scenario.text!r}, {scenario.before} messages before", flush=True)
            limit = await bare(browser, servers, scenario)
            print(limit.line("bare"), flush=True)
            full = await ours(browser, servers, scenario)
            print(full.line("studio"))
            print(f"ratio  work {full.busy_s['work'] / limit.busy_s['work']:.2f}", flush=True)
        await browser.close()


def scenarios(chars: int, messages: int) -> list[Scenario]:
    return [
        Scenario("short", "Count, please."),
        Scenario("long", f"long {chars}"),
        Scenario("history", f"long {chars // 5}", before=messages),
        Scenario("code", f"code {chars // 2}"),
        Scenario("prose", f"prose {chars // 2}"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chars", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--visits", type=int, default=5)
    options = parser.parse_args()
    chosen = [
        each for each in scenarios(options.chars, options.messages) if options.only is None or each.name in options.only
    ]
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model, relay, studio = free_port(), free_port(), free_port()
        model_url = f"http://127.0.0.1:{model}/v1"
        entry = {"type": "openai", "model": "any", "api_base": model_url, "function_calling": True}
        (home / "models.json").write_text(json.dumps({"bench": entry}))
        environment = {
            "AGENTFABRIC_HOME": str(home / "home"),
            "GRADIO_SERVER_PORT": str(studio),
            "MODEL_CONFIG_FILE": str(home / "models.json"),
        }
        stack.enter_context(child(["-m", "bench.model", str(model)], {}, f"{model_url}/models"))
        servers = Servers(f"http://127.0.0.1:{relay}", f"http://127.0.0.1:{studio}")
        stack.enter_context(child(["-m", "bench.relay", str(relay), model_url], {}, f"{servers.relay}/healthz"))
        stack.enter_context(child(["app.py"], environment, f"{servers.studio}/healthz"))
        asyncio.run(measure(servers, chosen, options.visits))


if __name__ == "__main__":
    main()
