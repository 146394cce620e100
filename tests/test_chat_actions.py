"""The chat component in a real browser: what is done with messages and files, and what is typed and not sent."""

import asyncio
from typing import Any, Protocol, cast

from playwright.async_api import Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.chat_page import field, finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from tests.fakes.chat_backend import Refusal as NotTaken
from user_agent.events import RunFailed, TextDelta, ToolFinished, ToolStarted

pytestmark = BROWSER_TEST


class DevTools(Protocol):
    """Chromium's own protocol; Playwright's types leave the answer open."""

    async def send(self, method: str, params: dict[str, object], /) -> object: ...


def action(page: Page, name: str) -> Locator:
    return log(page).get_by_role("button", name=name, exact=True)


async def copied(page: Page) -> str:
    text: str = await page.evaluate("navigator.clipboard.readText()")
    return text.rstrip("\n")


async def drop(target: Locator, *files: dict[str, Any], kind: str = "drop") -> None:
    """Drops files on an element or pastes them: each with `name`, `type` and `size`."""
    await target.evaluate(
        """(target, [files, kind]) => {
          const data = new DataTransfer();
          for (const {name, type, size} of files) data.items.add(new File([new Uint8Array(size)], name, {type}));
          const init = {bubbles: true, cancelable: true};
          target.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, {...init, clipboardData: data})
            : new DragEvent(kind, {...init, dataTransfer: data}));
        }""",
        [files, kind],
    )


# ---- copy


async def test_an_answer_is_copied_as_its_markdown_and_a_question_as_it_was_typed(
    page: Page, backend: ChatBackend
) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    backend.answers.append(
        [
            TextDelta(text="**First**, I "),
            TextDelta(text="look."),
            ToolStarted(id="1", name="weather", arguments={}),
            ToolFinished(id="1", name="weather", output="22", failed=False, seconds=0.1),
            TextDelta(text="It is `22` °C.\n"),
        ]
    )
    await opened(page, backend)
    await said(page, "How *warm*\nis it?")
    await finished(page)
    for _ in range(2):
        await action(page, "Copy answer").click()
        await expect(action(page, "Copied")).to_be_visible()
        assert await copied(page) == "**First**, I look.\n\nIt is `22` °C."
        await action(page, "Copy message").click()
        assert await copied(page) == "How *warm*\nis it?"
        await page.reload()


async def test_there_is_nothing_to_copy_of_an_answer_that_failed_at_once(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([RunFailed(code="model_timeout", message="m")])
    await opened(page, backend)
    await said(page, "hello")
    await finished(page)
    await expect(action(page, "Copy message")).to_be_visible()
    await expect(action(page, "Copy answer")).to_have_count(0)
    await expect(action(page, "Edit message")).to_have_count(0)


async def test_actions_of_earlier_messages_show_at_the_cursor_of_a_keyboard(page: Page, backend: ChatBackend) -> None:
    backend.answers.extend([[TextDelta(text="one")], [TextDelta(text="two")]])
    await opened(page, backend)
    for text in ("first", "second"):
        await said(page, text)
        await finished(page)
    await page.mouse.move(0, 0)
    copy = action(page, "Copy answer")
    await expect(copy.first).to_have_css("opacity", "0")
    await expect(copy.last).to_have_css("opacity", "1")
    await copy.first.focus()
    await expect(copy.first).to_have_css("opacity", "1")


# ---- what is typed


async def test_what_is_typed_survives_a_reload_and_goes_once_it_is_sent(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    await field(page).fill("half a\nthought")
    await page.reload()
    await expect(field(page)).to_have_value("half a\nthought")
    await field(page).press("Enter")
    await finished(page)
    await page.reload()
    await expect(log(page).locator(".af-bubble")).to_have_text("half a\nthought")
    await expect(field(page)).to_have_value("")


async def test_what_came_back_after_a_failure_survives_a_reload_too(
    page: Page, backend: ChatBackend, watch: Watch
) -> None:
    watch.expected.append("status of 503")
    backend.answers.append(NotTaken(503, {"code": "storage_failed", "message": "m", "params": {}}))
    await opened(page, backend)
    await said(page, "hello")
    await expect(field(page)).to_have_value("hello")
    await page.reload()
    await expect(log(page).locator(".af-bubble")).to_have_count(0)
    await expect(field(page)).to_have_value("hello")


async def test_each_conversation_keeps_what_was_typed_for_it(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    await field(page).fill("for the first")
    other = "{history: null, send: '/api/conversation/messages', turn: (t) => `/api/turns/${t}`, memory: 'c2'}"
    await page.evaluate(f"chat.open({other})")
    await expect(field(page)).to_have_value("")
    await field(page).fill("for the second")
    first = "{history: '/api/conversation', send: '/api/conversation/messages', memory: 'c1'}"
    await page.evaluate(f"chat.open({first})")
    await expect(field(page)).to_have_value("for the first")
    await page.evaluate(f"chat.open(() => Promise.resolve({other}))")
    await expect(field(page)).to_have_value("for the second")


# ---- files


async def test_files_that_cannot_be_used_are_refused_with_the_reason(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    fine = [{"name": f"{n}.md", "type": "", "size": 5} for n in range(9)]
    await drop(
        field(page),
        {"name": "film.mp4", "type": "video/mp4", "size": 9},
        {"name": "logo.svg", "type": "image/svg+xml", "size": 9},
        {"name": "film.txt", "type": "text/plain", "size": 20_000_001},
        *fine,
    )
    chips = page.locator(".af-chips .af-chip")
    await expect(chips).to_have_count(9)
    notice = page.locator(".af-notice")
    for sentence in (
        "“film.mp4” cannot be read so far. Attach documents, text, code, pictures (PNG, JPEG, WebP, GIF) or sounds.",
        "“logo.svg” cannot be read so far.",
        "“film.txt” is larger than 20 MB.",
    ):
        await expect(notice).to_contain_text(sentence)
    await drop(field(page), {"name": "a.png", "type": "image/png", "size": 9}, {"name": "b.md", "type": "", "size": 9})
    await expect(chips).to_have_count(10)
    await expect(notice).to_have_text("A message takes 10 files. Send the rest with the next one.")
    await page.evaluate("chat.setLanguage('zh')")
    await expect(notice).to_have_text("一条消息最多带 10 个文件。其余的请随下一条发送。")


async def test_the_drop_zone_shows_while_files_are_over_the_chat(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    zone = page.get_by_text("Drop the files here")
    await expect(zone).to_be_hidden()
    await drop(field(page), {"name": "a.md", "type": "", "size": 1}, kind="dragenter")
    await expect(zone).to_be_visible()
    await drop(field(page), {"name": "a.md", "type": "", "size": 1}, kind="dragleave")
    await expect(zone).to_be_hidden()
    await drop(log(page).locator("xpath=.."), {"name": "a.md", "type": "", "size": 1}, kind="drop")
    await expect(page.locator(".af-chips .af-chip")).to_have_count(1)


async def test_a_pasted_picture_is_attached_and_pasted_words_stay_words(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    await drop(field(page), {"name": "image.png", "type": "image/png", "size": 9}, kind="paste")
    await expect(page.locator(".af-chips .af-chip img")).to_have_count(1)
    await field(page).evaluate(
        """(field) => {
          const data = new DataTransfer();
          data.setData("text/plain", "a cell");
          data.items.add(new File(["x"], "cell.png", {type: "image/png"}));
          field.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: data}));
        }"""
    )
    await expect(page.locator(".af-chips .af-chip")).to_have_count(1)


async def test_files_are_taken_away_by_keyboard_one_after_the_other(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    await drop(field(page), *({"name": f"{n}.md", "type": "", "size": 5} for n in "abc"))
    await page.get_by_role("button", name="Remove b.md").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Remove c.md")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".af-chips .af-chip")).to_have_count(0)
    await expect(page.get_by_role("button", name="Attach files")).to_be_focused()


async def test_an_upload_says_how_far_it_is_and_can_be_taken_back(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    session = cast(DevTools, await page.context.new_cdp_session(page))
    slow: dict[str, object] = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
    await session.send("Network.emulateNetworkConditions", slow)
    await drop(field(page), {"name": "long.md", "type": "", "size": 4_000_000})
    await said(page, "read it")
    progress = log(page).get_by_role("progressbar", name="Uploading…")
    await expect(progress).to_be_visible()
    await page.wait_for_function("document.querySelector('progress')?.value > 0.05")
    await page.get_by_role("button", name="Stop").click()
    await expect(progress).to_have_count(0)
    await expect(field(page)).to_have_value("read it")
    await expect(page.locator(".af-chips .af-chip")).to_have_count(1)
    await expect(log(page).locator(".af-bubble")).to_have_count(0)
    assert backend.received == []
    await session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="I read "), gate, TextDelta(text="it. 读完了。")])
    await field(page).press("Enter")
    await expect(log(page).locator(".af-text")).to_have_text("I read")
    gate.set()
    await finished(page)
    await expect(log(page).locator(".af-text")).to_have_text("I read it. 读完了。")
    await expect(progress).to_have_count(0)
    assert [len(message.files["long.md"]) for message in backend.received] == [4_000_000]
