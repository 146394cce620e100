"""Searching without a key: the page of DuckDuckGo for browsers without scripts, and where that refuses, Wikipedia."""

import asyncio
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

from user_agent.errors import FetchFailed, ToolError
from user_agent.search.found import Found, Query, found, refused
from user_agent.tools.base import ToolContext
from user_agent.words import Words

DUCKDUCKGO = "https://html.duckduckgo.com"
DUCKDUCKGO_BASE_URL = "DUCKDUCKGO_BASE_URL"
WIKIPEDIA_BASE_URL = "WIKIPEDIA_BASE_URL"
WIKIPEDIAS = {"zh": "https://zh.wikipedia.org", "en": "https://en.wikipedia.org"}
TIMEOUT_S = 8.0
_READER = "Mozilla/5.0 (compatible; AgentFabric; searches for a person who asked)"
_MAX_DUCKDUCKGO_CHARS = 499
_ROBOT = Words(zh="DuckDuckGo 把这台服务器当成了机器人。", en="DuckDuckGo takes this server for a robot.")


class _Page(BaseModel):
    key: str
    title: str
    excerpt: str = ""
    description: str | None = None


class _Pages(BaseModel):
    pages: list[_Page]


async def search_duckduckgo(query: Query, context: ToolContext) -> list[Found]:
    """What its page lists. Raises `ToolError` where it takes this server for a robot, which it does as it likes."""
    base = (context.base_urls.get(DUCKDUCKGO_BASE_URL) or DUCKDUCKGO).rstrip("/")
    region = "cn-zh" if query.language == "zh" else "wt-wt"
    form = urlencode({"q": query.text[:_MAX_DUCKDUCKGO_CHARS], "b": "", "kl": region})
    answer = await context.http.fetch(
        f"{base}/html/",
        method="POST",
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": _READER,
            "referer": f"{base}/",
            "accept": "text/html",
        },
        body=form.encode(),
        of_vendor=True,
        total_timeout_s=TIMEOUT_S,
        language=context.language,
    )
    listed = await asyncio.to_thread(_listed, answer.body) if answer.status == 200 else None
    if listed is None:
        raise ToolError(_ROBOT[context.language])
    return listed[: query.count]


def _listed(body: bytes) -> list[Found] | None:
    """The results on DuckDuckGo's page, without its advertisements; None where it is no page of results."""
    from resiliparse.parse.html import HTMLTree

    document = HTMLTree.parse(body.decode("utf-8", "replace")).document
    if document is None or document.query_selector("#challenge-form") or not document.query_selector("#links"):
        return None
    results: list[Found] = []
    for block in document.query_selector_all("#links .web-result:not(.result--ad)"):
        link = block.query_selector("h2 a")
        if link is None:
            continue
        snippet = block.query_selector(".result__snippet")
        made = found(link.text, _target(str(link.getattr("href") or "")), snippet.text if snippet else "")
        if made is not None:
            results.append(made)
    return results


def _target(href: str) -> str:
    """Where a link of the page leads in the end: `//duckduckgo.com/l/?uddg=…` counts the click first."""
    parts = urlsplit(f"https:{href}" if href.startswith("//") else href)
    if parts.path == "/l/":
        return parse_qs(parts.query).get("uddg", [""])[0]
    return href


async def search_wikipedia(query: Query, context: ToolContext) -> list[Found]:
    """Articles in the agent's language. Raises `FetchFailed`, and `ValidationError` for an answer of another shape."""
    # mediawiki.org/wiki/API:REST_API/Reference#Search_pages
    base = (context.base_urls.get(WIKIPEDIA_BASE_URL) or WIKIPEDIAS[query.language]).rstrip("/")
    answer = await context.http.send(
        "GET",
        f"{base}/w/rest.php/v1/search/page",
        params={"q": query.text[:300], "limit": query.count},
        headers={"user-agent": _READER},  # it refuses programs that do not say who they are
        vendor="Wikipedia",
        language=context.language,
        total_timeout_s=TIMEOUT_S,
    )
    pages = _Pages.model_validate(answer.body).pages
    made = (
        found(page.title, f"{base}/wiki/{quote(page.key)}", " ".join(filter(None, (page.description, page.excerpt))))
        for page in pages
    )
    return [item for item in made if item is not None]


async def search_keyless(query: Query, context: ToolContext) -> tuple[str, list[Found]]:
    """Who found it, and what. Raises `ToolError` with the cure where neither answers."""
    try:
        return "DuckDuckGo", await search_duckduckgo(query, context)
    except ToolError as refusal:
        reason = refusal.message
    try:
        return "Wikipedia", await search_wikipedia(query, context)
    except (FetchFailed, ValidationError) as error:
        raise refused("blocked", context.language, vendor="DuckDuckGo", reason=reason) from error
