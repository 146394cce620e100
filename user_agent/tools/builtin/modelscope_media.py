"""Speech and short videos from models of ModelScope, kept as files of the conversation."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import made
from user_agent.vendors.modelscope import HOST, NEED, infer
from user_agent.vendors.results import kept_medium
from user_agent.words import Words

_SPEECH = "speech-generation"
_SPEAKER = "damo/speech_sambert-hifigan_tts_zh-cn_16k"
_VIDEO = "video-generation"
_FILMER = "damo/text-to-video-synthesis"
_FILMING_S = 300.0

Voice = Literal["zhitian_emo", "zhiyan_emo", "zhizhe_emo", "zhibei_emo"]


class _Sound(BaseModel):
    output_wav: str = Field(min_length=1)


class _Film(BaseModel):
    output_video: str = Field(min_length=1)


async def speech_generation(
    input: Annotated[
        str, Words(zh="要朗读的文字，逐字给出", en="What to say, word for word"), Field(min_length=1, max_length=1_000)
    ],
    context: ToolContext,
    voice: Annotated[
        Voice,
        Words(
            zh="zhitian_emo：女声；zhiyan_emo：女童声；zhizhe_emo：男声；zhibei_emo：男童声",
            en="zhitian_emo: a woman; zhiyan_emo: a girl; zhizhe_emo: a man; zhibei_emo: a boy",
        ),
    ] = "zhitian_emo",
) -> ToolOutput:
    """Read a Chinese text aloud in a chosen voice: the person gets a sound file that plays in the conversation.

    用选定的嗓音朗读中文：用户得到一个可以在对话里直接播放的音频。
    """
    body: JsonValue = {"input": input.strip(), "parameters": {"voice": voice}}
    sound = await infer(_SPEECH, _SPEAKER, body, context, shape=_Sound, total_s=60.0)
    file = await kept_medium(sound.output_wav, context, medium="audio", name="speech", alt=input.strip())
    return made(file, "sound", context.language)


async def video_generation(
    input: Annotated[
        str,
        Words(zh="视频的画面描述，用英文写", en="What the video shows, in English"),
        Field(min_length=1, max_length=500),
    ],
    context: ToolContext,
) -> ToolOutput:
    """Make a video of a few seconds from an English description and show it; it takes up to some minutes.

    根据英文描述生成几秒钟的视频，并展示给用户，需要几分钟。
    """
    film = await infer(_VIDEO, _FILMER, {"input": {"text": input.strip()}}, context, shape=_Film, total_s=_FILMING_S)
    file = await kept_medium(film.output_video, context, medium="video", name="video", alt=input.strip())
    return made(file, "video", context.language)


SPEECH_GENERATION = Tool.from_function(
    speech_generation,
    name=_SPEECH,
    group="media",
    label=Words(zh="多音色朗读", en="Read Chinese aloud"),
    summary=Words(
        zh="用男声、女声或童声朗读中文，可以在对话里播放和下载。",
        en="Reads Chinese aloud in the voice of a woman, a man or a child; it plays in the conversation and can be "
        "downloaded.",
    ),
    secrets=(NEED,),
    sends=Words(zh="要朗读的文字会发送给魔搭。", en="The text is sent to ModelScope."),
    vendors=(HOST,),
    timeout_s=130.0,
    default_model=_SPEAKER,
)
VIDEO_GENERATION = Tool.from_function(
    video_generation,
    name=_VIDEO,
    group="media",
    label=Words(zh="生成视频", en="Make videos"),
    summary=Words(
        zh="根据英文描述生成几秒钟的视频，可以在对话里播放和下载。",
        en="Makes a video of a few seconds from an English description; it plays in the conversation and can be "
        "downloaded.",
    ),
    secrets=(NEED,),
    sends=Words(zh="画面的描述会发送给魔搭。", en="The description is sent to ModelScope."),
    vendors=(HOST,),
    timeout_s=_FILMING_S + 70,
    default_model=_FILMER,
)
