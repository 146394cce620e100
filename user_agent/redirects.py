"""What is asked after a redirect, and what another origin gets to see of it."""

import io
from dataclasses import dataclass, replace

from multidict import CIMultiDict
from yarl import URL

from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.words import Words

_KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "user-agent"})
"""Headers of a request that another origin sees after a redirect: any other may hold a key."""

_AT_ONCE_BYTES = 500_000
_BODY_ELSEWHERE = Words(
    zh="请求的内容会到另一个地方去", en="what was sent would go to another place than it was meant for"
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: URL
    headers: CIMultiDict[str]
    body: bytes | None

    @property
    def data(self) -> bytes | io.BytesIO | None:
        """The body as aiohttp wants it: a large one piece by piece, because written at once it would stop the loop."""
        return io.BytesIO(self.body) if self.body is not None and len(self.body) > _AT_ONCE_BYTES else self.body


def following(request: Request, status: int, location: str | None) -> Request | None:
    """The request that an answer with this status and `Location` asks for; None where it is no redirect.

    Another origin gets no header that may hold a key. Raises `NotAnUrl` for an address that cannot be used, and where
    what was sent would go to another origin.
    """
    if location is None or status not in (301, 302, 303, 307, 308):
        return None
    url = web_address(location, request.url).with_fragment(None)
    redirected = replace(request, url=url)
    becomes_get = status == 303 or (status < 303 and request.method == "POST")
    if becomes_get and request.method not in ("GET", "HEAD"):
        about_it = {name: text for name, text in request.headers.items() if not name.lower().startswith("content-")}
        redirected = replace(redirected, method="GET", body=None, headers=CIMultiDict(about_it))
    if origin_of(url) != origin_of(request.url):
        if redirected.body is not None or redirected.method not in ("GET", "HEAD"):
            raise NotAnUrl(_BODY_ELSEWHERE)
        kept = {name: value for name, value in redirected.headers.items() if name.lower() in _KEPT_ACROSS_ORIGINS}
        redirected = replace(redirected, headers=CIMultiDict(kept))
    return redirected
