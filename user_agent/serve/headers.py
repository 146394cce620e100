"""What browsers are told about every answer: what it may load and run, where it may send, and who may frame it."""

from collections.abc import Sequence

from starlette.types import Message

RawHeaders = list[tuple[bytes, bytes]]

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
"""For what is no page: should a browser show it as one, nothing in it runs, loads or is sent."""

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_NO_FRAME = (b"x-frame-options", b"DENY")
_NO_CACHE = (b"cache-control", b"no-store")
"""For data that does not say itself how long it may be kept: it is somebody's own."""


def chat_policy(frame_ancestors: Sequence[str] = ()) -> str:
    """The policy of an agent's own page: everything from this origin, no script in the page itself, nothing evaluated.

    The chat sets styles on elements, and its highlighted code and formulas are styled so.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; "
        f"manifest-src 'self'; frame-ancestors {' '.join(frame_ancestors) or NOBODY}; base-uri 'none'; "
        "form-action 'none'; object-src 'none'"
    )


NOBODY = "'none'"


def with_headers(start: Message, policy: str, *, framed: bool = False) -> Message:
    """The beginning of an answer with the headers in the place of its own; `framed` where another page may show it."""
    added = [(b"content-security-policy", policy.encode()), *_ALWAYS, *(() if framed else (_NO_FRAME,))]
    if policy == DATA_POLICY and not any(name.lower() == b"cache-control" for name, _ in start["headers"]):
        added.append(_NO_CACHE)
    ours = {name for name, _ in added}
    return {**start, "headers": [*(item for item in start["headers"] if item[0].lower() not in ours), *added]}
