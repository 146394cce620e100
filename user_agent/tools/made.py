"""What a model is told of what its call made for the person."""

from collections.abc import Mapping, Sequence
from typing import Literal

from user_agent.messages import FilePart
from user_agent.tools.base import ToolOutput
from user_agent.words import Language, Words

Made = Literal["picture", "sound", "video", "file"]

_SHOWN: Mapping[Made, Words] = {
    "picture": Words(
        zh="图片已经做好（编号 {file}），并且已经显示给用户，就在你这段回答的上方。"
        "请用一两句话说说它，不要写链接，也不要编造网址。",
        en="The picture is ready (number {file}) and the person sees it already, right above your answer. Say a "
        "sentence or two about it; write no link and invent no address.",
    ),
    "sound": Words(
        zh="语音已经做好（编号 {file}），用户可以直接播放，就在你这段回答的上方。"
        "请简短地告诉用户，不要写链接，也不要编造网址。",
        en="The speech is ready (number {file}) and the person can play it already, right above your answer. Say so in "
        "a few words; write no link and invent no address.",
    ),
    "video": Words(
        zh="视频已经做好（编号 {file}），用户可以直接播放，就在你这段回答的上方。"
        "请简短地告诉用户，不要写链接，也不要编造网址。",
        en="The video is ready (number {file}) and the person can play it already, right above your answer. Say so in "
        "a few words; write no link and invent no address.",
    ),
    "file": Words(
        zh="文件“{name}”已经做好（编号 {file}），用户可以直接下载，就在你这段回答的上方。"
        "请用一两句话说说它，不要写链接，也不要编造网址。",
        en="The file {name!r} is ready (number {file}) and the person can download it already, right above your "
        "answer. Say a sentence or two about it; write no link and invent no address.",
    ),
}
_KINDS: Mapping[str, Made] = {"image": "picture", "audio": "sound", "video": "video"}


def told_of(files: Sequence[FilePart], language: Language) -> str:
    """What the model is told of files of whatever kind that are there now."""
    kinds: list[Made] = [_KINDS.get(file.media_type.partition("/")[0], "file") for file in files]
    return "\n".join(
        _SHOWN[kind][language].format(name=file.name, file=file.file) for kind, file in zip(kinds, files, strict=True)
    )


def made(file: FilePart, what: Made, language: Language) -> ToolOutput:
    """The file for the person, and for the model that it is there."""
    return ToolOutput(_SHOWN[what][language].format(file=file.file), (file,))
