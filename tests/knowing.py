"""What tests do with knowledge: add files, and wait until they are read."""

import asyncio
import io
from collections.abc import Mapping
from typing import Any

import aiohttp

from tests.client import Client

AT_WORK = {"queued", "reading", "indexing"}
RETURNS = (
    "# Returns\n\nSocks can be returned within 30 days, unworn.\n\n"
    "# Delivery\n\nA parcel to Hangzhou takes two days and costs nothing from 50 yuan.\n"
)
RETURNS_ZH = "# 退货\n\n袜子可以在三十天内退回，须未穿过。\n\n# 配送\n\n寄到杭州的包裹需要两天，满五十元免运费。\n"


def form_of(files: Mapping[str, bytes | str]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        form.add_field("files", io.BytesIO(data), filename=name)
    return form


async def add(client: Client, agent: str, files: Mapping[str, bytes | str], **options: Any) -> list[dict[str, Any]]:
    """Adds the files, and returns them as they were answered."""
    return await client.post(f"/api/agents/{agent}/knowledge", data=form_of(files), **options)


async def settled(client: Client, agent: str, **options: Any) -> list[dict[str, Any]]:
    """The agent's files, once nothing is at work on them."""
    async with asyncio.timeout(10):
        while True:
            files: list[dict[str, Any]] = await client.get(f"/api/agents/{agent}/knowledge", **options)
            if not any(file["state"] in AT_WORK for file in files):
                return files
            await asyncio.sleep(0.02)


async def knowing(client: Client, files: Mapping[str, bytes | str], **options: Any) -> str:
    """The id of a new agent that has read these files."""
    agent = (await client.post("/api/agents", **options))["id"]
    await add(client, agent, files, **options)
    states = {file["name"]: file["state"] for file in await settled(client, agent, **options)}
    assert set(states.values()) == {"ready"}, states
    return agent


async def search(client: Client, agent: str, query: str, **body: Any) -> dict[str, Any]:
    headers = body.pop("headers", {})
    answer = await client.call(
        "POST", f"/api/agents/{agent}/knowledge/search", json={"query": query, **body}, headers=headers
    )
    assert answer.status == 200, answer.body
    return answer.body


async def checked(client: Client, agent: str) -> dict[str, Any]:
    """The report that is made by itself, once it is there."""
    async with asyncio.timeout(10):
        while not (report := await client.get(f"/api/agents/{agent}/knowledge/check")) or report["stale"]:  # noqa: ASYNC110  it is made by itself
            await asyncio.sleep(0.02)
    return report
