"""DashScope (Alibaba Cloud Model Studio) as tools ask it: one request, or a task that is asked about until it ends.

Wire: help.aliyun.com/zh/model-studio, pages error-code and manage-asynchronous-tasks. Plain HTTP and not the vendor's
SDK: there the address is one variable of the whole process, which the call that asks about a task cannot be given, and
it costs 75 MB.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from pydantic import BaseModel, Field, JsonValue, ValidationError, field_validator

from user_agent.answers import JsonAnswer
from user_agent.errors import ToolError
from user_agent.tools.base import SecretNeed, ToolContext
from user_agent.vendors.pace import Pace
from user_agent.vendors.refusals import Refusal, no_key, refusal_of, refused
from user_agent.words import Words

KEY = "DASHSCOPE_API_KEY"
BASE_URL = "DASHSCOPE_BASE_URL"
HOST = "https://dashscope.aliyuncs.com/api/v1"
VENDOR = Words(zh="阿里云百炼", en="DashScope")
COST = Words(
    zh="按阿里云百炼的价目表，向密钥所属的账户收费",
    en="Charged to the key's account by Model Studio's price list",
)
"""https://help.aliyun.com/zh/model-studio/billing-for-model-studio: each call is charged; prices change there."""
NEED = SecretNeed(
    name=KEY,
    label=Words(zh="阿里云百炼 API 密钥", en="Alibaba Cloud Model Studio (DashScope) API key"),
    url="https://bailian.console.aliyun.com/?tab=model#/api-key",
    sent_to=HOST,
    base_url=BASE_URL,
)
"""The key that all of its tools need."""

_ONE_REQUEST_S = 120.0
"""How long the models take that answer the first request with the result."""
_LOOK_S = 15.0
_LOST_LOOKS = 3
"""So many looks at a task that fail in a row end the waiting. It goes on meanwhile, and is paid for."""
_WITHDRAW_S = 2.0
"""So long a stop may take at the most, because a task is withdrawn."""
_FAILED_STATUS = 500
"""What a failed task counts as, where its code says nothing: the request itself was accepted."""


class Item(BaseModel):
    """One result, or why there is none."""

    url: str = ""
    image: str = ""
    transcription_url: str = ""
    text: str = ""
    code: str = ""
    message: str = ""

    @property
    def link(self) -> str:
        return self.url or self.image or self.transcription_url


class _Said(BaseModel):
    content: list[Item] = []

    @field_validator("content", mode="before")
    @classmethod
    def _in_a_list(cls, value: object) -> object:
        return [{"text": value}] if isinstance(value, str) else value


class _Choice(BaseModel):
    message: _Said = Field(default_factory=_Said)


class Output(BaseModel):
    """What came of a request, or how far a task is."""

    task_id: str = ""
    task_status: str = ""
    results: list[Item] = []
    choices: list[_Choice] = []
    audio: Item | None = None
    result_url: str = ""
    code: str = ""
    message: str = ""

    @property
    def items(self) -> list[Item]:
        said = (item for choice in self.choices for item in choice.message.content)
        alone = [Item(url=self.result_url)] if self.result_url else []
        return [*self.results, *said, *([self.audio] if self.audio else []), *alone]

    @property
    def text(self) -> str:
        """The words of a model that answers in words."""
        return "".join(item.text for item in self.items).strip()


class _Reply(BaseModel):
    output: Output = Field(default_factory=Output)
    data: Mapping[str, JsonValue] = {}
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one call of a tool is dealt with, by which model and with which key."""

    tool: str
    model: str
    context: ToolContext

    @classmethod
    def of(cls, tool: str, default_model: str, context: ToolContext) -> Self:
        """With the model that the operator set for the tool. Raises `ToolError` where there is no key."""
        if not context.secrets.get(KEY):
            raise no_key(KEY, context.language)
        return cls(tool, context.options.get(tool, {}).get("model") or default_model, context)

    async def run(
        self,
        service: str,
        body: Mapping[str, JsonValue],
        *,
        task: bool = True,
        stored: bool = False,
        pace: Pace | None = None,
    ) -> Output:
        """What a service of `services/…` makes of `body`, which goes without the model. Raises `ToolError`.

        `task`: the service makes a task, which is waited for; the others answer at once. `stored`: the body names files
        in the vendor's temporary storage. Cancelling ends the waiting, and a task that has not begun.
        """
        headers = {"X-DashScope-Async": "enable"} if task else {}
        if stored:
            headers["X-DashScope-OssResourceResolve"] = "enable"
        begun = await self.send("POST", f"services/{service}", {"model": self.model, **body}, headers=headers)
        return await self._ended(begun.output, pace or self.context.pace)

    async def send(
        self,
        method: str,
        path: str,
        body: JsonValue = None,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        total_s: float = _ONE_REQUEST_S,
    ) -> _Reply:
        """The vendor's answer, as it documents it. Raises `ToolError`."""
        language = self.context.language
        base = (self.context.base_urls.get(BASE_URL) or HOST).rstrip("/")
        answer = await self.context.http.send(
            method,
            f"{base}/{path}",
            params=params,
            body=body,
            headers={"Authorization": f"Bearer {self._secret}", **(headers or {})},
            vendor=VENDOR[language],
            language=language,
            total_timeout_s=total_s,
        )
        reply = _read(answer)
        if answer.status >= 400 or (reply and reply.code):
            raise self._told(answer.status, reply or _Reply())
        if reply is None:
            raise self.refused("failed", f"HTTP {answer.status}")
        return reply

    def link(self, output: Output) -> str:
        """The address of a result. Raises `ToolError` where there is none, with the reason if one is given."""
        for item in output.items:
            if item.link:
                return item.link
        for item in output.items:
            if item.code:
                raise self._told(_FAILED_STATUS, _Reply(code=item.code, message=item.message))
        raise self.refused("empty")

    def refused(self, refusal: Refusal, reason: str = "") -> ToolError:
        return refused(
            refusal,
            self.context.language,
            vendor=VENDOR,
            secret=self._secret,
            key=KEY,
            model=self.model,
            tool=self.tool,
            reason=reason,
        )

    async def _ended(self, output: Output, pace: Pace) -> Output:
        began = time.monotonic()
        task, wait_s, lost = output.task_id, pace.first_s, 0
        try:
            while self._is_open(output):
                if not task:
                    raise self.refused("empty")
                if time.monotonic() - began + wait_s > pace.deadline_s:
                    raise self.refused("late", f"{pace.deadline_s:g}")
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * pace.growth, pace.longest_s)
                try:
                    output, lost = await self._look(task), 0
                except ToolError:
                    lost += 1
                    if lost == _LOST_LOOKS:
                        raise
        finally:
            if output.task_status.upper() == "PENDING" and task:
                await self._withdraw(task)
        return output

    def _is_open(self, output: Output) -> bool:
        """Whether a task still has to be waited for. Raises `ToolError` where it ended without a result."""
        match output.task_status.upper():
            case "PENDING" | "RUNNING" | "SUSPENDED":
                return True
            case "FAILED" | "ERROR":
                # A task of several results tells why with each of them.
                why = output if output.code else next((item for item in output.results if item.code), output)
                raise self._told(_FAILED_STATUS, _Reply(code=why.code, message=why.message))
            case "CANCELED" | "CANCELLED":
                raise self.refused("canceled")
            case "UNKNOWN":
                raise self.refused("unknown")
            case _:
                return False

    async def _look(self, task_id: str) -> Output:
        """How far a task is."""
        return (await self.send("GET", f"tasks/{quote(task_id, safe='')}", total_s=_LOOK_S)).output

    async def _withdraw(self, task_id: str) -> None:
        """Take back a task that nobody waits for any more. The vendor does so with those that wait for their turn."""
        with suppress(ToolError, TimeoutError):
            async with asyncio.timeout(_WITHDRAW_S):
                await self.send("POST", f"tasks/{quote(task_id, safe='')}/cancel")

    def _told(self, status: int, reply: _Reply) -> ToolError:
        reason = ": ".join(filter(None, (reply.code, reply.message))) or f"HTTP {status}"
        return self.refused(refusal_of(reply.code, reply.message, status, "dashscope"), reason)

    @property
    def _secret(self) -> str:
        return self.context.secrets[KEY]


def _read(answer: JsonAnswer) -> _Reply | None:
    """The answer by its documented fields; None where it has another form."""
    try:
        return _Reply.model_validate(answer.body)
    except ValidationError:
        return None
