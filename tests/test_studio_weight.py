"""What a visit of the studio page weighs on the wire. How long it takes is `bench/page.py`'s affair."""

from typing import Any, Protocol, cast

import pytest
from playwright.async_api import Page

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.studio_page import opened

pytestmark = BROWSER_TEST

MOST_BYTES = 1_000_000
MOST_BYTES_AGAIN = 250_000
"""Files that carry no version are asked about again: mostly answers without content."""


class Wire(Protocol):
    """Chromium's own protocol; Playwright's types leave the events open."""

    async def send(self, method: str, /) -> object: ...
    def on(self, event: str, listener: Any, /) -> None: ...


async def test_a_first_visit_weighs_less_than_a_megabyte(page: Page, guided: str) -> None:
    wire = cast(Wire, await page.context.new_cdp_session(page))
    await wire.send("Network.enable")
    weights: list[int] = []
    wire.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
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
