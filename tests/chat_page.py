"""A page with the chat component alone, and what a person does on it."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.fakes.chat_backend import ChatBackend


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


def log(page: Page) -> Locator:
    return page.locator("#test_chat")


def field(page: Page) -> Locator:
    return page.locator("#test_input textarea")
