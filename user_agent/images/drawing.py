"""A wish becomes a picture: the vendor that there is a key for is asked, and what it made is fetched and checked."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, assert_never

from user_agent.errors import TooLarge, ToolError, UnsupportedFile
from user_agent.images import dashscope, openai_images
from user_agent.images.wish import Pace, Wish
from user_agent.tools.base import SecretNeed, ToolContext
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.images.raster import Raster

TOOL = "image_gen"
"""The tool whose options say which vendor and model draws."""
MAX_PICTURE_BYTES = 20_000_000
FETCH_TIMEOUT_S = 60.0

KEYS = (
    SecretNeed(
        name=dashscope.KEY,
        label=Words(zh="阿里云百炼 API 密钥", en="Alibaba Cloud Model Studio (DashScope) API key"),
        url="https://bailian.console.aliyun.com/?tab=model#/api-key",
        sent_to=dashscope.HOST,
        base_url=dashscope.BASE_URL,
    ),
    SecretNeed(
        name=openai_images.KEY,
        label=Words(zh="OpenAI API 密钥", en="OpenAI API key"),
        url="https://platform.openai.com/api-keys",
        sent_to=openai_images.HOST,
        base_url=openai_images.BASE_URL,
    ),
)
"""The keys of those who draw; any one of them is enough."""

VENDORS = (dashscope.HOST, openai_images.HOST)
"""Where they are asked."""

Vendor = Literal["dashscope", "openai"]

_NO_KEY = Words(
    zh="画图需要密钥 {keys} 之一。请在“配置 → 工具”里填写。",
    en="Drawing needs one of the keys {keys}. Enter it under Configure, Tools.",
)
_NO_PICTURE = Words(
    zh="画好的文件不是可以使用的图片（{reason}）。请再画一次。",
    en="What came is not a picture that can be used ({reason}). Draw it again.",
)


def can_draw(secrets: Mapping[str, str]) -> bool:
    """Whether there is a key with which pictures are drawn."""
    return any(secrets.get(need.name) for need in KEYS)


async def draw(wish: Wish, context: ToolContext, pace: Pace | None = None) -> "Raster":
    """The picture, drawn by a model. Raises `ToolError` with a sentence that names the cure.

    The vendor's link is followed once, at once, and is seen by nobody else.
    """
    pace, options = pace or Pace(), context.options.get(TOOL, {})
    vendor = _vendor(context, options.get("vendor", ""))
    match vendor:
        case "dashscope":
            model = options.get("model") or dashscope.DEFAULT_MODEL
            drawn = await dashscope.picture_link(wish, model, context, pace)
        case "openai":
            named = options.get("model") if options.get("vendor") == "openai" else None
            drawn = await openai_images.picture_or_link(wish, named or openai_images.DEFAULT_MODEL, context, pace)
        case _:
            assert_never(vendor)
    data = drawn if isinstance(drawn, bytes) else await _fetched(drawn, context)
    try:
        return await asyncio.to_thread(_checked, data)
    except (UnsupportedFile, TooLarge) as error:
        raise ToolError(_NO_PICTURE[context.language].format(reason=error.message)) from error


def _vendor(context: ToolContext, wished: str) -> Vendor:
    """The one that the operator named, where its key is there; else the first that has one."""
    ready: list[Vendor] = []
    if context.secrets.get(dashscope.KEY):
        ready.append("dashscope")
    if context.secrets.get(openai_images.KEY):
        ready.append("openai")
    if not ready:
        raise ToolError(_NO_KEY[context.language].format(keys=", ".join(need.name for need in KEYS)))
    named: list[Vendor] = [vendor for vendor in ready if vendor == wished]
    return (named or ready)[0]


async def _fetched(link: str, context: ToolContext) -> bytes:
    answer = await context.http.fetch(
        link, max_bytes=MAX_PICTURE_BYTES, total_timeout_s=FETCH_TIMEOUT_S, language=context.language
    )
    return answer.body


def _checked(data: bytes) -> "Raster":
    """Imports what decodes pictures in the thread, and only for those who draw."""
    from user_agent.images.raster import encoded_anew

    return encoded_anew(data, name="picture")
