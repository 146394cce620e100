"""Who is asking, by what their request brings: the rules that the door goes by."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from agentfabric.headers import RawHeaders

SESSION_S = 30 * 24 * 3600
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s\[\]:/?#@,\\]+)(:[0-9]{1,5})?")
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """The rules of the door.

    Without tokens there is one local user, and only requests that were addressed to this machine by its loopback names
    pass. With tokens, whoever brings one is the user it belongs to.
    """

    tokens: Mapping[str, str]
    """User name -> token. Empty: one local user."""
    signing_key: bytes
    port: int = 0
    """The one that was asked for: part of the cookie's name."""
    allowed_hosts: frozenset[str] = frozenset()
    """Host names to accept besides, for a server behind a proxy. Matters only without tokens, and for `Origin`."""

    @property
    def cookie(self) -> str:
        """The name of the session's cookie: each server's own, since browsers share cookies between ports."""
        return f"af_session_{self.port}_{hashlib.sha256(self.signing_key).hexdigest()[:8]}"

    def token_in(self, headers: Headers) -> str | None:
        """The token that a request brings as `Authorization: Bearer …`; None where it brings none."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        # Headers are bytes: whoever chose a token beyond ASCII sends it as UTF-8.
        return given.strip().encode("latin-1").decode("utf-8", "replace") if scheme.lower() == "bearer" else None

    def user_of_token(self, given: str) -> str | None:
        """The owner of a token. Every token is compared, each in constant time."""
        found = None
        for user, token in self.tokens.items():
            if hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
                found = user
        return found

    def session(self, user: str, issued: int) -> str:
        """The cookie of a user: a time, in seconds, and a signature over it, name and token. It is worthless
        `SESSION_S` later, and once the token or the signing key is changed."""
        signed = f"{issued}\n{user}\n{self.tokens[user]}".encode()
        return f"{issued}.{hmac.new(self.signing_key, signed, hashlib.sha256).hexdigest()}"

    def addressed_here(self, headers: Headers) -> bool:
        """Whether the request means this server, so that a web page that renamed itself to us is turned away."""
        if self.tokens:
            return True
        hosts = headers.getlist("host")
        name = _host_name(hosts[0]) if len(hosts) == 1 else ""
        return is_loopback(name) or name in self.allowed_hosts

    def from_own_page(self, headers: Headers, method: str) -> bool:
        """Whether a browser sent it from our own page, or from the address bar, or it is no browser at all."""
        origin = headers.get("origin")
        if origin is not None:
            scheme, _, theirs = origin.lower().partition("://")
            own = headers.get("host", "").lower()
            return scheme in ("http", "https") and (theirs == own or _host_name(theirs) in self.allowed_hosts)
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        return True

    def without_foreign_hosts(self, headers: RawHeaders) -> RawHeaders:
        """The headers, without an `X-Forwarded-Host` that no proxy of ours can have written, and without the address
        that Gradio's own proxies write: Gradio believes both."""
        return [
            (name, value)
            for name, value in headers
            if name not in (b"x-forwarded-host", b"x-gradio-server")
            or (name == b"x-forwarded-host" and _host_name(value.decode("latin-1")) in self.allowed_hosts)
        ]

    def user_of_cookie(self, headers: Headers, now: float) -> str | None:
        """The user whose session a request belongs to; None for a stranger. `now` is in seconds, as `issued` is."""
        # Not the standard library's parser: one odd cookie of another program on this host, and it finds none.
        given = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        issued = given.partition(".")[0]
        if not _SECONDS.fullmatch(issued) or not 0 <= now - int(issued) < SESSION_S:
            return None
        found = None
        for user in self.tokens:
            if hmac.compare_digest(given.encode("utf-8", "replace"), self.session(user, int(issued)).encode()):
                found = user
        return found


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can only be reached from this machine."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_name(host: str) -> str:
    """The name in a `Host` header, without port and brackets; empty where it is no name."""
    found = _HOST.fullmatch(host.lower())
    return found[1].strip("[]").rstrip(".") if found else ""
