"""The searchers with a documented API: Tavily, Brave, Serper, Bocha, and a SearXNG of one's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import JsonValue

from user_agent.answers import JsonAnswer
from user_agent.errors import FetchFailed
from user_agent.search.found import Found, Query, Refusal, found, refused
from user_agent.tools.base import SecretNeed, ToolContext
from user_agent.words import Words

TIMEOUT_S = 15.0
_STATUSES: Mapping[int, Refusal] = {401: "key", 402: "quota", 403: "key", 429: "too_fast"}

Json = dict[str, Any]  # what a service answered, looked into only by `_at`


@dataclass(frozen=True, slots=True)
class Asking:
    """A request to a service."""

    method: Literal["GET", "POST"]
    path: str
    params: Mapping[str, str | int] | None = None
    body: JsonValue = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """How one service is asked, where its results are, and what its refusals mean."""

    name: str
    vendor: str
    host: str
    """Empty for one that everybody has at an address of their own."""
    base_url: str
    """The variable whose address replaces `host`."""
    ask: Callable[[Query, str], Asking]
    results: tuple[str, ...]
    """The way to the list of results."""
    fields: tuple[str, str, str, str]
    """What it calls title, address, snippet and date."""
    reason: tuple[tuple[str, ...], ...]
    """The ways to what it says of a refusal, the code first where it has one."""
    codes: Mapping[str, Refusal]
    """What a part of that says, in lower case, where the status does not tell."""
    key: str = ""
    get_key_at: str = ""

    @property
    def need(self) -> SecretNeed:
        label = Words(zh=f"{self.vendor} 搜索密钥", en=f"{self.vendor} search API key")
        return SecretNeed(self.key, label, self.get_key_at, sent_to=self.host, base_url=self.base_url)


def _tavily(query: Query, key: str) -> Asking:
    # docs.tavily.com/documentation/api-reference/endpoint/search
    body: JsonValue = {"query": query.text, "max_results": query.count, "search_depth": "basic"}
    return Asking("POST", "/search", body=body, headers={"authorization": f"Bearer {key}"})


def _brave(query: Query, key: str) -> Asking:
    # api-dashboard.search.brave.com/api-reference/web/search/get
    language = "zh-hans" if query.language == "zh" else "en"
    params = {"q": query.text, "count": query.count, "search_lang": language, "result_filter": "web"}
    headers = {"x-subscription-token": key, "accept": "application/json"}
    return Asking("GET", "/res/v1/web/search", params=params, headers=headers)


def _serper(query: Query, key: str) -> Asking:
    # serper.dev/playground
    language = "zh-cn" if query.language == "zh" else "en"
    body: JsonValue = {"q": query.text, "num": query.count, "hl": language}
    return Asking("POST", "/search", body=body, headers={"x-api-key": key})


def _bocha(query: Query, key: str) -> Asking:
    # open.bocha.cn, "Web Search API"
    body: JsonValue = {"query": query.text, "count": query.count, "freshness": "noLimit", "summary": True}
    return Asking("POST", "/v1/web-search", body=body, headers={"authorization": f"Bearer {key}"})


def _searxng(query: Query, _: str) -> Asking:
    # docs.searxng.org/dev/search_api
    language = "zh-CN" if query.language == "zh" else "en"
    return Asking("GET", "/search", params={"q": query.text, "format": "json", "language": language})


SERVICES: tuple[Service, ...] = (
    Service(
        "tavily",
        "Tavily",
        "https://api.tavily.com",
        "TAVILY_BASE_URL",
        _tavily,
        ("results",),
        ("title", "url", "content", "published_date"),
        (("detail", "error"), ("detail",)),
        {},
        "TAVILY_API_KEY",
        "https://app.tavily.com/home",
    ),
    Service(
        "brave",
        "Brave",
        "https://api.search.brave.com",
        "BRAVE_SEARCH_BASE_URL",
        _brave,
        ("web", "results"),
        ("title", "url", "description", "page_age"),
        (("error", "code"), ("error", "detail")),
        # A wrong key is a 422 there, as a wrong query is.
        {"subscription_token": "key", "quota": "quota", "rate_limited": "too_fast"},
        "BRAVE_SEARCH_API_KEY",
        "https://api-dashboard.search.brave.com/app/keys",
    ),
    Service(
        "serper",
        "Serper",
        "https://google.serper.dev",
        "SERPER_BASE_URL",
        _serper,
        ("organic",),
        ("title", "link", "snippet", "date"),
        (("message",),),
        {"credits": "quota"},
        "SERPER_API_KEY",
        "https://serper.dev/api-keys",
    ),
    Service(
        "bocha",
        "Bocha",
        "https://api.bocha.cn",
        "BOCHA_BASE_URL",
        _bocha,
        ("data", "webPages", "value"),
        ("name", "url", "summary", "datePublished"),
        (("message",), ("msg",)),
        {"money": "quota", "余额": "quota"},
        "BOCHA_API_KEY",
        "https://open.bocha.cn",
    ),
    Service(
        "searxng",
        "SearXNG",
        "",
        "SEARXNG_BASE_URL",
        _searxng,
        ("results",),
        ("title", "url", "content", "publishedDate"),
        (("error",),),
        {},
    ),
)
"""In the order in which they are taken where several keys are there."""


async def search(service: Service, query: Query, context: ToolContext) -> list[Found]:
    """What the service finds. Raises `ToolError` with a sentence that names the cure."""
    base = (context.base_urls.get(service.base_url) or service.host).rstrip("/")
    if not base:
        raise refused("no_address", context.language, vendor=service.vendor, reason="")
    key = context.secrets.get(service.key, "")
    asking = service.ask(query, key)
    try:
        answer = await context.http.send(
            asking.method,
            f"{base}{asking.path}",
            params=asking.params,
            body=asking.body,
            headers=asking.headers,
            vendor=service.vendor,
            language=context.language,
            total_timeout_s=TIMEOUT_S,
        )
    except FetchFailed as error:
        # SearXNG refuses a format that is not switched on with a page.
        if not service.host and error.params.get("status") == 403:
            raise refused("no_json", context.language, vendor=service.vendor, reason="") from error
        raise
    if answer.status >= 400 or _says_failed(answer):
        said = " ".join(filter(None, (_text(_at(answer.body, way)) for way in service.reason)))
        refusal = _refusal(service, _status_of(answer), said)
        raise refused(
            refusal,
            context.language,
            vendor=service.vendor,
            key=service.key,
            secret=key,
            reason=said or str(answer.status),
        )
    return _results(service, answer.body)[: query.count]


def _status_of(answer: JsonAnswer) -> int:
    """The HTTP status, or the one that Bocha puts into a body that came with 200."""
    code = _text(_at(answer.body, ("code",)))
    return int(code) if answer.status < 400 and code.isdecimal() else answer.status


def _says_failed(answer: JsonAnswer) -> bool:
    return _status_of(answer) >= 400


def _refusal(service: Service, status: int, said: str) -> Refusal:
    lowered = said.lower()
    for part, refusal in service.codes.items():
        if part in lowered:
            return refusal
    if status in (432, 433):  # Tavily's plan, and its pay-as-you-go limit
        return "quota"
    otherwise: Refusal = "down" if status >= 500 else "wrong"
    return _STATUSES.get(status, otherwise)


def _results(service: Service, body: JsonValue) -> list[Found]:
    listed = _at(body, service.results)
    title, url, snippet, published = service.fields
    rows = (
        [cast(Json, row) for row in cast(list[object], listed) if isinstance(row, dict)]
        if isinstance(listed, list)
        else []
    )
    made = (
        found(row.get(title), row.get(url), row.get(snippet) or row.get("snippet"), row.get(published)) for row in rows
    )
    return [item for item in made if item is not None]


def _at(body: object, way: tuple[str, ...]) -> object:
    """What stands at the end of a way of names; None where it breaks off."""
    for name in way:
        body = cast(Json, body).get(name) if isinstance(body, dict) else None
    return body


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
