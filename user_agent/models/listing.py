"""Which models an endpoint has, asked of it as vendors and local servers answer, each a little differently."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import SecretStr

from user_agent.errors import FetchFailed
from user_agent.models.address import azure_base, clean_base
from user_agent.models.providers import PROVIDERS
from user_agent.models.vendor_codes import WRONG_KEY
from user_agent.net import Http
from user_agent.storable import is_clean
from user_agent.urls import origin_of, web_address
from user_agent.web_failures import REFUSED, Caller
from user_agent.words import Language

MAX_MODELS = 1_000
MAX_MODEL_CHARS = 200
ANSWER_S = 12.0
LOCAL_ANSWER_S = 1.5
"""A server on this machine answers at once or is not there."""

Problem = Literal["", "needs_key", "wrong_key", "no_list"]
"""Why there is no list: the endpoint wants a key, or another one, or has none to give."""

_OWNERS = {"library": "ollama", "vllm": "vllm", "llamacpp": "llamacpp", "organization_owner": "lmstudio"}
"""By what local servers write into `owned_by` of each model."""

_LENGTHS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
"""Fields in which endpoints say how many tokens a model reads: vLLM, OpenRouter, Groq, LM Studio, llama.cpp."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that an endpoint has, by its own name for it."""

    model: str
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """An endpoint as it answers: `base_url` is where its chat completions are, `type` a key of `PROVIDERS`."""

    base_url: str
    type: str
    models: tuple[Offered, ...]
    problem: Problem = ""


async def list_models(http: Http, url: str, key: SecretStr | None, *, language: Language = "en") -> Listing:
    """The models at an address as people paste it: with or without `/v1`, or with the whole route.

    At most four requests, all to the origin of `url`; the key goes to no other. Raises `FetchFailed` in `language`
    where nothing answers.
    """
    bases = _bases(url)
    headers = _headers(bases[0], key)
    for base in bases:
        found = await _asked(http, f"{base}/models", headers, language, total_s=ANSWER_S)
        match found:
            case "refused":
                return Listing(base, provider_type(base), (), "wrong_key" if key else "needs_key")
            case None:
                continue
            case _:
                return Listing(base, _type(base, found), tuple(_models(found)))
    origin = shown_origin(url)
    tags = await _asked(http, f"{origin}/api/tags", headers, language, total_s=ANSWER_S)
    if isinstance(tags, list):
        return Listing(f"{origin}/v1", "ollama", tuple(_models(tags)))
    return Listing(bases[0], provider_type(bases[0]), (), "no_list")


async def find_local(http: Http, servers: Mapping[str, int]) -> list[Listing]:
    """What answers on this machine's own address, asked all at once: `servers` are ports by the type that uses them."""

    async def at(kind: str, port: int) -> Listing | None:
        base = f"http://127.0.0.1:{port}/v1"
        try:
            found = await _asked(http, f"{base}/models", {}, "en", total_s=LOCAL_ANSWER_S)
        except FetchFailed:
            return None
        if not isinstance(found, list):
            return None
        return Listing(base, _owner(found) or kind, tuple(_models(found)))

    asked = await asyncio.gather(*(at(kind, port) for kind, port in servers.items()))
    return [listing for listing in asked if listing is not None]


def provider_type(base_url: str) -> str:
    """The provider whose address this is, else `openai`, which is what all others imitate."""
    host = web_address(base_url).raw_host or ""
    return next((name for name, provider in PROVIDERS.items() if provider.may_have_key(host)), "openai")


def _bases(url: str) -> list[str]:
    """Where the list may be, the likeliest first. Raises `NotAnUrl`."""
    base = tidy_base(url)
    if provider_type(base) == "azure_openai":
        return [azure_base(base, "", None)[0]]
    return [base, f"{base}/v1"] if web_address(base).raw_path.strip("/") else [f"{base}/v1", base]


def tidy_base(url: str) -> str:
    """The base address in what people paste: in one spelling, without query, and without the last parts of routes.

    Raises `NotAnUrl`.
    """
    address = web_address(url.strip())
    return clean_base(shown_origin(url) + address.raw_path).removesuffix("/models").rstrip("/")


def shown_origin(url: str) -> str:
    """Scheme, host and port as people write them: no port where it is the usual one. Raises `NotAnUrl`."""
    origin = origin_of(web_address(url.strip()))
    usual = {"http": ":80", "https": ":443"}[origin.partition(":")[0]]
    return origin.removesuffix(usual)


def _headers(base: str, key: SecretStr | None) -> dict[str, str]:
    if key is None:
        return {}
    value = key.get_secret_value()
    own = PROVIDERS[provider_type(base)].key_header
    return {own: value} if own else {"Authorization": f"Bearer {value}"}


async def _asked(
    http: Http, url: str, headers: Mapping[str, str], language: Language, *, total_s: float
) -> list[Any] | Literal["refused"] | None:
    """The list in the answer; None where there is an answer and no list. Raises `FetchFailed` where there is none."""
    vendor = (web_address(url).host or "")[:100]
    try:
        # Nothing is followed elsewhere: a redirect, too, is an answer without a list.
        answer = await http.send(
            "GET",
            url,
            headers={"Accept": "application/json", **headers},
            vendor=vendor,
            total_timeout_s=total_s,
            language=language,
        )
        status, body = answer.status, answer.body
    except FetchFailed as error:
        found = error.params.get("status")
        if not isinstance(found, int):
            raise
        status, body = found, None
    if status in (401, 403) or (status == 400 and WRONG_KEY.search(str(body))):
        return "refused"
    if status >= 500:
        raise Caller(vendor, language).failed(REFUSED, status=status, reason="")
    return _list(body) if status < 300 else None


def _list(answer: object) -> list[Any] | None:
    """`{"data": […]}` as OpenAI writes it, `{"models": […]}` as Ollama does, or the list alone as Together does.

    An Ollama without models has no list at all: `{"object": "list", "data": null}`.
    """
    if isinstance(answer, dict):
        fields = cast(dict[str, object], answer)
        if fields.get("object") == "list" and fields.get("data", ...) is None:
            return []
        answer = fields.get("data") if isinstance(fields.get("data"), list) else fields.get("models")
    return cast(list[Any], answer) if isinstance(answer, list) else None


def _models(items: Sequence[Any]) -> Iterator[Offered]:
    seen: set[str] = set()
    for item in items[:MAX_MODELS]:
        fields = cast(dict[str, Any], item) if isinstance(item, dict) else {"id": item}
        name = fields.get("id") or fields.get("model") or fields.get("name")
        if isinstance(name, str) and 0 < len(name) <= MAX_MODEL_CHARS and is_clean(name) and name not in seen:
            seen.add(name)
            yield Offered(name, _length(fields))


def _length(fields: Mapping[str, Any]) -> int | None:
    for name in _LENGTHS:
        length = fields.get(name)
        if isinstance(length, int) and not isinstance(length, bool) and length > 0:
            return length
    return None


def _type(base: str, items: Sequence[Any]) -> str:
    return _owner(items) or provider_type(base)


def _owner(items: Sequence[Any]) -> str:
    """The local server that wrote this list, empty where it does not say."""
    first: Any = items[0] if items else None
    owner = cast(dict[str, Any], first).get("owned_by") if isinstance(first, dict) else None
    return _OWNERS.get(owner, "") if isinstance(owner, str) else ""
