"""Gradio's own routes, all that this version of it has: behind the door, and of no use beyond drawing the page."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.client import Client
from tests.terminal import ROOT, terminal

TOKEN = "the-right-token"
USED = {
    "/",
    "/assets/{path}",
    "/config",
    "/config/",
    "/favicon.ico",
    "/gradio_api/app_id",
    "/gradio_api/app_id/",
    "/gradio_api/heartbeat/{session_hash}",
    "/gradio_api/info",
    "/gradio_api/info/",
    "/gradio_api/startup-events",
    "/manifest.json",
    "/robots.txt",
    "/static/{path}",
    "/svelte/{path}",
    "/theme.css",
}
"""What the page is drawn with; all of it can only be read."""
HANDS_OUT_FILES = {"/assets/{path}", "/static/{path}", "/svelte/{path}"}
WAYS_OUT = ("../../../../etc/passwd", "/etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "..\\..\\etc")


DESCRIBE = """
import json, gradio.routes
from agentfabric.ui.page import build_page
print(json.dumps(gradio.routes.App.create_app(build_page()).openapi()["paths"]))
"""


def gradio_routes() -> list[str]:
    """The path of every route, as Gradio's application itself describes them; in a process of its own, because Gradio
    leaves event loops behind."""
    described = subprocess.run(
        [sys.executable, "-c", DESCRIBE],
        cwd=ROOT,
        env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [*json.loads(described.stdout.splitlines()[-1])]


def filled(path: str) -> str:
    """The path with something in its gaps: an upload's place, somebody's session."""
    return (
        path.replace("{path_or_url}", "/etc/passwd")
        .replace("{url_path}", "http://127.0.0.1:1/")
        .replace("{path}", "nothing")
        .replace("{", "")
        .replace("}", "")
    )


async def test_every_route_is_locked_and_only_what_the_page_needs_is_there(home: Path) -> None:
    routes = await asyncio.to_thread(gradio_routes)
    assert set(routes) > USED and len(routes) > 60
    ours = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        terminal({"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_TOKEN": TOKEN}) as server,
        Client(server.base_url) as client,
    ):
        for path in routes:
            for method in ("GET", "POST", "PUT", "DELETE"):
                for address in (filled(path), "/" + filled(path)):
                    answer = await client.call(method, address)
                    assert answer.status == 401, f"{method} {address}"
                    if path in USED and method == "GET" and address == filled(path):
                        continue
                    if path.startswith("/gradio_api/heartbeat") and method == "GET":
                        continue
                    answer = await client.call(method, address, headers=ours)
                    assert answer.status in (404, 405), f"{method} {address}: {answer.status}"
        await _nothing_leaves_by_a_path(client, ours)
        await _no_handler_runs_in_python(client, ours)


async def _nothing_leaves_by_a_path(client: Client, ours: dict[str, str]) -> None:
    for path in HANDS_OUT_FILES:
        for way in WAYS_OUT:
            answer = await client.call("GET", path.replace("{path}", way), headers=ours)
            assert answer.status in (403, 404), f"{path} {way}"
            assert b"root:" not in bytes(str(answer.body), "utf-8")


async def _no_handler_runs_in_python(client: Client, ours: dict[str, str]) -> None:
    """So nobody's session is worth guessing, nothing is queued, uploaded or kept as a run."""
    config = await client.get("/config", headers=ours)
    assert config["dependencies"]
    for handler in config["dependencies"]:
        assert (handler["backend_fn"], handler["api_visibility"]) == (False, "private")
    assert not config.get("run_history")
    info = await client.get("/gradio_api/info", headers=ours)
    assert (info["named_endpoints"], info["unnamed_endpoints"]) == ({}, {})
