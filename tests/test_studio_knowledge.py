"""The *Knowledge* tab: files are added by the dozen, looked into, asked, and taken away."""

from playwright.async_api import FilePayload, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.fakes.openai_replies import Says
from tests.knowing import RETURNS, RETURNS_ZH
from tests.studio_page import fetched, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST


def file(name: str, text: str) -> FilePayload:
    return FilePayload(name=name, mimeType="", buffer=text.encode())


async def test_files_are_added_by_the_dozen_looked_into_asked_and_taken_away(
    page: Page, watch: Watch, modelled: Modelled
) -> None:
    studio = await opened(page, modelled.base_url)
    knowledge = await studio.knowledge()
    others = [file(f"note {number}.txt", f"Note {number} is about geese and nothing else.") for number in range(22)]
    broken = file("broken.docx", "PK\x03\x04 and then nothing")
    await knowledge.locator("input[type=file]").first.set_input_files(
        [file("returns.md", RETURNS), file("退货.md", RETURNS_ZH), broken, *others]
    )
    rows = knowledge.get_by_role("listitem")
    await expect(rows).to_have_count(25)
    await expect(knowledge.locator('li[data-state="ready"]')).to_have_count(24)
    failed = rows.filter(has_text="broken.docx")
    await expect(failed).to_contain_text("not read")
    await expect(failed.locator(".st-problem")).to_contain_text("broken.docx")
    await expect(knowledge.locator(".st-known-summary")).to_contain_text("Files: 25 · not read: 1 · passages: 26")
    await failed.get_by_role("button", name="Remove broken.docx").click()
    await expect(rows).to_have_count(24)

    await knowledge.get_by_role("button", name="Passages of returns.md").click()
    passages = page.locator("dialog.st-passages-dialog")
    await expect(passages.get_by_role("listitem")).to_have_count(2)
    await expect(passages.get_by_role("listitem").last).to_contain_text("Delivery")
    await page.keyboard.press("Escape")

    trial = page.locator("#knowledge_search")
    await trial.get_by_role("searchbox").fill("When can I return socks?")
    await page.keyboard.press("Enter")
    hit = trial.get_by_role("listitem").first
    await expect(hit).to_contain_text("within 30 days")
    await expect(hit).to_contain_text("returns.md")
    await expect(hit.get_by_role("meter")).to_be_visible()
    await expect(trial).to_contain_text("Searched by words")

    await knowledge.get_by_role("button", name="Tags of returns.md").click()
    await knowledge.get_by_role("textbox", name="Tags of returns.md").fill("shop, 2026")
    await page.keyboard.press("Enter")
    await expect(rows.first.locator(".st-known-tags span")).to_have_text(["shop", "2026"])
    await trial.get_by_role("combobox").select_option("2026")
    await trial.get_by_role("searchbox").fill("geese")
    await page.keyboard.press("Enter")
    await expect(trial).to_contain_text("Nothing fits “geese”")

    retrieval = page.locator("#cfg_retrieval")
    await expect(retrieval).to_contain_text("Searched by words")
    await retrieval.get_by_label("Embedding model").select_option("")
    await retrieval.get_by_label("Read by the model").select_option("4,000 characters")
    await retrieval.get_by_role("checkbox", name="shop").check()
    await studio.stored()
    agent = page.url.rpartition("agent=")[2]
    stored = await fetched(page, f"/api/agents/{agent}")
    assert stored["config"]["retrieval"] == {"embedding": "", "budget": 4_000, "tags": ["shop"]}

    check = page.locator("#knowledge_check")
    await expect(check).to_contain_text("found the passage they came from")
    await studio.language("中文")
    await expect(check).to_contain_text("查到了出题的那一段")
    await expect(rows.first).to_contain_text("可以查到")
    watch.expected.append("502")
    await knowledge.get_by_role("textbox", name="网页或站点地图的网址").fill("http://169.254.169.254/")
    await page.keyboard.press("Enter")
    await expect(page.locator(".st-toast-problem")).to_contain_text("不能访问 169.254.169.254：它不在公共互联网上")
    await page.reload()
    await expect((await studio.knowledge()).get_by_role("listitem")).to_have_count(24)


async def test_a_model_looks_for_contradictions_when_it_is_told_to_and_one_is_dismissed(
    page: Page, modelled: Modelled
) -> None:
    studio = await opened(page, modelled.base_url)
    knowledge = await studio.knowledge()
    shop, policy = (f"Socks can be returned within {days} days, unworn." for days in (30, 14))
    await knowledge.locator("input[type=file]").first.set_input_files([file("a.md", shop), file("b.md", policy)])
    check = page.locator("#knowledge_check")
    begin = check.get_by_role("button", name="Check with the model, about")
    await expect(begin).to_be_visible()
    assert not modelled.model.requests
    asked = Says('[{"passage": 1, "question": "Within how many days can socks be returned?"}]')
    clash = '{"pair": 1, "first": "within 30 days", "second": "within 14 days"}'
    turned = '{"pair": 1, "first": "within 14 days", "second": "within 30 days"}'
    modelled.model.script(asked, asked, Says(f"[{clash}, {turned}]"))
    await begin.click()
    found = check.get_by_role("listitem").filter(has_text="within 30 days")
    await expect(found).to_contain_text("b.md")
    await expect(check).to_contain_text("The last time took")
    await expect(check).to_contain_text("been through everything")
    await found.get_by_role("button", name="Dismiss the contradiction").click()
    dismissed = check.locator("details", has_text="Dismissed: 1")
    await dismissed.locator("summary").click()
    await dismissed.get_by_role("button", name="Show the contradiction").click()
    await expect(check).to_contain_text("Contradictions: 1")


async def test_what_is_wrong_stands_beside_the_builder_with_a_button_that_mends_it(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    knowledge = await studio.knowledge()
    song = "The heron stands on one leg in the grey river and waits until the small fish forget that it is there."
    longer = f"{song}\n\n# Otters\n\nOtters sleep on their backs and hold hands, so that none of them drifts away."
    await knowledge.locator("input[type=file]").first.set_input_files([file("a.md", longer), file("b.md", song)])
    told = "“b.md” says nothing that “a.md” does not say"
    await expect(knowledge.locator(".st-known-problems")).to_contain_text(told)
    await studio.tab(0)
    beside = page.locator(".st-pane-chat .st-known-problems")
    await beside.locator("summary").click()
    await expect(beside).to_contain_text(told)
    await beside.get_by_role("button", name="Take “b.md” out of what it knows").click()
    await expect(beside).to_be_hidden()
    await expect((await studio.knowledge()).locator(".st-files > li")).to_have_count(1)
