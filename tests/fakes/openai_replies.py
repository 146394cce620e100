"""What the fake endpoint can be told to do, and how its answers look on the wire."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal, assert_never

from pydantic import TypeAdapter

Json = dict[str, Any]

Ending = Literal["done", "no_done", "no_finish", "ends", "cut", "silent", "kept_open", "endless", "counting"]
"""How a stream ends: as it should; without `[DONE]`; without a reason for ending; without either; with the connection
torn; with nothing more over an open connection; whole, but with the connection left open; never; never, with counts of
tokens alone."""

Indexes = Literal["true", "none", "zero"]
"""How parallel calls are numbered: rightly, not at all, or all with 0."""


@dataclass(frozen=True)
class Call:
    """A tool call of a reply. `arguments` is the text of a JSON object."""

    name: str
    arguments: str = "{}"
    id: str = ""


@dataclass(frozen=True)
class Says:
    """A model's answer, in `pieces` deltas of about the same length when it is streamed, `delay_s` apart."""

    text: str = ""
    kind: Literal["says"] = "says"
    pieces: int = 3
    reasoning: str = ""
    reasoning_field: Literal["reasoning_content", "reasoning"] = "reasoning_content"
    calls: tuple[Call, ...] = ()
    indexes: Indexes = "true"
    finish: str = ""
    usage: tuple[int, int] | None = (12, 7)
    """Tokens read and written; None for an endpoint that does not count."""
    delay_s: float = 0.0
    first_delay_s: float = 0.0
    ending: Ending = "done"
    in_one_piece: bool = False
    """Answer with one JSON object although a stream was asked for."""


@dataclass(frozen=True)
class Status:
    """An error status with an error object, a text or nothing for its body."""

    status: int
    error: Json | str = ""
    kind: Literal["status"] = "status"
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Raw:
    """These bytes and no others, all at once or `piece_bytes` at a time, `delay_s` apart."""

    body: str | bytes
    kind: Literal["raw"] = "raw"
    content_type: str = "text/event-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    piece_bytes: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True)
class NeverAnswers:
    """Takes the request and says nothing, not even a status."""

    kind: Literal["never_answers"] = "never_answers"


@dataclass(frozen=True)
class HangsUp:
    """Takes the request and closes the connection without a word."""

    kind: Literal["hangs_up"] = "hangs_up"


Reply = Says | Status | Raw | NeverAnswers | HangsUp


def error(message: str, *, code: str | int | None = None, kind: str = "invalid_request_error") -> Json:
    """The error object of a vendor's answer."""
    return {"message": message, "type": kind, "param": None, "code": code}


UNAUTHORIZED = Status(401, error("Incorrect API key provided.", code="invalid_api_key"))
PAYMENT_REQUIRED = Status(402, error("Insufficient Balance", code="invalid_request_error"))
NO_QUOTA = Status(429, error("You exceeded your current quota.", code="insufficient_quota", kind="insufficient_quota"))
RATE_LIMITED = Status(429, error("Rate limit reached.", code="rate_limit_exceeded"), headers={"retry-after": "20"})
SERVER_ERROR = Status(500, error("The server had an error.", kind="server_error"))
NO_SUCH_MODEL = Status(404, error("The model `nonesuch` does not exist.", code="model_not_found"))
TOO_LONG = Status(400, error("This is too much.", code="context_length_exceeded"))
FILTERED = Status(400, error("Input data may contain inappropriate content.", code="data_inspection_failed"))
WEB_PAGE = Raw("<!DOCTYPE html><html><body>Sign in</body></html>", content_type="text/html")
INVALID_LINE = Raw('data: {"choices": [{"delta": {"content": "Hel"}}]}\n\ndata: {"choices": [{"del\n\n')
EMPTY = Raw("")


def load_script(path: Path) -> list[Reply]:
    """The replies of a JSON file: `[{"kind": "says", "text": "Hi"}, {"kind": "status", "status": 429}]`."""
    return TypeAdapter[list[Reply]](list[Reply]).validate_json(path.read_bytes())


def stream_events(reply: Says, body: Json) -> Iterator[Json | str]:
    """The data of each event of a streamed reply: objects, and `[DONE]`."""
    yield _chunk(body, {"role": "assistant", "content": ""})
    for piece in _split(reply.reasoning, reply.pieces):
        yield _chunk(body, {reply.reasoning_field: piece})
    for piece in _split(reply.text, reply.pieces):
        yield _chunk(body, {"content": piece})
    for delta in _call_deltas(reply):
        yield _chunk(body, {"tool_calls": [delta]})
    while reply.ending == "endless":
        yield _chunk(body, {"content": reply.text or "on "})
    while reply.ending == "counting":
        yield {**_head(body, "chat.completion.chunk"), "choices": [], "usage": _usage(reply.usage or (0, 0))}
    if reply.ending in ("done", "no_done", "kept_open"):
        yield _chunk(body, {}, finish=_finish(reply))
        if reply.usage and _wants_usage(body):
            yield {**_head(body, "chat.completion.chunk"), "choices": [], "usage": _usage(reply.usage)}
    if reply.ending in ("done", "no_finish"):
        yield "[DONE]"


def _call_deltas(reply: Says) -> Iterator[Json]:
    """The calls piece by piece, in turn, as endpoints that write them in parallel send them."""
    begun: list[Json] = []
    for number, call in enumerate(reply.calls):
        head: Json = {"id": call.id or f"call_{number}", "type": "function"}
        function: Json = {"name": call.name, "arguments": ""}
        if reply.indexes != "true":
            # Such endpoints send one call after the other.
            yield _numbered({**head, "function": function}, number, reply.indexes)
            for piece in _split(call.arguments, reply.pieces):
                yield _numbered({"function": {"arguments": piece}}, number, reply.indexes)
        else:
            begun.append({**head, "function": function})
    for number, delta in enumerate(begun):
        yield _numbered(delta, number, "true")
    pieces = [list(_split(call.arguments, reply.pieces)) for call in reply.calls] if begun else []
    for position in range(max((len(each) for each in pieces), default=0)):
        for number, each in enumerate(pieces):
            if position < len(each):
                yield _numbered({"function": {"arguments": each[position]}}, number, "true")


def _numbered(delta: Json, number: int, indexes: Indexes) -> Json:
    match indexes:
        case "true":
            return {"index": number, **delta}
        case "zero":
            return {"index": 0, **delta}
        case "none":
            return delta
        case _:
            assert_never(indexes)


def _split(text: str, pieces: int) -> Iterator[str]:
    size = max(1, -(-len(text) // max(1, pieces)))
    for start in range(0, len(text), size):
        yield text[start : start + size]


_numbers = count(1)


def _head(body: Json, kind: str) -> Json:
    return {"id": f"chatcmpl-{next(_numbers)}", "object": kind, "created": 1_790_000_000, "model": body.get("model")}


def _chunk(body: Json, delta: Json, finish: str | None = None) -> Json:
    choice: Json = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**_head(body, "chat.completion.chunk"), "choices": [choice]}


def whole_answer(reply: Says, body: Json) -> Json:
    """The one object of a reply that is not streamed."""
    message: Json = {"role": "assistant", "content": reply.text or None}
    if reply.reasoning:
        message[reply.reasoning_field] = reply.reasoning
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": call.id or f"call_{number}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for number, call in enumerate(reply.calls)
        ]
    answer = _head(body, "chat.completion")
    answer["choices"] = [{"index": 0, "message": message, "finish_reason": _finish(reply)}]
    return {**answer, "usage": _usage(reply.usage)} if reply.usage else answer


def _finish(reply: Says) -> str:
    return reply.finish or ("tool_calls" if reply.calls else "stop")


def _wants_usage(body: Json) -> bool:
    options = body.get("stream_options")
    return bool(options and options.get("include_usage"))


def _usage(tokens: tuple[int, int]) -> Json:
    return {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
