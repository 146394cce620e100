"""Pictures of agents: a drawn monogram, or an upload made safe. Both are blocking; call them in a thread."""

import hashlib
import io
import re
import unicodedata
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

from user_agent.errors import TooLarge
from user_agent.images.raster import opened

SIZE = 512
"""The side of a picture, in pixels."""
MAX_UPLOAD_BYTES = 5_000_000

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_PALETTE: tuple[tuple[Colour, Colour], ...] = (
    ((99, 102, 241), (168, 85, 247)),
    ((37, 99, 235), (14, 165, 233)),
    ((13, 148, 136), (56, 178, 120)),
    ((219, 70, 120), (244, 114, 99)),
    ((234, 88, 12), (236, 160, 32)),
    ((79, 70, 229), (59, 130, 246)),
    ((147, 51, 190), (225, 80, 150)),
    ((8, 120, 160), (34, 180, 170)),
    ((190, 60, 60), (225, 120, 60)),
    ((71, 85, 119), (110, 130, 170)),
    ((22, 120, 90), (120, 170, 60)),
    ((120, 72, 200), (80, 130, 230)),
)
"""From which colour to which: each pair bears white letters."""

_CJK_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
    "C:/Windows/Fonts/msyhbd.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)
"""Where Linux, macOS and Windows keep a font with Chinese characters: none is small enough to ship."""

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_NOWHERE = "\U0010fffe"
"""A code point that no font draws: what it looks like is what a missing glyph looks like."""


def monogram(name: str, seed: str) -> bytes:
    """A square PNG for an agent: its initial or initials on a gradient. The same for the same name and seed.

    Where no font here can draw the initial, or there is none, it is a geometric mark.
    """
    digest = hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "replace")).digest()
    picture = _background(digest)
    text = initials(name)
    font = _font_for(text) if text else None
    if font is not None:
        _letter(picture, text, font)
    else:
        _mark(picture, digest)
    return _png(picture)


def initials(name: str) -> str:
    """What a monogram shows of a name: its first Chinese, Japanese or Korean character, else up to two initials."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name))
    if not words:
        return ""
    if _CJK.match(words[0]):
        return words[0][0]
    second = next((word for word in words[1:] if not _CJK.match(word)), "")
    return (words[0][0] + second[:1]).upper()[:2]


def reencode(data: bytes) -> bytes:
    """An uploaded PNG, JPEG or WebP as a square PNG of at most 512 pixels, upright, without its metadata.

    The format goes by the content; of an animation the first picture stays. Raises `UnsupportedFile`, `TooLarge`.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise TooLarge("The picture is over 5 MB. Choose a smaller one.", limit="5 MB")
    return squared(data)


def squared(data: bytes) -> bytes:
    """The same for a picture of whatever weight. Raises `UnsupportedFile`, `TooLarge`."""
    with opened(data, name="avatar") as image:
        image.draft("RGB", (2 * SIZE, 2 * SIZE))  # lets a large JPEG be read at a fraction of its size
        upright = _eight_bit(ImageOps.exif_transpose(image))
        side = min(SIZE, upright.width, upright.height)
        return _png(ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS))


def _eight_bit(image: Image.Image) -> Image.Image:
    """The pixels as RGB, or RGBA where some are transparent; 16-bit greys are scaled, not clipped."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.info = {}
    image.save(out, format="PNG")
    return out.getvalue()


def _background(digest: bytes) -> Image.Image:
    """A gradient between two colours, with two discs of light on it."""
    first, second = _PALETTE[digest[0] % len(_PALETTE)]
    down = Image.linear_gradient("L").resize((SIZE, SIZE))
    across = down.rotate(90) if digest[1] % 2 else down.rotate(270)
    slope = Image.blend(down, across, 0.35 + 0.3 * digest[2] / 255)
    picture = ImageOps.colorize(slope, first, second).convert("RGB")
    for number, strength in ((0, 26), (1, 18)):
        radius = SIZE * (0.36 + 0.22 * digest[3 + number] / 255)
        x = SIZE * (0.05 + 0.9 * (digest[5 + number] > 127))
        y = SIZE * (0.02 + 0.96 * digest[7 + number] / 255)
        picture.paste((255, 255, 255), mask=_disc(x, y, radius, strength))
    return picture


def _disc(x: float, y: float, radius: float, strength: int) -> Image.Image:
    """A smooth disc as a mask; `strength` is its opacity of 255."""
    twice = Image.new("L", (2 * SIZE, 2 * SIZE))
    box = (2 * (x - radius), 2 * (y - radius), 2 * (x + radius), 2 * (y + radius))
    ImageDraw.Draw(twice).ellipse(box, fill=strength)
    return twice.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _letter(picture: Image.Image, text: str, font: Font) -> None:
    """The text in white, its ink centred, with a soft shadow below."""
    written = Image.new("L", (2 * SIZE, SIZE))
    draw = ImageDraw.Draw(written)
    x = SIZE / 8
    for letter in text:
        # Pillow's own font is light beside the bold ones of the system.
        draw.text((x, 0), letter, fill=255, font=font, stroke_width=5 if text.isascii() else 0)
        x += draw.textlength(letter, font=font) + SIZE / 50
    glyphs = written.crop(written.getbbox())
    ink = Image.new("L", picture.size)
    ink.paste(glyphs, ((SIZE - glyphs.width) // 2, (SIZE - glyphs.height) // 2))
    shadow = ImageChops.offset(ink, 0, 6).filter(ImageFilter.GaussianBlur(12))
    picture.paste((10, 12, 40), mask=shadow.point([value * 0.22 for value in range(256)]))
    picture.paste((255, 255, 255), mask=ink)


def _mark(picture: Image.Image, digest: bytes) -> None:
    """Petals around a centre: five or six discs, seen through one another."""
    petals = 5 + digest[9] % 2
    flower = Image.new("L", picture.size)
    for number in range(petals):
        petal = _disc(SIZE / 2, SIZE * 0.36, SIZE * 0.17, 90)
        flower = ImageChops.add(flower, petal.rotate(360 * number / petals + digest[10], Image.Resampling.BICUBIC))
    picture.paste((255, 255, 255), mask=flower)


def _font_for(text: str) -> Font | None:
    """A font that can draw all of the text, at the size that fills a monogram; None where there is none."""
    size = 230 if len(text) > 1 else 290
    for font in (ImageFont.load_default(size), *_cjk_fonts(270)):
        if all(_draws(font, char) for char in text):
            return font
    return None


@cache
def _cjk_fonts(size: int) -> tuple[ImageFont.FreeTypeFont, ...]:
    for path in _CJK_FONTS:
        if Path(path).is_file():
            try:
                return (ImageFont.truetype(path, size),)
            except OSError:
                continue  # a broken font file: the next one may do
    return ()


def _draws(font: Font, char: str) -> bool:
    """Whether the font has this character: one that it has not looks like one that no font has."""
    drawn = _drawn(font, char)
    return drawn.getbbox() is not None and drawn.tobytes() != _drawn(font, _NOWHERE).tobytes()


def _drawn(font: Font, char: str) -> Image.Image:
    image = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(image).text((0, 0), char, fill=255, font=font)
    return image
