"""What browsers are told about every answer: what it may load and run, and where it may send."""

import base64
import hashlib
import re

from starlette.types import Message, Send

from user_agent.serve.headers import DATA_POLICY, RawHeaders, with_headers

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)


def page_policy(html: bytes = b"") -> str:
    """The policy of a page of ours: everything from this origin, and of inline scripts only those that `html` holds.

    What a script puts into the page later, an answer of a model say, can so neither run nor load or send anything.
    Gradio evaluates the functions of its page, and sets styles and a base address.
    """
    scripts = "".join(f" 'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(html))
    return (
        f"default-src 'self'; script-src 'self' 'unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "worker-src 'self'; frame-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; "
        "object-src 'none'"
    )


class GuardedSend:
    """An ASGI `send` that adds the headers. A page is held back until it is whole, because its policy depends on it."""

    def __init__(self, path: str, send: Send) -> None:
        self._path = path
        self._send = send
        self._start: Message | None = None
        self._page = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not _is_page(message["headers"]):
                policy = DATA_POLICY if self._path.startswith(("/api/", "/v1/", "/agents/")) else page_policy()
                await self._send(with_headers(message, policy))
            else:
                self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._page += message.get("body", b"")
        if not message.get("more_body", False):
            await self._send(with_headers(self._start, page_policy(bytes(self._page))))
            await self._send({"type": "http.response.body", "body": bytes(self._page)})


def _is_page(headers: RawHeaders) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def _digest(script: bytes) -> str:
    # As the browser has it, which reads every line break as one character.
    text = script.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return base64.b64encode(hashlib.sha256(text).digest()).decode()
