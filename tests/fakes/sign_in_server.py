"""An OAuth authorization server on real HTTP: it registers programs, and lets in everybody who comes.

It checks what it is sent, PKCE and resource included, and remembers it. `said` replaces what it says of itself, and
`answers` what it says at a path.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.http_fake import HttpFake

Json = dict[str, Any]


@dataclass
class FakeSignIn(HttpFake):
    mcp_accepted: set[str] = field(default_factory=set[str])
    """Where its tokens go to be accepted."""
    said: Json = field(default_factory=dict[str, Any])
    answers: dict[str, web.Response] = field(default_factory=dict[str, web.Response])
    lasts_s: int | None = 3600
    """How long a token lasts; None where it does not say."""
    renews: bool = True
    """Whether it gives refresh tokens."""
    registered: list[Json] = field(default_factory=list[Json])
    tokens_given: list[Json] = field(default_factory=list[Json])
    asked: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])
    _codes: dict[str, Json] = field(default_factory=dict[str, Any])

    @property
    def url(self) -> str:
        return self.origin

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/oauth-authorization-server", self._metadata)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/register", self._register)
        app.router.add_post("/token", self._token)
        app.router.add_post("/revoke", self._revoke)
        return app

    def reset(self) -> None:
        """As it was in the beginning."""
        fresh = FakeSignIn()
        self.said, self.answers, self.lasts_s, self.renews = fresh.said, fresh.answers, fresh.lasts_s, fresh.renews
        self.registered, self.tokens_given, self.asked = fresh.registered, fresh.tokens_given, fresh.asked

    def posted(self, path: str) -> list[Json]:
        return [fields for known, fields in self.asked if known == path]

    async def _metadata(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, {}))
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "registration_endpoint": f"{self.url}/register",
            "revocation_endpoint": f"{self.url}/revoke",
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return web.json_response({name: value for name, value in {**said, **self.said}.items() if value is not None})

    async def _register(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        self.asked.append((request.path, wanted))
        if answer := self.answers.get(request.path):
            return answer
        made = {**wanted, "client_id": f"client-{len(self.registered)}"}
        self.registered.append(made)
        return web.json_response(made, status=201)

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        self.asked.append((request.path, asked))
        code = secrets.token_hex(8)
        self._codes[code] = asked
        back = web.HTTPFound(f"{asked['redirect_uri']}?code={code}&state={asked['state']}&iss={self.url}")
        raise back

    async def _token(self, request: web.Request) -> web.Response:
        fields: Json = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append((request.path, {**fields, "authorization": request.headers.get("authorization", "")}))
        if answer := self.answers.get(request.path):
            return answer
        if fields["grant_type"] == "refresh_token":
            known = [given["refresh_token"] for given in self.tokens_given if "refresh_token" in given]
            is_right = fields["refresh_token"] in known[-1:]
        else:
            asked = self._codes.pop(fields["code"], None)
            digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
            is_right = asked is not None and (
                asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
                and (asked["redirect_uri"], asked["resource"]) == (fields["redirect_uri"], fields["resource"])
            )
        if not is_right:
            return web.json_response({"error": "invalid_grant"}, status=400)
        given: Json = {"access_token": f"canary-token-{secrets.token_hex(8)}", "token_type": "bearer"}
        if self.lasts_s is not None:
            given["expires_in"] = self.lasts_s
        if self.renews:
            given["refresh_token"] = f"canary-refresh-{secrets.token_hex(8)}"
        self.mcp_accepted.clear()
        self.mcp_accepted.add(given["access_token"])
        self.tokens_given.append(given)
        return web.json_response(given)

    async def _revoke(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, {name: str(value) for name, value in (await request.post()).items()}))
        return web.Response(status=200)
