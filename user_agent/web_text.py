"""What a service answered, as text that a model and a person can read."""

import json
import re
from contextlib import suppress

from user_agent.answers import Fetched
from user_agent.knowledge.decoding import decode_text
from user_agent.storable import cleaned

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What moves a terminal's cursor and is no text."""
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_BINARY = ("image/", "audio/", "video/", "font/", "application/octet-stream", "application/pdf")
_TEXT = re.compile(r"text/.*|.*[/+](?:json|xml|yaml)")


def text_of(answer: Fetched) -> str | None:
    """The body in the encoding that the server names or its bytes show, JSON without its spaces; None for no text."""
    kind = answer.media_type
    if kind.startswith(_BINARY) or (b"\0" in answer.body[:1024] and not _TEXT.fullmatch(kind)):
        return None
    named = _CHARSET.search(answer.headers.get("content-type", ""))
    text = decode_text(answer.body, named[1] if named else "")
    if "json" in kind:
        with suppress(ValueError, RecursionError):  # what is no JSON is shown as it came
            text = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return _ESCAPES.sub("", cleaned(text)).strip()
