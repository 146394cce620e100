"""What a client asks, read strictly: of what the protocol knows, what an agent can heed, and a clear no to the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, Field, JsonValue, ValidationError

from user_agent.serve.openai.refusing import Refused

MAX_MESSAGES = 1_000
MAX_CHARS = 1_000_000
"""In all messages together."""
MAX_STOPS = 4


class TextContent(BaseModel):
    type: Literal["text"]
    text: str


class RefusalContent(BaseModel):
    """What a model once refused with, in the words of an assistant's message."""

    type: Literal["refusal"]
    refusal: str


class ImageUrl(BaseModel):
    url: str


class ImageContent(BaseModel):
    type: Literal["image_url"]
    image_url: ImageUrl


Content = Annotated[TextContent | RefusalContent | ImageContent, Field(discriminator="type")]


class Said(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Content] | None = None

    @property
    def text(self) -> str:
        """The words of the message, in order."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "\n\n".join(
            part.text if isinstance(part, TextContent) else part.refusal
            for part in self.content
            if not isinstance(part, ImageContent)
        )

    @property
    def images(self) -> list[str]:
        return [part.image_url.url for part in self.content or () if isinstance(part, ImageContent)]


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatRequest(BaseModel):
    """The part of the request that counts. What else there is changes nothing: the agent is as it was published."""

    model: str
    messages: Annotated[list[Said], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    stop: str | list[str] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        return tuple([self.stop] if isinstance(self.stop, str) else self.stop or ())

    @property
    def longest(self) -> int | None:
        """In tokens."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def include_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A field that has one value here, and why."""

    values: tuple[JsonValue, ...]
    why: str


_OWN = "The agent has a setting of its own for that. Leave `{field}` out."
_CALLS = "The agent calls tools of its own, and no others. Leave `{field}` out."
_TEXT = "The agent answers in text alone. Leave `{field}` out."
_FIXED: Mapping[str, _Fixed] = {
    "n": _Fixed((1,), "The agent gives one answer at a time. Leave `{field}` out."),
    "temperature": _Fixed((1,), _OWN),
    "top_p": _Fixed((1,), _OWN),
    "presence_penalty": _Fixed((0,), _OWN),
    "frequency_penalty": _Fixed((0,), _OWN),
    "logit_bias": _Fixed(({},), _OWN),
    "tools": _Fixed(([],), _CALLS),
    "functions": _Fixed(([],), _CALLS),
    "tool_choice": _Fixed(("none", "auto"), _CALLS),
    "function_call": _Fixed(("none", "auto"), _CALLS),
    "web_search_options": _Fixed((), _CALLS),
    "response_format": _Fixed(({"type": "text"},), _TEXT),
    "modalities": _Fixed((["text"],), _TEXT),
    "audio": _Fixed((), _TEXT),
    "logprobs": _Fixed((False,), _TEXT),
    "top_logprobs": _Fixed((0,), _TEXT),
    "prediction": _Fixed((), _TEXT),
}
"""What would change the agent or its answer. A value that leaves both as they are is taken: clients send defaults."""


def read_request(body: bytes) -> ChatRequest:
    """The request in this JSON. Raises `Refused` naming the field that cannot be heeded."""
    try:
        document: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused("The body is not the JSON of one object in UTF-8.", code="invalid_json") from error
    if not isinstance(document, dict):
        raise Refused("The body is not the JSON of one object in UTF-8.", code="invalid_json")
    for field, fixed in _FIXED.items():
        value = document.get(field)
        if value is not None and value not in fixed.values:
            raise Refused(fixed.why.format(field=field), code="unsupported_value", param=field)
    _require_no_foreign_calls(document.get("messages"))
    try:
        request = ChatRequest.model_validate(document, strict=True)
    except ValidationError as error:
        raise _refused(error) from error
    _require_answerable(request)
    return request


def _refused(error: ValidationError) -> Refused:
    # Of a field that takes a text or a list each of both complains: the one that read on furthest is meant.
    meant = max(error.errors(), key=lambda each: len(each["loc"]))
    steps = [str(step) for step in meant["loc"]]
    place = ".".join(step for step in steps if step != "str" and not step.startswith("list[")) or "body"
    return Refused(f"{place!r}: {meant['msg']}.", code="invalid_value", param=place)


def _require_no_foreign_calls(messages: JsonValue) -> None:
    for number, message in enumerate(messages if isinstance(messages, list) else ()):
        if not isinstance(message, dict):
            continue
        if message.get("role") in ("tool", "function") or message.get("tool_calls") or message.get("function_call"):
            raise Refused(
                "The agent calls its tools itself, so a conversation with it holds no calls and no results. Leave this "
                "message out.",
                code="unsupported_value",
                param=f"messages.{number}",
            )


def _require_answerable(request: ChatRequest) -> None:
    if len(request.stops) > MAX_STOPS or not all(request.stops):
        raise Refused(f"`stop` takes up to {MAX_STOPS} texts, none of them empty.", code="invalid_value", param="stop")
    spoken = [said for said in request.messages if said.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise Refused("The last message must be one of role `user`.", code="invalid_value", param="messages")
    if not spoken[-1].text.strip() and not spoken[-1].images:
        raise Refused("There is nothing to answer. Write a message.", code="invalid_value", param="messages")
    if _chars(request.messages) > MAX_CHARS:
        raise Refused(
            f"The messages are longer than {MAX_CHARS:,} characters together. Leave the first ones out.",
            code="context_length_exceeded",
            param="messages",
        )


def _chars(messages: Sequence[Said]) -> int:
    return sum(len(said.text) for said in messages)
