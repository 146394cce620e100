"""The *Share* tab's other places: a form is drawn from what a target wants to know, and the browser keeps no secret."""

import asyncio
import json

from playwright.async_api import Locator, Page, Route, expect

from tests.axe import violations
from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.studio_page import opened

pytestmark = BROWSER_TEST


async def test_a_place_is_filled_in_refused_and_remembered_without_its_secret(page: Page, guided: str) -> None:
    async with Client(guided) as client:
        tools = {"amap_weather": {"is_active": True, "use": True}}
        config = {"name": "Guide", "language": "en", "tools": tools}
        agent = (await client.post("/api/agents", json={"config": config}))["id"]
    studio = await opened(page, f"{guided}/?agent={agent}")
    await studio.tab(3)
    place = page.locator("#share_targets section").filter(has_text="S3-compatible storage")
    await place.get_by_text("Set it up").click()
    await place.get_by_role("textbox", name="Endpoint").fill("http://169.254.169.254")
    await place.get_by_role("textbox", name="Bucket", exact=True).fill("bundles")
    await place.get_by_role("combobox", name="Addresses").select_option("The bucket is in the host's name")
    await place.get_by_role("textbox", name="Access key id").fill("AKIAOFNOBODY")
    await place.get_by_label("Secret key").fill("a-secret-key-that-is-typed")
    found = await violations(page, at="the form of a place")
    await page.set_viewport_size({"width": 390, "height": 844})
    await place.get_by_role("button", name="Publish there").click()
    await expect(place.get_by_role("alert")).to_contain_text("This address cannot be used")
    studio_place = page.locator("#share_targets section").filter(has_text="A ModelScope studio, by a token")
    await studio_place.get_by_text("Set it up").click()
    await studio_place.get_by_role("textbox", name="Studio", exact=True).fill("guide")
    key = studio_place.get_by_role("group", name="Keys to set in the studio").get_by_label("AMAP_TOKEN")
    await key.fill("a-secret-key-of-the-agent")
    found += await violations(page, at="a place that refused and keys of another, on a phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    refused = _event(2, "publish_refused", text={"zh": "不行。", "en": "Not today."})
    await page.route("**/publications", lambda route: _streams(route, STARTED))
    await page.route("**/publications/p/events", lambda route: _streams(route, STARTED + refused + FAILED))
    async with page.expect_request("**/publications") as asked:
        await studio_place.get_by_role("button", name="Publish there").click()
    body = (await asked.value).post_data_json
    assert body["keys"] == {"AMAP_TOKEN": "a-secret-key-of-the-agent"}
    assert body["options"] == {"studio": "guide", "visibility": "private", "sdk": "docker"} and body["secrets"] == {}
    await expect(page.locator("#share_targets").get_by_role("alert")).to_have_text("Not today.")
    await expect(key).to_have_value("")
    found += await _stopped_over_a_second_connection(page, studio_place)
    await page.unroute_all()
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await studio.tab(3)
    await place.get_by_text("Set it up").click()
    await expect(place.get_by_role("textbox", name="Bucket", exact=True)).to_have_value("bundles")
    await expect(place.get_by_role("combobox", name="Addresses")).to_have_value("host")
    await expect(place.get_by_label("Secret key")).to_have_value("")
    assert "a-secret-key" not in await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert not found, "\n".join(found)


async def _stopped_over_a_second_connection(page: Page, place: Locator) -> list[str]:
    """A publication whose first connection breaks, and which is stopped then. Gives what is wrong with the page."""
    step = _event(2, "publish_step", text={"zh": "发送。", "en": "Sending the files."})
    pressed = asyncio.Event()

    async def events(route: Route) -> None:
        if "last-event-id" not in route.request.headers:
            return await _streams(route, STARTED + step)
        await pressed.wait()
        await _streams(route, _event(3, "run_finished", stop="stopped"))

    async def stop(route: Route) -> None:
        await route.fulfill(status=204)
        pressed.set()

    await page.route("**/publications/p/events", events)
    await page.route("**/publications/p/stop", stop)
    await place.get_by_role("button", name="Publish there").click()
    await expect(place.get_by_text("Sending the files.")).to_be_visible()
    await expect(place.get_by_role("button", name="Publish there")).to_be_disabled()
    found = await violations(page, at="a publication that runs, on a phone")
    await place.get_by_role("button", name="Stop").click()
    await expect(place.get_by_text("Stopped. What was there before is still there.")).to_be_visible()
    await expect(place.get_by_role("button", name="Stop")).to_have_count(0)
    await expect(place.get_by_role("button", name="Publish there")).to_be_enabled()
    return found


def _event(seq: int, kind: str, **data: object) -> str:
    return f"id: {seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"


STARTED = _event(1, "publish_started", publication="p")
FAILED = _event(3, "run_failed", code="publish_failed", message="No.")


async def _streams(route: Route, body: str) -> None:
    await route.fulfill(content_type="text/event-stream", body=body)
