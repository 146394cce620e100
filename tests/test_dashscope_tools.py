"""DashScope's tools that make pictures and speech: their requests, what is kept of the results, how they fail."""

import io
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from PIL import Image

from tests.fakes.dashscope_images import Creating, Ending, Link, a_picture
from tests.fakes.dashscope_media import MediaServer, Storing, a_sound
from tests.test_image_gen import EACH_END_WITHOUT_RESULT
from tests.tool_context import Conversation, called
from user_agent.events import ToolFinished
from user_agent.vendors.pace import Pace
from user_agent.words import Language


@pytest.fixture
async def vendor() -> AsyncIterator[MediaServer]:
    async with MediaServer() as server:
        yield server


def with_picture() -> Conversation:
    conversation = Conversation()
    conversation.add(a_picture(size=(64, 48)), "face.png", "image/png")
    return conversation


async def asked(
    vendor: MediaServer,
    name: str,
    arguments: Mapping[str, object],
    conversation: Conversation | None = None,
    language: Language = "en",
    **more: Any,
) -> ToolFinished:
    addresses = {"DASHSCOPE_BASE_URL": vendor.base_url}
    kept = conversation or with_picture()
    return await called(name, arguments, base_urls=addresses, conversation=kept, language=language, **more)


PICTURES: dict[str, dict[str, object]] = {
    "image_edit": {"text": "make the sky red"},
    "style_repaint": {"style_index": 3},
    "image_enhancement": {"upscale": 2},
    "wordart_texture_generation": {"text_content": "春天", "prompt": "moss"},
}
"""Tools that make a picture, with arguments that suit them."""
EACH_PICTURE = pytest.mark.parametrize("name", PICTURES)


@EACH_PICTURE
async def test_the_picture_is_kept_and_shown_and_its_address_is_nobodys(vendor: MediaServer, name: str) -> None:
    conversation = with_picture()
    finished = await asked(vendor, name, PICTURES[name], conversation)
    assert not finished.failed, finished.output
    part, data = conversation.last
    assert [file.file for file in finished.files] == [part.file] and part.file in finished.output
    assert part.media_type == "image/png" and b"<script>" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (320, 240)
    assert vendor.url not in finished.model_dump_json()
    [fetched] = vendor.asked("/results/")
    assert "Authorization" not in fetched.headers


@EACH_PICTURE
@pytest.mark.parametrize(
    ("creating", "en"),
    [
        ("wrong_key", "refused the key DASHSCOPE_API_KEY"),
        ("no_access", "Activate it in the vendor's console"),
        ("no_quota", "Top it up"),
        ("too_fast", "Try again in a minute"),
        ("content", "Word it differently"),
        ("no_model", "Whoever runs this server can correct the model of"),
        ("invalid", "shorten or reword"),
        ("error_500", "Try again later"),
    ],
)
async def test_a_task_that_is_not_taken_is_told(vendor: MediaServer, name: str, creating: Creating, en: str) -> None:
    vendor.creating = creating
    finished = await asked(vendor, name, PICTURES[name])
    assert finished.failed and en in finished.output


@EACH_PICTURE
@EACH_END_WITHOUT_RESULT
async def test_every_way_in_which_a_task_ends_without_a_result_is_told(
    vendor: MediaServer, name: str, ending: Ending, en: str
) -> None:
    vendor.ending = ending
    finished = await asked(vendor, name, PICTURES[name])
    assert finished.failed and en in finished.output
    assert not vendor.asked("/results/")


@EACH_PICTURE
async def test_a_task_that_never_ends_is_given_up_and_taken_back(vendor: MediaServer, name: str) -> None:
    vendor.ending = "never"
    pace = Pace(first_s=0.01, growth=1_000, longest_s=1_000, deadline_s=5)
    finished = await asked(vendor, name, PICTURES[name], pace=pace)
    assert finished.failed and "did not finish within 5 seconds" in finished.output
    assert vendor.withdrawn


async def test_an_edit_is_asked_for_as_documented(vendor: MediaServer) -> None:
    await asked(vendor, "image_edit", {"text": "red sky", "image_path": "face.png"})
    [created] = vendor.tasks
    picture, text = created["input"]["messages"][0]["content"]
    assert picture["image"].startswith("data:image/png;base64,")
    assert (created["model"], text) == ("wan2.7-image", {"text": "red sky"})


async def test_a_portrait_goes_through_the_vendors_storage(vendor: MediaServer) -> None:
    await asked(vendor, "style_repaint", {"style_index": 5, "image_path": "face.png"})
    [created] = vendor.tasks
    [(address, data)] = vendor.stored.items()
    assert created["input"] == {"image_url": address, "style_index": 5}
    assert created["model"] == "wanx-style-repaint-v1"
    assert data.startswith(b"\x89PNG") and b"secret place" not in data
    [put] = vendor.asked("/bucket")
    assert "Authorization" not in put.headers


async def test_an_enlargement_is_asked_for_as_documented(vendor: MediaServer) -> None:
    await asked(vendor, "image_enhancement", {"upscale": 4})
    [created] = vendor.tasks
    assert (created["model"], created["parameters"]) == ("wanx2.1-imageedit", {"upscale_factor": 4, "n": 1})
    assert created["input"]["function"] == "super_resolution"


async def test_word_art_is_asked_for_as_documented(vendor: MediaServer) -> None:
    arguments = {"text_content": "春天", "prompt": "moss", "texture_style": "scene", "output_image_ratio": "16:9"}
    await asked(vendor, "wordart_texture_generation", arguments)
    [created] = vendor.tasks
    text = {"text_content": "春天", "output_image_ratio": "16:9"}
    assert created["input"] == {"text": text, "prompt": "moss", "texture_style": "scene"}


async def test_more_letters_than_there_is_room_for_are_refused_here(vendor: MediaServer) -> None:
    finished = await asked(vendor, "wordart_texture_generation", {"text_content": "seven…!", "prompt": "moss"})
    assert finished.failed and "text_content" in finished.output
    assert not vendor.requests


# --- speech ---


async def test_a_text_becomes_a_sound_that_is_kept(vendor: MediaServer) -> None:
    conversation = Conversation()
    finished = await asked(vendor, "sambert_tts", {"text": "你好"}, conversation, "zh")
    part, data = conversation.last
    assert (part.name, part.media_type, data) == ("speech.wav", "audio/wav", vendor.sound)
    assert [(file.file, file.alt) for file in finished.files] == [(part.file, "你好")]
    assert "语音已经做好" in finished.output and vendor.url not in finished.model_dump_json()
    [created, _] = vendor.requests
    assert created.path == "/api/v1/services/audio/tts/SpeechSynthesizer"
    wanted = {"text": "你好", "voice": "longanyang", "format": "wav", "sample_rate": 24_000}
    assert created.body == {"model": "cosyvoice-v3-flash", "input": wanted}


async def test_the_operator_sets_the_voice(vendor: MediaServer) -> None:
    await asked(vendor, "sambert_tts", {"text": "hi"}, voice="longhan")
    assert vendor.requests[0].body["input"]["voice"] == "longhan"


@pytest.mark.parametrize(
    ("link", "en"),
    [
        ("html", "not a sound that can be played"),
        ("missing", "404"),
        ("loopback", "not on the public internet"),
        ("redirect", "not on the public internet"),
    ],
)
async def test_what_is_no_sound_is_not_kept(vendor: MediaServer, link: Link, en: str) -> None:
    conversation, vendor.link = Conversation(), link
    finished = await asked(vendor, "sambert_tts", {"text": "hi"}, conversation)
    assert finished.failed and en in finished.output
    assert not conversation.files


async def test_speech_that_was_not_made_is_told(vendor: MediaServer) -> None:
    vendor.ending = "nothing"
    assert "gave no result" in (await asked(vendor, "sambert_tts", {"text": "hi"})).output
    vendor.creating = "content"
    assert "Word it differently" in (await asked(vendor, "sambert_tts", {"text": "hi"})).output


def with_recording() -> Conversation:
    conversation = Conversation()
    conversation.add(a_sound(), "a secret talk.m4a", "audio/mp4")
    return conversation


async def test_a_recording_is_written_down(vendor: MediaServer) -> None:
    conversation = with_recording()
    finished = await asked(vendor, "paraformer_asr", {}, conversation)
    assert (finished.failed, finished.output) == (False, "Hello, this is a test.")
    [created] = vendor.tasks
    [(address, data)] = vendor.stored.items()
    assert (created["model"], created["input"]) == ("paraformer-v2", {"file_urls": [address]})
    assert data == conversation.last[1]
    assert address.endswith("/sound.m4a") and "secret" not in str(vendor.requests)


@pytest.mark.parametrize(("language", "told"), [("zh", "没有听到说话"), ("en", "No speech was heard")])
async def test_silence_is_told(vendor: MediaServer, language: Language, told: str) -> None:
    vendor.heard = ""
    finished = await asked(vendor, "paraformer_asr", {}, with_recording(), language)
    assert not finished.failed and told in finished.output


@pytest.mark.parametrize(
    ("ending", "en"),
    [
        ("FAILED", "could not do it (InternalError.Timeout"),
        ("CANCELED", "cancelled the task"),
        ("UNKNOWN", "no longer knows the task"),
        ("partly", "could not do it (InternalError.FileUpload"),
        ("nothing", "gave no result"),
    ],
)
async def test_a_recording_that_was_not_written_down_is_told(vendor: MediaServer, ending: Ending, en: str) -> None:
    vendor.ending = ending
    finished = await asked(vendor, "paraformer_asr", {}, with_recording())
    assert finished.failed and en in finished.output


@pytest.mark.parametrize(
    ("storing", "en"),
    [
        ("refused", "status 403"),
        ("no_policy", "could not do it (DashScope)"),
        ("loopback", "not on the public internet"),
        ("redirect", "status 307"),
    ],
)
async def test_a_file_that_cannot_be_put_there_is_told(vendor: MediaServer, storing: Storing, en: str) -> None:
    vendor.storing = storing
    finished = await asked(vendor, "paraformer_asr", {}, with_recording())
    assert finished.failed and en in finished.output
    assert not vendor.tasks and not vendor.stored and not vendor.asked("/admin")


async def test_a_transcript_of_another_form_is_told(vendor: MediaServer) -> None:
    vendor.link = "html"
    finished = await asked(vendor, "paraformer_asr", {}, with_recording())
    assert finished.failed and "gave no result" in finished.output


async def test_a_picture_is_no_recording(vendor: MediaServer) -> None:
    finished = await asked(vendor, "paraformer_asr", {}, with_picture())
    assert finished.failed and "no sound file in this conversation yet" in finished.output
