"""The studio page: a call that writes is shown with its arguments, and the person allows it, always, or refuses it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.axe import violations
from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Studio, another_page, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

RENEW = Call("RenewInstance", '{"instance_id": "i-rj90a7e840y5cde", "period": 3}', "call_a")
TITLE = "Renew an ECS instance (demo)"


@dataclass(frozen=True)
class Desk:
    """The page of an agent that may renew."""

    studio: Studio
    modelled: Modelled
    url: str

    @property
    def cards(self) -> Locator:
        return self.studio.log("preview").get_by_role("group", name=f"Allow “{TITLE}”?")

    def answer(self, name: str) -> Locator:
        return self.cards.get_by_role("button", name=name, exact=True)

    @property
    def step(self) -> Locator:
        return self.studio.log("preview").locator("[data-tool=RenewInstance] .af-step-title")

    async def config(self) -> dict[str, object]:
        async with Client(self.modelled.base_url) as client:
            agent = await client.get(f"/api/agents/{self.url.rpartition('=')[2]}")
            return dict(agent["config"]["tools"]["RenewInstance"])


@pytest_asyncio.fixture(loop_scope="session")
async def desk(page: Page, modelled: Modelled) -> AsyncGenerator[Desk]:
    async with Client(modelled.base_url) as client:
        agent = (await client.post("/api/agents", json={"language": "en"}))["id"]
        await client.call("PATCH", f"/api/agents/{agent}/config", json={"tools": {"RenewInstance": True}})
    url = f"{modelled.base_url}/?agent={agent}"
    yield Desk(await opened(page, url), modelled, url)


async def test_a_call_is_shown_with_its_arguments_and_made_when_it_is_allowed(desk: Desk) -> None:
    studio = desk.studio
    desk.modelled.model.script(Says("I will renew it.", calls=(RENEW,)), Says("It is renewed."))
    await studio.ask("Renew i-rj90a7e840y5cde for 3 months")
    await expect(desk.cards).to_contain_text("i-rj90a7e840y5cde")
    await expect(desk.cards.get_by_role("listitem")).to_have_text(["instance_idi-rj90a7e840y5cde", "period3"])
    await expect(desk.step).to_contain_text("waiting for you")
    assert await violations(studio.page, at="a call waits") == []
    await studio.page.reload()
    await expect(desk.cards).to_contain_text("i-rj90a7e840y5cde")
    await desk.answer("Allow").press("Enter")
    await expect(studio.answers("preview")).to_have_count(1)
    await expect(studio.answers("preview")).to_contain_text("It is renewed.")
    await studio.answered("preview")
    await expect(desk.cards).to_have_count(0)
    await expect(desk.step).to_have_text(f"{TITLE} · i-rj90a7e840y5cde")
    assert "policy" not in await desk.config()
    await studio.page.reload()
    await expect(studio.answers("preview")).to_contain_text("It is renewed.")
    await expect(studio.answers("preview")).to_have_count(1)
    await expect(desk.cards).to_have_count(0)


async def test_a_refusal_is_told_and_nothing_is_made(desk: Desk) -> None:
    desk.modelled.model.script(Says(calls=(RENEW,)), Says("Then I leave it."))
    await desk.studio.ask("Renew it")
    await desk.answer("Refuse").click()
    await expect(desk.studio.answers("preview")).to_contain_text("Then I leave it.")
    await expect(desk.step).to_contain_text("not allowed")


async def test_the_list_of_conversations_shows_which_one_waits(desk: Desk) -> None:
    studio = desk.studio
    desk.modelled.model.script(Says(calls=(RENEW,)), Says("Hello."), Says("Then I leave it."))
    await studio.ask("Renew it")
    await expect(desk.cards).to_be_visible()
    head = studio.page.locator(".st-conversation")
    await expect(head).to_have_accessible_name("Conversations: Renew it")
    await studio.page.get_by_role("button", name="New conversation").click()
    await studio.ask("Hello")
    await expect(head).to_have_accessible_name("Conversations: Hello (Another conversation waits for your answer)")
    await head.click()
    row = studio.page.locator("#preview_conversations li").filter(has_text="Renew it")
    await expect(row.get_by_role("img", name="Waits for your answer")).to_be_visible()
    await row.locator(".st-open").click()
    await desk.answer("Refuse").click()
    await expect(studio.answers("preview")).to_contain_text("Then I leave it.")
    await studio.answered("preview")
    await head.click()
    await expect(row).to_be_visible()
    await expect(row.get_by_role("img")).to_have_count(0)


async def test_always_is_seen_under_configure_and_taken_back_there(desk: Desk) -> None:
    studio, model = desk.studio, desk.modelled.model
    model.script(Says(calls=(RENEW,)), Says("Done."), Says(calls=(RENEW,)), Says("Done again."), Says(calls=(RENEW,)))
    await studio.ask("Renew it")
    await desk.answer("Always for this agent").click()
    await expect(studio.answers("preview")).to_contain_text("Done.")
    await studio.answered("preview")
    assert (await desk.config())["policy"] == "allow"
    await studio.ask("And again")
    await expect(studio.answers("preview").last).to_contain_text("Done again.")
    await studio.configure()
    choice = studio.tool("RenewInstance").get_by_label("Before each call")
    await expect(choice).to_have_value("allow")
    await expect(choice).to_have_accessible_name(f"Before each call: {TITLE}")
    await expect(studio.tool("weather").get_by_label("Before each call")).to_be_hidden()
    await choice.select_option("Ask me first")
    await studio.stored()
    assert (await desk.config())["policy"] == "ask"
    await studio.ask("Once more")
    await expect(desk.cards).to_have_count(1)


async def test_another_window_follows_and_only_one_decides(desk: Desk, context: BrowserContext, watch: Watch) -> None:
    desk.modelled.model.script(Says("Hello."), Says(calls=(RENEW,)), Says("Done."))
    await desk.studio.ask("Hello")
    other = Desk(await opened(await another_page(context, watch), desk.url), desk.modelled, desk.url)
    await desk.studio.page.bring_to_front()
    await desk.studio.ask("Renew it")
    await expect(other.cards).to_have_count(1)
    await desk.answer("Allow").click()
    await expect(desk.studio.answers("preview").last).to_contain_text("Done.")
    await expect(other.studio.answers("preview").last).to_contain_text("Done.")
    await expect(other.cards).to_have_count(0)


async def test_whoever_says_something_else_does_not_allow_it(desk: Desk) -> None:
    desk.modelled.model.script(Says(calls=(RENEW,)), Says("All right."))
    await desk.studio.ask("Renew it")
    await expect(desk.cards).to_have_count(1)
    await desk.studio.ask("Never mind")
    await expect(desk.cards).to_have_count(0)
    await expect(desk.step).to_contain_text("not allowed")
    await desk.studio.page.reload()
    await expect(desk.step).to_contain_text("not allowed")
    await expect(desk.cards).to_have_count(0)


@pytest.mark.parametrize("choice", ["Allow", "Refuse"])
async def test_a_decision_that_came_too_late_is_told(desk: Desk, choice: str, watch: Watch) -> None:
    watch.expected.append("status of 409")
    desk.modelled.model.script(Says(calls=(RENEW,)), Says("Decided elsewhere."))
    await desk.studio.ask("Renew it")
    await expect(desk.cards).to_have_count(1)
    async with Client(desk.modelled.base_url) as client:
        path = f"/api/agents/{desk.url.rpartition('=')[2]}/conversations"
        [conversation] = await client.get(path)
        body = {"turn": conversation["waiting"], "calls": {"call_a": "refuse"}}
        await client.collect("POST", f"{path}/{conversation['id']}/decisions", json=body)
    await desk.answer(choice).click()
    await expect(desk.studio.page.locator(".af-composer", has=desk.studio.input("preview"))).to_contain_text(
        "decided already"
    )
    await expect(desk.studio.answers("preview")).to_contain_text("Decided elsewhere.")
    await expect(desk.cards).to_have_count(0)
