"""What the caller sees when an endpoint misbehaves: the right error with its cure, and never the key."""

import asyncio
import contextlib
import json
import logging
import socket
import sys
import traceback
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from tests.fakes.hostile_server import HostileServer
from tests.fakes.openai_replies import (
    EMPTY,
    FILTERED,
    INVALID_LINE,
    NO_QUOTA,
    NO_SUCH_MODEL,
    PAYMENT_REQUIRED,
    RATE_LIMITED,
    SERVER_ERROR,
    TOO_LONG,
    UNAUTHORIZED,
    WEB_PAGE,
    NeverAnswers,
    Raw,
    Reply,
    Says,
    Status,
    error,
)
from tests.fakes.openai_server import FakeOpenAI, refused_base_url
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
from user_agent.messages import user_message
from user_agent.models.base import ModelRequest
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.reading import MAX_REPLY_BYTES, ReplyReader, Unreadable
from user_agent.runtime import ModelClients

KEY = "sk-canary-4f1b77c0aa-XyZ"
REQUEST = ModelRequest(system="", messages=[user_message("Hi")])


@asynccontextmanager
async def model_at(base_url: str, key: str = KEY, **fields: Any) -> AsyncGenerator[OpenAICompatible]:
    entry = {"type": "openai", "model": "fake-1", "display_key": "my model", "api_base": base_url, **fields}
    async with ModelClients() as clients:
        yield OpenAICompatible(clients, ModelEntry.model_validate(entry), SecretStr(key) if key else None)


async def _failed(model: OpenAICompatible) -> tuple[ModelError, str]:
    """The failure of a reply, and the text that came before it."""
    text = ""
    with pytest.raises(ModelError) as caught:
        async for chunk in model.stream(REQUEST):
            text += chunk.text
    return caught.value, text


async def failure_of(reply: Reply, **fields: Any) -> tuple[ModelError, str]:
    async with FakeOpenAI(reply) as server, model_at(server.base_url, **fields) as model:
        return await _failed(model)


def _in_stream(body: str) -> Raw:
    return Raw(f'data: {{"choices": [{{"delta": {{"content": "Hel"}}}}]}}\n\ndata: {body}\n\n')


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(UNAUTHORIZED, AuthFailed, id="401"),
        pytest.param(Status(403, error("No access to this model.")), AuthFailed, id="403"),
        pytest.param(PAYMENT_REQUIRED, NoQuota, id="402"),
        pytest.param(NO_QUOTA, NoQuota, id="429 for want of money"),
        pytest.param(Status(400, error("Access denied.", code="Arrearage")), NoQuota, id="arrears"),
        pytest.param(RATE_LIMITED, RateLimited, id="429"),
        pytest.param(Status(429), RateLimited, id="429 without a word"),
        pytest.param(Status(429, error("Slow down.", code="Throttling.RateQuota")), RateLimited, id="throttled"),
        pytest.param(TOO_LONG, ContextTooLong, id="context by its code"),
        pytest.param(
            Status(400, error("This model's maximum context length is 4096 tokens.", code=400)),
            ContextTooLong,
            id="context by its sentence",
        ),
        pytest.param(Status(413, "Payload too large"), ContextTooLong, id="413"),
        pytest.param(FILTERED, Blocked, id="content filter"),
        pytest.param(Status(400, error("内容含敏感信息", code="1301")), Blocked, id="content filter by number"),
        pytest.param(NO_SUCH_MODEL, ModelRequestRefused, id="404"),
        pytest.param(Status(422, '{"detail": "wrong"}'), ModelRequestRefused, id="422"),
        pytest.param(Status(307, headers={"location": "/elsewhere"}), ModelRequestRefused, id="redirect"),
        pytest.param(SERVER_ERROR, Unavailable, id="500"),
        pytest.param(Status(503, "<html>busy</html>"), Unavailable, id="503 as a web page"),
        pytest.param(WEB_PAGE, BrokenStream, id="web page"),
        pytest.param(Raw("<html>Hi</html>", content_type="text/plain"), BrokenStream, id="web page unannounced"),
        pytest.param(EMPTY, BrokenStream, id="empty"),
        pytest.param(Raw("{}", content_type="application/json"), BrokenStream, id="empty object"),
        pytest.param(Raw("[1]", content_type="application/json"), BrokenStream, id="no object"),
        pytest.param(Raw("hello", content_type="text/plain"), BrokenStream, id="plain text"),
        pytest.param(
            Raw('{"error": {"message": "Overloaded", "type": "overloaded_error"}}', content_type="application/json"),
            Unavailable,
            id="error under status 200",
        ),
    ],
)
async def test_refusal_becomes_its_own_error(reply: Reply, kind: type[ModelError], streamed: bool) -> None:
    failure, text = await failure_of(reply, support_stream=streamed)
    assert type(failure) is kind
    assert text == ""
    assert failure.params["model"] == "my model"
    assert str(failure.params["base_url"]).startswith("http://127.0.0.1:")
    assert not str(failure.params["base_url"]).endswith("/v1")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(Says("Hel", ending="ends"), BrokenStream, id="ends in the middle"),
        pytest.param(Says("Hel", ending="cut"), BrokenStream, id="torn connection"),
        pytest.param(INVALID_LINE, BrokenStream, id="invalid JSON"),
        pytest.param(_in_stream("[1, 2]"), BrokenStream, id="JSON of another kind"),
        pytest.param(_in_stream('{"error": {"message": "Oops", "code": 500}}'), Unavailable, id="error"),
        pytest.param(_in_stream('{"error": "Oops"}'), Unavailable, id="error as text"),
        pytest.param(_in_stream('{"code": "DataInspectionFailed", "message": "no"}'), Blocked, id="vendor's error"),
        pytest.param(
            _in_stream('{"error": {"message": "This is too much", "code": "context_length_exceeded"}}'),
            ContextTooLong,
            id="context too long",
        ),
        pytest.param(Says("Hel", finish="content_filter"), Blocked, id="filter as the end"),
        pytest.param(Says("Hel", finish="insufficient_system_resource"), Unavailable, id="no resources as the end"),
    ],
)
async def test_failure_in_the_middle_keeps_what_came_before(reply: Reply, kind: type[ModelError]) -> None:
    failure, text = await failure_of(reply)
    assert type(failure) is kind
    assert text == "Hel"


async def test_refused_connection_says_that_the_server_may_not_run() -> None:
    async with model_at(refused_base_url()) as model:
        failure, _ = await _failed(model)
    assert type(failure) is Unavailable
    assert "started" in failure.message


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_endpoint_that_never_answers_is_given_up(streamed: bool) -> None:
    patience = {"first_token_timeout_s": 0.2, "answer_timeout_s": 0.2, "support_stream": streamed}
    failure, _ = await failure_of(NeverAnswers(), **patience)
    assert type(failure) is ModelTimeout
    assert failure.params["seconds"] == 0.2


async def test_endpoint_that_falls_silent_is_given_up_with_what_it_said() -> None:
    failure, text = await failure_of(Says("Hel", pieces=1, ending="silent"), silence_timeout_s=0.2)
    assert type(failure) is ModelTimeout
    assert text == "Hel"
    assert failure.params["seconds"] == 0.2


async def test_slow_tokens_are_no_silence() -> None:
    says = Says("abcdefgh", pieces=8, delay_s=0.15)
    async with FakeOpenAI(says) as server, model_at(server.base_url, silence_timeout_s=1) as model:
        assert "".join([chunk.text async for chunk in model.stream(REQUEST)]) == "abcdefgh"


def test_endpoint_that_never_ends_is_cut_off() -> None:
    reader, event = ReplyReader(), b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % (b"on " * 500_000)
    with pytest.raises(Unreadable) as caught:
        for _ in range(MAX_REPLY_BYTES // len(event) + 1):
            assert len(list(reader.feed(event))) == 1
    assert caught.value.fault == "too_long"


@contextlib.contextmanager
def full_backlog() -> Generator[str]:
    """An address that takes no connection and says nothing."""
    with contextlib.ExitStack() as sockets:
        busy = sockets.enter_context(socket.socket())
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(busy.getsockname())
        yield f"http://127.0.0.1:{busy.getsockname()[1]}/v1"


@pytest.mark.skipif(sys.platform != "linux", reason="a full queue of connections is not silent elsewhere")
async def test_endpoint_that_does_not_take_the_connection_is_given_up() -> None:
    with full_backlog() as base_url:
        async with model_at(base_url, connect_timeout_s=0.3) as model:
            failure, _ = await _failed(model)
    assert type(failure) is ModelTimeout
    assert failure.params["seconds"] == 0.3


async def test_sentence_of_the_endpoint_is_passed_on_cut_to_one_line() -> None:
    failure, _ = await failure_of(Status(400, error("The parameter `top_k`\nis " + "un" * 400 + "known.")))
    assert "It says: The parameter `top_k` is unun" in failure.message
    assert len(str(failure.params["detail"])) == 300


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Status(404, '{"detail": "Not Found"}'), "address"),
        (Status(404, error("File Not Found", code=404)), "address"),
        (Status(405, "Method Not Allowed"), "address"),
        (Status(307, headers={"location": "/elsewhere"}), "address"),
        (NO_SUCH_MODEL, None),
        (WEB_PAGE, "html"),
        (EMPTY, "empty"),
        (_in_stream('{"choices": [{"del'), "cut"),
    ],
    ids=["404", "404 with a code", "405", "redirect", "no such model", "web page", "empty", "broken line"],
)
async def test_what_is_wrong_with_an_answer_is_named_for_its_cure(reply: Reply, fault: str | None) -> None:
    failure, _ = await failure_of(reply)
    assert failure.params.get("fault") == fault
    if fault == "address":
        assert "`api_base`" in failure.message
    if fault is None:
        assert "nonesuch" in failure.message


async def test_counts_of_tokens_are_no_sign_of_life() -> None:
    failure, _ = await failure_of(Says(ending="counting", delay_s=0.05), first_token_timeout_s=0.3)
    assert type(failure) is ModelTimeout


async def test_cure_for_a_refused_key_names_its_variable() -> None:
    failure, _ = await failure_of(UNAUTHORIZED, api_key_env="MY_MODEL_API_KEY")
    assert "MY_MODEL_API_KEY" in failure.message
    assert failure.params["env"] == "MY_MODEL_API_KEY"


async def test_missing_key_is_told_before_anything_is_sent() -> None:
    async with FakeOpenAI() as server, model_at(server.base_url, key="", api_key_env="MY_MODEL_API_KEY") as model:
        failure, _ = await _failed(model)
        assert not server.requests
    assert type(failure) is NoKey
    assert "MY_MODEL_API_KEY" in failure.message


@pytest.mark.parametrize("key", ["钥匙", "sk-a\nX-Evil: 1", "  "])
async def test_key_that_no_header_can_carry_is_refused_with_a_cure(key: str) -> None:
    async with FakeOpenAI() as server, model_at(server.base_url, key=key) as model:
        failure, _ = await _failed(model)
        assert not server.requests
    assert type(failure) is AuthFailed
    assert "Copy it again" in failure.message


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Status(401, error(f"Incorrect API key provided: {KEY}.")), id="401"),
        pytest.param(Status(400, error(f"Bad request with Authorization: Bearer {KEY}")), id="400"),
        pytest.param(Status(400, error("Key sk-canary-4f1b77c0aa… is not for this model")), id="a part of it"),
        pytest.param(Status(500, f"<html>{KEY}</html>"), id="500"),
        pytest.param(_in_stream(f'{{"error": {{"message": "no such key: {KEY}"}}}}'), id="in the stream"),
        pytest.param(_in_stream(f"not json {KEY}"), id="broken stream"),
        pytest.param(WEB_PAGE, id="web page"),
    ],
)
async def test_key_is_in_no_message_log_or_traceback(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeOpenAI(reply) as server, model_at(server.base_url) as model:
        failure, _ = await _failed(model)
        shown = f"{failure} {failure!r} {failure.params} {model!r} {vars(model)}"
    shown += "".join(traceback.format_exception(failure)) + caplog.text
    assert "canary" not in shown
    assert "4f1b77c0aa" not in shown


async def _endless_refusal(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        await writer.drain()


async def test_of_a_refusal_without_an_end_only_the_beginning_is_read() -> None:
    async with HostileServer() as server:
        server.fallback = _endless_refusal
        async with model_at(f"{server.base_url}/v1", first_token_timeout_s=5) as model:
            failure, _ = await _failed(model)
    assert type(failure) is ModelRequestRefused
    assert len(failure.message) < 1_000


async def test_a_refusal_s_words_that_repeat_are_not_looked_at_for_long() -> None:
    failure, _ = await failure_of(Status(400, json.dumps({"error": {"message": "token count " * 5_000}})))
    assert type(failure) is ModelRequestRefused
