"""A page with the chat component alone, and what a person does on it."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.fakes.chat_backend import ChatBackend
from user_agent.events import TextDelta


@pytest_asyncio.fixture(loop_scope="session")
async def backend() -> AsyncGenerator[ChatBackend, None]:
    """A server that plays what a test lays into `answers`."""
    async with ChatBackend() as backend:
        yield backend


async def opened(page: Page, backend: ChatBackend, **options: Any) -> Page:
    """The component in the page, ready to be used."""
    backend.options |= options
    await page.goto(backend.base_url)
    await page.wait_for_selector("body[data-ready]")
    # The component brings its styles itself, and they may come after it.
    await page.wait_for_function("getComputedStyle(document.querySelector('.af-chat')).overflowWrap === 'anywhere'")
    return page


async def said(page: Page, text: str) -> None:
    """Types a message and presses Enter."""
    await page.fill("#test_input", text)
    await page.keyboard.press("Enter")


async def finished(page: Page) -> None:
    """No turn is running any more."""
    await expect(page.locator(".af-chat")).not_to_have_attribute("data-running", "")


async def whole_and_in_pieces(page: Page, backend: ChatBackend, text: str) -> None:
    """Has the same text answered twice: at once, and sign by sign."""
    backend.answers.append([TextDelta(text=text)])
    backend.answers.append([TextDelta(text=sign) for sign in text])
    await opened(page, backend)
    for answer in ("whole", "pieces"):
        await said(page, answer)
        await finished(page)


async def assert_same_texts(page: Page) -> None:
    """Both answers are drawn alike."""
    whole, pieces = await log(page).locator(".af-text").evaluate_all("texts => texts.map((text) => text.innerHTML)")
    assert pieces == whole


def log(page: Page) -> Locator:
    return page.locator("#test_chat")


def field(page: Page) -> Locator:
    return page.locator("#test_input textarea")
