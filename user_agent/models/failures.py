"""What goes wrong between here and an endpoint, in our own words: each with its cure, and none with a key."""

import errno
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from user_agent.addresses import refusal_in
from user_agent.errors import (
    AddressForbidden,
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
from user_agent.models.entry_keys import NO_KEY
from user_agent.models.reading import Fault
from user_agent.models.vendor_codes import ENDS, NO_TOOLS, kind_of
from user_agent.retry_after import asked_to_wait

if TYPE_CHECKING:
    import openai

MAX_DETAIL_CHARS = 300
MAX_SENTENCE_CHARS = 4_000
"""What is looked through for words that tell of a failure, and for the key."""

_FAULTS: dict[Fault, str] = {
    "html": "sent a web page instead of an answer. Check `api_base` in the model's entry: it usually ends in /v1",
    "empty": "sent an empty answer. Try again; if it stays so, check `api_base` in the model's entry",
    "not_json": "sent something that is not a model's answer. Check `api_base` in the model's entry",
    "cut": "broke off in the middle of its answer. Try again",
    "address": "has nothing at this address. Check `model` and `api_base` in its entry, which usually ends in /v1",
    "tools": "takes no function calls. Set `is_function_call` to false in its entry, or start the server with them",
    "vectors": "sent vectors that cannot be used: too few, of another length than before, or no numbers. Check `model` "
    "in its entry, and that it is an embedding model",
    "too_long": "did not stop answering. Try again with a smaller answer length",
}

_CURES: dict[type[ModelError], str] = {
    AddressForbidden: "may not be asked: its address is not on the public internet. Whoever runs this server can name "
    "it in AGENTFABRIC_TRUSTED_ORIGINS",
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

    Their `params`: model, base_url (the origin) and env; seconds of a time-out, fault where the cure depends on it,
    key_url where a key is missing, retry_after_s where the endpoint says when it may be asked again, and of all others
    detail: the endpoint's own sentence, or nothing.
    """

    entry: ModelEntry
    key: SecretStr | None

    def usable_key(self) -> SecretStr:
        """The key to send, or what stands for none. Raises `NoKey`, or `AuthFailed` for one that no header carries."""
        if self.key is None:
            if self.entry.needs_key:
                raise self.no_key()
            return NO_KEY
        value = self.key.get_secret_value()
        if not value.isascii() or not value.isprintable() or not value.strip():
            raise self.bad_key()
        return self.key

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

    def status(self, error: "openai.APIStatusError") -> ModelError:
        """The endpoint answered with an error status."""
        return self.told(error.status_code, error.body, error.response.headers)

    def told(self, status: int, body: object, headers: Mapping[str, str]) -> ModelError:
        """The failure of an error status with its body, read from JSON where it was that, and its headers."""
        said = _as_error(body)
        sentence, codes = _sentence(said), _codes(said)
        if status < 400 or (status in (404, 405) and "model" not in sentence.lower()):
            return self._made(ModelRequestRefused, sentence, fault="address", status=status)
        if status < 500 and NO_TOOLS.search(sentence):
            return self._made(ModelRequestRefused, sentence, fault="tools", status=status)
        kind = kind_of(codes, sentence, status, self.entry.type)
        wait_s = asked_to_wait(headers) if kind in (RateLimited, Unavailable) else None
        return self._made(kind, sentence, status=status, retry_after_s=wait_s)

    def reported(self, error: dict[str, Any]) -> ModelError:
        """The endpoint sent an error object in its answer."""
        code = error.get("code")
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
        return self._made(kind_of(_codes(error), _sentence(error), status, self.entry.type), _sentence(error))

    def ended(self, finish: str) -> ModelError | None:
        """The failure that a reason for ending stands for, if it does for one."""
        kind = ENDS.get(finish)
        return self._made(kind, "") if kind else None

    def unreadable(self, fault: Fault) -> ModelError:
        failure = BrokenStream(f"{self._name} {_FAULTS[fault]}.", **self._params(fault=fault))
        failure.may_pass = fault in ("cut", "empty")
        return failure

    def unreachable(self, error: Exception) -> ModelError:
        """No connection: refused, broken, or not there in time."""
        if refusal_in(error):
            return self._made(AddressForbidden, "")
        chain = list(_causes(error))
        # The SDK's transport calls every failed connection a time-out; what it came from tells them apart.
        if any(isinstance(cause, TimeoutError) for cause in chain):
            return self.too_slow(self.entry.connect_timeout_s)
        failure = self._made(Unavailable, "")
        # Nothing listens there: a server that somebody has to start does not come by waiting.
        failure.may_pass = not any(isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED for cause in chain)
        return failure

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

    def _made(
        self, kind: type[ModelError], sentence: str, *, fault: Fault | None = None, **numbers: int | None
    ) -> ModelError:
        # What an endpoint says of a key may show a part of it, so it is not passed on.
        detail = "" if kind is AuthFailed else self._safe(sentence)
        said = f" It says: {detail}" if detail else ""
        cure = _FAULTS[fault] if fault else _CURES[kind].format(env=self.entry.key_place)
        named: dict[str, str] = {"fault": fault} if fault else {}
        known = {name: number for name, number in numbers.items() if number is not None}
        if kind is RateLimited and "retry_after_s" in known:
            cure, named = f"has had too many requests with this key. Wait {known['retry_after_s']} s", {"fault": "wait"}
        return kind(f"{self._name} {cure}.{said}", **self._params(detail=detail, **named, **known))

    def _safe(self, sentence: str) -> str:
        """One line of the endpoint's words, with nothing in it that is the key or a part of it."""
        line = " ".join(sentence.split())
        if self.key:
            key = self.key.get_secret_value()
            line = line.replace(key, "…")
            line = re.sub(r"[\w-]{6,}", lambda found: "…" if found[0] in key else found[0], line)
        line = re.sub(r"\b(?:sk|ms)-[\w*.-]{4,}|(?i:bearer\s+)\S+", "…", line)
        return line if len(line) <= MAX_DETAIL_CHARS else line[: MAX_DETAIL_CHARS - 1] + "…"


def _codes(said: dict[str, Any]) -> tuple[str, ...]:
    """What the endpoint calls it, the nearest name first: Azure's content filter says it in an inner error."""
    inner = said.get("innererror")
    named = [cast(dict[str, Any], inner).get("code")] if isinstance(inner, dict) else []
    return tuple(str(code) for code in (*named, said.get("code"), said.get("type")) if code is not None)


def _as_error(body: object) -> dict[str, Any]:
    """The error object of a body: `{"error": {…}}`, `{"error": "…"}`, ModelScope's `{"errors": {…}}`, or the body
    itself, also as plain text; Google puts it into a list. A web page says nothing."""
    if isinstance(body, list) and body:
        body = cast(list[object], body)[0]
    if isinstance(body, str):
        return {} if body.lstrip().startswith("<") else {"message": body}
    if not isinstance(body, dict):
        return {}
    fields = cast(dict[str, Any], body)
    inner = fields.get("error") or fields.get("errors") or fields
    return cast(dict[str, Any], inner) if isinstance(inner, dict) else {"message": inner}


def _sentence(said: dict[str, Any]) -> str:
    message = said.get("message") or said.get("msg") or said.get("detail") or ""
    return message[:MAX_SENTENCE_CHARS] if isinstance(message, str) else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__
