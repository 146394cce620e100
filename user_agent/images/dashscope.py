"""Pictures from DashScope (Alibaba Cloud Model Studio): Wan and Qwen-Image, as tasks asked about until they end.

Wire: help.aliyun.com/zh/model-studio, pages text-to-image-v2-api-reference, qwen-image-api, error-code,
wan-image-generation-api-reference and manage-asynchronous-tasks. Plain HTTP and not the vendor's SDK: there the address
is one variable of the whole process, which the call that asks about a task cannot be given, and it costs 75 MB.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import BaseModel, Field, JsonValue, ValidationError

from user_agent.errors import ToolError
from user_agent.images.refusals import Refusal, refusal_of, refused
from user_agent.images.wish import Pace, Shape, Wish
from user_agent.net import JsonAnswer
from user_agent.tools.base import ToolContext
from user_agent.words import Words

KEY = "DASHSCOPE_API_KEY"
BASE_URL = "DASHSCOPE_BASE_URL"
DEFAULT_MODEL = "wan2.7-image"

_VENDOR = Words(zh="阿里云百炼", en="DashScope")
HOST = "https://dashscope.aliyuncs.com/api/v1"
_ONE_REQUEST_S = 120.0
"""How long the models take that answer the first request with the picture."""
_LOOK_S = 15.0
_LOST_LOOKS = 3
"""So many looks at a task that fail in a row end the waiting. It goes on meanwhile, and is paid for."""
_WITHDRAW_S = 2.0
"""So long a stop may take at the most, because a task is withdrawn."""

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
    _Family(("qwen-image-2", "z-image"), "multimodal-generation/generation", _FREE, task=False),
    _Family(("qwen-image-max",), "multimodal-generation/generation", _QWEN, task=False),
    _Family(("qwen-image",), "text2image/image-synthesis", _QWEN, messages=False),
    _Family(("wan2.6",), "image-generation/generation", _WAN_26),
    _Family(("wan2.5",), "text2image/image-synthesis", _WAN_26, messages=False),
    _Family(("wan2.1", "wan2.2", "wanx"), "text2image/image-synthesis", _FREE, messages=False),
)
_NEWEST = _Family((), "image-generation/generation", _FREE, knows_avoid=False)
"""Wan 2.7, and what comes after it."""

_FAILED_STATUS = 500
"""What a failed task counts as, where its code says nothing: the request itself was accepted."""


class _Item(BaseModel):
    """A picture, or why there is none."""

    url: str = ""
    image: str = ""
    code: str = ""
    message: str = ""

    @property
    def link(self) -> str:
        return self.url or self.image


class _Said(BaseModel):
    content: list[_Item] = []


class _Choice(BaseModel):
    message: _Said = Field(default_factory=_Said)


class _Output(BaseModel):
    task_id: str = ""
    task_status: str = ""
    results: list[_Item] = []
    choices: list[_Choice] = []
    code: str = ""
    message: str = ""

    @property
    def items(self) -> list[_Item]:
        return [*self.results, *(item for choice in self.choices for item in choice.message.content)]


class _Reply(BaseModel):
    output: _Output = Field(default_factory=_Output)
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where one picture is asked for, and with which key."""

    model: str
    context: ToolContext

    async def ask(
        self, method: str, path: str, body: JsonValue = None, *, task: bool = False, total_s: float = _ONE_REQUEST_S
    ) -> _Output:
        """What came of a request. Raises `ToolError` with the vendor's reason in words."""
        language = self.context.language
        base = (self.context.base_urls.get(BASE_URL) or HOST).rstrip("/")
        headers = {"Authorization": f"Bearer {self._secret}"} | ({"X-DashScope-Async": "enable"} if task else {})
        answer = await self.context.http.send(
            method,
            f"{base}/{path}",
            body=body,
            headers=headers,
            vendor=_VENDOR[language],
            language=language,
            total_timeout_s=total_s,
        )
        reply = _read(answer)
        if answer.status >= 400 or (reply and reply.code):
            raise self._told(answer.status, reply or _Reply())
        if reply is None:
            raise self.refused("failed", f"HTTP {answer.status}")
        return reply.output

    async def look(self, task_id: str) -> _Output:
        """How far a task is."""
        return await self.ask("GET", f"tasks/{quote(task_id, safe='')}", total_s=_LOOK_S)

    async def withdraw(self, task_id: str) -> None:
        """Take back a task that nobody waits for any more. The vendor does so with those that wait for their turn."""
        with suppress(ToolError, TimeoutError):
            async with asyncio.timeout(_WITHDRAW_S):
                await self.ask("POST", f"tasks/{quote(task_id, safe='')}/cancel")

    def link(self, output: _Output) -> str:
        """The address of the picture of a task that is done."""
        for item in output.items:
            if item.link:
                return item.link
        for item in output.items:
            if item.code:
                raise self._told(_FAILED_STATUS, _Reply(code=item.code, message=item.message))
        raise self.refused("empty")

    def failed(self, output: _Output) -> ToolError:
        return self._told(_FAILED_STATUS, _Reply(code=output.code, message=output.message))

    def refused(self, refusal: Refusal, reason: str = "") -> ToolError:
        return refused(
            refusal,
            self.context.language,
            vendor=_VENDOR,
            secret=self._secret,
            key=KEY,
            model=self.model,
            reason=reason,
        )

    def _told(self, status: int, reply: _Reply) -> ToolError:
        reason = ": ".join(filter(None, (reply.code, reply.message))) or f"HTTP {status}"
        return self.refused(refusal_of(reply.code, reply.message, status, "dashscope"), reason)

    @property
    def _secret(self) -> str:
        return self.context.secrets[KEY]


async def picture_link(wish: Wish, model: str, context: ToolContext, pace: Pace) -> str:
    """Where the finished picture is, for a day. Raises `ToolError`.

    Cancelling it ends the waiting, and a task that has not begun."""
    desk, family = _Desk(model, context), _family(model)
    began = time.monotonic()
    output = await desk.ask("POST", f"services/aigc/{family.path}", _body(wish, model, family), task=family.task)
    task, wait_s, lost = output.task_id, pace.first_s, 0
    try:
        while _is_open(output, desk):
            if not task:
                raise desk.refused("empty")
            if time.monotonic() - began + wait_s > pace.deadline_s:
                raise desk.refused("late", f"{pace.deadline_s:g}")
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * pace.growth, pace.longest_s)
            try:
                output, lost = await desk.look(task), 0
            except ToolError:
                lost += 1
                if lost == _LOST_LOOKS:
                    raise
    finally:
        if output.task_status.upper() == "PENDING" and task:
            await desk.withdraw(task)
    return desk.link(output)


def _is_open(output: _Output, desk: _Desk) -> bool:
    """Whether a task still has to be waited for. Raises `ToolError` where it ended without a picture."""
    match output.task_status.upper():
        case "PENDING" | "RUNNING" | "SUSPENDED":
            return True
        case "FAILED" | "ERROR":
            raise desk.failed(output)
        case "CANCELED" | "CANCELLED":
            raise desk.refused("canceled")
        case "UNKNOWN":
            raise desk.refused("unknown")
        case _:
            return False


def _family(model: str) -> _Family:
    return next((family for family in _FAMILIES if model.startswith(family.prefixes)), _NEWEST)


def _body(wish: Wish, model: str, family: _Family) -> dict[str, JsonValue]:
    text = wish.text if family.knows_avoid else wish.in_one_text
    parameters: dict[str, JsonValue] = {"n": 1, "size": family.sizes[wish.shape], "watermark": False}
    message: JsonValue = {"role": "user", "content": [{"text": text}]}
    wanted: dict[str, JsonValue] = {"messages": [message]} if family.messages else {"prompt": text}
    if wish.avoid and family.knows_avoid:
        # The older route documents it beside the prompt, the newer one among the parameters.
        (parameters if family.messages else wanted)["negative_prompt"] = wish.avoid
    return {"model": model, "input": wanted, "parameters": parameters}


def _read(answer: JsonAnswer) -> _Reply | None:
    """The answer by its documented fields; None where it has another form."""
    try:
        return _Reply.model_validate(answer.body)
    except ValidationError:
        return None
