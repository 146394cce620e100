"""Pictures and scanned pages: read by Tesseract, described by a model, or told of with what is missing."""

import io
import os
import shutil
import struct
import subprocess
import zlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.conftest import Serve
from tests.documents import archive, pdf
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.knowing import knowing, search
from tests.model_file import model_file
from user_agent.errors import ModelError
from user_agent.knowledge.pieces import Piece
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.process import Limits
from user_agent.knowledge.reading import ReadingRoom

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None and os.environ.get("AGENTFABRIC_OCR_TESTS") != "required",
    reason="Tesseract is not installed",
)


@pytest.fixture
async def room() -> AsyncGenerator[ReadingRoom, None]:
    async with ReadingRoom(processes=1) as room:
        yield room


@pytest.fixture
def no_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


def written(*lines: str) -> Image.Image:
    """White paper with lines of large letters."""
    found = subprocess.run(
        ["fc-match", "-f", "%{file}", "Noto Sans CJK SC"], capture_output=True, text=True, check=True
    )
    font = ImageFont.truetype(found.stdout, 48)
    paper = Image.new("RGB", (900, 100 * len(lines) + 60), "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(paper).text((40, 40 + 100 * number), line, fill="black", font=font)
    return paper


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def dot() -> bytes:
    return saved(Image.new("RGB", (40, 40), "red"), "PNG")


def endless() -> bytes:
    """A picture that says that it has a million pixels a side."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 1_000_000, 1_000_000, 8, 2, 0, 0, 0)
    chunks = (head, b"IDAT", b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


# --- letters, without a model ---


@needs_tesseract
async def test_the_words_of_a_picture_are_read_in_both_languages(room: ReadingRoom) -> None:
    reading = await room.read(saved(written("退货期限为三十天", "Refund within thirty days"), "PNG"), "sign.png")
    assert "退货期限为三十天" in reading.text and "Refund within thirty days" in reading.text
    assert not reading.notes


@needs_tesseract
async def test_scanned_pages_are_read_where_they_stand(room: ReadingRoom) -> None:
    scan = saved(written("Second page, scanned"), "PDF", append_images=[written("Third page, scanned")], save_all=True)
    shares: list[float] = []
    reading = await room.read(scan, "scan.pdf", progress=shares.append)
    assert [(piece.page, piece.text) for piece in reading.pieces] == [
        (1, "Second page, scanned"),
        (2, "Third page, scanned"),
    ]
    assert shares == sorted(shares) and shares[-1] == 1.0


# --- a model that sees ---


async def test_a_picture_is_described_by_the_model_that_was_handed_in(room: ReadingRoom, no_tesseract: None) -> None:
    shown: list[tuple[str, Image.Size]] = []

    async def describe(data: bytes, media_type: str) -> str:
        with Image.open(io.BytesIO(data)) as image:
            shown.append((media_type, image.size))
        return " 一个红点 "

    large = saved(Image.new("RGBA", (5_000, 100), (255, 0, 0, 90)), "PNG")
    packed = archive({"a/点.png": large, "a.txt": "words"})
    reading = await room.read(packed, "all.zip", describe=describe)
    assert reading.pieces == (Piece("一个红点", member="a/点.png"), Piece("words", member="a.txt"))
    assert shown == [("image/jpeg", (2_500, 50))]


async def test_the_agents_model_looks_at_the_pictures_among_its_files(
    serve: Serve, tmp_path: Path, no_tesseract: None
) -> None:
    async with FakeOpenAI(Says("红底白字：安全出口在左边")) as model:
        seeing = model_file(tmp_path, model.base_url, vision=True)
        async with serve(MODEL_CONFIG_FILE=seeing) as client:
            agent = await knowing(client, {"sign.png": dot()})
            found = await search(client, agent, "安全出口在哪里")
    assert found["hits"][0]["text"] == "红底白字：安全出口在左边"
    (request,) = model.requests
    assert request.body["messages"][-1]["content"][-1]["type"] == "image_url"


async def test_a_model_that_fails_costs_its_pictures_and_no_more(room: ReadingRoom, no_tesseract: None) -> None:
    async def describe(data: bytes, media_type: str) -> str:
        raise ModelError("no")

    reading = await room.read(archive({"a.png": dot(), "b.txt": "words"}), "all.zip", describe=describe)
    assert reading.text == "words"
    assert "1" in reading.notes[0].zh and "Try again" in reading.notes[0].en
    with pytest.raises(FileUnreadable) as caught:
        await room.read(dot(), "a.png", describe=describe)
    assert caught.value.why == "unseen"


# --- nobody who looks, and what was made to harm ---


async def test_with_nobody_who_looks_it_is_told_what_is_missing(room: ReadingRoom, no_tesseract: None) -> None:
    with pytest.raises(FileUnreadable) as caught:
        await room.read(dot(), "a.png")
    assert caught.value.why == "nobody_looks"
    for words in (caught.value.words.zh, caught.value.words.en):
        assert "a.png" in words and "tesseract-ocr-chi-sim" in words
    scan = saved(Image.new("L", (200, 200), 200), "PDF", append_images=[Image.new("L", (200, 200))], save_all=True)
    mixed = await room.read(archive({"scan.pdf": scan, "a.pdf": pdf("words")}), "mixed.zip")
    assert mixed.text == "words" and "1-2" in mixed.notes[0].en and "1-2" in mixed.notes[0].zh


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (endless(), "picture_too_large"),
        (dot()[:60], "broken"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "broken"),
        (b"", "broken"),
    ],
    ids=["a million pixels a side", "cut off", "a program", "empty"],
)
async def test_a_picture_that_cannot_be_opened_says_why(room: ReadingRoom, data: bytes, why: str) -> None:
    async def describe(data: bytes, media_type: str) -> str:
        return "seen"

    with pytest.raises(FileUnreadable) as caught:
        await room.read(data, "a.png", describe=describe)
    assert caught.value.why == why
    assert (await room.read(dot(), "b.png", describe=describe)).text == "seen"


async def test_pictures_without_end_are_not_all_looked_at(no_tesseract: None) -> None:
    async def describe(data: bytes, media_type: str) -> str:
        return "seen"

    async with ReadingRoom(processes=1, limits=Limits(pictures=2)) as room:
        reading = await room.read(archive({f"{n}.png": dot() for n in range(5)}), "many.zip", describe=describe)
    assert [piece.text for piece in reading.pieces] == ["seen", "seen"]
    assert len(reading.notes) == 1 and "first 2 " in reading.notes[0].en
