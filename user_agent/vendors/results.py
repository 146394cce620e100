"""What vendors made: fetched once, because their links expire, looked at, and kept with the conversation."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from user_agent.errors import TooLarge, ToolError, UnsupportedFile
from user_agent.messages import FilePart
from user_agent.tools.base import ToolContext
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.images.raster import Raster

Medium = Literal["audio", "video"]
MAX_BYTES: Mapping[str, int] = {"image": 20_000_000, "audio": 50_000_000, "video": 100_000_000}
FETCH_TIMEOUT_S = 60.0

_NO_PICTURE = Words(
    zh="服务商给出的文件不是可以使用的图片（{reason}）。请再试一次。",
    en="What came is not a picture that can be used ({reason}). Try again.",
)
_NO_MEDIUM: Mapping[Medium, Words] = {
    "audio": Words(
        zh="服务商给出的文件不是可以播放的音频，没有保留。请再试一次。",
        en="What came is not a sound that can be played, so it was not kept. Try again.",
    ),
    "video": Words(
        zh="服务商给出的文件不是可以播放的视频，没有保留。请再试一次。",
        en="What came is not a video that can be played, so it was not kept. Try again.",
    ),
}


async def fetched(link: str, context: ToolContext, *, max_bytes: int) -> bytes:
    """What is at a vendor's link, without any key. Raises `ToolError`."""
    answer = await context.http.fetch(
        link, max_bytes=max_bytes, total_timeout_s=FETCH_TIMEOUT_S, language=context.language, of_vendor=True
    )
    return answer.body


async def picture_at(link: str, context: ToolContext) -> "Raster":
    """The picture at a vendor's link, encoded anew. Raises `ToolError`."""
    return await checked_picture(await fetched(link, context, max_bytes=MAX_BYTES["image"]), context)


async def checked_picture(data: bytes, context: ToolContext) -> "Raster":
    """The picture in the bytes, encoded anew. Raises `ToolError`."""
    try:
        return await asyncio.to_thread(_encoded_anew, data)
    except (UnsupportedFile, TooLarge) as error:
        raise ToolError(_NO_PICTURE[context.language].format(reason=error.message)) from error


async def kept_picture(link: str, context: ToolContext, *, name: str, alt: str) -> FilePart:
    """The picture at the link as a file of the conversation. `name` goes without an ending. Raises `ToolError`."""
    picture = await picture_at(link, context)
    ending = picture.media_type.removeprefix("image/")
    kept = await context.keep(picture.data, name=f"{name}.{ending}", media_type=picture.media_type)
    return kept.model_copy(update={"alt": alt})


async def kept_medium(link: str, context: ToolContext, *, medium: Medium, name: str, alt: str) -> FilePart:
    """The sound or video at the link as a file of the conversation, its kind told by its bytes. Raises `ToolError`.

    A moving GIF is a video, too.
    """
    data = await fetched(link, context, max_bytes=MAX_BYTES[medium])
    return await kept_bytes(data, context, medium=medium, name=name, alt=alt)


async def kept_bytes(data: bytes, context: ToolContext, *, medium: Medium, name: str, alt: str) -> FilePart:
    """The sound or video in the bytes as a file of the conversation. Raises `ToolError`."""
    media_type = _media_type(data, medium)
    if not media_type:
        raise ToolError(_NO_MEDIUM[medium][context.language])
    kept = await context.keep(data, name=f"{name}.{_ENDINGS[media_type]}", media_type=media_type)
    return kept.model_copy(update={"alt": alt})


_ENDINGS: Mapping[str, str] = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "image/gif": "gif",
}
"""What browsers play, by what it is."""


def _media_type(data: bytes, medium: Medium) -> str:
    """What the bytes are by how they begin, whatever a server says; empty for anything that is not played here."""
    if medium == "video":
        begins = {b"\x1aE\xdf\xa3": "video/webm", b"GIF8": "image/gif"}
        if data[4:8] == b"ftyp":
            return "video/mp4"
    else:
        begins = {b"ID3": "audio/mpeg", b"OggS": "audio/ogg", b"fLaC": "audio/flac"}
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            return "audio/wav"
        if data[:1] == b"\xff" and data[1:2] >= b"\xe0":
            return "audio/mpeg"
    return next((kind for start, kind in begins.items() if data.startswith(start)), "")


def _encoded_anew(data: bytes) -> "Raster":
    """Imports what decodes pictures in the thread, and only for those who need it."""
    from user_agent.images.raster import encoded_anew

    return encoded_anew(data, name="picture")
