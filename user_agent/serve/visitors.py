"""Strangers told apart: each gets a name that means nothing, in a cookie that only this server can have signed."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request, cookie_parser

COOKIE = "af_visitor"
KEPT_S = 365 * 24 * 3600
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `set_cookie` is the header that makes the browser say so again; None where it does already."""

    name: str
    set_cookie: str | None = None


class Visitors:
    """Knows visitors by their cookies. `key` signs them, and is known to nobody else."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, request: Request) -> Visitor:
        """The visitor of a request, a new one where it brings no cookie of ours."""
        # Not the standard library's parser: one odd cookie of another program on this host, and it finds none.
        given = cookie_parser(request.headers.get("cookie", "")).get(COOKIE, "")
        name, _, signature = given.partition(".")
        if _NAME.fullmatch(name) and hmac.compare_digest(signature.encode(), self._signature(name).encode()):
            return Visitor(name)
        name = secrets.token_hex(16)
        return Visitor(name, self._header(request, f"{name}.{self._signature(name)}"))

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, b"visitor\0" + name.encode(), hashlib.sha256).hexdigest()

    def _header(self, request: Request, value: str) -> str:
        path = request.scope.get("root_path", "") + "/"
        # A hosted studio shows the page in a frame of another site, where a browser keeps only cookies that allow it.
        # They are no danger: requests from other sites' pages are refused whatever cookies they bring.
        where = "SameSite=None; Secure; Partitioned" if is_https(request) else "SameSite=Lax"
        return f"{COOKIE}={value}; Path={path}; Max-Age={KEPT_S}; HttpOnly; {where}"


def is_https(request: Request) -> bool:
    """Whether the browser came by https, to us or to a proxy. Believed of anybody: it only makes cookies stricter."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto", "").startswith("https")


def is_from_own_page(request: Request) -> bool:
    """Whether a browser sent it from our own page, or from the address bar, or it is no browser at all."""
    headers = request.headers
    site = headers.get("sec-fetch-site")
    if site is not None:
        is_visit = request.method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        return site in ("same-origin", "none") or is_visit
    origin = headers.get("origin")
    return origin is None or origin.lower().partition("://")[2] == headers.get("host", "").lower()
