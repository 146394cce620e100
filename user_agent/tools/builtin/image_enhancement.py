"""A picture of the conversation, larger and sharper.

Wire: help.aliyun.com/zh/model-studio/wanx-image-edit-api-reference, function `super_resolution`, which took the place
of the service that had this tool's name.
"""

from typing import Annotated

from pydantic import Field, JsonValue

from user_agent.tools.attached import PictureName, attached_picture
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import made
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.vendors.results import kept_picture
from user_agent.words import Words

NAME = "image_enhancement"
DEFAULT_MODEL = "wanx2.1-imageedit"
_PROMPT = "图像超分。"
_SHOWN = Words(zh="放大并变清晰的图片", en="The picture, larger and sharper")


async def image_enhancement(
    context: ToolContext,
    image_path: PictureName = "",
    upscale: Annotated[int, Words(zh="放大到几倍宽", en="How many times as wide"), Field(ge=1, le=4)] = 2,
) -> ToolOutput:
    """Make a picture of this conversation larger and sharper and show it.

    把对话中的一张图片放大并变清晰，并展示给用户。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    picture = await attached_picture(image_path, context)
    body: dict[str, JsonValue] = {
        "input": {"function": "super_resolution", "prompt": _PROMPT, "base_image_url": picture.data_url},
        "parameters": {"upscale_factor": upscale, "n": 1},
    }
    output = await desk.run("aigc/image2image/image-synthesis", body)
    file = await kept_picture(desk.link(output), context, name="enhanced", alt=_SHOWN[context.language])
    return made(file, "picture", context.language)


IMAGE_ENHANCEMENT = Tool.from_function(
    image_enhancement,
    group="pictures",
    label=Words(zh="图片变清晰", en="Sharpen pictures"),
    summary=Words(
        zh="把模糊的图片放大到 4 倍以内，并变清晰。",
        en="Makes a picture up to four times as wide, and sharper.",
    ),
    secrets=(NEED,),
    sends=Words(
        zh="图片（去掉拍摄地点等信息）会发送给阿里云百炼。",
        en="The picture, without where and when it was taken, is sent to DashScope.",
    ),
    cost=COST,
    vendors=(HOST,),
    timeout_s=240.0,
    default_model=DEFAULT_MODEL,
)
