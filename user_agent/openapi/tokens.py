"""Access tokens that an API's key is changed for: OAuth 2, client credentials (RFC 6749, section 4.4)."""

import asyncio
import base64
import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlencode, urlsplit

import orjson

from user_agent.answers import Fetched
from user_agent.errors import ToolError
from user_agent.net import Http
from user_agent.openapi.stored import Auth
from user_agent.words import Language, Words

MAX_ANSWER_BYTES = 100_000
TIMEOUT_S = 10.0
UNTOLD_S = 300.0
"""How long a token is used whose server does not say how long it is good for. A 401 ends it sooner."""
SPARE_S = 10.0
"""So long before its end a token is not used any more: a request takes a while."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")

_SENTENCES: Mapping[str, Words] = {
    "secret": Words(
        zh="{host} 没有接受客户端 ID 和密钥（{reason}）。请在“配置 → API”里重新填写。",
        en="{host} did not accept the client ID and secret ({reason}). They have to be entered again under Configure, "
        "APIs.",
    ),
    "scope": Words(
        zh="{host} 不给这些权限范围（{reason}）。请在“配置 → API”里改一改权限范围。",
        en="{host} does not give these scopes ({reason}). Change the scopes under Configure, APIs.",
    ),
    "elsewhere": Words(
        zh="{host} 把取令牌的请求指到别处（{reason}），密钥没有跟过去。请在“配置 → API”里改正令牌地址。",
        en="{host} sends the request for a token elsewhere ({reason}); the secret was not sent on. Correct the token "
        "address under Configure, APIs.",
    ),
    "nothing": Words(
        zh="{host} 没有给出令牌（{reason}）。请在“配置 → API”里核对令牌地址。",
        en="{host} gave no token ({reason}). Check the token address under Configure, APIs.",
    ),
    "later": Words(
        zh="{host} 现在给不出令牌（{reason}）。请稍后再试。",
        en="{host} cannot give a token now ({reason}). Try again later.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: float


class Tokens:
    """The access tokens of one person, kept until they end. Never shown, logged or stored."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, _Token] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def get(self, auth: Auth, secret: str, http: Http, language: Language, *, instead_of: str = "") -> str:
        """A token for `secret`, `<client id>:<client secret>`; another one than `instead_of`, which was refused.

        Raises `ToolError` with the cure.
        """
        name = hashlib.sha256(f"{auth.token_url}\n{auth.scopes}\n{secret}".encode()).hexdigest()
        async with self._asking.setdefault(name, asyncio.Lock()):
            known = self._known.get(name)
            if known is not None and known.until > self._clock() and known.value != instead_of:
                return known.value
            token = await _Desk(auth, secret, http, language).token()
            self._known = {key: each for key, each in self._known.items() if each.until > self._clock()}
            self._known[name] = _Token(token.value, self._clock() + token.until)
            return token.value


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one token is asked for. `secret` never leaves but for the address of the token."""

    auth: Auth
    secret: str
    http: Http
    language: Language

    async def token(self) -> _Token:
        """A token, `until` in seconds from now. Raises `ToolError`."""
        answer = await self._ask(in_header=True)
        if answer.status in (400, 401) and _error(answer) in ("invalid_client", "invalid_request", ""):
            # How a client says who it is, servers may choose (RFC 6749, 2.3.1): some read the body alone.
            answer = await self._ask(in_header=False)
        said = _read(answer)
        token, kind = said.get("access_token"), said.get("token_type", "bearer")
        if answer.status != 200 or not isinstance(token, str):
            raise self._refused(answer)
        if not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
            raise self._failed("nothing", "token_type" if _TOKEN.fullmatch(token) else "access_token")
        return _Token(token, _seconds(said.get("expires_in")))

    async def _ask(self, *, in_header: bool) -> Fetched:
        client, _, secret = self.secret.partition(":")
        form = {"grant_type": "client_credentials", **({"scope": self.auth.scopes} if self.auth.scopes else {})}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if in_header:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
            headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            form |= {"client_id": client, "client_secret": secret}
        return await self.http.fetch(
            self.auth.token_url,
            method="POST",
            headers=headers,
            body=urlencode(form).encode(),
            max_bytes=MAX_ANSWER_BYTES,
            max_redirects=0,
            total_timeout_s=TIMEOUT_S,
            language=self.language,
            any_status=True,
        )

    def _refused(self, answer: Fetched) -> ToolError:
        status, code = answer.status, _error(answer)
        told = f"{status} {code}".strip()
        if 300 <= status < 400:
            return self._failed("elsewhere", told)
        if code == "invalid_scope":
            return self._failed("scope", told)
        if status == 429 or status >= 500:
            return self._failed("later", told)
        if status in (401, 403) or code in ("invalid_client", "unauthorized_client", "invalid_grant"):
            return self._failed("secret", told)
        return self._failed("nothing", told)

    def _failed(self, why: str, reason: str) -> ToolError:
        host = urlsplit(self.auth.token_url).netloc
        return ToolError(_SENTENCES[why][self.language].format(host=host, reason=reason))


def _read(answer: Fetched) -> Mapping[str, object]:
    """The answer's fields; none where it is no JSON object."""
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return cast(Mapping[str, object], said) if isinstance(said, dict) else {}


def _error(answer: Fetched) -> str:
    """The code of a refusal; empty where it is none that could be shown."""
    code = _read(answer).get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _seconds(told: object) -> float:
    """How long a token is used."""
    try:
        seconds = float(str(told))
    except ValueError:
        return UNTOLD_S
    return max(0.0, min(seconds, 86_400.0) - SPARE_S) if seconds == seconds else UNTOLD_S
