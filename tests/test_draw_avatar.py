"""`draw_avatar`, over the HTTP API: drawn by an image model where there is a key, else honestly not."""

import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image

from tests.client import Client, ServerEvent, text_of
from tests.conftest import Serve
from tests.fakes.dashscope_images import Creating, ImageServer, a_picture
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.pictures import png

DRAWS = Says(calls=(Call("draw_avatar", '{"what": "a red fox"}'),))
FOX = {"name": "Foxglove", "description": "Tells stories of foxes.", "instruction": "Tell stories.", "language": "en"}


@asynccontextmanager
async def drawing(
    serve: Serve, tmp_path: Path, **environment: str
) -> AsyncGenerator[tuple[Client, FakeOpenAI, ImageServer]]:
    """A studio whose builder is a fake model, with a vendor of pictures."""
    async with FakeOpenAI() as model, ImageServer(running=0) as vendor:
        vendor.picture = a_picture(size=(1024, 768))
        names = {
            "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url),
            "DASHSCOPE_BASE_URL": vendor.base_url,
            "DASHSCOPE_API_KEY": "sk-dashscope",
            **environment,
        }
        async with serve(**names) as client:
            yield client, model, vendor
        model.assert_complete()


async def an_agent(client: Client) -> str:
    agent = await client.post("/api/agents")
    await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=FOX)
    return agent["id"]


async def test_the_builder_draws_a_picture_that_is_square_and_its_own(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        agent = await an_agent(client)
        model.script(DRAWS, Says("Your fox has a face."))
        events = await client.tell_builder(agent, "Draw it a red fox as its picture")
        [change] = _changes(events)
        assert (change["field"], change["author"]) == ("avatar", "user")
        config = (await client.get(f"/api/agents/{agent}"))["config"]
        assert config["avatar"] == change["after"]
        with Image.open(io.BytesIO(await _avatar(client, agent))) as picture:
            assert (picture.format, picture.size) == ("PNG", (512, 512))
        drawn = next(event for event in events if event.type == "avatar_drawn")
        assert drawn.data["avatar"].startswith(f"/api/agents/{agent}/avatar?v=")
        assert "a red fox" in str(vendor.tasks[0]["input"])
        assert vendor.tasks[0]["parameters"]["size"] == "1024*1024"
        assert _answer(model) == {"picture": "drawn", "revision": 3, "changed": {"avatar": config["avatar"]}}


async def test_without_a_word_it_draws_what_the_agent_is_for(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        model.script(Says(calls=(Call("draw_avatar", '{"proposed": true}'),)), Says("There."))
        [change] = _changes(await client.tell_builder(await an_agent(client), "Do what you think is best"))
        assert change["author"] == "builder"
        assert "Tells stories of foxes." in str(vendor.tasks[0]["input"])


@pytest.mark.parametrize("creating", ["content", "no_quota", "error_500"])
async def test_where_the_vendor_fails_the_monogram_stays_and_the_reason_is_told(
    serve: Serve, tmp_path: Path, creating: Creating
) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        vendor.creating = creating
        agent = await an_agent(client)
        before = await _avatar(client, agent)
        model.script(DRAWS, Says("It could not be drawn, so the monogram stays."))
        events = await client.tell_builder(agent, "Draw it a picture")
        assert _changes(events) == []
        assert await _avatar(client, agent) == before
        answer = _answer(model)
        assert (answer["picture"], answer["shown"]) == ("kept", "a drawn monogram")
        assert "DashScope" in answer["why"]


async def test_a_picture_of_ones_own_is_not_given_up_for_a_monogram(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        vendor.link = "html"
        agent = await an_agent(client)
        await _upload(client, agent)
        before = await _avatar(client, agent)
        model.script(DRAWS, Says("It stays as it is."))
        await client.tell_builder(agent, "Draw it a picture")
        assert await _avatar(client, agent) == before
        assert _answer(model)["shown"] == "its present picture"


async def test_without_a_key_the_model_knows_it_and_nothing_is_asked(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path, DASHSCOPE_API_KEY="") as (client, model, vendor):
        agent = await an_agent(client)
        model.script(DRAWS, Says("I have no key for that."))
        await client.tell_builder(agent, "Draw it a picture")
        assert "There is no key for an image model" in model.last.body["messages"][0]["content"]
        assert "no key for an image model" in _answer(model)["why"]
        assert not vendor.requests


async def test_a_locked_picture_costs_nothing(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        agent = await an_agent(client)
        assert (await client.call("PUT", f"/api/agents/{agent}/locks/avatar")).status == 200
        model.script(DRAWS, Says("It is locked."))
        assert _changes(await client.tell_builder(agent, "Draw it a picture")) == []
        assert "locked" in model.last.body["messages"][-1]["content"]
        assert not vendor.requests


async def test_a_drawn_picture_can_be_replaced_and_taken_away_by_hand(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, _):
        agent = await an_agent(client)
        monogram = await _avatar(client, agent)
        model.script(DRAWS, Says("There."))
        await client.tell_builder(agent, "Draw it a picture")
        drawn = await _avatar(client, agent)
        await _upload(client, agent)
        assert await _avatar(client, agent) not in (monogram, drawn)
        assert (await client.call("DELETE", f"/api/agents/{agent}/avatar")).status == 200
        assert await _avatar(client, agent) == monogram


@pytest.mark.parametrize(
    ("said", "what", "done", "no_key"),
    [
        ("draw it an avatar with a red fox", "a red fox", "The picture is drawn", "needs a key"),
        ("给它画一个红狐狸的头像", "红狐狸", "头像画好了", "需要画图的密钥"),
    ],
    ids=["en", "zh"],
)
async def test_the_guide_draws_where_there_is_a_key_and_says_what_is_missing_where_not(
    serve: Serve, tmp_path: Path, said: str, what: str, done: str, no_key: str
) -> None:
    guided = tmp_path / "none.json"
    guided.write_text("{}")
    async with drawing(serve, tmp_path, MODEL_CONFIG_FILE=str(guided)) as (client, _, vendor):
        agent = await an_agent(client)
        events = await client.tell_builder(agent, said)
        assert done in text_of(events)
        assert what in str(vendor.tasks[0]["input"])
        assert (await client.get(f"/api/agents/{agent}"))["config"]["avatar"]
        vendor.creating = "no_quota"
        assert ("was not drawn" if done.isascii() else "没有画成") in text_of(await client.tell_builder(agent, said))
    async with drawing(serve, tmp_path, MODEL_CONFIG_FILE=str(guided), DASHSCOPE_API_KEY="") as (client, _, vendor):
        assert no_key in text_of(await client.tell_builder(await an_agent(client), said))
        assert not vendor.requests


def _changes(events: list[ServerEvent]) -> list[dict[str, Any]]:
    return [change for event in events if event.type == "config_changed" for change in event.data["changes"]]


def _answer(model: FakeOpenAI) -> Any:
    """What the tool answered, as the model read it."""
    return json.loads(model.last.body["messages"][-1]["content"])


async def _avatar(client: Client, agent: str) -> bytes:
    return await client.get(f"/api/agents/{agent}/avatar")


async def _upload(client: Client, agent: str) -> None:
    form = FormData()
    form.add_field("file", png(40, 40), filename="face.png", content_type="image/png")
    assert (await client.call("PUT", f"/api/agents/{agent}/avatar", data=form)).status == 200
