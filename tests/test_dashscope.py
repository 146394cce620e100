"""DashScope's own protocol through its SDK, against a fake of it on real HTTP."""

import asyncio
import logging
import traceback
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.asking import WEATHER, asking, text_of
from tests.conftest import Serve
from tests.fakes.dashscope_server import KEY, FakeDashScope, Native, Page, Refused
from tests.model_file import model_file
from user_agent.errors import ModelError
from user_agent.events import Usage
from user_agent.messages import FilePart, user_message
from user_agent.models.base import CallDelta, ChatModel, Chunk, FileContent, ModelRequest
from user_agent.models.entry import ModelEntry
from user_agent.models.opening import open_model
from user_agent.runtime import ModelClients


@asynccontextmanager
async def native(
    *replies: Native | Refused | Page, key: str = KEY, **fields: Any
) -> AsyncGenerator[tuple[FakeDashScope, ChatModel]]:
    async with FakeDashScope(*replies) as server, ModelClients() as clients:
        entry = {"type": "dashscope", "model": "qwen-x", "api_base": server.base_url, "retry_for_s": 0, **fields}
        # In a thread, as the service does: the SDK is imported with the first entry that needs it.
        yield server, await asyncio.to_thread(open_model, clients, ModelEntry.model_validate(entry), SecretStr(key))


async def answered(reply: Native, request: ModelRequest | None = None, **fields: Any) -> list[Chunk]:
    async with native(reply, **fields) as (_, model):
        return [chunk async for chunk in model.stream(request or asking())]


async def failure_of(*replies: Native | Refused | Page, key: str = KEY, **fields: Any) -> tuple[ModelError, str]:
    text = ""
    async with native(*replies, key=key, **fields) as (_, model):
        with pytest.raises(ModelError) as caught:
            async for chunk in model.stream(asking()):
                text += chunk.text
    return caught.value, text


async def test_request_is_in_its_own_shape() -> None:
    async with native(Native(["ok"]), generate_cfg={"top_p": 0.8, "top_k": 20, "enable_thinking": False}) as (
        server,
        model,
    ):
        request = asking("杭州天气？", tools=[WEATHER], temperature=0.3, stop=("END",))
        assert text_of([chunk async for chunk in model.stream(request)]) == "ok"
    assert server.last.route == "text"
    assert server.last.headers["X-DashScope-SSE"] == "enable"
    assert server.last.body["model"] == "qwen-x"
    assert server.last.body["input"]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "杭州天气？"},
    ]
    parameters = server.last.body["parameters"]
    assert parameters.pop("tools")[0]["function"]["name"] == "weather"
    assert parameters == {
        "result_format": "message",
        "incremental_output": True,
        "temperature": 0.3,
        "top_p": 0.8,
        "top_k": 20,
        "enable_thinking": False,
        "stop": ["END"],
    }


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_thinking_text_and_count_come_back(streamed: bool) -> None:
    chunks = await answered(Native(["Hel", "lo 🇨🇳"], reasoning=["Hm", "."]), support_stream=streamed)
    assert "".join(chunk.reasoning for chunk in chunks) == "Hm."
    assert text_of(chunks) == "Hello 🇨🇳"
    assert next(chunk.usage for chunk in reversed(chunks) if chunk.usage) == Usage(input_tokens=9, output_tokens=7)
    assert [chunk.finish for chunk in chunks if chunk.finish] == ["stop"]


async def test_calls_come_back_in_pieces() -> None:
    pieces = [
        {"index": 0, "id": "call_a", "type": "function", "function": {"name": "weather", "arguments": ""}},
        {"index": 0, "id": "", "type": "function", "function": {"name": "", "arguments": '{"city": '}},
        {"index": 0, "id": "", "type": "function", "function": {"name": "", "arguments": '"杭州"}'}},
    ]
    chunks = await answered(Native(calls=pieces, finish="tool_calls"))
    assert [delta for chunk in chunks for delta in chunk.calls] == [
        CallDelta(0, "call_a", "weather", ""),
        CallDelta(0, "", "", '{"city": '),
        CallDelta(0, "", "", '"杭州"}'),
    ]


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
async def test_answer_that_searched_the_web_ends_with_its_sources(streamed: bool) -> None:
    sources = [
        {"index": 1, "title": "Weather [today] <b>", "url": "https://a.test/x y?q=(1)", "site_name": "A"},
        {"index": 2, "title": "", "url": "http://b.test/"},
        {"index": 3, "title": "Click me", "url": "javascript:alert(1)"},
    ]
    reply = Native(["Sunny [1]."], sources=sources)
    async with native(reply, generate_cfg={"enable_search": True}, support_stream=streamed) as (server, model):
        text = text_of([chunk async for chunk in model.stream(asking())])
    assert text == (
        "Sunny [1].\n\n---\n\n"
        "1. [Weather \\[today\\] \\<b\\>](https://a.test/x%20y?q=%281%29)\n"
        "2. [http://b.test/](http://b.test/)"
    )
    assert server.last.body["parameters"]["search_options"] == {"enable_source": True}


async def test_model_that_sees_is_asked_on_its_own_route() -> None:
    picture = FilePart(file="f1", name="cat.png", media_type="image/png", size_bytes=3)
    request = ModelRequest(
        system="Look.",
        messages=[user_message("What is it?", picture)],
        files={"f1": FileContent(name="cat.png", media_type="image/png", data=b"PNG")},
    )
    async with native(Native(["A ", "cat"]), vision=True) as (server, model):
        assert text_of([chunk async for chunk in model.stream(request)]) == "A cat"
    assert server.last.route == "multimodal"
    assert server.last.body["input"]["messages"] == [
        {"role": "system", "content": [{"text": "Look."}]},
        {"role": "user", "content": [{"text": "What is it?"}, {"image": "data:image/png;base64,UE5H"}]},
    ]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        pytest.param(Refused(400, "Arrearage"), "model_quota", "", id="arrears"),
        pytest.param(Refused(429, "Throttling.RateQuota"), "model_rate_limited", "", id="throttled"),
        pytest.param(Refused(400, "DataInspectionFailed"), "model_blocked", "", id="filtered"),
        pytest.param(
            Refused(400, "InvalidParameter", "Range of input length should be [1, 30720]"),
            "model_context",
            "",
            id="long",
        ),
        pytest.param(Refused(404, "ModelNotFound", "Model not exist."), "model_refused", "", id="no model"),
        pytest.param(Refused(500, "InternalError"), "model_unavailable", "", id="500"),
        pytest.param(Refused(400, "DataInspectionFailed", in_stream=True), "model_blocked", "", id="in the stream"),
        pytest.param(Page("<html>Log in</html>"), "model_broken_stream", "", id="web page"),
        pytest.param(Page("[1]", "application/json"), "model_broken_stream", "", id="other JSON"),
        pytest.param(Page("data: {nonsense\n\n", "text/event-stream"), "model_broken_stream", "", id="broken JSON"),
        pytest.param(Page("", "text/event-stream"), "model_broken_stream", "", id="empty"),
        pytest.param(Native(["Hel"], ending="cut"), "model_broken_stream", "Hel", id="cut"),
        pytest.param(Native(["Hel"], ending="ends"), "model_broken_stream", "Hel", id="ends"),
        pytest.param(Native(["Hel"], ending="silent"), "model_timeout", "Hel", id="silent"),
    ],
)
async def test_failure_is_one_of_ours(reply: Native | Refused | Page, code: str, said: str) -> None:
    failure, text = await failure_of(reply, silence_timeout_s=0.3)
    assert (failure.code, text) == (code, said), failure


async def test_refused_key_is_told_and_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failure, _ = await failure_of(key="sk-wrong-canary-1234")
    assert failure.code == "model_auth"
    shown = f"{failure!r} {failure.params}" + "".join(traceback.format_exception(failure)) + caplog.text
    assert "canary-1234" not in shown


async def test_busy_endpoint_is_waited_for() -> None:
    busy = Refused(429, "Throttling.RateQuota", headers={"Retry-After": "0"})
    async with native(busy, Native(["fine"]), retry_for_s=20) as (_, model):
        chunks = [chunk async for chunk in model.stream(asking())]
    assert chunks[0].waiting is not None
    assert text_of(chunks) == "fine"


async def test_leaving_the_answer_closes_the_connection_at_once() -> None:
    async with native(Native(["Hello"], ending="silent")) as (server, model):
        async with aclosing(model.stream(asking())) as chunks:
            await anext(chunks)
        async with asyncio.timeout(5):
            await server.last.gone.wait()


async def test_answer_without_an_end_is_cut_off() -> None:
    async with native(Page("data: " + "x" * 33_000_000, "text/event-stream")) as (_, model):
        with pytest.raises(ModelError) as caught:
            async for _ in model.stream(asking()):
                pass
    assert caught.value.params["fault"] == "too_long"


async def test_agent_on_such_a_model_tells_its_sources_in_the_conversation(serve: Serve, tmp_path: Path) -> None:
    reply = Native(["Sunny."], sources=[{"index": 1, "title": "Weather", "url": "https://a.test/"}])
    async with FakeDashScope(reply) as server:
        fields = {"type": "dashscope", "api_key": KEY, "generate_cfg": {"enable_search": True}}
        async with serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url, **fields)) as client:
            path = await client.conversation((await client.post("/api/agents"))["id"])
            events = await client.say(path, "Weather?")
            assert (events[-1].type, events[-1].data["stop"]) == ("run_finished", "answered")
            stored = (await client.get(path))["messages"][-1]["parts"][-1]["text"]
    assert stored == "Sunny.\n\n---\n\n1. [Weather](https://a.test/)"
