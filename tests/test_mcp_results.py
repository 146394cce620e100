"""What tools of MCP servers answer with: texts for the model, pictures, sounds and files for the person."""

import base64
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.fakes.mcp_server import FakeMcp
from tests.mcp import Shelf, connected
from tests.pictures import png

PICTURE = base64.b64encode(png(2, 2)).decode()
SOUND = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt " + bytes(28)).decode()
FILE = base64.b64encode(b"%PDF-1.7 and so on").decode()


@pytest.fixture
async def shelf() -> AsyncGenerator[Shelf, None]:
    async with FakeMcp() as server, connected(server) as shelf:
        shelf.server = server
        yield shelf


def answering(shelf: Shelf, *content: dict[str, Any], **more: Any) -> None:
    assert shelf.server
    shelf.server.answers["tools/call"] = {"content": [*content], **more}


def resource(uri: str, **more: Any) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, **more}}


async def test_pictures_sounds_and_files_are_kept(shelf: Shelf) -> None:
    answering(
        shelf,
        {"type": "text", "text": "Here they are."},
        {"type": "image", "data": PICTURE, "mimeType": "image/png"},
        {"type": "audio", "data": SOUND, "mimeType": "audio/wav"},
        resource("demo://a", blob=PICTURE, mimeType="image/png"),
        resource("demo://b", blob=SOUND, mimeType="audio/wav"),
        resource("demo://c/../report%2Fx y.pdf", blob=FILE, mimeType="text/html"),
    )
    finished = await shelf.call()
    assert not finished.failed and finished.output.startswith("Here they are.")
    kinds = [file.media_type for file in finished.files]
    assert kinds == ["image/png", "audio/wav", "image/png", "audio/wav", "application/octet-stream"]
    assert finished.files[-1].name == "report_x_y.pdf" and shelf.kept.files[-1] == base64.b64decode(FILE)
    assert PICTURE[:40] not in finished.output


@pytest.mark.parametrize(
    "content",
    [
        {"type": "image", "data": "no base64!", "mimeType": "image/png"},
        {"type": "image", "data": FILE, "mimeType": "image/png"},
        {"type": "image", "data": base64.b64encode(b"<svg onload='alert(1)'/>").decode(), "mimeType": "image/svg+xml"},
        {"type": "audio", "data": FILE, "mimeType": "audio/wav"},
    ],
    ids=["no base64", "no picture", "a drawing with a script", "no sound"],
)
async def test_what_is_not_what_it_seems_is_not_kept(shelf: Shelf, content: dict[str, Any]) -> None:
    answering(shelf, content)
    finished = await shelf.call()
    assert finished.files == () and shelf.kept.files == [] and "cannot be read" in finished.output


async def test_of_very_many_files_some_are_kept(shelf: Shelf) -> None:
    answering(shelf, *[{"type": "image", "data": PICTURE, "mimeType": "image/png"}] * 15)
    finished = await shelf.call()
    assert len(finished.files) == 10 and finished.output.count("too much to keep") == 5


async def test_texts_links_and_resources_are_read(shelf: Shelf) -> None:
    answering(
        shelf,
        resource("demo://note", text="Buy apples.", mimeType="text/plain"),
        {"type": "resource_link", "uri": "demo://more", "name": "more", "description": "All of it"},
    )
    assert (await shelf.call()).output == "demo://note\nBuy apples.\n\nmore: demo://more All of it"


async def test_a_structured_answer_is_read_once(shelf: Shelf) -> None:
    answering(shelf, structuredContent={"apples": 3, "sorts": ["红"]})
    assert json.loads((await shelf.call()).output) == {"apples": 3, "sorts": ["红"]}
    answering(shelf, {"type": "text", "text": '{"apples": 3}'}, structuredContent={"apples": 3})
    assert (await shelf.call()).output == '{"apples": 3}'
    answering(shelf, {"type": "text", "text": "Three apples."}, structuredContent={"apples": 3})
    assert (await shelf.call()).output == 'Three apples.\n\n{"apples":3}'


async def test_nothing_said_is_told_as_that(shelf: Shelf) -> None:
    answering(shelf)
    assert (await shelf.call()).output == "It answered, and said nothing."
    answering(shelf, isError=True)
    finished = await shelf.call()
    assert finished.failed and finished.output == "shelf__look failed and does not say why."
