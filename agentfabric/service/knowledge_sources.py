"""Where knowledge comes from that nobody uploaded: web pages, those that a sitemap lists, resources of MCP servers."""

import html
import mimetypes
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from agentfabric.service.mcp_resources import SCHEME, McpResources
from user_agent.answers import Fetched
from user_agent.errors import AddressUnusable, FetchFailed
from user_agent.net import Http
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.web_failures import NO_ADDRESS
from user_agent.words import Words

MAX_BYTES = 20_000_000
MAX_PAGES = 200
"""Of a sitemap."""
_MAX_SITEMAPS = 10
"""Of an index of sitemaps."""
_FETCH_TIMEOUT_S = 30.0
_HEADERS = {
    "user-agent": "Mozilla/5.0 (compatible; AgentFabric; reads a page that a person asked about)",
    "accept": "text/html,application/xhtml+xml,application/xml,application/pdf,text/*;q=0.9,*/*;q=0.5",
}
_SITEMAP = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")
_LISTED = re.compile(rb"<(?:\w+:)?loc\s*>\s*(?:<!\[CDATA\[)?\s*([^<\s][^<]*?)\s*(?:\]\]>)?\s*</")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_GZIP = b"\x1f\x8b"

NO_PAGES = Words(
    zh="这份站点地图里没有这个网站自己的网页。请换一个网址。",
    en="This sitemap lists no pages of its own site. Try another address.",
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a source has just now."""

    data: bytes
    media_type: str
    """As its server says it, with its character set."""


class Sources:
    """Fetches what agents know from elsewhere. Every kind of source has its branch in `fetch`."""

    def __init__(self, http: Http, resources: McpResources) -> None:
        self._http = http
        self.resources = resources

    async def fetch(self, user: str, agent_id: str, source: str) -> Content:
        """What the person's agent is given there. Raises `FetchFailed`, which tells why in both languages."""
        if source.startswith(SCHEME):
            content = await self.resources.fetch(user, agent_id, source)
            return Content(content.data, content.media_type)
        answer = await self._answer(source)
        return Content(answer.body, answer.headers.get("content-type", ""))

    async def pages(self, address: str) -> Sequence[str]:
        """The addresses behind one that a person named: itself, or those of its own site that it lists as a sitemap.

        Raises `AddressUnusable`, and `FetchFailed` where it cannot be read, or lists none.
        """
        try:
            web_address(address)
        except NotAnUrl as error:
            why = error.words
            told = Words(NO_ADDRESS.zh.format(why=why.zh), NO_ADDRESS.en.format(why=why.en))
            raise AddressUnusable.saying(told) from error
        answer = await self._answer(address)
        found = _sitemap_in(answer)
        if found is None:
            return [answer.url]
        listed = found.addresses
        if found.is_index:
            parts = [_sitemap_in(await self._answer(part)) for part in listed[:_MAX_SITEMAPS]]
            listed = [page for part in parts if part and not part.is_index for page in part.addresses]
        if not listed:
            raise FetchFailed.saying(NO_PAGES)
        return listed[:MAX_PAGES]

    async def _answer(self, address: str) -> Fetched:
        return await self._http.fetch(address, headers=_HEADERS, max_bytes=MAX_BYTES, total_timeout_s=_FETCH_TIMEOUT_S)


def shown_name(address: str) -> str:
    """What a page is called in a list: its address without what every address has."""
    return address.partition("://")[2].removesuffix("/")


def name_for_reader(name: str, media_type: str) -> str:
    """The name by whose ending a reader is chosen: the server knows better than the address what it sent."""
    ending = mimetypes.guess_extension(media_type.partition(";")[0].strip().lower()) or ""
    return f"{name}{ending}"


def charset_in(media_type: str) -> str:
    """The character set that a server named; empty where it named none."""
    named = _CHARSET.search(media_type)
    return named[1] if named else ""


@dataclass(frozen=True, slots=True)
class _Sitemap:
    addresses: Sequence[str]
    is_index: bool


def _sitemap_in(answer: Fetched) -> _Sitemap | None:
    """The addresses of its own site that a sitemap lists; None for what is no sitemap.

    It is searched as text and not parsed: what strangers wrote as XML may be made to cost whoever parses it dearly.
    """
    data = answer.body
    if data.startswith(_GZIP):
        try:
            data = zlib.decompressobj(31).decompress(data, MAX_BYTES)
        except zlib.error:
            return None
    root = _SITEMAP.search(data[:4_096])
    if root is None:
        return None
    origin = origin_of(answer.url)
    listed = [html.unescape(found.decode("utf-8", "replace")) for found in _LISTED.findall(data)]
    return _Sitemap([*dict.fromkeys(page for page in listed if _is_of(origin, page))], root[1] == b"sitemapindex")


def _is_of(origin: str, page: str) -> bool:
    try:
        return origin_of(web_address(page)) == origin
    except NotAnUrl:
        return False
