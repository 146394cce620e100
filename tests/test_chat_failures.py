"""The chat component in a real browser: what went wrong with a model, told in the language of the person."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from user_agent.events import ModelWaiting, RunFailed, TextDelta

pytestmark = BROWSER_TEST

WHERE = {"model": "qwen-plus", "base_url": "https://llm.test", "env": "KEY"}
DETAIL = "No <b>deployment</b> named {model} & 'x'."


@dataclass(frozen=True)
class Case:
    """A failure, and all that its card says."""

    code: str
    params: dict[str, str | int | float]
    zh: str
    en: str


CASES = {
    "html": Case(
        "model_broken_stream",
        {"fault": "html"},
        "https://llm.test 返回的是网页，不是回答。请检查“模型与密钥”里的地址，或 "
        "model_config.json 里的 api_base，它通常以 /v1 结尾。",
        "https://llm.test sent a web page instead of an answer. Check the address under “Models & keys”, or "
        "api_base in model_config.json: it usually ends in /v1.",
    ),
    "empty": Case(
        "model_broken_stream",
        {"fault": "empty"},
        "https://llm.test 返回了空的回答。请再试一次；如果一直这样，请检查“模型与密钥”里的地址，或 "
        "model_config.json 里的 api_base。",
        "https://llm.test sent an empty answer. Try again; if it stays so, check the address under “Models & keys”, "
        "or api_base in model_config.json.",
    ),
    "not json": Case(
        "model_broken_stream",
        {"fault": "not_json"},
        "https://llm.test 返回的不是模型的回答。请检查“模型与密钥”里的地址，或 model_config.json 里的 api_base。",
        "https://llm.test sent something that is no model's answer. Check the address under “Models & keys”, "
        "or api_base in model_config.json.",
    ),
    "too long": Case(
        "model_broken_stream",
        {"fault": "too_long"},
        "模型一直停不下来。请把回答长度调小，再试一次。",
        "The model did not stop answering. Try again with a smaller answer length.",
    ),
    "cut": Case(
        "model_broken_stream",
        {"fault": "cut"},
        "模型的回答中途断了。请再试一次。",
        "The model's answer broke off in the middle. Try again.",
    ),
    "address": Case(
        "model_refused",
        {"fault": "address", "status": 404, "detail": ""},
        "https://llm.test 的这个地址上什么都没有。请检查模型条目里的地址（api_base，通常以 /v1 结尾）和模型名称。",
        "https://llm.test has nothing at this address. Check the address in the model's entry (api_base, it usually "
        "ends in /v1), and the model's name.",
    ),
    "unavailable": Case(
        "model_unavailable",
        {"detail": ""},
        "模型服务器 https://llm.test 连不上，或者出了故障。如果它在这台机器上，请检查是否已启动；"
        "否则请稍后再试，或者换一个模型。",
        "The model's server https://llm.test cannot be reached or is out of order. If it runs on this machine, check "
        "that it is started; otherwise try again in a moment, or choose another model.",
    ),
    "refused, and why": Case(
        "model_refused",
        {"status": 400, "detail": DETAIL},
        f"模型接口没有接受这个请求。请检查模型名称和设置。 对方说：{DETAIL}",
        f"The model's endpoint did not accept the request. Check the model's name and settings. It says: {DETAIL}",
    ),
    "no address, and why": Case(
        "model_refused",
        {"fault": "address", "status": 404, "detail": "Not Found"},
        "https://llm.test 的这个地址上什么都没有。请检查模型条目里的地址（api_base，通常以 /v1 结尾）和模型名称。 "
        "对方说：Not Found",
        "https://llm.test has nothing at this address. Check the address in the model's entry (api_base, it usually "
        "ends in /v1), and the model's name. It says: Not Found",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_failure_of_a_model_is_told_in_both_languages(page: Page, backend: ChatBackend, case: Case) -> None:
    backend.answers.append([RunFailed(code=case.code, message="m", params={**WHERE, **case.params})])
    await opened(page, backend, language="zh")
    await said(page, "hello")
    await finished(page)
    words = log(page).get_by_role("alert").locator("p").first
    await expect(words).to_have_text(case.zh)
    await page.evaluate("chat.setLanguage('en')")
    await expect(words).to_have_text(case.en)
    await page.reload()
    await expect(words).to_have_text(case.zh)


async def test_who_reached_a_limit_is_told_the_day_and_the_full_minute_when_it_goes_on(
    page: Page, backend: ChatBackend
) -> None:
    backend.answers.append([RunFailed(code="limit_reached", message="m", params={"seconds": 1_799})])
    await page.clock.set_fixed_time(datetime(2026, 3, 7, 23, 30, 0, 400_000))
    await opened(page, backend, language="en")
    await said(page, "hello")
    words = log(page).get_by_role("alert").locator("p").first
    await expect(words).to_contain_text("It goes on from Sunday 12:00 AM.")
    await page.evaluate("chat.setLanguage('zh')")
    await expect(words).to_contain_text("星期日00:00 之后可以继续")


async def test_a_long_word_of_an_endpoint_stays_on_the_page(page: Page, backend: ChatBackend) -> None:
    detail = "x" * 400
    backend.answers.append([RunFailed(code="model_refused", message="m", params={**WHERE, "detail": detail})])
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened(page, backend)
    await said(page, "hello")
    await expect(log(page).get_by_role("alert")).to_contain_text(f"It says: {detail}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.locator(".af-scroller").evaluate("(it) => it.scrollWidth - it.clientWidth") == 0


async def test_a_wait_for_a_busy_model_is_told_until_something_comes(page: Page, backend: ChatBackend) -> None:
    waited, heard = asyncio.Event(), asyncio.Event()
    busy = ModelWaiting(seconds=8.2, code="model_rate_limited")
    down = ModelWaiting(seconds=16, code="model_unavailable")
    backend.answers.append([busy, waited, down, heard, TextDelta(text="Here I am.")])
    await opened(page, backend, language="en")
    await said(page, "hello")
    note = log(page).get_by_role("status").filter(has_text="Asking again")
    await expect(note).to_have_text("The model has too many requests just now. Asking again in 8.2 s…")
    await page.evaluate("chat.setLanguage('zh')")
    await expect(log(page).get_by_text("8.2 秒后再问一次")).to_be_visible()
    await page.evaluate("chat.setLanguage('en')")
    waited.set()
    await expect(note).to_have_text("The model's server is not answering just now. Asking again in 16 s…")
    heard.set()
    await expect(log(page)).to_contain_text("Here I am.")
    await expect(note).to_have_count(0)


async def test_a_failure_is_brought_into_view_also_where_one_reads_above(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    failure = RunFailed(code="model_no_key", message="m", params={"model": "Qwen", "env": "Q_KEY"})
    backend.answers.append([TextDelta(text="A line.\n\n" * 60), gate, failure])
    await page.set_viewport_size({"width": 600, "height": 420})
    await opened(page, backend)
    await said(page, "hello")
    await expect(log(page).locator(".af-text p")).to_have_count(60)
    await page.locator(".af-scroller").evaluate("(it) => { it.scrollTop -= 400; }")
    await expect(page.get_by_role("button", name="Jump to the latest")).to_be_visible()
    gate.set()
    await expect(log(page).get_by_role("alert")).to_be_in_viewport(ratio=0.98)
