"""Pictures, made ready for whoever looks at them: small enough, and written anew."""

import io
from collections.abc import Iterator

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from user_agent.knowledge.readers.source import Note, Picture, Read, Source, Unreadable

MAX_SIDE = 2_500
MAX_PIXELS = 120_000_000
"""What a picture may have as it comes: as many as a large camera's."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What is pixels and nothing else: Pillow would hand others to programs that run scripts."""
_QUALITY = 85
_MAX_FRAMES = 200
_SCANS = ("TIFF",)
"""Kinds whose frames are pages, and not a film."""


def read(source: Source) -> Iterator[Read]:
    """The picture, or each page of a fax or scan."""
    if not source.looked_at:
        raise Unreadable("nobody_looks")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(source.data), formats=_FORMATS) as image:
            pages = getattr(image, "n_frames", 1) if image.format in _SCANS else 1
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                if number > min(pages, _MAX_FRAMES):
                    break
                if frame.width * frame.height > MAX_PIXELS:
                    raise Unreadable("picture_too_large")
                yield from taken(source, frame, number if pages > 1 else None)
    except UnidentifiedImageError as error:
        raise Unreadable("broken") from error
    except Image.DecompressionBombError as error:
        raise Unreadable("picture_too_large") from error


def taken(source: Source, image: Image.Image, page: int | None) -> Iterator[Read]:
    """The picture as it is looked at, while more may be looked at."""
    source.budget.pictures -= 1
    if source.budget.pictures < 0:
        if source.budget.pictures == -1:
            yield Note("pictures_left", {"name": source.shown})
        return
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))
    image = ImageOps.exif_transpose(image)
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    if image.mode not in ("L", "RGB"):
        # What is seen through is white, as paper is.
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    yield Picture(file.getvalue(), page, source.member)
