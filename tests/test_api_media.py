"""Tools that are given a file of the conversation, and those that make sound, over the HTTP API."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.fakes.dashscope_images import a_picture
from tests.fakes.dashscope_media import MediaServer
from tests.fakes.modelscope_inference import InferenceServer
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file

LOOKS = Says(calls=(Call("qwen_vl", '{"text": "What is this?", "image_file_paths": "hill.png"}'),))
SPEAKS = Says(calls=(Call("sambert_tts", '{"text": "Good evening"}'),))


@asynccontextmanager
async def studio_with(
    serve: Serve, tmp_path: Path, *tools: str, is_function_call: bool = True, **environment: str
) -> AsyncGenerator[tuple[Client, FakeOpenAI, MediaServer, str]]:
    """A studio whose model is a fake, a vendor, and an agent with these tools."""
    async with FakeOpenAI() as model, MediaServer() as vendor:
        names = {
            "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url, is_function_call=is_function_call),
            "DASHSCOPE_BASE_URL": vendor.base_url,
            "DASHSCOPE_API_KEY": "sk-dashscope-canary",
            **environment,
        }
        async with serve(**names) as client:
            agent = await client.post("/api/agents")
            ticks = {"tools": dict.fromkeys(tools, True)}
            await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=ticks)
            yield client, model, vendor, agent["id"]
        model.assert_complete()


def a_message(text: str) -> aiohttp.FormData:
    form = aiohttp.FormData({"text": text})
    form.add_field("files", a_picture(), filename="hill.png", content_type="image/png")
    return form


async def test_an_attached_picture_is_looked_at(serve: Serve, tmp_path: Path) -> None:
    async with studio_with(serve, tmp_path, "qwen_vl") as (client, model, vendor, agent):
        conversation = await client.conversation(agent)
        model.script(LOOKS, Says("It is a hill."))
        events = await client.collect("POST", f"{conversation}/messages", data=a_message("What is this?"))
        [finished] = [event.data for event in events if event.type == "tool_finished"]
        assert (finished["failed"], finished["output"]) == (False, vendor.answer)


async def test_a_picture_of_another_conversation_is_not_there(serve: Serve, tmp_path: Path) -> None:
    async with studio_with(serve, tmp_path, "qwen_vl") as (client, model, vendor, agent):
        first = await client.conversation(agent)
        model.script(Says("A hill."))
        await client.collect("POST", f"{first}/messages", data=a_message("Remember this"))
        parts = (await client.get(first))["messages"][0]["parts"]
        [file] = [part["file"] for part in parts if part["type"] == "file"]
        model.script(
            Says(calls=(Call("qwen_vl", f'{{"text": "What is this?", "image_file_paths": "{file}"}}'),)), Says("No.")
        )
        events = await client.say(await client.conversation(agent), "What is in it?")
        [finished] = [event.data for event in events if event.type == "tool_finished"]
        assert finished["failed"] and "还没有图片" in finished["output"]
        assert not vendor.requests


async def test_a_model_that_calls_no_functions_uses_a_tool_with_hyphens_in_its_name(
    serve: Serve, tmp_path: Path
) -> None:
    async with InferenceServer() as inference:
        address = {"MODELSCOPE_INFERENCE_BASE_URL": inference.base_url, "MODELSCOPE_API_TOKEN": "ms-canary"}
        studio = studio_with(serve, tmp_path, "text-translation-en2zh", is_function_call=False, **address)
        async with studio as (client, model, _, agent):
            asks = 'Action: text-translation-en2zh\nAction Input: {"input": "hello"}\n'
            model.script(Says(asks), Says("Answer: Done."))
            events = await client.say(await client.conversation(agent), "Translate hello")
            [finished] = [event.data for event in events if event.type == "tool_finished"]
            assert (finished["failed"], finished["output"]) == (False, "<hello>")


@pytest.mark.parametrize(
    ("asked", "status", "span", "told"),
    [
        ("", 200, slice(None), None),
        ("bytes=0-3", 206, slice(0, 4), "bytes 0-3/{size}"),
        ("bytes=10-", 206, slice(10, None), "bytes 10-{last}/{size}"),
        ("bytes=-4", 206, slice(-4, None), "bytes {tail}-{last}/{size}"),
        ("bytes=0-99999999", 206, slice(None), "bytes 0-{last}/{size}"),
        ("bytes=99999999-", 416, slice(0, 0), "bytes */{size}"),
        ("bytes=5-2", 200, slice(None), None),
        ("bytes=0-1,4-5", 200, slice(None), None),
        ("rows=0-1", 200, slice(None), None),
    ],
)
async def test_a_sound_is_kept_and_served_in_parts(
    serve: Serve, tmp_path: Path, asked: str, status: int, span: slice, told: str | None
) -> None:
    async with studio_with(serve, tmp_path, "sambert_tts") as (client, model, vendor, agent):
        model.script(SPEAKS, Says("Listen."))
        events = await client.say(await client.conversation(agent), "Say good evening")
        [file] = [file for event in events if event.type == "tool_finished" for file in event.data["files"]]
        assert (file["name"], file["media_type"], file["alt"]) == ("speech.wav", "audio/wav", "Good evening")
        headers = {"Range": asked} if asked else {}
        answer = await client.call("GET", f"/api/files/{file['file']}", headers=headers)
        size = len(vendor.sound)
        assert (answer.status, answer.body) == (status, vendor.sound[span])
        assert answer.headers["accept-ranges"] == "bytes"
        wanted = told.format(size=size, last=size - 1, tail=size - 4) if told else None
        assert answer.headers.get("content-range") == wanted
        kept = (answer.headers["content-type"], answer.headers["content-disposition"])
        assert kept == ("audio/wav", "inline; filename*=UTF-8''speech.wav")
