"""Pictures from outside, opened only where they are what they seem to be. Blocking; call it in a thread."""

import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from user_agent.errors import TooLarge, UnsupportedFile

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""The formats that are read, by Pillow's names: all of them pixels, none of them able to carry a script."""
MAX_PIXELS = 40_000_000
JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture that was decoded and encoded anew here: its pixels, and nothing else that came along."""

    data: bytes
    media_type: str
    width: int
    height: int


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
    """The picture in its own format, without metadata and without anything appended. Raises as `opened` does."""
    with opened(data, name=name) as image:
        kind = image.format or "PNG"
        image.load()
        plain = image.copy()
        plain.info = {}
        out = io.BytesIO()
        if kind == "JPEG":
            plain.save(out, format=kind, quality=JPEG_QUALITY)
        else:
            plain.save(out, format=kind)
        return Raster(out.getvalue(), MEDIA_TYPES[kind], image.width, image.height)


def _too_many_pixels() -> TooLarge:
    return TooLarge("The picture has over 40 million pixels. Choose a smaller one.", limit="40 MP")
