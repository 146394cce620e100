"""What lets a page of somebody else show a shared agent in a frame: a short-lived token that only this server signs."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Literal

from user_agent.errors import NotSignedIn

LIVES_S = 600
"""How long a token is good for. The page in the frame renews it while it is open."""

Scope = Literal["chat", "files"]
"""What a token opens: all that the visitor may do, or their files alone, whose addresses it stands in."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a shared agent is shown: for which link, on whose page, to which visitor."""

    link: str
    origin: str
    visitor: str


@dataclass(frozen=True, slots=True)
class FrameTokens:
    """Makes and reads tokens. `key` signs them and is known to nobody else: none of them is a key to anything else."""

    key: bytes

    def signed(self, frame: Frame, now: float, scope: Scope = "chat") -> str:
        told = {"link": frame.link, "origin": frame.origin, "visitor": frame.visitor, "until": int(now) + LIVES_S}
        body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
        return f"{body}.{self._signature(body, scope)}"

    def read(self, token: str, now: float, scope: Scope = "chat") -> Frame:
        """Raises `NotSignedIn` for one that is not ours, not for this, or too old."""
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(body, scope).encode()):
            raise NotSignedIn("This is no token of a frame. Load the page again.")
        told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))  # what we signed can be read
        if told["until"] <= now:
            raise NotSignedIn("This page was open for too long without a connection. Load it again.")
        return Frame(told["link"], told["origin"], told["visitor"])

    def _signature(self, body: str, scope: Scope) -> str:
        return hmac.new(self.key, f"{scope}\0{body}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
