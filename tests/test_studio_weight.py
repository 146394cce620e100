"""What a visit of the studio page weighs on the wire. How long it takes is `bench/page.py`'s affair."""

import asyncio
import re
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from playwright.async_api import Page
from starlette.applications import Starlette

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.server import listening
from tests.studio_page import opened
from user_agent.serve.page_files import PageFiles
from user_agent.serve.static_files import version_of

pytestmark = BROWSER_TEST

MOST_BYTES = 1_000_000
MOST_BYTES_AGAIN = 125_000
"""The page itself, its texts and what the API says: its files are kept."""


class Wire(Protocol):
    """Chromium's own protocol; Playwright's types leave the events open."""

    async def send(self, method: str, /) -> object: ...
    def on(self, event: str, listener: Any, /) -> None: ...


@pytest.mark.first_visit
async def test_a_first_visit_weighs_less_than_a_megabyte(page: Page, guided: str) -> None:
    wire = cast(Wire, await page.context.new_cdp_session(page))
    await wire.send("Network.enable")
    weights: list[int] = []

    def weigh(event: dict[str, Any]) -> None:
        weights.append(event["encodedDataLength"])

    wire.on("Network.loadingFinished", weigh)
    await opened(page, guided)
    await page.wait_for_load_state("networkidle")
    assert len(weights) > 50
    assert sum(weights) < MOST_BYTES
    assert await page.evaluate(
        "!performance.getEntriesByType('resource').some(({ name }) => name.includes('vendor/katex'))"
    )
    weights.clear()
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await page.wait_for_load_state("networkidle")
    assert sum(weights) < MOST_BYTES_AGAIN
    entries = "performance.getEntriesByType('resource').map(({ name, transferSize }) => [name, transferSize])"
    files = [(name, size) for name, size in await page.evaluate(entries) if "/static/" in name]
    assert len(files) > 50
    assert [name for name, size in files if size and not name.endswith((".svg", ".json"))] == []


@pytest.mark.parametrize("path", ["/static/studio/studio.js", "/static/chat/i18n/zh.json", "/static/studio/studio.css"])
async def test_texts_go_out_compressed_and_only_where_they_changed(guided: str, path: str) -> None:
    async with Client(guided) as client:
        packed = await client.call("GET", path, headers={"accept-encoding": "gzip"})
        plain = await client.call("GET", path, headers={"accept-encoding": "identity"})
        assert packed.body == plain.body
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-type"] == plain.headers["content-type"]
        for answer in (packed, plain):
            assert answer.headers["vary"] == "accept-encoding"
            assert answer.headers["cache-control"] == "no-cache"
            known = {"accept-encoding": "gzip", "if-none-match": answer.headers["etag"]}
            assert (await client.call("GET", path, headers=known)).status == 304
        other = {"accept-encoding": "gzip", "if-none-match": '"of-yesterday"'}
        assert (await client.call("GET", path, headers=other)).status == 200


async def test_a_file_is_kept_for_as_long_as_its_address_names_the_version_that_is_there(guided: str) -> None:
    async with Client(guided) as client:
        page = (await client.call("GET", "/")).body
        now = re.search(rb"/static/v-\w+/studio/studio\.js", page)
        assert now
        plain = await client.call("GET", "/static/studio/studio.js")
        address = now[0].decode()
        kept = await client.call("GET", address)
        assert kept.headers["cache-control"] == "max-age=31536000, immutable"
        assert kept.body == plain.body
        before_an_upgrade = await client.call("GET", "/static/v-0123456789abcdef/studio/studio.js")
        assert before_an_upgrade.headers["cache-control"] == "no-cache"
        assert before_an_upgrade.body == plain.body
        gone = await client.call("GET", address.replace("studio.js", "nothing.js"))
        assert gone.status == 404
        assert "immutable" not in gone.headers.get("cache-control", "")


async def test_a_file_that_changed_under_a_server_is_not_kept_as_that_of_the_version(tmp_path: Path) -> None:
    file = tmp_path / "chat" / "a.js"
    file.parent.mkdir()
    await asyncio.to_thread(file.write_text, "// " + 600 * "as it was ")
    files = PageFiles(tmp_path, "chat")
    address = "/" + files.versioned("static/chat/a.js")
    app = Starlette(routes=await asyncio.to_thread(lambda: files.routes))
    async with listening(app) as base_url, Client(base_url) as client:
        assert "immutable" in (await client.call("GET", address)).headers["cache-control"]
        await asyncio.to_thread(file.write_text, "// " + 700 * "as it is ")
        for accepted in ("gzip", "identity"):
            changed = await client.call("GET", address, headers={"accept-encoding": accepted})
            assert b"as it is" in changed.body
            assert changed.headers["cache-control"] == "no-cache"


async def test_a_version_changes_with_any_of_the_files(tmp_path: Path) -> None:
    folders = (tmp_path / "chat", tmp_path / "studio")
    for folder in folders:
        (folder / "deep").mkdir(parents=True)
        (folder / "deep" / "a.js").write_text("1")
    before = version_of(*folders)
    assert version_of(*folders) == before
    (folders[1] / "deep" / "a.js").write_text("2")
    changed = version_of(*folders)
    assert changed != before
    (folders[1] / "deep" / "a.js").rename(folders[1] / "a.js")
    assert version_of(*folders) not in {before, changed}
