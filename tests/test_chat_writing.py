"""The chat component in a real browser: writing, files, the card, languages, reading."""

import asyncio
from typing import Protocol, cast

from playwright.async_api import Page, expect

from builder_core.events import ConfigChanged
from tests.browser import BROWSER_TEST, Watch
from tests.chat_page import field, finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from tests.fakes.chat_backend import Refusal as NotTaken
from user_agent.events import RunFailed, TextDelta, ToolFinished, ToolStarted

pytestmark = BROWSER_TEST


class DevTools(Protocol):
    """Chromium's own protocol; Playwright's types leave the answer open."""

    async def send(self, method: str, params: dict[str, object], /) -> object: ...


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d76360606000000004000127"
    "0d0a2db40000000049454e44ae426082"
)


async def test_enter_does_not_send_while_an_input_method_composes(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    await field(page).focus()
    session = cast(DevTools, await page.context.new_cdp_session(page))
    await session.send("Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6})
    await field(page).evaluate(
        """(field) => {
          for (const init of [{isComposing: true}, {keyCode: 229}])
            field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...init}));
        }"""
    )
    await session.send("Input.insertText", {"text": "你好"})
    await expect(field(page)).to_have_value("你好")
    assert backend.received == []
    await page.keyboard.press("Enter")
    await finished(page)
    assert [message.text for message in backend.received] == ["你好"]


async def test_shift_enter_makes_a_new_line_and_enter_waits_for_the_answer(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="…"), gate])
    await opened(page, backend)
    await field(page).press_sequentially("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    await expect(log(page).locator(".af-bubble")).to_have_text("one\ntwo")
    await said(page, "three")
    await expect(page.locator(".af-notice")).to_contain_text("still being written")
    await expect(field(page)).to_have_value("three")
    gate.set()
    await finished(page)
    assert [message.text for message in backend.received] == ["one\ntwo"]


async def test_files_are_chosen_dropped_pasted_removed_and_sent(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    await page.locator("input[type=file]").set_input_files(
        [
            {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"n" * 2_500},
            {"name": "away.txt", "mimeType": "text/plain", "buffer": b"a"},
        ]
    )
    await page.get_by_role("button", name="Remove away.txt").click()
    for name, kind, event in (("shot.png", "image/png", "paste"), ("<b>.txt", "text/plain", "drop")):
        await field(page).evaluate(
            """(field, [name, kind, type, bytes]) => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], name, {type: kind}));
              const init = {bubbles: true, cancelable: true};
              const event = type === "paste" ? new ClipboardEvent(type, {...init, clipboardData: data})
                : new DragEvent(type, {...init, dataTransfer: data});
              field.dispatchEvent(event);
            }""",
            [name, kind, event, list(PIXEL)],
        )
    chips = page.locator(".af-chips .af-chip")
    assert await chips.all_text_contents() == ["notes.txt2.5 KB", f"shot.png{len(PIXEL)} B", f"<b>.txt{len(PIXEL)} B"]
    await said(page, "look")
    await finished(page)
    assert backend.received[0].text == "look"
    assert backend.received[0].files == {"notes.txt": b"n" * 2_500, "shot.png": PIXEL, "<b>.txt": PIXEL}
    await expect(chips).to_have_count(0)
    await page.reload()
    await expect(log(page).locator(".af-files .af-chip")).to_have_count(2)
    picture = log(page).get_by_role("img", name="shot.png")
    await expect(picture).to_have_js_property("naturalWidth", 1)


async def test_a_failed_upload_keeps_the_files(page: Page, backend: ChatBackend, watch: Watch) -> None:
    watch.expected.append("status of 413")
    backend.answers.append(
        NotTaken(413, {"code": "too_large", "message": "m", "params": {"name": "big.txt", "limit": "20 MB"}})
    )
    await opened(page, backend)
    file = {"name": "big.txt", "mimeType": "text/plain", "buffer": b"b"}
    await page.locator("input[type=file]").set_input_files([file])  # type: ignore[arg-type]
    await said(page, "read this")
    await expect(log(page).get_by_role("alert")).to_contain_text("the limit is 20 MB")
    await expect(field(page)).to_have_value("read this")
    await expect(page.locator(".af-chips .af-chip")).to_have_count(1)


async def test_the_card_follows_the_configuration_and_a_suggestion_is_sent(page: Page, backend: ChatBackend) -> None:
    card = {"name": "Old", "prologue": "Hello **there**", "suggestions": ["How are you?"]}
    await opened(page, backend, card=card)
    await expect(log(page).locator(".af-prologue strong")).to_have_text("there")
    await page.evaluate("chat.setCard({name: 'New', description: 'D', prologue: '', suggestions: ['a,b', 'c']})")
    await expect(page.locator("#test_card")).to_have_text("NewD")
    await expect(log(page).locator(".af-prologue")).to_be_hidden()
    assert await page.locator("#test_suggestions button").all_text_contents() == ["a,b", "c"]
    await page.locator("#test_suggestions button").first.click()
    await finished(page)
    assert [message.text for message in backend.received] == ["a,b"]


async def test_a_changed_language_changes_every_text_at_once(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    backend.answers.append(
        [
            ToolStarted(id="1", name="weather", arguments={"city": "杭州"}),
            ToolFinished(id="1", name="weather", output="x", failed=False, seconds=0.4),
            ConfigChanged(config={}, revision=1, changes=()),
            gate,
            RunFailed(code="model_timeout", message="m"),
        ]
    )
    await opened(page, backend, toolTitles={"weather": {"zh": "天气", "en": "Weather"}})
    await said(page, "go")
    step = log(page).locator(".af-step")
    await expect(step.locator("summary")).to_have_text("Weather · 杭州 · 0.4 s")
    await step.locator("summary").click()
    await page.evaluate("chat.setLanguage('zh')")
    await expect(step.locator("summary")).to_have_text("天气 · 杭州 · 0.4 秒")
    await expect(step).to_have_attribute("open", "")
    await expect(page.get_by_role("button", name="停止")).to_be_visible()
    await expect(log(page).locator(".af-changes")).to_have_text("没有任何更改。")
    gate.set()
    await expect(log(page).get_by_role("alert")).to_contain_text("模型太久没有回应")
    await page.evaluate("chat.setLanguage('en')")
    await expect(log(page).get_by_role("alert")).to_contain_text("The model took too long")
    latin = await page.locator(".af-chat").inner_text()
    assert {sign for sign in latin if "\u4e00" <= sign <= "\u9fff"} == set("杭州")


async def test_a_reader_who_went_up_is_left_alone_and_can_jump_back(page: Page, backend: ChatBackend) -> None:
    gate, more = asyncio.Event(), asyncio.Event()
    backend.answers.append([TextDelta(text="line\n\n" * 80), gate, TextDelta(text="more\n\n" * 40), more])
    await opened(page, backend)
    await said(page, "long")
    scroller = page.locator(".af-scroller")
    at_end = "(it) => it.scrollHeight - it.clientHeight - it.scrollTop < 3"
    await expect(log(page).locator(".af-text > p")).to_have_count(80)
    await page.wait_for_function(f"({at_end})(document.querySelector('.af-scroller'))")
    await scroller.hover()
    await page.mouse.wheel(0, -800)
    await page.wait_for_function("document.querySelector('.af-jump').checkVisibility()")
    top = await scroller.evaluate("(it) => it.scrollTop")
    gate.set()
    await expect(log(page).locator(".af-text > p")).to_have_count(120)
    assert await scroller.evaluate("(it) => it.scrollTop") == top
    await page.get_by_role("button", name="Jump to the latest").click()
    assert await scroller.evaluate(at_end)
    more.set()
    await finished(page)


async def test_the_styles_of_a_host_page_stay_outside(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text="A **word**, `code`\n\n- item\n\n| a |\n|---|\n| 1 |")])
    await page.emulate_media(reduced_motion="reduce")  # no colour is on its way to another
    await opened(page, backend, card={"name": "N", "suggestions": ["S"]})
    await said(page, "hello")
    await finished(page)
    await field(page).blur()
    look = """() => [...document.querySelectorAll(".af-chat, .af-chat :not(svg *)")].map((element) => {
      const {color, font, padding, border, minWidth, textTransform} = getComputedStyle(element);
      return [element.tagName, element.className, color, font, padding, border, minWidth, textTransform];
    })"""
    before = await page.evaluate(look)
    host = ".host.page.of.some.kind"
    await page.add_style_tag(
        content=f"{host} * {{ color: red; font-size: 40px; padding: 30px }}"
        f"{host} :is(button, textarea, li) {{ border: 9px solid red; min-width: 300px; text-transform: uppercase }}"
    )
    await page.evaluate("document.getElementById('host').className = 'host page of some kind'")
    assert await page.evaluate(look) == before


async def test_opening_another_conversation_lets_go_of_this_one(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="Old answer"), gate, TextDelta(text=" goes on")])
    await opened(page, backend)
    await said(page, "old")
    await expect(log(page).locator(".af-text")).to_have_text("Old answer")
    await page.evaluate(
        "chat.open({history: null, send: '/api/conversation/messages', turn: (t) => `/api/turns/${t}`})"
    )
    await expect(page.locator(".af-chat")).to_have_attribute("data-empty", "")
    gate.set()
    await said(page, "new")
    await finished(page)
    await expect(log(page).locator(".af-bubble")).to_have_text(["new"])


async def test_the_button_to_send_shows_whether_there_is_something_to_send(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="…"), gate])
    await opened(page, backend, uploads=True)
    send = page.get_by_role("button", name="Send", exact=True)
    await expect(send).to_be_disabled()
    await send.dispatch_event("click")
    await expect(page.locator(".af-notice")).to_contain_text("nothing to send yet")
    await field(page).fill("  ")
    await expect(send).to_be_disabled()
    await field(page).fill("Hello")
    await expect(send).to_be_enabled()
    await field(page).fill("")
    notes = {"name": "notes.md", "mimeType": "text/markdown", "buffer": b"# Notes"}
    await page.locator("input[type=file]").set_input_files([notes])
    await expect(send).to_be_enabled()
    await page.get_by_role("button", name="Remove notes.md").click()
    await expect(send).to_be_disabled()
    await said(page, "Hello")
    await expect(page.get_by_role("button", name="Stop")).to_be_enabled()
    gate.set()
    await finished(page)
    await expect(send).to_be_disabled()
