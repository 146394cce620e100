"""Words read aloud by a voice of DashScope, kept as a sound file of the conversation.

Wire: help.aliyun.com/zh/model-studio/cosyvoice-tts-http-api. The Sambert voices that this tool is named after speak
over a WebSocket only and are no longer in the vendor's list of models; CosyVoice took their place.
"""

from typing import Annotated

from pydantic import Field, JsonValue

from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import made
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.vendors.results import kept_medium
from user_agent.words import Words

NAME = "sambert_tts"
DEFAULT_MODEL = "cosyvoice-v3-flash"
DEFAULT_VOICE = "longanyang"
SAMPLES_PER_SECOND = 24_000


async def sambert_tts(
    text: Annotated[
        str, Words(zh="要朗读的文字，逐字给出", en="What to say, word for word"), Field(min_length=1, max_length=2_000)
    ],
    context: ToolContext,
) -> ToolOutput:
    """Read a text aloud: the person gets a sound file that plays in the conversation.

    把文字读成语音：用户得到一个可以在对话里直接播放的音频。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    wanted: dict[str, JsonValue] = {
        "text": text.strip(),
        "voice": context.options.get(NAME, {}).get("voice") or DEFAULT_VOICE,
        "format": "wav",
        "sample_rate": SAMPLES_PER_SECOND,
    }
    output = await desk.run("audio/tts/SpeechSynthesizer", {"input": wanted}, task=False)
    file = await kept_medium(desk.link(output), context, medium="audio", name="speech", alt=text.strip())
    return made(file, "sound", context.language)


SAMBERT_TTS = Tool.from_function(
    sambert_tts,
    group="media",
    label=Words(zh="语音朗读", en="Read aloud"),
    summary=Words(
        zh="把文字合成语音，可以在对话里播放和下载。",
        en="Turns a text into speech that plays in the conversation and can be downloaded.",
    ),
    secrets=(NEED,),
    sends=Words(zh="要朗读的文字会发送给阿里云百炼。", en="The text is sent to DashScope."),
    cost=COST,
    vendors=(HOST,),
    timeout_s=180.0,
    default_model=DEFAULT_MODEL,
)
