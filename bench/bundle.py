"""How long a bundle takes to start, and what it weighs idle and after an answer (Linux).

    python -m bench.bundle [--runs 5]

It is packed of an agent that knows a file, unpacked, and run by Python with what its requirements name alone.
Goals: at most 3 s to `/healthz`, at most 200 MB.
"""

import argparse
import asyncio
import io
import statistics
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

from agentfabric.publish.bundle import Bundled, KnowledgeFile, bundle_of
from bench.processes import ROOT, free_port, resident_mb
from builder_core.avatar import monogram
from tests.clean import bare_variables, clean_environment
from tests.client import Client
from user_agent.config import AgentConfig
from user_agent.tools.catalog import load_tools


def packed() -> bytes:
    """A bundle on the guide: what a model's SDK takes comes with the first answer of one."""
    ticked = {tool: {"use": True, "is_active": True} for tool in ("weather", "code_interpreter")}
    document = {"name": "Bench", "language": "en", "memory": True, "tools": ticked}
    note = KnowledgeFile("note", "note.md", (), None, b"# Hours\n\nOpen from nine to five.\n", ())
    tools = load_tools(ROOT / "config" / "tool_config.json")
    picture = monogram("Bench", "bench")
    return bundle_of(Bundled(AgentConfig.from_document(document), picture, "", {}, tools, [note]))


async def answered(url: str) -> None:
    page = urllib.request.Request(url)
    with await asyncio.to_thread(urllib.request.urlopen, page) as answer:
        cookie = answer.headers["set-cookie"].partition(";")[0]
    async with Client(url, {"cookie": cookie}) as client:
        talk = (await client.post("/conversations"))["id"]
        events = await client.say(f"/conversations/{talk}", "When is it open?")
        assert events[-1].type == "run_finished", events[-1]


def one_run(folder: Path, python: Path) -> tuple[float, float, float]:
    """Seconds until `/healthz` answers, and resident megabytes before and after an answer."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    process = subprocess.Popen([python, "app.py"], cwd=folder, env={**bare_variables(), "PORT": str(port)})
    try:
        while True:
            try:
                urllib.request.urlopen(f"{url}/healthz").close()
                break
            except OSError:
                time.sleep(0.01)
        took, idle = time.monotonic() - began, resident_mb(process.pid)
        asyncio.run(answered(url))
        return took, idle, resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    data = packed()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
        python = clean_environment(Path(scratch) / "environment", (folder / "requirements.txt").read_text())
        measured = [one_run(folder, python) for _ in range(runs + 1)]
    first, rest = measured[0], measured[1:]
    print(f"{len(data) / 1e6:.2f} MB packed; first start, which compiles all of it: {first[0]:.2f} s")
    start = statistics.median(took for took, _, _ in rest)
    idle, after = max(idle for _, idle, _ in rest), max(after for _, _, after in rest)
    print(f"median start {start:.2f} s (goal 3), idle {idle:.0f} MB, after an answer {after:.0f} MB (goal 200)")


if __name__ == "__main__":
    main()
