"""A wish becomes a picture: the vendor that there is a key for is asked, and what it made is fetched and checked."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, assert_never

from user_agent.errors import ToolError
from user_agent.images import dashscope, openai_images
from user_agent.images.wish import Wish
from user_agent.tools.base import SecretNeed, ToolContext
from user_agent.vendors import dashscope as model_studio
from user_agent.vendors.pace import Pace
from user_agent.vendors.results import checked_picture, picture_at
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.images.raster import Raster

TOOL = "image_gen"
"""The tool whose options say which vendor and model draws."""

KEYS = (
    model_studio.NEED,
    SecretNeed(
        name=openai_images.KEY,
        label=Words(zh="OpenAI API 密钥", en="OpenAI API key"),
        url="https://platform.openai.com/api-keys",
        sent_to=openai_images.HOST,
        base_url=openai_images.BASE_URL,
    ),
)
"""The keys of those who draw; any one of them is enough."""

VENDORS = (model_studio.HOST, openai_images.HOST)
"""Where they are asked."""

Vendor = Literal["dashscope", "openai"]

_NO_KEY = Words(
    zh="画图需要密钥 {keys} 之一。请在“配置 → 工具”里填写。",
    en="Drawing needs one of the keys {keys}. Enter it under Configure, Tools.",
)


def can_draw(secrets: Mapping[str, str]) -> bool:
    """Whether there is a key with which pictures are drawn."""
    return any(secrets.get(need.name) for need in KEYS)


async def draw(wish: Wish, context: ToolContext, pace: Pace | None = None) -> "Raster":
    """The picture, drawn by a model. Raises `ToolError` with a sentence that names the cure.

    The vendor's link is followed once, at once, and is seen by nobody else.
    """
    pace, options = pace or context.pace, context.options.get(TOOL, {})
    vendor = _vendor(context, options.get("vendor", ""))
    match vendor:
        case "dashscope":
            desk = model_studio.Desk.of(TOOL, dashscope.DEFAULT_MODEL, context)
            return await picture_at(await dashscope.picture_link(wish, desk, pace), context)
        case "openai":
            named = options.get("model") if options.get("vendor") == "openai" else None
            model = named or openai_images.DEFAULT_MODEL
            drawn = await openai_images.picture_or_link(TOOL, wish, model, context, pace)
            if isinstance(drawn, bytes):
                return await checked_picture(drawn, context)
            return await picture_at(drawn, context)
        case _:
            assert_never(vendor)


def _vendor(context: ToolContext, wished: str) -> Vendor:
    """The one that the operator named, where its key is there; else the first that has one."""
    ready: list[Vendor] = []
    if context.secrets.get(model_studio.KEY):
        ready.append("dashscope")
    if context.secrets.get(openai_images.KEY):
        ready.append("openai")
    if not ready:
        raise ToolError(_NO_KEY[context.language].format(keys=", ".join(need.name for need in KEYS)))
    named: list[Vendor] = [vendor for vendor in ready if vendor == wished]
    return (named or ready)[0]
