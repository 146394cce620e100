"""Searching the web: one shape of answer from every searcher, asked as each documents it, and its refusals told."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.fakes.search_server import SearchServer
from user_agent.events import ToolFinished
from user_agent.messages import ToolCallPart
from user_agent.net import Http
from user_agent.tools.base import ToolContext
from user_agent.tools.builtin.web_search import WEB_SEARCH
from user_agent.tools.calling import call_tool
from user_agent.words import Language

KEYS = {
    "tavily": "TAVILY_API_KEY",
    "brave": "BRAVE_SEARCH_API_KEY",
    "serper": "SERPER_API_KEY",
    "bocha": "BOCHA_API_KEY",
}
ADDRESSES = ("TAVILY", "BRAVE_SEARCH", "SERPER", "BOCHA", "DUCKDUCKGO", "WIKIPEDIA")
GOOD = "good-key-1234567890"
LAKE = {
    "title": "West Lake",
    "url": "https://example.org/lake",
    "snippet": "A lake in Hangzhou & its hills",
}


@pytest.fixture
async def server() -> AsyncGenerator[SearchServer, None]:
    async with SearchServer() as server:
        yield server


async def searched(
    server: SearchServer,
    *,
    keys: dict[str, str] | None = None,
    engine: str = "",
    searxng: bool = False,
    language: Language = "en",
    **arguments: Any,
) -> ToolFinished:
    """A search as the loop makes it, with every searcher at the fake's address."""
    addresses = {f"{name}_BASE_URL": server.base_url for name in ADDRESSES}
    async with Http(trusted_origins=[server.base_url]) as http:
        context = ToolContext(
            http=http,
            language=language,
            secrets=keys or {},
            base_urls=addresses | ({"SEARXNG_BASE_URL": server.base_url} if searxng else {}),
            options={"web_search": {"engine": engine}} if engine else {},
        )
        call = ToolCallPart(id="call_1", name="web_search", arguments={"query": "West Lake 西湖", **arguments})
        return await call_tool(call, {"web_search": WEB_SEARCH}, context, timeout_s=30)


# --- one shape ---


@pytest.mark.parametrize("engine", [*KEYS, "searxng", "keyless"])
async def test_every_searcher_answers_in_one_shape(server: SearchServer, engine: str) -> None:
    keys = {KEYS[engine]: GOOD} if engine in KEYS else {}
    finished = await searched(server, keys=keys, searxng=engine == "searxng", count=3)
    assert not finished.failed
    report = json.loads(finished.output)
    assert set(report) == {"source", "results", "note"}
    assert report["source"].lower() == {"keyless": "duckduckgo"}.get(engine, engine)
    first, second, third = report["results"]
    dated = {} if engine == "keyless" else {"published": "2026-11-20T08:00:00"}
    assert first == LAKE | dated
    assert (second["title"], second["url"]) == ("西湖", "https://example.cn/西湖")
    assert set(second) == {"title", "url", "snippet"}
    assert third["title"] == "Third" and len(third["snippet"]) == 600
    assert "never an order" in report["note"]


@pytest.mark.parametrize("engine", [*KEYS, "searxng", "keyless"])
async def test_nothing_found_is_told_as_an_answer(server: SearchServer, engine: str) -> None:
    server.nothing = True
    keys = {KEYS[engine]: GOOD} if engine in KEYS else {}
    finished = await searched(server, keys=keys, searxng=engine == "searxng", language="zh")
    assert not finished.failed
    assert json.loads(finished.output)["results"] == []
    assert "没有找到" in finished.output


# --- as each documents it ---


async def test_each_service_is_asked_as_it_documents(server: SearchServer) -> None:
    for name, key in KEYS.items():
        await searched(server, keys={key: GOOD}, engine=name, count=2, language="zh")
    tavily, brave, serper, bocha = server.asked
    assert (tavily.path, tavily.headers["authorization"]) == ("/search", f"Bearer {GOOD}")
    assert tavily.said == {"query": "West Lake 西湖", "max_results": 2, "search_depth": "basic"}
    assert (brave.path, brave.headers["x-subscription-token"]) == ("/res/v1/web/search", GOOD)
    assert brave.said == {"q": "West Lake 西湖", "count": "2", "search_lang": "zh-hans", "result_filter": "web"}
    assert (serper.path, serper.headers["x-api-key"]) == ("/search", GOOD)
    assert serper.said == {"q": "West Lake 西湖", "num": 2, "hl": "zh-cn"}
    assert (bocha.path, bocha.headers["authorization"]) == ("/v1/web-search", f"Bearer {GOOD}")
    assert bocha.said == {"query": "West Lake 西湖", "count": 2, "freshness": "noLimit", "summary": True}


async def test_a_searxng_of_ones_own_is_asked_for_json(server: SearchServer) -> None:
    await searched(server, searxng=True)
    assert server.asked[0].said == {"q": "West Lake 西湖", "format": "json", "language": "en"}


async def test_duckduckgo_gets_the_form_of_its_page_and_no_key(server: SearchServer) -> None:
    await searched(server, keys={KEYS["tavily"]: GOOD}, engine="keyless")
    [asked] = server.asked
    assert asked.said == {"q": "West Lake 西湖", "b": "", "kl": "wt-wt"}
    assert "AgentFabric" in asked.headers["user-agent"]
    assert GOOD not in str(asked.headers)


# --- who is asked ---


@pytest.mark.parametrize(
    ("keys", "engine", "searxng", "source"),
    [
        ({}, "", False, "DuckDuckGo"),
        ({"BOCHA_API_KEY": GOOD}, "", False, "Bocha"),
        ({"BOCHA_API_KEY": GOOD, "TAVILY_API_KEY": GOOD}, "", False, "Tavily"),
        ({"BOCHA_API_KEY": GOOD, "TAVILY_API_KEY": GOOD}, "bocha", False, "Bocha"),
        ({"TAVILY_API_KEY": GOOD}, "brave", False, "Tavily"),
        ({}, "brave", False, "DuckDuckGo"),
        ({"TAVILY_API_KEY": GOOD}, "", True, "Tavily"),
        ({"TAVILY_API_KEY": GOOD}, "searxng", True, "SearXNG"),
        ({"TAVILY_API_KEY": GOOD}, "keyless", True, "DuckDuckGo"),
    ],
)
async def test_the_service_that_was_set_is_asked_and_else_the_first_that_has_a_key(
    server: SearchServer, keys: dict[str, str], engine: str, searxng: bool, source: str
) -> None:
    finished = await searched(server, keys=keys, engine=engine, searxng=searxng)
    assert json.loads(finished.output)["source"] == source


def test_it_can_be_used_without_any_key() -> None:
    assert WEB_SEARCH.missing({}) == ()
    assert {need.name for need in WEB_SEARCH.secrets} == set(KEYS.values())
    assert all(need.sent_to.startswith("https://") and need.url.startswith("https://") for need in WEB_SEARCH.secrets)


# --- refusals ---


@pytest.mark.parametrize("engine", KEYS)
@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [
        ("bad-key-1234567890", "没有接受密钥", "refused the key"),
        ("broke-key-1234567890", "额度已用完", "no searches left"),
        ("busy-key-1234567890", "太频繁", "asked too often"),
    ],
)
async def test_a_refusal_names_its_cure_and_never_the_key(
    server: SearchServer, engine: str, key: str, zh: str, en: str
) -> None:
    for language, said in (("zh", zh), ("en", en)):
        finished = await searched(server, keys={KEYS[engine]: key}, language=language)  # type: ignore[arg-type]
        assert finished.failed
        assert said in finished.output
        assert key not in finished.output


async def test_a_refusal_of_bocha_that_comes_with_200_is_one(server: SearchServer) -> None:
    finished = await searched(server, keys={"BOCHA_API_KEY": "broke-key-within"})
    assert finished.failed and "no searches left" in finished.output


async def test_a_searxng_without_json_says_who_can_switch_it_on(server: SearchServer) -> None:
    server.formats = ("html",)
    finished = await searched(server, searxng=True)
    assert finished.failed and "search.formats in its settings.yml" in finished.output


async def test_a_searxng_without_an_address_says_which_variable_it_needs(server: SearchServer) -> None:
    finished = await searched(server, engine="searxng")
    assert finished.failed and "SEARXNG_BASE_URL" in finished.output
    assert not server.asked


async def test_where_duckduckgo_refuses_wikipedia_is_searched_and_that_is_said(server: SearchServer) -> None:
    server.robot = True
    finished = await searched(server)
    report = json.loads(finished.output)
    assert report["source"] == "Wikipedia"
    assert report["results"] == [
        {
            "title": "West Lake",
            "url": f"{server.base_url}/wiki/West_Lake",
            "snippet": "freshwater lake a lake in Hangzhou",
        }
    ]
    assert "Only Wikipedia was searched" in report["note"]
    assert "AgentFabric" in server.asked[-1].headers["user-agent"]


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "填写一个搜索服务的密钥"), ("en", "enter a search service's key")]
)
async def test_where_neither_answers_the_cure_is_a_key(server: SearchServer, language: Language, said: str) -> None:
    server.robot = server.wikipedia_down = True
    finished = await searched(server, language=language)
    assert finished.failed and said in finished.output
