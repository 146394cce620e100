"""Pictures from OpenAI, and from whatever speaks its images route: one request, which answers with the picture.

Wire: developers.openai.com/api/reference/resources/images/methods/generate. GPT Image models answer with base64 only,
other servers' with a link as well.
"""

import base64
import binascii
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from user_agent.answers import JsonAnswer
from user_agent.images.wish import Shape, Wish
from user_agent.tools.base import ToolContext
from user_agent.vendors.pace import Pace
from user_agent.vendors.refusals import refusal_of, refused
from user_agent.words import Words

KEY = "OPENAI_API_KEY"
BASE_URL = "OPENAI_IMAGES_BASE_URL"
DEFAULT_MODEL = "gpt-image-2.5-flare"

_VENDOR = Words(zh="OpenAI 图像服务", en="the OpenAI images service")
HOST = "https://api.openai.com/v1"
_SIZES: Mapping[Shape, str] = {"square": "1024x1024", "portrait": "1024x1536", "landscape": "1536x1024"}
MAX_ANSWER_BYTES = 30_000_000
"""A picture in base64, and a third more."""


class _Item(BaseModel):
    b64_json: str = ""
    url: str = ""


class _Error(BaseModel):
    message: str = ""
    code: str | int | None = None


class _Reply(BaseModel):
    data: list[_Item] = []
    error: _Error | None = None


async def picture_or_link(tool: str, wish: Wish, model: str, context: ToolContext, pace: Pace) -> bytes | str:
    """The picture's bytes, or where it is. Raises `ToolError` with the vendor's reason in words."""
    language = context.language
    base = (context.base_urls.get(BASE_URL) or HOST).rstrip("/")
    answer = await context.http.send(
        "POST",
        f"{base}/images/generations",
        body={"model": model, "prompt": wish.in_one_text, "n": 1, "size": _SIZES[wish.shape]},
        headers={"Authorization": f"Bearer {context.secrets[KEY]}"},
        vendor=_VENDOR[language],
        language=language,
        total_timeout_s=pace.deadline_s,
        max_bytes=MAX_ANSWER_BYTES,
    )
    reply = _read(answer)
    if answer.status >= 400 or reply is None or reply.error:
        error = (reply.error if reply else None) or _Error()
        raise refused(
            refusal_of(str(error.code or ""), error.message, answer.status, "openai"),
            language,
            vendor=_VENDOR,
            secret=context.secrets[KEY],
            key=KEY,
            model=model,
            tool=tool,
            reason=error.message or f"HTTP {answer.status}",
        )
    try:
        for item in reply.data:
            if item.b64_json:
                return base64.b64decode(item.b64_json, validate=True)
            if item.url:
                return item.url
    except binascii.Error as error:
        raise refused("empty", language, vendor=_VENDOR) from error
    raise refused("empty", language, vendor=_VENDOR)


def _read(answer: JsonAnswer) -> _Reply | None:
    try:
        return _Reply.model_validate(answer.body)
    except ValidationError:
        return None
