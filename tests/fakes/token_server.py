"""A server that gives access tokens for client credentials, as RFC 6749 has it, and an API that takes them."""

import asyncio
import base64
import json
from typing import Any, Literal
from urllib.parse import parse_qs, unquote

from tests.fakes.hostile_server import Asked, HostileServer, page

CLIENT = "app-1"
CLIENT_SECRET = "canary-s3cret:with+odd/signs"


class TokenServer(HostileServer):
    """`/token` gives tokens, everything else is an API that takes the last one alone."""

    def __init__(self, *, reads: Literal["header", "body"] = "header", **said: Any) -> None:
        """`reads` is where it looks for the client; `said` goes into every answer with a token."""
        super().__init__()
        self._reads = reads
        self._said = {"token_type": "Bearer", "expires_in": 3600, **said}
        self.given: list[str] = []
        self.answers["/token"] = self._give
        self.fallback = self._answer

    @property
    def token_url(self) -> str:
        return f"{self.base_url}/token"

    @property
    def calls(self) -> list[Asked]:
        """The calls of the API."""
        return [asked for asked in self.asked if asked.target != "/token"]

    @property
    def wishes(self) -> list[dict[str, list[str]]]:
        """The forms that tokens were asked for with."""
        return [parse_qs(asked.body.decode()) for asked in self.asked if asked.target == "/token"]

    def revoke(self) -> None:
        """The last token is good for nothing any more."""
        self.given.append("")

    async def _give(self, writer: asyncio.StreamWriter) -> None:
        if self._client(self.asked[-1]) != (CLIENT, CLIENT_SECRET):
            writer.write(_refusal(401, {"error": "invalid_client", "error_description": CLIENT_SECRET}))
            return
        self.given.append(f"canary-token-{len(self.given)}")
        answer = json.dumps({"access_token": self.given[-1], **self._said}).encode()
        writer.write(page(answer, media_type="application/json"))

    def _client(self, asked: Asked) -> tuple[str, str]:
        if self._reads == "body":
            form = parse_qs(asked.body.decode())
            return form.get("client_id", [""])[0], form.get("client_secret", [""])[0]
        kind, _, told = asked.headers.get("authorization", "").partition(" ")
        user, _, secret = base64.b64decode(told).decode().partition(":") if kind == "Basic" else ("", "", "")
        return unquote(user), unquote(secret)

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        if not self.given or self.asked[-1].headers.get("authorization") != f"Bearer {self.given[-1]}":
            writer.write(_refusal(401, {"error": "invalid_token"}))
            return
        writer.write(page(json.dumps({"ok": True, "with": self.given[-1]}).encode(), media_type="application/json"))


def _refusal(status: int, said: dict[str, str]) -> bytes:
    return page(json.dumps(said).encode(), media_type="application/json").replace(b" 200 OK", b" %d No" % status, 1)
