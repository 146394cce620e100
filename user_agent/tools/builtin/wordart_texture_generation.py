"""A few letters as a work of art. Wire: help.aliyun.com/zh/model-studio/fill-texture-effect-api."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.made import made
from user_agent.vendors.dashscope import COST, HOST, NEED, Desk
from user_agent.vendors.results import kept_picture
from user_agent.words import Words

NAME = "wordart_texture_generation"
DEFAULT_MODEL = "wordart-texture"
MAX_LETTERS = 6


async def wordart_texture_generation(
    text_content: Annotated[
        str,
        Words(zh="艺术字的文字，最多六个字", en="The letters, at most six"),
        Field(min_length=1, max_length=MAX_LETTERS),
    ],
    prompt: Annotated[
        str,
        Words(zh="文字的材质，或者所在的场景", en="What they are made of or stand in"),
        Field(min_length=1, max_length=200),
    ],
    context: ToolContext,
    texture_style: Annotated[
        Literal["material", "scene"],
        Words(zh="material：用那种材质；scene：融入那个场景", en="material: of that material; scene: in that scene"),
    ] = "material",
    output_image_ratio: Annotated[Literal["1:1", "16:9", "9:16"], Words(zh="宽高比", en="Width:height")] = "1:1",
) -> ToolOutput:
    """Turn a few letters or Chinese characters into word art and show it.

    把几个文字做成艺术字图片，并展示给用户。
    """
    desk = Desk.of(NAME, DEFAULT_MODEL, context)
    letters: dict[str, JsonValue] = {"text_content": text_content, "output_image_ratio": output_image_ratio}
    wanted: dict[str, JsonValue] = {"text": letters, "prompt": prompt.strip(), "texture_style": texture_style}
    output = await desk.run("aigc/wordart/texture", {"input": wanted, "parameters": {"n": 1}})
    alt = f"{text_content}: {prompt.strip()}"
    return made(await kept_picture(desk.link(output), context, name="wordart", alt=alt), "picture", context.language)


WORDART_TEXTURE_GENERATION = Tool.from_function(
    wordart_texture_generation,
    group="pictures",
    label=Words(zh="艺术字", en="Word art"),
    summary=Words(
        zh="把最多六个字做成有材质或融入场景的艺术字图片。",
        en="Makes word art of up to six letters or characters, of a material or in a scene.",
    ),
    secrets=(NEED,),
    sends=Words(zh="文字和描述会发送给阿里云百炼。", en="The letters and the description are sent to DashScope."),
    cost=COST,
    vendors=(HOST,),
    timeout_s=240.0,
    default_model=DEFAULT_MODEL,
)
