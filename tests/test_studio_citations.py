"""Citations on the real page: files go into the *Knowledge* tab, are answered from, and are opened at their place."""

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser import BROWSER_TEST
from tests.documents import pdf, slow_pdf
from tests.knowing import RETURNS_ZH
from tests.studio_page import Studio, named, opened

pytestmark = BROWSER_TEST

PAPER = pdf("Cover of the handbook", "Grey geese fly south in October. They rest at the lake.", "Ducks stay all year.")
VIEWER = "Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', { get: () => !window.viewerless })"


async def cited(studio: Studio, question: str) -> Locator:
    """The card of the first source of the answer."""
    await studio.ask(question)
    await studio.answers("preview").last.locator(".af-text .af-cite").first.click()
    return studio.page.get_by_role("dialog").filter(has=studio.page.locator(".af-source-head"))


async def test_a_citation_is_opened_at_its_page(page: Page, guided: str) -> None:
    await page.add_init_script(VIEWER)
    studio = await opened(page, guided)
    await studio.language("中文")
    knowledge = await studio.knowledge()
    files = [("geese.pdf", PAPER), ("退货.md", RETURNS_ZH.encode())]
    await knowledge.locator("input[type=file]").first.set_input_files(
        [FilePayload(name=name, mimeType="", buffer=data) for name, data in files]
    )
    await expect(knowledge.locator('li[data-state="ready"]')).to_have_count(2)

    card = await cited(studio, "When do grey geese fly south?")
    await expect(card.locator(".af-source-name")).to_have_text("geese.pdf")
    await expect(card.locator(".af-source-place")).to_have_text("第 2 页")
    await expect(card.locator("mark").first).to_have_text("Grey geese fly south in October. ")
    await card.get_by_role("button", name="打开来源").press("Enter")
    await expect(card.locator("[data-here] mark").first).to_have_text("Grey geese fly south in October. ")
    await expect(card.locator(".af-source-text p")).to_have_count(3)
    link = card.get_by_role("link", name="打开第 2 页")
    foot, composer = await link.bounding_box(), await page.locator("#preview_input").bounding_box()
    assert foot and composer and foot["y"] + foot["height"] < composer["y"]
    address, _, place = (await link.get_attribute("href") or "").partition("#")
    assert place == "page=2"
    answer = await page.request.get(f"{guided}{address}")
    assert (answer.headers["content-type"], await answer.body()) == ("application/pdf", PAPER)
    async with page.expect_download() as kept:
        await card.get_by_role("link", name="下载文件").click()
    assert (await kept.value).suggested_filename == "geese.pdf"
    await page.keyboard.press("Escape")

    # Without a viewer the passage is the source, and the file can be kept.
    await page.evaluate("window.viewerless = true")
    card = await cited(studio, "袜子多久可以退？")
    await expect(card.locator(".af-source-name")).to_have_text("退货.md")
    await expect(card.locator(".af-source-place")).to_have_text("退货")
    await expect(card.locator("mark")).to_contain_text("三十天")
    await card.get_by_role("button", name="打开来源").click()
    await expect(card.get_by_role("link")).to_have_text(["下载文件"])
    await page.keyboard.press("Escape")
    await studio.answers("preview").first.locator(".af-text .af-cite").first.click()
    await card.get_by_role("button", name="打开来源").click()
    await expect(card.get_by_role("link")).to_have_text(["下载文件"])


async def test_a_large_file_is_read_while_one_writes_and_goes_into_the_knowledge_at_a_press(
    page: Page, guided: str
) -> None:
    studio = await opened(page, guided)
    await named(guided, "Reader")
    await page.reload()
    await studio.open_library()
    await studio.library.get_by_text("Reader").first.click()
    files = [("paper.pdf", slow_pdf(16)), ("bad.pdf", b"%PDF-1.7" + bytes(120_000))]
    composer = page.locator(".af-composer").filter(has=page.locator("#preview_input"))
    await composer.locator("input[type=file]").set_input_files(
        [FilePayload(name=name, mimeType="application/pdf", buffer=data) for name, data in files]
    )
    chips = composer.get_by_role("listitem")
    await expect(chips.first.locator("[data-reading]")).to_have_text("read")
    await expect(chips.last.locator("[data-reading=failed]")).to_have_text("not read")
    await expect(composer.locator(".af-notice")).to_contain_text("bad.pdf")
    await studio.input("preview").fill("What is in it?")
    await studio.input("preview").press("Enter")
    await studio.answered("preview")
    asked = studio.log("preview").locator(".af-user").last
    await expect(asked.locator("[data-reading=failed]")).to_have_text("not read")
    await asked.get_by_role("button", name="Add to the agent's knowledge").first.click()
    await expect(asked.get_by_role("button", name="In the agent's knowledge now")).to_be_visible()
    knowledge = await studio.knowledge()
    await expect(knowledge.locator('li[data-state="ready"]')).to_contain_text("paper.pdf")
