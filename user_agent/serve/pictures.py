"""Pictures that a program sends with its words, encoded anew before a model is shown them."""

import asyncio

from user_agent.messages import FilePart
from user_agent.models.base import FileContent

MAX_PICTURES = 10
"""In one request."""
MAX_PICTURE_BYTES = 20_000_000


async def picture_of(data: bytes, number: int) -> tuple[FilePart, FileContent]:
    """The picture as a part of a message, and its content. Raises `UnsupportedFile` and `TooLarge`."""
    name = f"picture-{number}"
    kind, encoded = await asyncio.to_thread(_encoded_anew, data, name)
    part = FilePart(file=name, name=name, media_type=kind, size_bytes=len(encoded))
    return part, FileContent(name, kind, encoded)


def _encoded_anew(data: bytes, name: str) -> tuple[str, bytes]:
    from user_agent.images.raster import sendable  # Pillow, for the first picture

    picture = sendable(data, name=name)
    return picture.media_type, picture.data
