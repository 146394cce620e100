"""Pictures from DashScope (Alibaba Cloud Model Studio): Wan and Qwen-Image, each asked in its own way.

Wire: help.aliyun.com/zh/model-studio, pages text-to-image-v2-api-reference, qwen-image-api and
wan-image-generation-api-reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from user_agent.images.wish import Shape, Wish
from user_agent.vendors.dashscope import Desk
from user_agent.vendors.pace import Pace

DEFAULT_MODEL = "wan2.7-image"

_FREE: Mapping[Shape, str] = {"square": "1024*1024", "portrait": "720*1280", "landscape": "1280*720"}
_WAN_26: Mapping[Shape, str] = {"square": "1280*1280", "portrait": "960*1696", "landscape": "1696*960"}
_QWEN: Mapping[Shape, str] = {"square": "1328*1328", "portrait": "928*1664", "landscape": "1664*928"}


@dataclass(frozen=True, slots=True)
class _Family:
    """Models that are asked in the same way, by how their names begin."""

    prefixes: tuple[str, ...]
    path: str
    sizes: Mapping[Shape, str]
    task: bool = True
    """Whether a task is made; the others answer the first request."""
    messages: bool = True
    """Whether the wish goes into `input.messages`, or into `input.prompt`."""
    knows_avoid: bool = True


_FAMILIES = (
    _Family(("qwen-image-2", "z-image"), "aigc/multimodal-generation/generation", _FREE, task=False),
    _Family(("qwen-image-max",), "aigc/multimodal-generation/generation", _QWEN, task=False),
    _Family(("qwen-image",), "aigc/text2image/image-synthesis", _QWEN, messages=False),
    _Family(("wan2.6",), "aigc/image-generation/generation", _WAN_26),
    _Family(("wan2.5",), "aigc/text2image/image-synthesis", _WAN_26, messages=False),
    _Family(("wan2.1", "wan2.2", "wanx"), "aigc/text2image/image-synthesis", _FREE, messages=False),
)
_NEWEST = _Family((), "aigc/image-generation/generation", _FREE, knows_avoid=False)
"""Wan 2.7, and what comes after it."""


async def picture_link(wish: Wish, desk: Desk, pace: Pace) -> str:
    """Where the finished picture is, for a day. Raises `ToolError`."""
    family = _family(desk.model)
    return desk.link(await desk.run(family.path, _body(wish, family), task=family.task, pace=pace))


def _family(model: str) -> _Family:
    return next((family for family in _FAMILIES if model.startswith(family.prefixes)), _NEWEST)


def _body(wish: Wish, family: _Family) -> dict[str, JsonValue]:
    text = wish.text if family.knows_avoid else wish.in_one_text
    parameters: dict[str, JsonValue] = {"n": 1, "size": family.sizes[wish.shape], "watermark": False}
    message: JsonValue = {"role": "user", "content": [{"text": text}]}
    wanted: dict[str, JsonValue] = {"messages": [message]} if family.messages else {"prompt": text}
    if wish.avoid and family.knows_avoid:
        # The older route documents it beside the prompt, the newer one among the parameters.
        (parameters if family.messages else wanted)["negative_prompt"] = wish.avoid
    return {"input": wanted, "parameters": parameters}
