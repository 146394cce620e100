"""The studio page: the conversations with an agent, questions asked again and differently, two windows on one agent."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.openai_replies import UNAUTHORIZED, Says
from tests.studio_page import Studio, another_page, opened
from tests.studio_server import Modelled
from tests.test_chat_actions import drop

pytestmark = BROWSER_TEST

ENDLESS = Says("on and on ", ending="endless", delay_s=0.03)


@pytest_asyncio.fixture(loop_scope="session")
async def studio(page: Page, modelled: Modelled) -> AsyncGenerator[Studio, None]:
    yield await opened(page, modelled.base_url)


def head(studio: Studio) -> Locator:
    """The button that says which conversation is open, and opens the list."""
    return studio.page.locator(".st-conversation")


def shelf(studio: Studio) -> Locator:
    return studio.page.locator("#preview_conversations")


def rows(studio: Studio) -> Locator:
    return shelf(studio).locator(".st-open b")


def action(studio: Studio, name: str) -> Locator:
    return studio.log("preview").get_by_role("button", name=name, exact=True)


async def asked(modelled: Modelled, *titles: str) -> str:
    """An agent with a conversation for each title, the last the newest; gives its address."""
    async with Client(modelled.base_url) as client:
        agent = await client.post("/api/agents")
        for title in titles:
            await client.say(await client.conversation(agent["id"]), title)
    return f"{modelled.base_url}/?agent={agent['id']}"


def sent(modelled: Modelled) -> list[Any]:
    """What the model was last shown, without the instruction."""
    return [message["content"] for message in modelled.model.last.body["messages"] if message["role"] != "system"]


# ---- asking again, asking differently


async def test_a_question_is_changed_in_its_place_and_the_old_one_stays_a_version(
    studio: Studio, modelled: Modelled
) -> None:
    modelled.model.script(Says("A1"), Says("A2"), Says("B1"), Says("B2"))
    for question in ("Q1", "Q2"):
        await studio.ask(question)
    await action(studio, "Edit message").first.click()
    editor = studio.log("preview").get_by_role("textbox", name="Edit message")
    await expect(editor).to_be_focused()
    await editor.press("Escape")
    await expect(studio.said("preview")).to_have_text(["Q1", "Q2"])
    await expect(action(studio, "Edit message").first).to_be_focused()
    await studio.page.keyboard.press("Enter")
    await editor.fill("Q1 changed")
    await editor.press("Enter")
    await studio.answered("preview")
    await expect(studio.said("preview")).to_have_text(["Q1 changed"])
    assert sent(modelled) == ["Q1 changed"]
    versions = studio.log("preview").get_by_role("group", name="Version 2 of 2")
    await expect(versions).to_contain_text("2 / 2")
    await studio.ask("Q2 anew")
    assert sent(modelled) == ["Q1 changed", "B1", "Q2 anew"]
    await action(studio, "Earlier version").click()
    await expect(studio.said("preview")).to_have_text(["Q1", "Q2"])
    await expect(studio.answers("preview")).to_contain_text(["A1", "A2"])
    await expect(action(studio, "Later version")).to_be_focused()
    await studio.page.reload()
    await expect(studio.said("preview")).to_have_text(["Q1", "Q2"])
    await action(studio, "Later version").click()
    await expect(studio.said("preview")).to_have_text(["Q1 changed", "Q2 anew"])


async def test_an_answer_is_replaced_by_another_one_to_the_same_question(studio: Studio, modelled: Modelled) -> None:
    modelled.model.script(Says("A1"), Says("A2"), Says("B1"))
    for question in ("Q1", "Q2"):
        await studio.ask(question)
    await action(studio, "Answer again").first.click()
    await studio.answered("preview")
    await expect(studio.said("preview")).to_have_text(["Q1"])
    await expect(studio.answers("preview")).to_contain_text(["B1"])
    assert sent(modelled) == ["Q1"]
    await action(studio, "Earlier version").click()
    await expect(studio.answers("preview")).to_contain_text(["A1", "A2"])


async def test_what_failed_is_tried_again_in_its_place(studio: Studio, modelled: Modelled) -> None:
    modelled.model.script(UNAUTHORIZED, Says("It works."))
    await studio.ask("Hello")
    await studio.answers("preview").get_by_role("button", name="Try again").click()
    await expect(studio.answers("preview").last).to_contain_text("It works.")
    await expect(studio.said("preview")).to_have_text(["Hello"])
    await expect(studio.input("preview")).to_have_value("")
    await expect(action(studio, "Earlier version")).to_have_count(0)


async def test_while_it_answers_a_changed_question_waits_in_its_field(studio: Studio, modelled: Modelled) -> None:
    modelled.model.script(Says("A1"), ENDLESS)
    await studio.ask("Q1")
    await studio.say("preview", "Q2")
    await studio.is_running("preview")
    await action(studio, "Edit message").first.click()
    editor = studio.log("preview").get_by_role("textbox", name="Edit message")
    await editor.fill("Q1 changed")
    await editor.press("Enter")
    await expect(studio.page.locator("#preview_pane .af-notice")).to_contain_text("still being written")
    await expect(editor).to_have_value("Q1 changed")
    await studio.stop("preview")
    await studio.answered("preview")
    modelled.model.script(Says("B1"))
    await editor.press("Enter")
    await expect(studio.answers("preview")).to_contain_text(["B1"])
    await expect(studio.said("preview")).to_have_text(["Q1 changed"])


async def test_a_change_that_another_window_overtakes_comes_back_to_the_field(
    studio: Studio, modelled: Modelled, watch: Watch
) -> None:
    watch.expected.append("status of 409")
    modelled.model.script(Says("A1"))
    await studio.ask("Q1")
    async with Client(modelled.base_url) as client:
        [agent] = await client.get("/api/agents")
        [conversation] = await client.get(f"/api/agents/{agent['id']}/conversations")
        path = f"/api/agents/{agent['id']}/conversations/{conversation['id']}"
        modelled.model.script(ENDLESS)
        async with aclosing(client.events("POST", f"{path}/messages", json={"text": "Q2"})) as elsewhere:
            await anext(elsewhere)
            await action(studio, "Edit message").click()
            editor = studio.log("preview").get_by_role("textbox", name="Edit message")
            await editor.fill("Q1 changed")
            await editor.press("Enter")
            await expect(studio.said("preview")).to_have_text(["Q1", "Q2"])
            await expect(studio.input("preview")).to_have_value("Q1 changed")
            await expect(studio.page.locator("#preview_pane .af-notice")).to_contain_text("still answering")
            await studio.stop("preview")
        await studio.answered("preview")


# ---- the list


async def test_conversations_are_chosen_from_a_list_and_remembered(studio: Studio, modelled: Modelled) -> None:
    await expect(head(studio)).to_be_hidden()
    await studio.page.goto(await asked(modelled, "Packing list", "Ferry times", "Rain plan"))
    await expect(head(studio)).to_have_text("Rain plan")
    await head(studio).click()
    await expect(rows(studio)).to_have_text(["Rain plan", "Ferry times", "Packing list"])
    await expect(shelf(studio).get_by_role("heading")).to_have_text("Today")
    await expect(shelf(studio).locator("[aria-current] b")).to_have_text("Rain plan")
    await rows(studio).nth(2).click()
    await expect(shelf(studio)).to_be_hidden()
    await expect(studio.said("preview")).to_have_text(["Packing list"])
    await studio.page.reload()
    await expect(studio.said("preview")).to_have_text(["Packing list"])
    await studio.page.get_by_role("button", name="New conversation").click()
    await expect(head(studio)).to_have_text("Conversations")
    await expect(studio.input("preview")).to_be_focused()
    await studio.page.reload()
    await expect(head(studio)).to_have_text("Conversations")
    await expect(studio.said("preview")).to_have_count(0)
    await studio.ask("Night trains")
    await expect(head(studio)).to_have_text("Night trains")
    await head(studio).click()
    await expect(rows(studio)).to_have_text(["Night trains", "Rain plan", "Ferry times", "Packing list"])


async def test_the_list_is_used_by_keyboard_alone(studio: Studio, modelled: Modelled) -> None:
    await studio.page.goto(await asked(modelled, "one", "two", "three"))
    await expect(head(studio)).to_have_text("three")
    await head(studio).focus()
    keyboard = studio.page.keyboard
    await keyboard.press("Enter")
    await expect(shelf(studio).get_by_role("button", name=re.compile("^three"))).to_be_focused()
    await keyboard.press("Escape")
    await expect(head(studio)).to_be_focused()
    await expect(head(studio)).to_have_attribute("aria-expanded", "false")
    await keyboard.press("Enter")
    await keyboard.press("ArrowDown")
    await keyboard.press("F2")
    await keyboard.type("Zwei")
    await keyboard.press("Escape")
    await expect(rows(studio)).to_have_text(["three", "two", "one"])
    await keyboard.press("F2")
    await keyboard.type("Zwei")
    await keyboard.press("Enter")
    await expect(rows(studio)).to_have_text(["three", "Zwei", "one"])
    await keyboard.press("Delete")
    await expect(rows(studio)).to_have_text(["three", "one"])
    await expect(shelf(studio).get_by_role("button", name=re.compile("^one"))).to_be_focused()
    await keyboard.press("Enter")
    await expect(studio.said("preview")).to_have_text(["one"])
    await studio.page.reload()
    await head(studio).click()
    await expect(rows(studio)).to_have_text(["three", "one"])


async def test_keys_lead_to_the_list_and_to_a_new_conversation(studio: Studio, modelled: Modelled) -> None:
    await studio.page.goto(await asked(modelled, "one"))
    await expect(head(studio)).to_have_text("one")
    await studio.input("create").focus()
    await studio.page.keyboard.press("Alt+4")
    await expect(shelf(studio).get_by_role("button", name=re.compile("^one"))).to_be_focused()
    await studio.page.keyboard.press("Control+Shift+O")
    await expect(shelf(studio)).to_be_hidden()
    await expect(studio.said("preview")).to_have_count(0)
    await expect(studio.input("preview")).to_be_focused()


async def test_a_deleted_conversation_comes_back(studio: Studio, modelled: Modelled) -> None:
    await studio.page.goto(await asked(modelled, "one", "two"))
    await head(studio).click()
    await shelf(studio).get_by_role("button", name="Delete “two”").click()
    await expect(rows(studio)).to_have_text(["one"])
    await expect(studio.said("preview")).to_have_count(0)
    await studio.page.get_by_role("button", name="Undo", exact=True).click()
    await expect(studio.said("preview")).to_have_text(["two"])
    await head(studio).click()
    await expect(rows(studio)).to_have_text(["two", "one"])


async def test_a_conversation_that_is_answering_is_not_deleted(
    studio: Studio, modelled: Modelled, watch: Watch
) -> None:
    watch.expected.append("status of 409")
    modelled.model.script(ENDLESS)
    await studio.say("preview", "Go on")
    await expect(studio.answers("preview")).to_contain_text("on and on")
    await head(studio).click()
    await expect(shelf(studio).get_by_role("img", name="Answering…")).to_be_visible()
    await shelf(studio).get_by_role("button", name="Delete “Go on”").click()
    await expect(studio.page.locator(".st-toast")).to_contain_text("This conversation is still answering.")
    await expect(rows(studio)).to_have_text(["Go on"])
    await studio.page.keyboard.press("Escape")
    await studio.is_running("preview")
    await studio.stop("preview")
    await studio.answered("preview")


async def test_many_conversations_are_searched_also_by_what_was_said(studio: Studio, modelled: Modelled) -> None:
    modelled.model.script(*[Says(f"answer {n}") for n in range(7)], Says("Take the night boat"))
    await studio.page.goto(await asked(modelled, *(f"question {n}" for n in range(8))))
    await head(studio).click()
    search = shelf(studio).get_by_role("searchbox", name="Search conversations")
    await expect(search).to_be_focused()
    await search.fill("NIGHT boat")
    await expect(rows(studio)).to_have_text(["question 7"])
    await search.fill("no such thing")
    await expect(shelf(studio).get_by_role("status")).to_have_text("No conversation says “no such thing”.")
    await search.fill("question 3")
    await expect(rows(studio)).to_have_text(["question 3"])
    await search.press("ArrowDown")
    await studio.page.keyboard.press("Enter")
    await expect(studio.said("preview")).to_have_text(["question 3"])


async def test_what_a_search_found_is_opened_at_its_place_and_taken_along(studio: Studio, modelled: Modelled) -> None:
    modelled.model.script(*[Says(f"answer {n}") for n in range(8)])
    address = await asked(modelled, *(f"question {n}" for n in range(8)))
    async with Client(modelled.base_url) as client:
        agent = address.rsplit("=", 1)[1]
        [talk] = await client.get(f"/api/agents/{agent}/conversations", params={"search": "question 2"})
        path = f"/api/agents/{agent}/conversations/{talk['id']}"
        long = "A long answer. " * 120
        modelled.model.script(Says("Take the NIGHT boat."), *[Says(long) for _ in range(4)], Says("Another."))
        for n in range(5):
            events = await client.say(path, f"further {n}")
        replaced = {"text": "changed", "instead_of": events[0].data["turn"]}
        await client.collect("POST", f"{path}/messages", json=replaced)
    await studio.page.goto(address)
    await head(studio).click()
    search = shelf(studio).get_by_role("searchbox", name="Search conversations")
    await search.fill("the night boat")
    await expect(shelf(studio).locator(".st-excerpt")).to_have_text("Take the NIGHT boat.")
    await expect(shelf(studio).locator("mark")).to_have_text("the NIGHT boat")
    await rows(studio).click()
    await expect(studio.said("preview")).to_have_count(6)
    await expect(studio.log("preview").get_by_text("Take the NIGHT boat.")).to_be_in_viewport()
    await expect(studio.said("preview").last).not_to_be_in_viewport()
    # A place in another version brings that version.
    await head(studio).click()
    await search.fill("further 4")
    await expect(shelf(studio).locator("mark")).to_have_text("further 4")
    await rows(studio).click()
    await expect(studio.said("preview").last).to_have_text("further 4")
    await expect(studio.said("preview").last).to_be_in_viewport()
    await head(studio).click()
    row = shelf(studio).locator("li").filter(has_text="question 2")
    await row.hover()
    await row.get_by_role("button", name="Download “question 2”").click()
    async with studio.page.expect_download() as started:
        await row.get_by_role("link", name="Download “question 2”: Markdown").click()
    assert (await started.value).suggested_filename == "question 2.md"
    async with studio.page.expect_download() as started:
        await shelf(studio).get_by_role("link", name="Download all (zip)").click()
    assert (await started.value).suggested_filename == "conversations.zip"


async def test_the_list_speaks_the_language_of_the_page(studio: Studio, modelled: Modelled) -> None:
    await studio.page.goto(await asked(modelled, "你好"))
    await studio.language("中文")
    await head(studio).click()
    await expect(shelf(studio).get_by_role("heading")).to_have_text("今天")
    await expect(shelf(studio).get_by_role("button", name="给“你好”改名")).to_have_count(1)
    await studio.page.keyboard.press("Escape")
    await studio.page.get_by_role("button", name="新对话").click()
    await expect(head(studio)).to_have_text("对话")
    await studio.ask("再见")
    for name in ("复制问题", "修改问题", "复制回答", "重新回答"):
        await expect(action(studio, name)).to_have_count(1)


async def test_on_a_phone_actions_are_seen_and_no_keyboard_is_brought_up(
    browser: Browser, watch: Watch, modelled: Modelled
) -> None:
    address = await asked(modelled, *(f"question {n}" for n in range(8)))
    phone = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = await phone.new_page()
    watch.follow(page)
    studio = await opened(page, address)
    await page.locator("#pane_switch [data-pane=preview]").tap()
    await studio.ask("And then?")
    for name in ("Copy message", "Edit message", "Copy answer", "Answer again"):
        await expect(action(studio, name).first).to_have_css("opacity", "1")
    await head(studio).tap()
    await expect(shelf(studio).get_by_role("button", name=re.compile("^question 7"))).to_be_focused()
    await shelf(studio).get_by_role("button", name="Rename “question 6”").tap()
    await page.keyboard.type("Six")
    await page.keyboard.press("Enter")
    await rows(studio).get_by_text("Six").tap()
    await expect(studio.said("preview")).to_have_text(["question 6"])
    await expect(studio.input("preview")).not_to_be_focused()
    within = "document.documentElement.scrollWidth <= 390"
    assert await page.evaluate(within)
    await phone.close()
    assert watch.unexpected == []


# ---- clearing


async def test_both_chats_are_cleared_with_a_way_back(studio: Studio, modelled: Modelled) -> None:
    await studio.build("I want an agent that plans trips")
    name = await studio.drafted("name").text_content() or ""
    await studio.ask("Hello")
    for pane in ("create", "preview"):
        clear = studio.page.locator(f".af-chat:has(#{pane}_chat)").get_by_role("button", name="Clear the conversation")
        said = await studio.said(pane).all_text_contents()
        await clear.click()
        await expect(studio.said(pane)).to_have_count(0)
        await expect(clear).to_be_hidden()
        await expect(studio.drafted("name")).to_have_text(name)
        await studio.page.get_by_role("button", name="Undo", exact=True).click()
        await expect(studio.said(pane)).to_have_text(said)
        await expect(studio.page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)
    await clear.click()
    await studio.page.reload()
    await expect(studio.said("create")).to_have_count(1)
    await expect(studio.said("preview")).to_have_count(0)


# ---- two windows


async def test_two_windows_follow_each_others_conversations(
    context: BrowserContext, page: Page, watch: Watch, modelled: Modelled
) -> None:
    address = await asked(modelled, "Hello")
    first = await opened(page, address)
    second = await opened(await another_page(context, watch), address)
    modelled.model.script(Says("word " * 40, pieces=40, delay_s=0.05))
    await first.say("preview", "Tell me")
    await expect(second.said("preview")).to_have_text(["Hello", "Tell me"])
    await second.is_running("preview")
    await expect(second.answers("preview").last).to_contain_text("word word")
    for studio in (first, second):
        await studio.answered("preview")
        await expect(studio.answers("preview").last).to_contain_text(" ".join(["word"] * 40))
    modelled.model.script(Says("Quite another answer."))
    await action(first, "Answer again").last.click()
    await expect(second.answers("preview").last).to_contain_text("Quite another answer.")
    await action(first, "Earlier version").click()
    await expect(second.answers("preview").last).to_contain_text("word word")
    await first.build("I want an agent that plans trips")
    await expect(second.said("create")).to_have_text(["I want an agent that plans trips"])
    await second.answered("create")
    await head(first).click()
    await first.page.keyboard.press("F2")
    await first.page.keyboard.type("Greetings")
    await first.page.keyboard.press("Enter")
    await expect(head(second)).to_have_text("Greetings")
    await shelf(first).get_by_role("button", name="Delete “Greetings”").click()
    await expect(second.said("preview")).to_have_count(0)
    await first.page.get_by_role("button", name="Undo", exact=True).click()
    await expect(head(second)).to_have_text("Conversations")
    await expect(second.said("create")).to_have_count(1)


async def test_what_is_being_changed_here_is_left_alone_when_another_window_speaks(
    context: BrowserContext, page: Page, watch: Watch, modelled: Modelled
) -> None:
    address = await asked(modelled, "Hello")
    first = await opened(page, address)
    second = await opened(await another_page(context, watch), address)
    await action(second, "Edit message").click()
    editor = second.log("preview").get_by_role("textbox", name="Edit message")
    await editor.fill("Hello there")
    await second.input("preview").fill("half a thought")
    await first.ask("And now?")
    await expect(head(second)).to_have_text("Hello")
    await expect(editor).to_have_value("Hello there")
    await expect(second.input("preview")).to_have_value("half a thought")
    await editor.press("Escape")
    await second.page.evaluate("window.dispatchEvent(new Event('focus'))")
    await expect(second.said("preview")).to_have_text(["Hello", "And now?"])
    await expect(second.input("preview")).to_have_value("half a thought")


# ---- files


async def test_files_are_dropped_on_knowledge_and_refused_elsewhere(studio: Studio) -> None:
    knowledge = await studio.knowledge()
    await drop(knowledge, {"name": "a.md", "type": "", "size": 5}, {"name": "b.txt", "type": "", "size": 5})
    await expect(knowledge.locator("li")).to_have_count(2)
    await studio.tab(0)
    refused = await studio.page.locator("#create_chat").evaluate(
        """(chat) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x"], "c.md"));
          const event = new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer});
          chat.dispatchEvent(event);
          return event.defaultPrevented;
        }"""
    )
    assert refused  # or the browser would leave the page for the file
    await expect(studio.page.locator(".af-chips .af-chip")).to_have_count(0)


async def test_a_picture_for_a_model_that_sees_none_is_said(studio: Studio) -> None:
    await drop(studio.input("preview"), {"name": "a.png", "type": "image/png", "size": 5})
    await expect(studio.page.locator("#preview_pane .af-notice")).to_contain_text("The model sees no pictures")
    await expect(studio.page.locator("#preview_pane .af-chips .af-chip")).to_have_count(1)
