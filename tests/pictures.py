"""Pictures for tests, made by Pillow or byte by byte."""

import io
import struct
import zlib

from PIL import Image


def png(width: int, height: int, shade: int = 120) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 60, 200)).save(out, format="PNG")
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A small file whose header speaks of so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (10, 10)).save(out, format="GIF")
    return out.getvalue()


def animated_webp() -> bytes:
    """Two pictures in one file."""
    out = io.BytesIO()
    first, second = (Image.new("RGB", (40, 40), colour) for colour in ("red", "blue"))
    first.save(out, format="WEBP", save_all=True, append_images=[second], duration=50)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
