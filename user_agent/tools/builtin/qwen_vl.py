"""Questions about pictures of the conversation, answered by a vision model of DashScope.

Wire: help.aliyun.com/zh/model-studio, pages qwen-api-via-dashscope and vision. `qwen-vl-plus`, which this tool is named
after, was taken off on 10 October 2026 (notice 731); the vendor recommends the models that see in its place.
"""

import asyncio
from typing import Annotated

from pydantic import Field, JsonValue

from user_agent.tools.attached import attached_picture
from user_agent.tools.base import Tool, ToolContext
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.words import Words

NAME = "qwen_vl"
DEFAULT_MODEL = "qwen3.6-plus"
MAX_PICTURES = 5


async def qwen_vl(
    text: Annotated[
        str,
        Words(zh="想知道图片里的什么", en="What to find out about the pictures"),
        Field(min_length=1, max_length=4_000),
    ],
    context: ToolContext,
    image_file_paths: Annotated[
        str,
        Words(
            zh="对话中图片的文件名，用英文逗号分隔；留空表示最新的一张",
            en="Names of pictures of this conversation, separated by commas; empty for the newest one",
        ),
        Field(max_length=1_000),
    ] = "",
) -> str:
    """Look at pictures of this conversation and answer a question about them: what they show, what is written there.

    看对话中的图片，回答关于图片的问题：图里有什么，写了什么。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    wanted = list(dict.fromkeys(filter(None, (name.strip() for name in image_file_paths.split(","))))) or [""]
    pictures = await asyncio.gather(*(attached_picture(name, context) for name in wanted[:MAX_PICTURES]))
    content: list[JsonValue] = [*({"image": picture.data_url} for picture in pictures), {"text": text.strip()}]
    body: dict[str, JsonValue] = {
        "input": {"messages": [{"role": "user", "content": content}]},
        "parameters": {"enable_thinking": False},
    }
    output = await desk.run("aigc/multimodal-generation/generation", body, task=False)
    if not output.text:
        raise desk.refused("empty")
    return output.text


QWEN_VL = Tool.from_function(
    qwen_vl,
    group="pictures",
    label=Words(zh="看图问答", en="Look at pictures"),
    summary=Words(
        zh="用视觉模型看对话里的图片，回答问题、读出文字；给看不了图的模型用。",
        en="Looks at pictures of the conversation with a vision model: answers questions, reads what is written. For "
        "models that see none themselves.",
    ),
    secrets=(NEED,),
    sends=Words(
        zh="问题和图片（去掉拍摄地点等信息）会发送给阿里云百炼。",
        en="The question and the pictures, without where and when they were taken, are sent to DashScope.",
    ),
    cost=COST,
    vendors=(HOST,),
    timeout_s=130.0,
    default_model=DEFAULT_MODEL,
)
