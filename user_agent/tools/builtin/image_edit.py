"""A picture of the conversation, changed as somebody asks.

Wire: help.aliyun.com/zh/model-studio/wan-image-generation-and-editing-api-reference.
"""

from typing import Annotated

from pydantic import Field, JsonValue

from user_agent.tools.attached import PictureName, attached_picture
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import made
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.vendors.results import kept_picture
from user_agent.words import Words

NAME = "image_edit"
DEFAULT_MODEL = "wan2.7-image"


async def image_edit(
    text: Annotated[
        str,
        Words(zh="要改什么、保留什么", en="What to change, and what to leave"),
        Field(min_length=1, max_length=2_000),
    ],
    context: ToolContext,
    image_path: PictureName = "",
) -> ToolOutput:
    """Change a picture of this conversation as described, and show the new one; it takes up to two minutes.

    按描述修改对话中的一张图片，并展示改好的图，最多需要两分钟。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    picture = await attached_picture(image_path, context)
    content: list[JsonValue] = [{"image": picture.data_url}, {"text": text.strip()}]
    body: dict[str, JsonValue] = {
        "input": {"messages": [{"role": "user", "content": content}]},
        "parameters": {"n": 1, "watermark": False},
    }
    output = await desk.run("aigc/image-generation/generation", body)
    file = await kept_picture(desk.link(output), context, name="edited", alt=text.strip())
    return made(file, "picture", context.language)


IMAGE_EDIT = Tool.from_function(
    image_edit,
    group="pictures",
    label=Words(zh="改图", en="Edit pictures"),
    summary=Words(
        zh="按一句话修改对话里的图片：换背景、去掉或加上东西、换颜色。",
        en="Changes a picture of the conversation as told in a sentence: another background, things added, removed or "
        "recoloured.",
    ),
    secrets=(NEED,),
    sends=Words(
        zh="要求和图片（去掉拍摄地点等信息）会发送给阿里云百炼。",
        en="The request and the picture, without where and when it was taken, are sent to DashScope.",
    ),
    cost=COST,
    vendors=(HOST,),
    timeout_s=240.0,
    default_model=DEFAULT_MODEL,
)
