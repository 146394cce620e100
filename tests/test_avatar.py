"""Pictures of agents: what is drawn, and what becomes of an upload."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageChops

from builder_core import avatar
from builder_core.avatar import initials, monogram, reencode
from user_agent.errors import TooLarge, UnsupportedFile


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", ["Weekend Trip Planner", "周末旅行助手", "", "😀", "مرحبا", "\ud800", "x" * 5_000])
def test_a_monogram_is_a_square_png_whatever_the_name(name: str) -> None:
    image = opened(monogram(name, "seed"))
    assert (image.format, image.size, image.mode) == ("PNG", (512, 512), "RGB")


def test_a_monogram_is_the_same_every_time_and_differs_by_seed_and_name() -> None:
    assert monogram("Max", "a") == monogram("Max", "a")
    assert len({monogram("Max", "a"), monogram("Max", "b"), monogram("Mia", "a")}) == 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Weekend Trip Planner", "WT"),
        ("max", "M"),
        ("周末旅行助手", "周"),
        ("ECS 实例续费助手", "E"),
        ("《红楼》导读", "红"),
        ("  ~ 42 things", "4T"),
        ("😀", ""),
        ("", ""),
    ],
)
def test_initials_are_the_first_character_or_two_latin_ones(name: str, shown: str) -> None:
    assert initials(name) == shown


@pytest.mark.parametrize("name", ["Weekend Trip", "M", "周末", "日报", ""])
def test_the_white_of_a_monogram_is_in_the_middle(name: str) -> None:
    white = opened(monogram(name, "seed")).convert("L").point([255 if value > 245 else 0 for value in range(256)])
    left, top, right, bottom = white.getbbox() or (0, 0, 0, 0)
    assert right - left > 60
    assert abs((left + right) / 2 - 256) <= 12
    assert abs((top + bottom) / 2 - 256) <= 12


def test_without_a_font_for_it_a_character_becomes_a_mark_and_never_an_empty_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(avatar, "_CJK_FONTS", ("/nowhere/font.ttc",))
    avatar._cjk_fonts.cache_clear()
    try:
        boxed, marked = opened(monogram("周末", "seed")), opened(monogram("旅行", "seed"))
    finally:
        avatar._cjk_fonts.cache_clear()
    # An empty box has straight white edges; the mark is a flower whose centre is white and whose corners are not.
    for image in (boxed, marked):
        assert min(image.getpixel((256, 256))) > 240
        assert min(image.getpixel((60, 60))) < 240


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_upload_becomes_a_square_png_of_at_most_512_pixels(kind: str) -> None:
    image = opened(reencode(encoded(Image.new("RGB", (900, 700), (200, 30, 60)), kind)))
    assert (image.format, image.size) == ("PNG", (512, 512))


def test_a_small_upload_is_not_blown_up() -> None:
    assert opened(reencode(encoded(Image.new("RGB", (40, 90)), "PNG"))).size == (40, 40)


def test_the_middle_of_an_upload_stays() -> None:
    image = Image.new("RGB", (300, 100), (255, 0, 0))
    image.paste((0, 255, 0), (100, 0, 200, 100))
    assert opened(reencode(encoded(image, "PNG"))).getcolors() == [(10_000, (0, 255, 0))]


def test_the_orientation_of_a_photo_is_applied_and_its_metadata_dropped() -> None:
    image = Image.new("RGB", (100, 100), (255, 0, 0))
    image.paste((0, 0, 255), (0, 50, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    exif[0x010E] = "canary-4711"
    data = reencode(encoded(image, "JPEG", exif=exif, quality=95))
    upright = opened(data)
    red, _, blue = upright.convert("RGB").getpixel((50, 10))
    assert blue > 200 > 50 > red
    assert b"canary" not in data
    assert not upright.getexif()


def test_transparency_is_kept() -> None:
    image = opened(reencode(encoded(Image.new("RGBA", (64, 64), (10, 20, 30, 0)), "PNG")))
    assert image.getpixel((5, 5)) == (10, 20, 30, 0)


def test_a_grey_of_sixteen_bits_stays_grey() -> None:
    image = opened(reencode(encoded(Image.new("I;16", (64, 64), 32_768), "PNG")))
    assert image.convert("L").getpixel((5, 5)) in (127, 128)


def test_of_an_animation_the_first_picture_stays() -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in ((250, 0, 0), (0, 0, 250))]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    image = opened(reencode(data))
    assert getattr(image, "n_frames", 1) == 1
    assert ImageChops.difference(image.convert("RGB"), frames[0]).getbbox() is None


def _png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"GIF89a" + bytes(40),
        encoded(Image.new("RGB", (64, 64)), "GIF"),
        encoded(Image.new("RGB", (64, 64)), "PNG")[:60],
        encoded(Image.radial_gradient("L"), "JPEG")[:200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        _png_of(64, 64),
    ],
    ids=["empty", "text", "broken gif", "gif", "cut png", "cut jpeg", "svg", "png without pixels"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedFile):
        reencode(data)


@pytest.mark.parametrize(
    "size", [(8_000, 6_000), (12_000, 12_000), (60_000, 60_000)], ids=["48 MP", "144 MP", "3.6 GP"]
)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(TooLarge, match="40 million"):
        reencode(_png_of(*size))


def test_a_file_over_five_megabytes_is_refused() -> None:
    with pytest.raises(TooLarge, match="5 MB"):
        reencode(b"\x89PNG" + bytes(5_000_000))
