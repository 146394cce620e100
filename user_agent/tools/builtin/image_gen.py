"""A picture from a description, kept with the conversation and shown in it."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from user_agent.images.drawing import KEYS, VENDORS, draw
from user_agent.images.wish import Shape, Wish
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.words import Words

Resolution = Literal["1024*1024", "720*1280", "1280*720"]
MAX_TEXT_CHARS = 2_000
_SHAPES: dict[Resolution, Shape] = {"1024*1024": "square", "720*1280": "portrait", "1280*720": "landscape"}

_SHOWN = Words(
    zh="图片已画好（{width}×{height}，编号 {file}），并且已经显示给用户，就在你这段回答的上方。请用一两句话说说它，"
    "不要写链接，也不要编造网址。以后想再次展示这张图，就写 ![IMAGEGEN]({file})。",
    en="The picture is drawn ({width}×{height}, number {file}) and the person sees it already, right above your "
    "answer. Say a sentence or two about it; write no link and invent no address. To show it once more later, write "
    "![IMAGEGEN]({file}).",
)


def _known(value: object) -> object:
    """`1024x1024`, or a size that nobody offers, as the one of its shape: models write what they remember."""
    if not isinstance(value, str):
        return value
    width, _, height = value.lower().replace("x", "*").replace("×", "*").partition("*")
    if not (width.strip().isdecimal() and height.strip().isdecimal()):
        return value
    across, down = int(width), int(height)
    if across == down:
        return "1024*1024"
    return "1280*720" if across > down else "720*1280"


async def image_gen(
    text: Annotated[
        str,
        Words(
            zh="画面的详细描述：主体、地点、风格、光线、颜色",
            en="What the picture shows, in detail: subject, place, style, light, colours",
        ),
        Field(min_length=1, max_length=MAX_TEXT_CHARS),
    ],
    context: ToolContext,
    resolution: Annotated[
        Resolution,
        BeforeValidator(_known),
        Words(zh="宽*高：方图、竖图或横图", en="Width*height: square, portrait or landscape"),
    ] = "1024*1024",
    negative_prompt: Annotated[
        str,
        Words(zh="画面中不要出现的内容，没有就不写", en="What must not be in the picture, if anything"),
        Field(max_length=500),
    ] = "",
) -> ToolOutput:
    """Draw a picture from a description and show it to the person. One picture per call; it takes up to two minutes.

    根据文字描述画一张图，并展示给用户。每次调用画一张，最多需要两分钟。
    """
    picture = await draw(Wish(text.strip(), _SHAPES[resolution], negative_prompt.strip()), context)
    ending = picture.media_type.removeprefix("image/")
    kept = await context.keep(picture.data, name=f"picture.{ending}", media_type=picture.media_type)
    told = _SHOWN[context.language].format(width=picture.width, height=picture.height, file=kept.file)
    return ToolOutput(told, (kept.model_copy(update={"alt": text.strip()}),))


IMAGE_GEN = Tool.from_function(
    image_gen,
    group="pictures",
    label=Words(zh="画图", en="Draw pictures"),
    summary=Words(
        zh="用图像模型按文字描述画图，画好的图直接显示在对话里。",
        en="Draws pictures from a description with an image model and shows them in the conversation.",
    ),
    secrets=KEYS,
    one_is_enough=True,
    sends=Words(
        zh="画面的描述会发送给画图的服务商。", en="The description is sent to the service that draws the picture."
    ),
    cost=Words(
        zh="按服务商的价目表，向密钥所属的账户收费", en="Charged to the key's account by the vendor's price list"
    ),
    vendors=VENDORS,
    timeout_s=240.0,
)
