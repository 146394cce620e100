"""Which file of the conversation a model means, and its bytes."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from user_agent.errors import TooLarge, ToolError, UnsupportedFile
from user_agent.messages import FilePart
from user_agent.models.base import FileContent
from user_agent.tools.base import ToolContext
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.images.raster import Raster

Kind = Literal["image", "audio"]
PictureName = Annotated[
    str,
    Words(
        zh="对话中图片的文件名或编号；留空表示最新的一张",
        en="Name or number of a picture of this conversation; empty for the newest one",
    ),
    Field(max_length=300),
]
"""How a model says which picture a tool is to take."""
MAX_NAMED = 20

_NONE: Mapping[Kind, Words] = {
    "image": Words(
        zh="这个对话里还没有图片。请先请用户把图片作为附件发来。",
        en="There is no picture in this conversation yet. Ask the person to attach one.",
    ),
    "audio": Words(
        zh="这个对话里还没有音频。请先请用户把音频作为附件发来。",
        en="There is no sound file in this conversation yet. Ask the person to attach one.",
    ),
}
_WHICH: Mapping[Kind, Words] = {
    "image": Words(
        zh="这个对话里没有叫 {wanted} 的图片。有这些：{names}。请用其中一个名字再调用一次。",
        en="There is no picture {wanted} in this conversation. There are: {names}. Call again with one of these names.",
    ),
    "audio": Words(
        zh="这个对话里没有叫 {wanted} 的音频。有这些：{names}。请用其中一个名字再调用一次。",
        en="There is no sound file {wanted} in this conversation. There are: {names}. Call again with one of these "
        "names.",
    ),
}
_UNREADABLE = Words(
    zh="图片 {name} 读不出来（{reason}）。请用户换成 PNG、JPEG 或 WebP 再发一次。",
    en="The picture {name} cannot be read ({reason}). Ask the person to attach it as PNG, JPEG or WebP.",
)


async def attached(wanted: str, context: ToolContext, *, kind: Kind) -> FileContent:
    """The file that a model names: by its id or its name, alone or at the end of a path; the newest for no name.

    Raises `ToolError`, which says what files there are.
    """
    files = [file for file in await context.files.list() if file.media_type.startswith(f"{kind}/")]
    if not files:
        raise ToolError(_NONE[kind][context.language])
    file = _meant(wanted, files)
    if file is None:
        names = ", ".join(dict.fromkeys(other.name for other in reversed(files[-MAX_NAMED:])))
        raise ToolError(_WHICH[kind][context.language].format(wanted=repr(wanted[:100]), names=names))
    return FileContent(file.name, file.media_type, await context.files.read(file.file))


async def attached_picture(wanted: str, context: ToolContext) -> "Raster":
    """The picture that a model names, turned upright and encoded anew: where it was taken does not go with it.

    At most 2048 pixels wide or high. Raises `ToolError`.
    """
    file = await attached(wanted, context, kind="image")
    try:
        return await asyncio.to_thread(_sendable, file)
    except (UnsupportedFile, TooLarge) as error:
        raise ToolError(_UNREADABLE[context.language].format(name=repr(file.name), reason=error.message)) from error


def _meant(wanted: str, files: Sequence[FilePart]) -> FilePart | None:
    name = wanted.strip().replace("\\", "/").rstrip("/").rpartition("/")[2].casefold()
    if not name:
        return files[-1]
    fitting = [file for file in files if name in (file.file.casefold(), file.name.casefold())]
    return fitting[-1] if fitting else None


def _sendable(file: FileContent) -> "Raster":
    """Imports what decodes pictures in the thread, and only for those who need it."""
    from user_agent.images.raster import sendable

    return sendable(file.data, name=file.name)
