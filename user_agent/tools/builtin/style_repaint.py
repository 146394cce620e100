"""A portrait of the conversation in another style.

Wire: help.aliyun.com/zh/model-studio/style-repaint. The service takes addresses only, so the picture is put into the
vendor's temporary storage.
"""

from typing import Annotated

from pydantic import Field, JsonValue

from user_agent.tools.attached import attached_picture
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import made
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.vendors.results import kept_picture
from user_agent.vendors.storage import stored
from user_agent.words import Words

NAME = "style_repaint"
DEFAULT_MODEL = "wanx-style-repaint-v1"
STYLES = (
    Words("复古漫画", "retro comic"),
    Words("3D 童话", "3D fairy tale"),
    Words("二次元", "anime"),
    Words("小清新", "fresh"),
    Words("未来科技", "futuristic"),
    Words("国画古风", "Chinese painting"),
    Words("将军百战", "general in battle"),
    Words("炫彩卡通", "colourful cartoon"),
    Words("清雅国风", "elegant Chinese"),
    Words("喜迎新年", "New Year"),
)
_STYLE = Words(
    zh="风格：" + "；".join(f"{number} {style.zh}" for number, style in enumerate(STYLES)),
    en="The style: " + "; ".join(f"{number} {style.en}" for number, style in enumerate(STYLES)),
)


async def style_repaint(
    style_index: Annotated[int, _STYLE, Field(ge=0, le=len(STYLES) - 1)],
    context: ToolContext,
    image_path: Annotated[
        str,
        Words(
            zh="对话中一张人像的文件名或编号，图中只有一张脸；留空表示最新的一张",
            en="Name or number of a picture of this conversation, with one face; empty for the newest one",
        ),
        Field(max_length=300),
    ] = "",
) -> ToolOutput:
    """Repaint a portrait of this conversation in one of ten styles and show it.

    把对话中的一张人像重绘成十种风格之一，并展示给用户。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    picture = await attached_picture(image_path, context)
    address = await stored(desk, picture.data, name=f"portrait.{picture.media_type.removeprefix('image/')}")
    body: dict[str, JsonValue] = {"input": {"image_url": address, "style_index": style_index}}
    output = await desk.run("aigc/image-generation/generation", body, stored=True)
    alt = STYLES[style_index][context.language]
    return made(await kept_picture(desk.link(output), context, name="portrait", alt=alt), "picture", context.language)


STYLE_REPAINT = Tool.from_function(
    style_repaint,
    group="pictures",
    label=Words(zh="人像重绘", en="Repaint portraits"),
    summary=Words(
        zh="把人像照片重绘成漫画、童话、国画等十种风格。",
        en="Repaints a portrait in one of ten styles, such as comic, fairy tale or Chinese painting.",
    ),
    secrets=(NEED,),
    sends=Words(
        zh="人像（去掉拍摄地点等信息）会发送给阿里云百炼，在它的临时存储里保留两天。",
        en="The portrait, without where and when it was taken, is sent to DashScope, which keeps it in its temporary "
        "storage for two days.",
    ),
    cost=COST,
    vendors=(HOST,),
    timeout_s=300.0,
    default_model=DEFAULT_MODEL,
)
