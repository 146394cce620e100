"""Model servers that misbehave, in one table: each comes to one error with its code, or to the right answer."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.asking import asking, endpoint, entry_for
from tests.fakes.openai_replies import (
    EMPTY,
    FILTERED,
    INVALID_LINE,
    NO_QUOTA,
    PAYMENT_REQUIRED,
    SERVER_ERROR,
    TOO_LONG,
    UNAUTHORIZED,
    WEB_PAGE,
    Call,
    HangsUp,
    NeverAnswers,
    Raw,
    Reply,
    Says,
    Status,
    error,
)
from user_agent.dialects.base import ReplyEnd
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.errors import ModelError
from user_agent.events import TextDelta
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.retry import Persistence, Retrying

QUICK = Persistence(first_wait_s=0.01)


def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One event of a stream, as the wire has it."""
    said = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n"


def whole(text: str) -> bytes:
    return event({"content": text}) + event({}, "stop") + b"data: [DONE]\n\n"


FLAG = "🇨🇳 你好 𝒳"
BROKEN_CHARACTER = event({"content": "caf\u00e9"}).replace(b"\xc3\xa9", b"\xc3") + event({}, "stop")
TWO_CALLS = (Call("add", '{"left": 1}', id="same"), Call("add", '{"left": 2}', id="same"))
LATER = Status(429, error("Slow down.", code="rate_limit_exceeded"), headers={"retry-after": "0"})
LATER_BY_DATE = Status(503, "busy", headers={"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})
IN_AN_HOUR = Status(429, error("Slow down."), headers={"retry-after": "3600"})


@dataclass(frozen=True)
class Case:
    """What a server does, one request after the other, and what its caller gets: a code, or an answer."""

    replies: Sequence[Reply]
    code: str = ""
    text: str = ""
    """What was said, also where it failed afterwards."""
    calls: tuple[dict[str, Any], ...] = ()
    entry: dict[str, Any] = field(default_factory=dict[str, Any])
    params: dict[str, Any] = field(default_factory=dict[str, Any])


def fails(code: str, *replies: Reply, text: str = "", entry: dict[str, Any] | None = None, **params: Any) -> Case:
    return Case(replies, code=code, text=text, entry=entry or {}, params=params)


def answers(text: str, *replies: Reply, calls: tuple[dict[str, Any], ...] = (), **entry: Any) -> Case:
    return Case(replies, text=text, calls=calls, entry=entry)


SOON = {"first_token_timeout_s": 0.3, "silence_timeout_s": 0.3}

MISBEHAVIOURS: dict[str, Case] = {
    # It does not talk.
    "never answers": fails("model_timeout", NeverAnswers(), entry=SOON),
    "hangs up, each time": fails("model_unavailable", *[HangsUp()] * 4),
    "hangs up, then answers": answers("fine", HangsUp(), Says("fine")),
    "falls silent": fails("model_timeout", Says("Hel", pieces=1, ending="silent"), text="Hel", entry=SOON),
    "drips, byte by byte": answers("abc", Raw(whole("abc"), piece_bytes=1, delay_s=0.001), **SOON),
    "cuts characters in two": answers(FLAG, Raw(whole(FLAG), piece_bytes=3)),
    # It does not end as it should.
    "is cut in the middle": fails("model_broken_stream", Says("Hel", ending="cut"), text="Hel", fault="cut"),
    "ends in the middle": fails("model_broken_stream", Says("Hel", ending="ends"), text="Hel", fault="cut"),
    "forgets [DONE]": answers("Hello", Says("Hello", ending="no_done")),
    "keeps the connection after the end": answers("Hello", Says("Hello", ending="kept_open"), silence_timeout_s=0.2),
    "gives no reason for ending": answers("Hello", Says("Hello", ending="no_finish")),
    "sends one endless line": fails("model_broken_stream", Raw(b"data: " + b"x" * 33_000_000), fault="too_long"),
    # It sends something else.
    "sends nothing, each time": fails("model_broken_stream", *[EMPTY] * 4, fault="empty"),
    "sends nothing, then answers": answers("fine", EMPTY, Says("fine")),
    "sends a web page": fails("model_broken_stream", WEB_PAGE, fault="html"),
    "sends a web page as a stream": fails("model_broken_stream", Raw("<html>Log in</html>"), fault="html"),
    "sends half of its JSON": fails("model_broken_stream", INVALID_LINE, text="Hel", fault="cut"),
    "sends other JSON": fails("model_broken_stream", Raw("data: [1, 2]\n\n"), fault="not_json"),
    "sends half a character": answers("caf\ufffd", Raw(BROKEN_CHARACTER)),
    "says gzip and sends none": fails(
        "model_broken_stream", *[Raw(whole("Hi"), headers={"Content-Encoding": "gzip"})] * 4, fault="cut"
    ),
    "packs its answer unasked": answers(
        "Hello", Raw(gzip.compress(whole("Hello")), headers={"Content-Encoding": "gzip"})
    ),
    "says br, which packs without a limit": answers("Hi", Raw(whole("Hi"), headers={"Content-Encoding": "br"})),
    "answers in one piece": answers("Hello", Says("Hello", in_one_piece=True)),
    "begins with a byte order mark": answers("Hello", Raw(b"\xef\xbb\xbf" + whole("Hello"))),
    "ends its lines with CR LF": answers("Hello", Raw(whole("Hello").replace(b"\n", b"\r\n"))),
    "comments all along": answers("Hello", Raw(b": hello\n\n" + whole("Hello").replace(b"\n\n", b"\n\n: on\n\n"))),
    "sends the same id for two calls": answers("", Says(calls=TWO_CALLS), calls=({"left": 1}, {"left": 2})),
    "numbers all calls with 0": answers(
        "",
        Says(calls=(Call("add", '{"left": 1}'), Call("add", '{"left": 2}')), indexes="zero"),
        calls=({"left": 1}, {"left": 2}),
    ),
    "redirects": fails("model_refused", Status(302, headers={"location": "http://127.0.0.1:9/"}), fault="address"),
    "is at another address": fails("model_refused", Status(404, '{"detail": "Not Found"}'), fault="address"),
    # It fails and says so.
    "fails under status 200": fails(
        "model_blocked", Raw(json.dumps({"error": error("no", code="content_filter")}), content_type="application/json")
    ),
    "fails in the middle": fails(
        "model_context",
        Raw(event({"content": "Hel"}) + b'data: {"error": {"code": "context_length_exceeded", "message": "no"}}\n\n'),
        text="Hel",
    ),
    "has too many requests, then answers": answers("fine", LATER, Says("fine")),
    "has too many requests for some milliseconds": answers(
        "fine", Status(429, error("Slow down."), headers={"retry-after-ms": "10", "retry-after": "3600"}), Says("fine")
    ),
    "names no time that anybody understands": answers(
        "fine", Status(429, error("Slow down."), headers={"retry-after": "soon"}), Says("fine")
    ),
    "is down, then answers": answers("fine", SERVER_ERROR, LATER_BY_DATE, Says("fine")),
    "is loading its model, then answers": answers(
        "fine", Status(503, error("Loading model", code=503, kind="unavailable_error")), Says("fine")
    ),
    "is down for good": fails("model_unavailable", *[SERVER_ERROR] * 4),
    "wants to be left alone for an hour": fails("model_rate_limited", IN_AN_HOUR, fault="wait", retry_after_s=3600),
    "refuses the key": fails("model_auth", UNAUTHORIZED),
    "refuses the account": fails("model_auth", Status(403, error("No access."))),
    "has no money": fails("model_quota", PAYMENT_REQUIRED),
    "has no money, as a limit": fails("model_quota", NO_QUOTA),
    "finds it too long": fails("model_context", TOO_LONG),
    "filters the question": fails("model_blocked", FILTERED),
    "filters the answer": fails("model_blocked", Says("Hel", finish="content_filter"), text="Hel"),
    "takes no tools": fails(
        "model_refused",
        Status(400, error('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')),
        fault="tools",
    ),
}


@pytest.mark.parametrize("case", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
async def test_server_that_misbehaves(case: Case) -> None:
    text, ends, failure = "", list[ReplyEnd](), None
    async with endpoint(*case.replies) as (server, clients):
        model = Retrying(OpenAICompatible(clients, entry_for(server, **case.entry)), QUICK)
        try:
            async for item in FunctionCalling().reply(model, asking()):
                if isinstance(item, TextDelta):
                    text += item.text
                if isinstance(item, ReplyEnd):
                    ends.append(item)
        except ModelError as error:
            failure = error
        server.assert_complete()
    assert text == case.text
    assert (failure.code if failure else "") == case.code, failure
    assert len(ends) == (0 if failure else 1)
    assert tuple(call.arguments for end in ends for call in end.calls) == case.calls
    assert len({call.id for end in ends for call in end.calls}) == len(case.calls)
    if failure:
        assert {name: failure.params.get(name) for name in case.params} == case.params


VENDORS: dict[str, tuple[dict[str, str], Status, str]] = {
    "dashscope: tokens per minute": ({"type": "dashscope"}, NO_QUOTA, "model_rate_limited"),
    "dashscope: burst": (
        {"type": "dashscope"}, Status(429, error("too quickly", code="limit_burst_rate")), "model_rate_limited"
    ),
    "dashscope: free quota": (
        {"type": "dashscope"}, Status(403, error("no", code="AllocationQuota.FreeTierOnly")), "model_quota"
    ),
    "dashscope: arrears": ({"type": "dashscope"}, Status(400, error("Access denied", code="Arrearage")), "model_quota"),
    "dashscope: length": (
        {"type": "dashscope"},
        Status(400, error("Range of input length should be [1, 98304]", code="invalid_parameter_error")),
        "model_context",
    ),
    "azure: content filter": (
        {"type": "azure_openai"},
        Status(400, {**error("Filtered", code="x"), "innererror": {"code": "ResponsibleAIPolicyViolation"}}),
        "model_blocked",
    ),
    "azure: no deployment": (
        {"type": "azure_openai"},
        Status(404, error("The API deployment for this resource does not exist.", code="DeploymentNotFound")),
        "model_refused",
    ),
    **{
        f"zhipu: {number}": ({"type": "zhipu"}, Status(status, error("失败", code=number)), code)
        for number, status, code in [
            ("1002", 401, "model_auth"), ("1113", 429, "model_quota"), ("1261", 400, "model_context"),
            ("1301", 400, "model_blocked"), ("1302", 429, "model_rate_limited"), ("1304", 429, "model_quota"),
            ("1305", 429, "model_rate_limited"), ("1211", 400, "model_refused"), ("1234", 500, "model_unavailable"),
        ]
    },
    "modelscope: today's quota": (
        {"type": "modelscope"},
        Status(429, '{"errors": {"message": "You have exceeded today\'s quota for model x"}, "request_id": "1"}'),
        "model_quota",
    ),
    "modelscope: limit": (
        {"type": "modelscope"}, Status(429, '{"errors": {"message": "Request limit exceeded."}}'), "model_rate_limited"
    ),
    "deepseek: balance": ({"type": "deepseek"}, PAYMENT_REQUIRED, "model_quota"),
    "vllm: prompt": (
        {"type": "vllm"},
        Status(400, '{"object": "error", "message": "The decoder prompt (length 9000) is longer than the maximum model '
               'length of 4096.", "type": "BadRequestError", "code": 400}'),
        "model_context",
    ),
    "ollama: no model": (
        {"type": "ollama"}, Status(404, error('model "x" not found, try pulling it', kind="api_error")), "model_refused"
    ),
    "lm studio: context": (
        {"type": "lmstudio"},
        Status(400, '{"error": "The model is loaded with context length of only 4096 tokens, which is not enough"}'),
        "model_context",
    ),
    "llama.cpp: context": (
        {"type": "llamacpp"}, Status(400, error("too big", kind="exceed_context_size_error")), "model_context"
    ),
    "google: wrong key": (
        {}, Status(400, '[{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", '
                        '"status": "INVALID_ARGUMENT"}}]'),
        "model_auth",
    ),
    "google: limit": (
        {}, Status(429, '[{"error": {"code": 429, "message": "You exceeded your current quota. Please retry in 34 s.", '
                        '"status": "RESOURCE_EXHAUSTED"}}]'),
        "model_rate_limited",
    ),
    "google: length": (
        {}, Status(400, '[{"error": {"code": 400, "message": "The input token count (1196265) exceeds the maximum '
                        'number of tokens allowed (1048575).", "status": "INVALID_ARGUMENT"}}]'),
        "model_context",
    ),
    "google: busy": (
        {}, Status(503, '[{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}]'),
        "model_unavailable",
    ),
    "xai: wrong key": (
        {}, Status(400, '{"code": "Client specified an invalid argument", "error": "Incorrect API key provided: x."}'),
        "model_auth",
    ),
    "xai: no credits": (
        {}, Status(403, '{"code": "The caller does not have permission", "error": "Your new team doesn\'t have any '
                        'credits or licenses yet."}'),
        "model_quota",
    ),
    "xai: length": (
        {}, Status(400, '{"code": "invalid-argument", "error": "This model\'s maximum prompt length is 131072 but the '
                        'request contains 537812 tokens."}'),
        "model_context",
    ),
    "moonshot: empty account": (
        {}, Status(429, error("Your account is suspended, check your plan.", kind="exceeded_current_quota_error")),
        "model_quota",
    ),
    "moonshot: busy": (
        {}, Status(429, error("The engine is overloaded.", kind="engine_overloaded_error")), "model_unavailable"
    ),
    "moonshot: length": (
        {}, Status(400, error("Your request exceeded model token limit: 262144 (requested: 291351)",
                              kind="invalid_request_error")),
        "model_context",
    ),
    "anthropic: no credits": (
        {}, Status(400, error("Your credit balance is too low to access the Anthropic API.",
                              kind="invalid_request_error")),
        "model_quota",
    ),
    "siliconflow: no balance": (
        {}, Status(403, '{"code": 30001, "message": "Sorry, your account balance is insufficient", "data": null}'),
        "model_quota",
    ),
    "doubao: overdue": (
        {}, Status(403, error("overdue", code="AccountOverdueError", kind="Forbidden")), "model_quota"
    ),
    "doubao: content": (
        {}, Status(400, error("sensitive", code="SensitiveContentDetected.Violence", kind="BadRequest")),
        "model_blocked",
    ),
    "openai: tokens per minute are no length": (
        {"type": "openai"}, Status(429, error("Too many tokens per minute.")), "model_rate_limited"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "reply", "code"), VENDORS.values(), ids=VENDORS)
async def test_what_a_vendor_calls_its_failure_is_understood(entry: dict[str, str], reply: Status, code: str) -> None:
    async with endpoint(reply) as (server, clients):
        with pytest.raises(ModelError) as caught:
            async for _ in OpenAICompatible(clients, entry_for(server, **entry)).stream(asking()):
                pass
    assert caught.value.code == code
