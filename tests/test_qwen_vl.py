"""`qwen_vl`: which pictures of the conversation are looked at, what goes to the vendor, and what it may refuse."""

import base64
import io
from collections.abc import AsyncIterator, Mapping

import pytest
from PIL import Image

from tests.fakes.dashscope_images import Creating, a_picture
from tests.fakes.dashscope_media import MediaServer
from tests.tool_context import KEY, Conversation, called
from user_agent.events import ToolFinished
from user_agent.words import Language


@pytest.fixture
async def vendor() -> AsyncIterator[MediaServer]:
    async with MediaServer() as server:
        yield server


def with_pictures(*names: str) -> Conversation:
    conversation = Conversation()
    for number, name in enumerate(names):
        conversation.add(a_picture(size=(40 + number, 30)), name, "image/png")
    return conversation


async def looked(
    vendor: MediaServer,
    arguments: Mapping[str, object],
    conversation: Conversation,
    language: Language = "en",
    **options: str,
) -> ToolFinished:
    addresses = {"DASHSCOPE_BASE_URL": vendor.base_url}
    return await called(
        "qwen_vl", arguments, base_urls=addresses, conversation=conversation, language=language, **options
    )


def sent_pictures(vendor: MediaServer) -> list[Image.Image]:
    content = vendor.requests[-1].body["input"]["messages"][-1]["content"]
    urls = [item["image"] for item in content if "image" in item]
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


@pytest.mark.parametrize(
    ("wanted", "widths"),
    [
        ("", [41]),
        ("a.png", [40]),
        ("B.PNG", [41]),
        ("a.png, b.png", [40, 41]),
        ("f1", [40]),
        ("/api/files/f1", [40]),
        ("C:\\pictures\\a.png", [40]),
        ("../../a.png", [40]),
    ],
)
async def test_a_picture_is_found_by_its_name_or_number(vendor: MediaServer, wanted: str, widths: list[int]) -> None:
    arguments = {"text": "What is this?", "image_file_paths": wanted}
    finished = await looked(vendor, arguments, with_pictures("a.png", "b.png"))
    assert (finished.failed, finished.output) == (False, "A hill under the sun.")
    assert [picture.width for picture in sent_pictures(vendor)] == widths


async def test_the_request_is_the_documented_one(vendor: MediaServer) -> None:
    await looked(vendor, {"text": "What is this?"}, with_pictures("a.png"))
    [asked] = vendor.requests
    assert asked.path == "/api/v1/services/aigc/multimodal-generation/generation"
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == "qwen3.6-plus"
    [message] = asked.body["input"]["messages"]
    assert message["content"][-1] == {"text": "What is this?"}


async def test_what_a_camera_wrote_into_a_picture_stays_here(vendor: MediaServer) -> None:
    await looked(vendor, {"text": "?"}, with_pictures("a.png"))
    [picture] = sent_pictures(vendor)
    assert not picture.getexif()


async def test_a_picture_that_lies_on_its_side_is_sent_upright_and_small(vendor: MediaServer) -> None:
    conversation, out = Conversation(), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4000, 3000)).save(out, format="JPEG", exif=exif)
    conversation.add(out.getvalue(), "photo.jpg", "image/jpeg")
    await looked(vendor, {"text": "?"}, conversation)
    assert [picture.size for picture in sent_pictures(vendor)] == [(1536, 2048)]


@pytest.mark.parametrize(
    ("names", "wanted", "zh", "en"),
    [
        ((), "", "还没有图片", "no picture in this conversation yet"),
        (("a.png", "b.png"), "c.png", "b.png, a.png", "There are: b.png, a.png"),
    ],
)
async def test_a_picture_that_is_not_there_is_told_with_those_that_are(
    vendor: MediaServer, names: tuple[str, ...], wanted: str, zh: str, en: str
) -> None:
    arguments = {"text": "?", "image_file_paths": wanted}
    for language, told in (("zh", zh), ("en", en)):
        finished = await looked(vendor, arguments, with_pictures(*names), language)
        assert finished.failed and told in finished.output
    assert not vendor.requests


async def test_what_is_no_picture_is_not_sent(vendor: MediaServer) -> None:
    conversation = Conversation()
    conversation.add(b"<svg/>", "drawing.png", "image/png")
    finished = await looked(vendor, {"text": "?"}, conversation)
    assert finished.failed and "'drawing.png' cannot be read" in finished.output
    assert not vendor.requests


@pytest.mark.parametrize(
    ("creating", "zh", "en"),
    [
        ("wrong_key", "没有接受密钥 DASHSCOPE_API_KEY", "refused the key DASHSCOPE_API_KEY"),
        ("no_access", "先在它的控制台开通", "Activate it in the vendor's console"),
        ("no_quota", "请充值", "Top it up"),
        ("too_fast", "请过一分钟再试", "Try again in a minute"),
        ("content", "请换一种说法", "Word it differently"),
        ("no_model", "改正 qwen_vl 的 model", "the model of qwen_vl"),
        ("error_500", "请稍后再试", "Try again later"),
        ("html", "不是 JSON", "is not JSON"),
    ],
)
async def test_a_refusal_is_a_sentence_with_its_cure(vendor: MediaServer, creating: Creating, zh: str, en: str) -> None:
    vendor.creating = creating
    for language, told in (("zh", zh), ("en", en)):
        finished = await looked(vendor, {"text": "?"}, with_pictures("a.png"), language)
        assert finished.failed and told in finished.output


async def test_an_empty_answer_is_told(vendor: MediaServer) -> None:
    vendor.ending = "nothing"
    assert "gave no result" in (await looked(vendor, {"text": "?"}, with_pictures("a.png"))).output


async def test_the_operator_sets_the_model(vendor: MediaServer) -> None:
    finished = await looked(vendor, {"text": "?"}, with_pictures("a.png"), model="qwen9-vl")
    assert "has no model qwen9-vl" in finished.output


async def test_without_a_key_nothing_is_asked(vendor: MediaServer) -> None:
    addresses = {"DASHSCOPE_BASE_URL": vendor.base_url}
    finished = await called("qwen_vl", {"text": "?"}, base_urls=addresses, secrets={})
    assert finished.failed and "Enter it under Configure, Tools" in finished.output
    assert not vendor.requests
