"""Pictures from outside, opened only where they are what they seem to be. Blocking; call it in a thread."""

import base64
import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageOps

from user_agent.errors import TooLarge, UnsupportedFile

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""The formats that are read, by Pillow's names: all of them pixels, none of them able to carry a script."""
_PNG = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 40_000_000
JPEG_QUALITY = 92
MAX_SENT_SIDE = 2_048
MAX_SENT_BYTES = 6_000_000
"""In base64 a third more, with which the services that take pictures so are content."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture that was decoded and encoded anew here: its pixels, and nothing else that came along."""

    data: bytes
    media_type: str
    width: int
    height: int

    @property
    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode('ascii')}"


@contextmanager
def opened(data: bytes, *, name: str) -> Generator[Image.Image]:
    """The picture, its format found by its content. Raises `UnsupportedFile` and `TooLarge`, also while it is used."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_many_pixels()
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # What Pillow's decoders raise for bytes that are broken, cut off, or of another kind.
        raise UnsupportedFile("This is not a picture that can be read. Use PNG, JPEG or WebP.", name=name) from error


def encoded_anew(data: bytes, *, name: str) -> Raster:
    """The picture in its own format, without metadata and without anything appended. Raises as `opened` does.

    One whose metadata alone is broken is read, as browsers read it.
    """
    try:
        return _read_and_encoded(data, name)
    except UnsupportedFile:
        if not (pixels := _pixels_of_png(data)):
            raise
        return _read_and_encoded(pixels, name)


def _read_and_encoded(data: bytes, name: str) -> Raster:
    with opened(data, name=name) as image:
        kind = image.format or "PNG"
        image.load()
        return _encoded(image.copy(), kind)


def sendable(data: bytes, *, name: str) -> Raster:
    """The picture as it goes to a service: upright, without metadata, and no larger than is of use there.

    Raises as `opened` does.
    """
    with opened(data, name=name) as image:
        kind = image.format or "PNG"
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((MAX_SENT_SIDE, MAX_SENT_SIDE))
        sent = _encoded(upright, kind)
        return sent if len(sent.data) <= MAX_SENT_BYTES else _encoded(upright.convert("RGB"), "JPEG")


def _encoded(image: Image.Image, kind: str) -> Raster:
    image.info = {}
    out = io.BytesIO()
    if kind == "JPEG":
        image.save(out, format=kind, quality=JPEG_QUALITY)
    else:
        image.save(out, format=kind)
    return Raster(out.getvalue(), MEDIA_TYPES[kind], image.width, image.height)


def _pixels_of_png(data: bytes) -> bytes:
    """A PNG with nothing in it but its pixels and what they need; empty for what is none."""
    if not data.startswith(_PNG):
        return b""
    kept, at = bytearray(_PNG), len(_PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if kind[:1].isupper() or kind == b"tRNS":
            kept += data[at:end]
        at = end
    return bytes(kept)


def _too_many_pixels() -> TooLarge:
    return TooLarge("The picture has over 40 million pixels. Choose a smaller one.", limit="40 MP")
