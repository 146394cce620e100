"""A sound file of the conversation, written down by DashScope's Paraformer.

Wire: help.aliyun.com/zh/model-studio, pages paraformer-recorded-speech-recognition-restful-api and
get-temporary-file-url. The file as it is, by the route for recordings: the one for live speech takes bare samples, for
which every machine would need a decoder.
"""

from typing import Annotated

import orjson
from pydantic import BaseModel, Field, JsonValue, ValidationError

from user_agent.tools.attached import attached
from user_agent.tools.base import Tool, ToolContext
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.vendors.results import fetched
from user_agent.vendors.storage import stored
from user_agent.words import Words

NAME = "paraformer_asr"
DEFAULT_MODEL = "paraformer-v2"
MAX_TRANSCRIPT_BYTES = 5_000_000
_ENDINGS = frozenset(["aac", "amr", "flac", "m4a", "mp3", "ogg", "opus", "wav", "webm", "wma"])

_NOTHING = Words(zh="（音频里没有听到说话。）", en="(No speech was heard in the file.)")


class _Channel(BaseModel):
    text: str = ""


class _Transcript(BaseModel):
    transcripts: list[_Channel] = []


async def paraformer_asr(
    context: ToolContext,
    audio_path: Annotated[
        str,
        Words(
            zh="对话中音频的文件名或编号；留空表示最新的一个",
            en="Name or number of a sound file of this conversation; empty for the newest one",
        ),
        Field(max_length=300),
    ] = "",
) -> str:
    """Write down what is said in a sound file of this conversation; it takes up to some minutes.

    把对话中一个音频里说的话转成文字，需要几分钟。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    file = await attached(audio_path, context, kind="audio")
    ending = file.name.rpartition(".")[2].lower()
    address = await stored(desk, file.data, name=f"sound.{ending if ending in _ENDINGS else 'wav'}")
    body: dict[str, JsonValue] = {"input": {"file_urls": [address]}, "parameters": {"language_hints": ["zh", "en"]}}
    output = await desk.run("audio/asr/transcription", body, stored=True)
    written = await fetched(desk.link(output), context, max_bytes=MAX_TRANSCRIPT_BYTES)
    try:
        transcript = _Transcript.model_validate(orjson.loads(written))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise desk.refused("empty") from error
    return (
        "\n\n".join(filter(None, (channel.text.strip() for channel in transcript.transcripts)))
        or _NOTHING[context.language]
    )


PARAFORMER_ASR = Tool.from_function(
    paraformer_asr,
    group="media",
    label=Words(zh="语音转文字", en="Transcribe speech"),
    summary=Words(
        zh="把对话里上传的录音转成文字，听得懂中文和英文。",
        en="Writes down what is said in a sound file of the conversation, in Chinese or English.",
    ),
    secrets=(NEED,),
    sends=Words(
        zh="音频会发送给阿里云百炼，在它的临时存储里保留两天。",
        en="The sound file is sent to DashScope, which keeps it in its temporary storage for two days.",
    ),
    cost=COST,
    vendors=(HOST,),
    timeout_s=300.0,
    default_model=DEFAULT_MODEL,
)
