"""Six searchers and Wikipedia on real HTTP, in the formats and with the refusals that each of them documents.

A key that begins with `bad`, `broke` or `busy` is refused as wrong, as used up, or as asked too often.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiohttp import web

from tests.fakes.http_fake import HttpFake

PAGES = (
    (
        "West Lake",
        "https://example.org/lake",
        "A lake in <strong>Hangzhou</strong> &amp; its hills",
        "2026-11-20T08:00:00",
    ),
    ("西湖", "https://example.cn/西湖", "杭州的湖", ""),
    ("No address", "javascript:alert(1)", "never shown", ""),
    ("Third", "http://example.net/3", "x" * 2_000, ""),
)


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    said: dict[str, Any]
    """Query, form or JSON body."""


@dataclass
class SearchServer(HttpFake):
    """All of them on one port of 127.0.0.1."""

    robot: bool = False
    """Whether DuckDuckGo takes whoever asks for a robot."""
    wikipedia_down: bool = False
    formats: tuple[str, ...] = ("html", "json")
    """Those that SearXNG has switched on."""
    nothing: bool = False
    asked: list[Asked] = field(default_factory=list[Asked])

    @property
    def base_url(self) -> str:
        return self.origin

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/search", self._posted)
        app.router.add_get("/search", self._searxng)
        app.router.add_get("/res/v1/web/search", self._brave)
        app.router.add_post("/v1/web-search", self._bocha)
        app.router.add_post("/html/", self._duckduckgo)
        app.router.add_get("/w/rest.php/v1/search/page", self._wikipedia)
        return app

    @property
    def pages(self) -> tuple[tuple[str, str, str, str], ...]:
        return () if self.nothing else PAGES

    async def _posted(self, request: web.Request) -> web.Response:
        body = await self._note(request)
        return self._serper(request, body) if "x-api-key" in request.headers else self._tavily(request, body)

    def _tavily(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        key = request.headers["authorization"].removeprefix("Bearer ")
        if key.startswith("bad"):
            said = {"detail": {"error": f"Unauthorized: missing or invalid API key. {key}"}}
            return web.json_response(said, status=401)
        if key.startswith("broke"):
            said = {"detail": {"error": "This request exceeds your plan's set usage limit."}}
            return web.json_response(said, status=432)
        if key.startswith("busy"):
            said = {"detail": {"error": "Your request has been blocked due to excessive requests."}}
            return web.json_response(said, status=429)
        results = [
            {"title": title, "url": url, "content": text, "score": 0.9, **({"published_date": date} if date else {})}
            for title, url, text, date in self.pages
        ]
        answer = {"query": body["query"], "answer": None, "images": [], "results": results, "response_time": 1.1}
        return web.json_response(answer)

    def _serper(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        key = request.headers["x-api-key"]
        if key.startswith("bad"):
            return web.json_response({"message": "Unauthorized.", "statusCode": 403}, status=403)
        if key.startswith("broke"):
            return web.json_response({"message": "Not enough credits", "statusCode": 400}, status=400)
        if key.startswith("busy"):
            return web.json_response({"message": "Rate limit exceeded", "statusCode": 429}, status=429)
        organic = [
            {"title": title, "link": url, "snippet": text, "position": place, **({"date": date} if date else {})}
            for place, (title, url, text, date) in enumerate(self.pages, 1)
        ]
        return web.json_response({"searchParameters": {"q": body["q"]}, "organic": organic, "credits": 1})

    async def _brave(self, request: web.Request) -> web.Response:
        await self._note(request)
        key = request.headers["x-subscription-token"]
        refusals = {
            "bad": (422, "SUBSCRIPTION_TOKEN_INVALID", "The provided subscription token is invalid."),
            "broke": (429, "QUOTA_LIMITED", "Request quota exceeded for plan."),
            "busy": (429, "RATE_LIMITED", "Request rate limit exceeded for plan."),
        }
        for kind, (status, code, detail) in refusals.items():
            if key.startswith(kind):
                error = {"id": "5d832250", "status": status, "code": code, "detail": detail, "meta": {}}
                said = {"type": "ErrorResponse", "error": error, "time": 1663072993}
                return web.json_response(said, status=status)
        results = [
            {"type": "search_result", "title": title, "url": url, "description": text, "page_age": date or None}
            for title, url, text, date in self.pages
        ]
        web_part = {"web": {"type": "search", "results": results}} if results else {}
        return web.json_response({"type": "search", "query": {"original": request.query["q"]}, **web_part})

    async def _bocha(self, request: web.Request) -> web.Response:
        body = await self._note(request)
        key = request.headers["authorization"].removeprefix("Bearer ")
        refusals = {
            "bad": (401, "Invalid API KEY"),
            "broke": (403, "You do not have enough money"),
            "busy": (429, "You have reached the request limit"),
        }
        for kind, (status, message) in refusals.items():
            if key.startswith(kind):
                said = {"code": str(status), "message": message, "log_id": "e02ce8d1"}
                # Its gateway answers with the status; behind it only the body tells.
                return web.json_response(said, status=200 if key.endswith("within") else status)
        value = [
            {"id": None, "name": title, "url": url, "snippet": text[:9], "summary": text, "datePublished": date or None}
            for title, url, text, date in self.pages
        ]
        data = {
            "_type": "SearchResponse",
            "queryContext": {"originalQuery": body["query"]},
            "webPages": {"value": value},
        }
        return web.json_response({"code": 200, "log_id": "d71841ab", "msg": None, "data": data})

    async def _searxng(self, request: web.Request) -> web.Response:
        await self._note(request)
        if request.query.get("format", "html") not in self.formats:
            return web.Response(
                text="<!doctype html><title>403 Forbidden</title>", content_type="text/html", status=403
            )
        results = [
            {"title": title, "url": url, "content": text, "engine": "bing", "publishedDate": date or None}
            for title, url, text, date in self.pages
        ]
        return web.json_response({"query": request.query["q"], "number_of_results": 0, "results": results})

    async def _duckduckgo(self, request: web.Request) -> web.Response:
        await self._note(request)
        if self.robot:
            form = "<form id='challenge-form' action='//duckduckgo.com/anomaly.js'>Select all ducks</form>"
            return web.Response(text=f"<html><body>{form}</body></html>", content_type="text/html", status=202)
        blocks = [
            f"<div class='result results_links results_links_deep web-result'><h2 class='result__title'>"
            f"<a rel='nofollow' class='result__a' href='{_counted(url)}'>{title}</a></h2>"
            f"<a class='result__snippet' href='{_counted(url)}'>{text}</a></div>"
            for title, url, text, _ in self.pages
        ]
        ad = (
            "<div class='result results_links results_links_deep result--ad web-result'><h2><a href='https://ad.example'>"
            "Buy</a></h2></div>"
        )
        page = f"<html><body><div id='links' class='results'>{ad}{''.join(blocks)}</div></body></html>"
        return web.Response(text=page, content_type="text/html")

    async def _wikipedia(self, request: web.Request) -> web.Response:
        await self._note(request)
        if self.wikipedia_down:
            return web.Response(status=503)
        page = {
            "id": 1,
            "key": "West_Lake",
            "title": "West Lake",
            "excerpt": 'a <span class="searchmatch">lake</span> in Hangzhou',
            "description": "freshwater lake",
            "thumbnail": None,
        }
        return web.json_response({"pages": [page]})

    async def _note(self, request: web.Request) -> dict[str, Any]:
        said: dict[str, Any] = dict(request.query)
        if request.method == "POST":
            is_json = request.content_type == "application/json"
            said = await request.json() if is_json else dict(await request.post())
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.path, headers, said))
        return said


def _counted(url: str) -> str:
    """A link as the page has it: through the counter of clicks."""
    return f"//duckduckgo.com/l/?uddg={quote(url, safe='')}&amp;rut=0a1b"
