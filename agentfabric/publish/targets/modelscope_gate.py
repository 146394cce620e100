"""How requests leave for a ModelScope hub: the token goes there alone, and no redirect is followed."""

from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from agentfabric.publish.targets import modelscope_words as words
from user_agent.errors import PublishFailed


def gated(hub: str) -> Session:
    """A session for the SDK's client. Who answers with a redirect is `PublishFailed`."""
    session = Session()
    session.auth = _as_it_is  # else a `.netrc` of this machine would take the token's place
    gate = _Gate(hub)
    session.mount("https://", gate)
    session.mount("http://", gate)
    return session


def _as_it_is(request: PreparedRequest) -> PreparedRequest:
    return request


class _Gate(HTTPAdapter):
    """The SDK gives the token to hosts: the hub's, and that of its large files (`lfs.`). Here other ports and schemes
    of theirs are others."""

    def __init__(self, hub: str) -> None:
        super().__init__()
        self._hub = hub

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:  # Any: handed on as they are
        hub, url = urlsplit(self._hub), urlsplit(request.url or "")
        if url.scheme != hub.scheme or (url.hostname == hub.hostname and url.port != hub.port):
            for name in ("Authorization", "Cookie"):
                request.headers.pop(name, None)
        response = super().send(request, *args, **options)
        if response.is_redirect:
            response.close()
            raise PublishFailed(words.elsewhere(self._hub))
        return response
