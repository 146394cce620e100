"""ModelScope's small models as tools: what each is asked, how its findings are told, and what it may refuse."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.fakes.dashscope_media import a_sound
from tests.fakes.modelscope_inference import GIF, Answering, InferenceServer
from tests.tool_context import KEY, Conversation, called
from user_agent.events import ToolFinished
from user_agent.words import Language


@pytest.fixture
async def vendor() -> AsyncIterator[InferenceServer]:
    async with InferenceServer() as server:
        yield server


async def asked(
    vendor: InferenceServer,
    name: str,
    arguments: Mapping[str, object],
    language: Language = "en",
    conversation: Conversation | None = None,
    **options: str,
) -> ToolFinished:
    addresses = {"MODELSCOPE_INFERENCE_BASE_URL": vendor.base_url}
    return await called(name, arguments, base_urls=addresses, language=language, conversation=conversation, **options)


TEXTS: list[tuple[str, str, dict[str, Any], str]] = [
    ("text-address", "mgeo_geographic_elements_tagging_chinese_base", {}, '{"prov": "浙江省", "city": "杭州市"}'),
    (
        "text-ner",
        "nlp_raner_named-entity-recognition_chinese-base-cmeee",
        {},
        '{"dis": ["肺炎", "感冒"], "sym": ["咳嗽"]}',
    ),
    (
        "text-ie",
        "nlp_structbert_siamese-uie_chinese-base",
        {"schema": {"人物": None, "地点": None}},
        '{"人物": ["人物甲"], "地点": ["地点甲"]}',
    ),
    ("text-translation-en2zh", "nlp_csanmt_translation_en2zh", {}, "<hello>"),
    ("text-translation-zh2en", "nlp_csanmt_translation_zh2en", {}, "<hello>"),
]


@pytest.mark.parametrize(("name", "model", "more", "told"), TEXTS, ids=[name for name, *_ in TEXTS])
async def test_each_asks_its_model_and_tells_what_it_found(
    vendor: InferenceServer, name: str, model: str, more: dict[str, Any], told: str
) -> None:
    finished = await asked(vendor, name, {"input": " hello ", **more})
    assert (finished.failed, finished.output) == (False, told)
    [request] = vendor.requests
    assert request.path == f"/api-inference/v1/models/damo/{model}"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body == {"input": "hello"} | ({"parameters": more} if more else {})


@pytest.mark.parametrize(
    ("answering", "zh", "en"),
    [
        ("wrong_key", "没有接受密钥 MODELSCOPE_API_TOKEN", "refused the key MODELSCOPE_API_TOKEN"),
        ("too_fast", "请过一分钟再试", "Try again in a minute"),
        ("used_up", "请充值", "Top it up"),
        ("no_model", "改正 text-ner 的 model", "correct the model of text-ner"),
        ("invalid", "input is too long", "input is too long"),
        ("failed", "没有做成（inference failed）", "could not do it (inference failed)"),
        ("error_500", "请稍后再试", "Try again later"),
        ("html", "不是 JSON", "is not JSON"),
        ("empty", "没有给出结果", "gave no result"),
        ("odd", "没有给出结果", "gave no result"),
    ],
)
async def test_a_refusal_is_a_sentence_with_its_cure(
    vendor: InferenceServer, answering: Answering, zh: str, en: str
) -> None:
    vendor.answering = answering
    for language, told in (("zh", zh), ("en", en)):
        finished = await asked(vendor, "text-ner", {"input": "肺炎"}, language)
        assert finished.failed and told in finished.output


async def test_the_operator_sets_the_model(vendor: InferenceServer) -> None:
    finished = await asked(vendor, "text-translation-en2zh", {"input": "a"}, model="damo/other")
    assert "has no model damo/other" in finished.output


async def test_without_a_token_nothing_is_asked(vendor: InferenceServer) -> None:
    finished = await called(
        "text-ner", {"input": "a"}, base_urls={"MODELSCOPE_INFERENCE_BASE_URL": vendor.base_url}, secrets={}
    )
    assert finished.failed and "Enter it under Configure, Tools" in finished.output
    assert not vendor.requests


MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
MEDIA: list[tuple[str, bytes, str, str, dict[str, Any]]] = [
    ("speech-generation", a_sound(), "speech.wav", "audio/wav", {"parameters": {"voice": "zhitian_emo"}}),
    ("video-generation", MP4, "video.mp4", "video/mp4", {}),
    ("video-generation", GIF, "video.gif", "image/gif", {}),
]


@pytest.mark.parametrize(("name", "result", "file", "kind", "more"), MEDIA, ids=["wav", "mp4", "gif"])
async def test_what_is_made_is_fetched_once_and_kept(
    vendor: InferenceServer, name: str, result: bytes, file: str, kind: str, more: dict[str, Any]
) -> None:
    vendor.result, conversation = result, Conversation()
    finished = await asked(vendor, name, {"input": "a boat"}, conversation=conversation)
    assert not finished.failed, finished.output
    part, data = conversation.last
    assert (part.name, part.media_type, data) == (file, kind, result)
    assert [shown.file for shown in finished.files] == [part.file] and part.file in finished.output
    assert vendor.url not in finished.model_dump_json()
    created, fetched = vendor.requests
    assert created.body == ({"input": "a boat", **more} if more else {"input": {"text": "a boat"}})
    assert "Authorization" not in fetched.headers


@pytest.mark.parametrize(
    ("name", "en"),
    [
        ("speech-generation", "not a sound that can be played"),
        ("video-generation", "not a video that can be played"),
    ],
)
async def test_what_cannot_be_played_is_not_kept(vendor: InferenceServer, name: str, en: str) -> None:
    vendor.result, conversation = b"<html><script>alert(1)</script></html>", Conversation()
    finished = await asked(vendor, name, {"input": "a boat"}, conversation=conversation)
    assert finished.failed and en in finished.output
    assert not conversation.files


@pytest.mark.parametrize("name", ["speech-generation", "video-generation"])
@pytest.mark.parametrize("answering", ["failed", "odd", "wrong_key"])
async def test_what_was_not_made_is_told(vendor: InferenceServer, name: str, answering: Answering) -> None:
    vendor.answering = answering
    finished = await asked(vendor, name, {"input": "a boat"})
    assert finished.failed
    assert not [request for request in vendor.requests if request.path.startswith("/results/")]
