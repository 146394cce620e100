"""Every value of an entry in the model list has an effect: a field without a case that proves one fails here."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from tests.asking import WEATHER, asking
from tests.conftest import Serve
from tests.fakes.embedding_server import KEY, FakeEmbeddings
from tests.fakes.openai_replies import SERVER_ERROR, NeverAnswers, Reply, Says
from tests.fakes.openai_server import FakeOpenAI, refused_base_url
from tests.knowing import settled
from tests.model_file import model_file
from tests.test_api_failures import form_of
from tests.test_openai_failures import full_backlog
from user_agent.assembly import choose_dialect
from user_agent.errors import ModelError
from user_agent.knowledge.embeddings.opening import open_embedder
from user_agent.messages import FilePart, Message, ReasoningPart, ToolCallPart, ToolResultPart, user_message
from user_agent.models.base import FileContent, ModelRequest
from user_agent.models.entry import GenerateConfig, LengthConstraint, ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.retry import Persistence, Retrying
from user_agent.runtime import ModelClients

Fields = dict[str, Any]
HERE = "{here}"
"""Stands for the address of the fake."""
CALLED = ToolCallPart(id="a", name="weather", arguments={})
TALK = ModelRequest(
    system="Be brief.",
    messages=[
        user_message("Look", FilePart(file="f1", name="cat.png", media_type="image/png", size_bytes=3)),
        Message(role="assistant", parts=(ReasoningPart(text="Hm."), CALLED)),
        Message(role="tool", parts=(ToolResultPart(id="a", name="weather", output="sunny"),)),
        user_message("And?"),
    ],
    files={"f1": FileContent(name="cat.png", media_type="image/png", data=b"PNG")},
    tools=[WEATHER],
    temperature=0.5,
    max_tokens=99,
)


@dataclass(frozen=True)
class Place:
    """Where a case looks: a fake endpoint that does `replies`, and a server for what the page is told."""

    serve: Serve
    folder: Path


Look = Callable[[Place, Fields, tuple[Reply, ...]], Awaitable[Any]]


@dataclass(frozen=True)
class Effect:
    """What is seen with `value`, which is not seen without it. `base` are the entry's other fields."""

    value: Any
    look: Look
    seen: Any
    base: Fields = field(default_factory=dict[str, Any])
    replies: tuple[Reply, ...] = (Says("ok"),)


async def asked(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> tuple[FakeOpenAI, ModelError | None]:
    """The endpoint after one question to the entry, and how it failed."""
    failure: ModelError | None = None
    async with FakeOpenAI(*replies) as server, ModelClients() as clients:
        given_fields = {"type": "openai", "model": "m", "api_base": HERE, **fields}
        text = json.dumps(given_fields).replace(HERE, server.base_url)
        entry = ModelEntry.model_validate(json.loads(text))
        model = Retrying(OpenAICompatible(clients, entry), Persistence(total_s=entry.retry_for_s, first_wait_s=0.01))
        try:
            async for _ in choose_dialect(model, "en").reply(model, TALK):
                pass
        except ModelError as error:
            failure = error
    return server, failure


def body(key: str) -> Look:
    """What the request's body has under `key`."""

    async def look(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> Any:
        server, _ = await asked(place, fields, replies)
        return server.last.body.get(key)

    return look


def message(number: int, key: str) -> Look:
    async def look(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> Any:
        server, _ = await asked(place, fields, replies)
        return server.last.body["messages"][number].get(key)

    return look


def failed(param: str) -> Look:
    """What the failure says of `param`."""

    async def look(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> Any:
        with full_backlog() as busy:
            filled = json.loads(json.dumps(fields).replace("{busy}", busy))
            _, failure = await asked(place, filled, replies)
        return failure.params.get(param) if failure else None

    return look


async def requests(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> int:
    server, _ = await asked(place, fields, replies)
    return len(server.requests)


async def query(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> Any:
    server, _ = await asked(place, fields, replies)
    return server.last.query.get("api-version")


async def authorization(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> Any:
    server, _ = await asked(place, fields, replies)
    return server.last.headers["Authorization"]


async def sees_pictures(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> bool:
    server, _ = await asked(place, fields, replies)
    return "data:image/png" in str(server.last.body)


def listed(*path: str) -> Look:
    """What the page is told of the model."""

    async def look(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> Any:
        async with place.serve(MODEL_CONFIG_FILE=model_file(place.folder, "http://127.0.0.1:9/v1", **fields)) as client:
            told = await client.get("/api/models")
        for step in path:
            told = told[0] if step == "0" else told[step]
        return told

    return look


async def problems(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> bool:
    return bool(await listed("problems")(place, fields, replies))


async def prompt_chars(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> dict[str, bool]:
    """Whether 3,000 characters of knowledge, and an older message of 3,000, are asked with."""
    async with FakeOpenAI(Says("ok"), Says("ok")) as server:
        async with place.serve(MODEL_CONFIG_FILE=model_file(place.folder, server.base_url, **fields)) as client:
            agent = await client.post("/api/agents")
            await client.post(f"/api/agents/{agent['id']}/knowledge", data=form_of({}, {"k.txt": b"k" * 3_000}))
            await settled(client, agent["id"])
            path = await client.conversation(agent["id"])
            await client.say(path, "q" * 3_000)
            await client.say(path, "And?")
        sent = json.dumps(server.last.body["messages"])
    return {"knowledge": sent.count("k") >= 3_000, "input": "q" * 3_000 in sent}


async def embedded(place: Place, fields: Fields, replies: tuple[Reply, ...]) -> list[tuple[int, int | None]]:
    """How three texts are asked for: how many in a request, and vectors of which length."""
    async with FakeEmbeddings() as server, ModelClients() as clients:
        given_fields = {
            "kind": "embedding",
            "type": "openai",
            "model": "m",
            "api_base": f"{server.origin}/v1",
            **fields,
        }
        embedder = open_embedder(clients, ModelEntry.model_validate(given_fields), SecretStr(KEY))
        await embedder.embed(["a", "b", "c"], "document")
    bodies = [asked.body for asked in server.requests]
    return sorted(((len(body["input"]), body.get("dimensions")) for body in bodies), reverse=True)


SOON = 0.2
PRICE = {"input": 1.0, "output": 5.0, "currency": "USD", "source": "https://example.com/p", "date": "2026-11-01"}
WORDS = {"zh": "慢", "en": "slow"}

EFFECTS: dict[str, Effect] = {
    "display_key": Effect("mine", failed("model"), "mine", replies=(SERVER_ERROR,), base={"retry_for_s": 0}),
    "type": Effect("vllm", body("tools"), None),
    "model": Effect("qwen-x", body("model"), "qwen-x"),
    "api_base": Effect(HERE, requests, 1, base={"api_base": refused_base_url(), "retry_for_s": 0}),
    "api_version": Effect("2024-10-21", query, "2024-10-21"),
    "api_key": Effect("sk-1", authorization, "Bearer sk-1"),
    "api_key_env": Effect("MY_API_KEY", failed("env"), "MY_API_KEY"),
    "key_url": Effect("https://k.test", failed("key_url"), "https://k.test", base={"api_key_env": "MY_API_KEY"}),
    "generate_cfg": Effect({"top_k": 20, "debug": True}, body("top_k"), 20),
    "length_constraint": Effect(
        {"knowledge": 1_000, "input": 1_000}, prompt_chars, {"knowledge": False, "input": False}
    ),
    "kind": Effect("embedding", listed("default"), ""),
    "dimension": Effect(16, embedded, [(3, 16)]),
    "batch": Effect(2, embedded, [(2, None), (1, None)]),
    "is_chat": Effect(False, problems, True),
    "is_function_call": Effect(False, body("tools"), None),
    "support_stream": Effect(False, body("stream"), False),
    "context_length": Effect(1_500, prompt_chars, {"knowledge": False, "input": False}),
    "vision": Effect(True, sees_pictures, True),
    "reasoning": Effect(True, listed("models", "0", "facts", "reasoning"), True),
    "price": Effect(PRICE, listed("models", "0", "price"), PRICE),
    "note": Effect(WORDS, listed("models", "0", "note"), WORDS),
    "default": Effect(False, listed("default"), ""),
    "stream_usage": Effect(False, body("stream_options"), None),
    "send_reasoning": Effect(True, message(2, "reasoning_content"), "Hm."),
    "max_tokens_field": Effect("max_completion_tokens", body("max_completion_tokens"), 99),
    "omit_parameters": Effect(["temperature"], body("temperature"), None),
    "extra_body": Effect({"reasoning_effort": "none"}, body("reasoning_effort"), "none"),
    "connect_timeout_s": Effect(SOON, failed("seconds"), SOON, base={"api_base": "{busy}", "connect_timeout_s": 0.4}),
    "first_token_timeout_s": Effect(
        SOON, failed("seconds"), SOON, base={"first_token_timeout_s": 0.4}, replies=(NeverAnswers(),)
    ),
    "silence_timeout_s": Effect(
        SOON, failed("seconds"), SOON, base={"silence_timeout_s": 0.4}, replies=(Says("H", ending="silent"),)
    ),
    "answer_timeout_s": Effect(
        SOON,
        failed("seconds"),
        SOON,
        base={"answer_timeout_s": 0.4, "support_stream": False},
        replies=(NeverAnswers(),),
    ),
    "retry_for_s": Effect(0, requests, 1, replies=(SERVER_ERROR, Says("ok"))),
}

SETTINGS: dict[str, tuple[Any, str, Any]] = {
    "temperature": (0.1, "temperature", 0.5),
    "top_p": (0.8, "top_p", 0.8),
    "seed": (7, "seed", 7),
    "max_tokens": (10, "max_tokens", 99),
    "stop": ("Observation", "stop", ["Observation"]),
}
"""Fields of `generate_cfg`: a value, where it goes, and what is sent there (what an agent sets goes before it)."""


@pytest.mark.parametrize("name", ModelEntry.model_fields)
async def test_value_of_an_entry_has_an_effect(name: str, serve: Serve, tmp_path: Path) -> None:
    effect, place = EFFECTS[name], Place(serve, tmp_path)
    without = await effect.look(place, effect.base, effect.replies)
    with_it = await effect.look(place, {**effect.base, name: effect.value}, effect.replies)
    assert with_it == effect.seen
    assert with_it != without


def test_there_is_no_case_for_a_field_that_is_gone() -> None:
    assert set(EFFECTS) == set(ModelEntry.model_fields)
    assert set(SETTINGS) == set(GenerateConfig.model_fields)


@pytest.mark.parametrize("name", GenerateConfig.model_fields)
async def test_setting_of_an_entry_goes_with_every_request(name: str) -> None:
    value, key, overruled = SETTINGS[name]
    async with FakeOpenAI(Says("a"), Says("b")) as server, ModelClients() as clients:
        entry = ModelEntry.model_validate(
            {"type": "openai", "model": "m", "api_base": server.base_url, "generate_cfg": {name: value}}
        )
        for request in (asking(), TALK):
            assert [chunk async for chunk in OpenAICompatible(clients, entry).stream(request)]
        quiet, wished = (recorded.body for recorded in server.requests)
    assert quiet[key] == ([value] if key == "stop" else value)
    assert wished[key] == overruled


@pytest.mark.parametrize("name", LengthConstraint.model_fields)
async def test_each_length_has_its_own_effect(name: str, serve: Serve, tmp_path: Path) -> None:
    constraint = {"knowledge": 10_000, "input": 10_000, name: 1_000}
    seen = await prompt_chars(Place(serve, tmp_path), {"length_constraint": constraint}, ())
    assert seen == {"knowledge": True, "input": True, name: False}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["openai", "vllm", "dashscope", "azure_openai", "zhipu"]), "model": st.text(min_size=1)},
    optional={
        "api_base": st.sampled_from(["http://localhost:1/v1", "https://x.openai.azure.com", "https://h.test/a/"]),
        "api_version": st.sampled_from(["2024-10-21", "preview"]),
        "api_key_env": st.from_regex(r"[A-Z]{1,8}_(API_KEY|TOKEN)", fullmatch=True),
        "generate_cfg": st.dictionaries(st.sampled_from(["top_k", "debug", "enable_search"]), JSON_VALUES),
        "length_constraint": st.fixed_dictionaries({"knowledge": st.integers(0), "input": st.integers(0)}),
        "is_function_call": st.booleans(),
        "support_stream": st.booleans(),
        "context_length": st.none() | st.integers(1, 10**9),
        "note": st.text(max_size=30) | st.just(WORDS),
        "price": st.none() | st.just(PRICE),
        "omit_parameters": st.lists(st.sampled_from(["temperature", "stop"])),
        "extra_body": st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=3),
        "something_newer": JSON_VALUES,
    },
)


@given(ENTRIES)
def test_entry_written_out_and_read_again_is_the_same(value: Fields) -> None:
    try:
        entry = ModelEntry.model_validate({**value, "api_key": "sk-canary"})
    except ValidationError:
        assert value["type"] == "azure_openai" and "api_base" not in value
        return
    written = entry.model_dump_json()
    assert "sk-canary" not in written
    again = ModelEntry.model_validate_json(written)
    assert again.model_copy(update={"api_key": SecretStr("sk-canary")}) == entry
    assert again.model_dump_json() == written
