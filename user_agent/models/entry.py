"""One model of the catalogue: what a person wrote about it in `model_config.json`, and what follows from that."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from user_agent.memory.tokens import Room
from user_agent.models.address import azure_base, clean_base, host_of, is_private
from user_agent.models.base import ModelFacts
from user_agent.models.entry_keys import NO_KEY, KeyVariable, key_in_file
from user_agent.models.providers import LOCAL_FOLDER, PROVIDERS, Provider
from user_agent.words import NOTHING, Words

MAX_HISTORY_TOKENS = 100_000
"""How much of a conversation is sent to a model with a huge context that says nothing of lengths: all of it is paid for
with every answer."""
USUAL_CONTEXT = 16_000
"""How many tokens a model is taken to read that does not say."""


class LengthConstraint(BaseModel):
    """How much goes into a prompt, in characters. The defaults are those of the older files."""

    model_config = ConfigDict(frozen=True)

    knowledge: Annotated[int, Field(ge=0)] = 4_000
    input: Annotated[int, Field(ge=0)] = 6_000


class Price(BaseModel):
    """What a million tokens cost, with the page that says so and the day it was read."""

    model_config = ConfigDict(frozen=True)

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]
    source: Annotated[str, Field(pattern=r"^https?://")]
    date: date


def _as_words(value: object) -> object:
    return Words(value, value) if isinstance(value, str) else value


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


_OLD_SWITCHES = frozenset({"use_raw_prompt", "debug", "max_length"})
"""What older programs were told by `generate_cfg`, and no endpoint understands."""


class GenerateConfig(BaseModel):
    """What every request carries. Settings beyond these fields (`top_k`, `enable_search` …) are sent as they are."""

    model_config = ConfigDict(frozen=True, extra="allow")

    top_p: float | None = None
    temperature: float | None = None
    seed: int | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()

    @property
    def more(self) -> dict[str, Any]:
        """The settings that only some endpoints know, without the switches of older programs."""
        extra = self.model_extra or {}
        return {name: value for name, value in extra.items() if name not in _OLD_SWITCHES and value is not None}


Kind = Literal["chat", "embedding", "rerank"]
"""What a model does: it answers, makes vectors of texts, or puts passages in order for a question."""

Seconds = Annotated[float, Field(gt=0, le=3_600)]


class ModelEntry(BaseModel):
    """A model and its endpoint. Fields that this version does not know are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")

    display_key: str = ""
    """The name that agents and people know it by: its key in the file."""
    type: str
    """A key of `PROVIDERS`. Older programs call the field `model_server`."""
    model: Annotated[str, Field(min_length=1)]
    """What the endpoint calls it: a name, or the path that a local server serves."""
    api_base: str
    """The address of the endpoint without its last part, `/chat/completions`."""
    api_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,40}$")] | None = None
    """Azure's `api-version`: sent with every request where it is given."""
    api_key: Annotated[SecretStr | None, Field(exclude=True, repr=False)] = None
    api_key_env: KeyVariable | None = None
    """The environment variable with the key. Only the administrator's file names one: see `of_user`."""
    key_url: str = ""
    generate_cfg: GenerateConfig = GenerateConfig()
    length_constraint: LengthConstraint | None = None
    kind: Kind = "chat"
    is_chat: Literal[True] = True
    is_function_call: bool | None = None
    support_stream: bool = True
    context_length: Annotated[int, Field(ge=1)] | None = None
    """Tokens, question and answer together."""
    vision: bool = False
    reasoning: bool = False
    price: Price | None = None
    note: Annotated[Words, BeforeValidator(_as_words)] = NOTHING
    """What a person should know about it: a text, or one in each language."""
    default: bool = True
    """Whether a new agent may get it without anybody choosing it."""
    stream_usage: bool = True
    """Whether the endpoint accepts to be asked for the token count of a streamed reply."""
    send_reasoning: bool = False
    """Whether the endpoint wants to read again what the model thought."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    omit_parameters: tuple[Literal["temperature", "top_p", "seed", "stop", "max_tokens"], ...] = ()
    """Settings that the endpoint refuses, and that are therefore never sent."""
    extra_body: dict[str, Any] = {}
    """More for the request's body, as it is: vendors have settings of their own."""
    dimension: Annotated[int, Field(ge=1, le=8_192)] | None = None
    """Of embeddings: the length of the vectors to ask for, where the model makes several."""
    batch: Annotated[int, Field(ge=1, le=2_048)] | None = None
    """Of embeddings: how many texts one request takes at the most."""
    connect_timeout_s: Seconds = 10
    first_token_timeout_s: Seconds = 120
    silence_timeout_s: Seconds = 60
    answer_timeout_s: Seconds = 300
    """For replies that are not streamed: how long the whole may take."""
    retry_for_s: Annotated[float, Field(ge=0, le=300)] = 30
    """For how long a model that fails before its first word is asked again, where that can help; 0 for never."""

    @model_validator(mode="before")
    @classmethod
    def _with_what_the_provider_says(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        given = {field: item for field, item in cast(dict[str, Any], value).items() if item is not None}
        kind = given.pop("model_server", None) or given.get("type") or "openai"
        provider = PROVIDERS.get(kind) if isinstance(kind, str) else None
        if provider is None:
            raise ValueError(f"type is {kind!r}, but must be one of: {', '.join(PROVIDERS)}")
        given |= {"type": kind, **_address(given, provider)}
        if isinstance(given.get("api_key"), str) and not given["api_key"].strip():
            del given["api_key"]  # left empty in the file: no key
        if provider.may_have_key(host_of(given["api_base"])):
            given.setdefault("api_key_env", provider.api_key_env or None)
            given.setdefault("key_url", provider.key_url)
        return given

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.type == LOCAL_FOLDER and self.kind != "embedding":
            raise ValueError(f"type {LOCAL_FOLDER!r} is for entries with kind 'embedding' alone")
        if not host_of(self.api_base) or not self.api_base.startswith(("http://", "https://")):
            raise ValueError("api_base must be an http:// or https:// address")
        parts = urlsplit(self.api_base)
        if parts.username or parts.password or parts.query:
            raise ValueError("api_base must hold no key: no user, password or query. Use api_key_env instead")
        return self

    @classmethod
    def of_user(cls, value: Mapping[str, Any]) -> Self:
        """An entry that a person added, not the administrator. Raises `ValidationError`.

        It has no variable of this machine, not even its vendor's: it is asked with that person's own key alone.
        """
        entry = cls.model_validate({**value, "kind": "chat", "api_key_env": None, "api_key": None})
        return entry.model_copy(update={"api_key_env": None})

    @property
    def provider(self) -> Provider:
        return PROVIDERS[self.type]

    @property
    def provider_name(self) -> Words:
        """Whose model, and whose key, it is: the provider at its own address, else whatever host the entry names."""
        host = host_of(self.api_base)
        is_theirs = not self.provider.hosts or self.provider.may_have_key(host)
        return self.provider.name if is_theirs else Words(host, host)

    @property
    def facts(self) -> ModelFacts:
        calls = self.provider.function_calling if self.is_function_call is None else self.is_function_call
        return ModelFacts(
            context_length=self.context_length, function_calling=calls, vision=self.vision, reasoning=self.reasoning
        )

    @property
    def room(self) -> LengthConstraint:
        """How much of files and of a conversation goes into a prompt: what the entry says, else a share of its context.

        A token is counted as one character, which fits Chinese and is careful with everything else.
        """
        if self.length_constraint is not None:
            return self.length_constraint
        tokens = self.context_length or USUAL_CONTEXT
        return LengthConstraint(knowledge=min(tokens // 4, 200_000), input=min(tokens // 2, 400_000))

    def knowledge_room(self, wanted: int | None) -> int:
        """How many characters of files go into a prompt, where a configuration wants so many: at most half of the
        model's context."""
        return self.room.knowledge if wanted is None else min(wanted, (self.context_length or USUAL_CONTEXT) // 2)

    @property
    def history(self) -> Room:
        """How much of a conversation goes into a prompt: as many characters as the entry says, as far as its context
        has room for them; else a share of its context in tokens."""
        if self.length_constraint is None:
            return Room(tokens=min(self.room.input, MAX_HISTORY_TOKENS))
        return Room(self.length_constraint.input, None if self.context_length is None else self.context_length * 3 // 4)

    @property
    def is_native(self) -> bool:
        """Whether the address is that of DashScope's own protocol, and not of its OpenAI-compatible mode."""
        return self.type == "dashscope" and urlsplit(self.api_base).path.rstrip("/").endswith("/api/v1")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the endpoint: what may be shown of its address."""
        parts = urlsplit(self.api_base)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_local(self) -> bool:
        """Whether the endpoint is on this machine or in a private network."""
        return is_private(host_of(self.api_base))

    @property
    def needs_key(self) -> bool:
        return self.api_key_env is not None or not self.is_local

    @property
    def secret_name(self) -> str:
        """The name under which a person's own key for it is kept: the variable's, else one of its own."""
        return self.api_key_env or f"model:{self.display_key}"

    @property
    def key_place(self) -> str:
        """Where whoever may change the key finds it, to go on after "Check"."""
        return self.api_key_env or "`api_key_env`"

    def key_in(self, secrets: Mapping[str, str]) -> SecretStr | None:
        """The key to use: the one among `secrets` (by `secret_name`), else the file's own. None where there is none."""
        value = secrets.get(self.secret_name, "").strip() if self.needs_key else ""
        return SecretStr(value) if value else self.api_key

    def is_ready(self, secrets: Mapping[str, str]) -> bool:
        """Whether it can be asked now."""
        return not self.needs_key or self.key_in(secrets) is not None

    @property
    def warnings(self) -> tuple[Words, ...]:
        """What whoever wrote the entry should know."""
        if self.api_key is None or self.api_key == NO_KEY:
            return ()
        return (key_in_file(self.api_key_env),)


def _address(given: dict[str, Any], provider: Provider) -> dict[str, Any]:
    """The address of an entry, under whatever name it was given, which is taken out."""
    aliases: list[Any] = [given.pop(name, None) for name in ("base_url", "azure_endpoint")]
    named: Any = next((alias for alias in aliases if alias), None)
    base = str(named or given.get("api_base") or provider.api_base)
    if not base:
        raise ValueError("api_base is needed for this type: the address of the server, ending in /v1")
    if provider is not PROVIDERS["azure_openai"] or not host_of(base):
        return {"api_base": clean_base(base)}
    version = given.get("api_version")
    base, version = azure_base(base, str(given.get("model")), str(version) if version else None)
    return {"api_base": base, "api_version": version}
