"""What goes wrong between here and an endpoint, in our own words: each with its cure, and none with a key."""

import re
from dataclasses import dataclass
from typing import Any, cast

import openai
from pydantic import SecretStr

from user_agent.errors import (
    AuthFailed,
    Blocked,
    BrokenStream,
    ContextTooLong,
    ModelError,
    ModelRequestRefused,
    ModelTimeout,
    NoKey,
    NoQuota,
    RateLimited,
    Unavailable,
)
from user_agent.models.entry import ModelEntry
from user_agent.models.reading import Fault

MAX_DETAIL_CHARS = 300

_CODES: dict[str, type[ModelError]] = {
    # OpenAI: developers.openai.com/api/docs/guides/error-codes
    "invalidapikey": AuthFailed,
    "insufficientquota": NoQuota,
    "billinghardlimitreached": NoQuota,
    "ratelimitexceeded": RateLimited,
    "contextlengthexceeded": ContextTooLong,
    "contentfilter": Blocked,
    "modelnotfound": ModelRequestRefused,
    "contentpolicyviolation": Blocked,
    "serviceunavailable": Unavailable,
    "serviceunavailableerror": Unavailable,
    "servererror": Unavailable,
    "internalservererror": Unavailable,
    "overloadederror": Unavailable,
    # DashScope: help.aliyun.com/zh/model-studio/error-code
    "arrearage": NoQuota,
    "allocationquotafreetieronly": NoQuota,
    "throttling": RateLimited,
    "throttlingratequota": RateLimited,
    "throttlingallocationquota": RateLimited,
    "limitrequests": RateLimited,
    "datainspectionfailed": Blocked,
    # Zhipu: docs.bigmodel.cn/cn/api/api-code
    "1113": NoQuota,
    "1261": ContextTooLong,
    "1301": Blocked,
    "1302": RateLimited,
    "1303": RateLimited,
    "1305": RateLimited,
    # DeepSeek and llama.cpp
    "insufficientbalance": NoQuota,
    "exceedcontextsizeerror": ContextTooLong,
}
"""By the endpoint's `code` or `type`, in small letters without punctuation."""

_STATUSES: dict[int, type[ModelError]] = {
    401: AuthFailed,
    402: NoQuota,
    403: AuthFailed,
    413: ContextTooLong,
    429: RateLimited,
}

# vLLM, DashScope and others say it only in the sentence, with the code of any bad request.
_TOO_LONG = re.compile(r"context (length|window|size)|range of input length|prompt is too long|too many tokens", re.I)

_REFUSING_ENDS = {"content_filter": Blocked, "sensitive": Blocked}
_FAILING_ENDS = {"insufficient_system_resource": Unavailable, "network_error": Unavailable}

_FAULTS: dict[Fault, str] = {
    "html": "sent a web page instead of an answer. Check `api_base` in the model's entry: it usually ends in /v1",
    "empty": "sent an empty answer. Try again; if it stays so, check `api_base` in the model's entry",
    "not_json": "sent something that is not a model's answer. Check `api_base` in the model's entry",
    "cut": "broke off in the middle of its answer. Try again",
    "address": "has nothing at this address. Check `model` and `api_base` in its entry, which usually ends in /v1",
    "too_long": "did not stop answering. Try again with a smaller answer length",
}

_CURES: dict[type[ModelError], str] = {
    AuthFailed: "refused the key. Check {env}, and that the key may use this model, or enter another one",
    NoQuota: "says that the account behind the key has nothing left. Top it up, or choose another model",
    RateLimited: "has had too many requests with this key. Wait a little, then try again",
    ContextTooLong: "cannot read that much. Start a new conversation, or take some knowledge or files out",
    Blocked: "did not pass its content filter. Put it differently",
    ModelRequestRefused: "did not accept the request. Check `model` and the settings in the model's entry",
    Unavailable: "is not working just now. Try again in a moment; if it runs on your machine, check that it is started",
    ModelTimeout: "did not answer in time. Try again, or choose another model",
}


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of one model.

    Their `params`: model, base_url (the origin) and env; seconds of a time-out, fault of a broken stream and of a wrong
    address, key_url where a key is missing, and of all others detail: the endpoint's own sentence, or nothing.
    """

    entry: ModelEntry
    key: SecretStr | None

    def no_key(self) -> ModelError:
        name = self.entry.secret_name
        where = f" Get one at {self.entry.key_url}." if self.entry.key_url else ""
        cure = (
            f"Set {name} in the environment, or enter the key on the page."
            if self.entry.api_key_env
            else "Enter the key on the page, or name its environment variable as `api_key_env` in the model's entry."
        )
        return NoKey(f"{self._name} needs a key. {cure}{where}", **self._params(env=name, key_url=self.entry.key_url))

    def bad_key(self) -> ModelError:
        """A key that no header can carry: a letter of another script, or a line break in its middle."""
        cure = "holds characters that no key has. Copy it again, without spaces or line breaks."
        return AuthFailed(f"The key for {self._name} {cure}", **self._params(detail="", status=0))

    def status(self, error: openai.APIStatusError) -> ModelError:
        """The endpoint answered with an error status."""
        said = _as_error(error.body)
        sentence, status = _sentence(said), error.status_code
        if status < 400 or (status in (404, 405) and "model" not in sentence.lower()):
            return self._made(ModelRequestRefused, sentence, fault="address", status=status)
        return self._made(_kind(said, status), sentence, status=status)

    def reported(self, error: dict[str, Any]) -> ModelError:
        """The endpoint sent an error object in its answer."""
        code = error.get("code")
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
        return self._made(_kind(error, status), _sentence(error))

    def ended(self, finish: str) -> ModelError | None:
        """The failure that a reason for ending stands for, if it does for one."""
        kind = (_REFUSING_ENDS | _FAILING_ENDS).get(finish)
        return self._made(kind, "") if kind else None

    def unreadable(self, fault: Fault) -> ModelError:
        return BrokenStream(f"{self._name} {_FAULTS[fault]}.", **self._params(fault=fault))

    def unreachable(self, error: Exception) -> ModelError:
        """No connection: refused, broken, or not there in time."""
        chain = list(_causes(error))
        # The SDK's transport calls every failed connection a time-out; what it came from tells them apart.
        if any(isinstance(cause, TimeoutError) for cause in chain):
            return self.too_slow(self.entry.connect_timeout_s)
        return self._made(Unavailable, "")

    def too_slow(self, seconds: float) -> ModelError:
        """Nothing came for that long."""
        return ModelTimeout(
            f"{self._name} {_CURES[ModelTimeout]} (waited {seconds:g} s).", **self._params(seconds=seconds)
        )

    @property
    def _name(self) -> str:
        return f"{self.entry.display_key or self.entry.model} ({self.entry.origin})"

    def _params(self, **more: str | int | float) -> dict[str, str | int | float]:
        return {
            "model": self.entry.display_key or self.entry.model,
            "base_url": self.entry.origin,
            "env": self.entry.api_key_env or "api_key_env",
            **more,
        }

    def _made(self, kind: type[ModelError], sentence: str, *, fault: Fault | None = None, **more: int) -> ModelError:
        # What an endpoint says of a key may show a part of it, so it is not passed on.
        detail = "" if kind is AuthFailed else self._safe(sentence)
        said = f" It says: {detail}" if detail else ""
        cure = _FAULTS[fault] if fault else _CURES[kind].format(env=self.entry.api_key_env or "`api_key_env`")
        params = self._params(detail=detail, **({"fault": fault} if fault else {}), **more)
        return kind(f"{self._name} {cure}.{said}", **params)

    def _safe(self, sentence: str) -> str:
        """One line of the endpoint's words, with nothing in it that is the key or a part of it."""
        line = " ".join(sentence.split())
        if self.key:
            key = self.key.get_secret_value()
            line = line.replace(key, "…")
            line = re.sub(r"[\w-]{6,}", lambda found: "…" if found[0] in key else found[0], line)
        line = re.sub(r"\b(?:sk|ms)-[\w*.-]{4,}|(?i:bearer\s+)\S+", "…", line)
        return line if len(line) <= MAX_DETAIL_CHARS else line[: MAX_DETAIL_CHARS - 1] + "…"


def _kind(said: dict[str, Any], status: int) -> type[ModelError]:
    for name in ("code", "type"):
        known = _CODES.get(re.sub(r"[^a-z0-9]", "", str(said.get(name) or "").lower()))
        if known:
            return known
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:
        return Unavailable
    return ContextTooLong if _TOO_LONG.search(_sentence(said)) else ModelRequestRefused


def _as_error(body: object) -> dict[str, Any]:
    """The error object of a body: `{"error": {…}}`, `{"error": "…"}`, or the body itself. A web page says nothing."""
    if not isinstance(body, dict):
        return {}
    fields = cast(dict[str, Any], body)
    inner = fields.get("error", fields)
    return cast(dict[str, Any], inner) if isinstance(inner, dict) else {"message": inner}


def _sentence(said: dict[str, Any]) -> str:
    message = said.get("message") or said.get("msg") or said.get("detail") or ""
    return message if isinstance(message, str) else ""


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain
