"""What vendors say when they do not do what a tool asked for, as a sentence with its cure."""

from collections.abc import Mapping
from typing import Literal

from user_agent.errors import AuthFailed, Blocked, ModelError, NoQuota, RateLimited, ToolError, Unavailable
from user_agent.models.vendor_codes import kind_of
from user_agent.words import Language, Words

Refusal = Literal[
    "key", "access", "quota", "too_fast", "content", "model", "wrong", "failed", "canceled", "unknown", "late", "empty"
]
MAX_REASON_CHARS = 200

_OF_KIND: Mapping[type[ModelError], Refusal] = {
    AuthFailed: "key",
    NoQuota: "quota",
    RateLimited: "too_fast",
    Blocked: "content",
    Unavailable: "failed",
}

_NO_KEY = Words(
    zh="这个工具需要密钥 {key}。请在“配置 → 工具”里填写。",
    en="This tool needs the key {key}. Enter it under Configure, Tools.",
)
_SENTENCES: dict[Refusal, Words] = {
    "key": Words(
        zh="{vendor} 没有接受密钥 {key}（{reason}）。请在“配置 → 工具”里核对它，也请确认它属于这个地区的服务。",
        en="{vendor} refused the key {key} ({reason}). Check it under Configure, Tools, and that it is one of this "
        "region's service.",
    ),
    "access": Words(
        zh="{vendor} 的这个账号还不能用模型 {model}（{reason}）。请先在它的控制台开通，或换一个模型。",
        en="This account at {vendor} may not use the model {model} ({reason}). Activate it in the vendor's console, or "
        "set another model.",
    ),
    "quota": Words(
        zh="{vendor} 账号的额度已用完或已欠费（{reason}）。请充值，或换一个密钥。",
        en="The account at {vendor} has no quota left, or owes money ({reason}). Top it up, or use another key.",
    ),
    "too_fast": Words(
        zh="{vendor} 说请求太频繁（{reason}）。请过一分钟再试。",
        en="{vendor} says the requests come too fast ({reason}). Try again in a minute.",
    ),
    "content": Words(
        zh="{vendor} 的内容审核没有放行（{reason}）。请换一种说法或换一个文件，不要原样重试。",
        en="{vendor}'s content filter does not allow this ({reason}). Word it differently or use another file; do not "
        "repeat the same call.",
    ),
    "model": Words(
        zh="{vendor} 没有模型 {model}（{reason}）。请管理员在 tool_config.json 里改正 {tool} 的 model。",
        en="{vendor} has no model {model} ({reason}). Whoever runs this server can correct the model of {tool} in "
        "tool_config.json.",
    ),
    "wrong": Words(
        zh="{vendor} 没有接受这个要求：{reason}。请照它说的改一改，改短一些或换一种说法，再试一次。",
        en="{vendor} did not accept the request: {reason}. Change what it names, shorten or reword the rest, and try "
        "again.",
    ),
    "failed": Words(
        zh="{vendor} 没有做成（{reason}）。请稍后再试。",
        en="{vendor} could not do it ({reason}). Try again later.",
    ),
    "canceled": Words(
        zh="{vendor} 取消了这个任务。如果还想要，请再试一次。",
        en="{vendor} cancelled the task. Call again if its result is still wanted.",
    ),
    "unknown": Words(
        zh="{vendor} 不再认得这个任务。请再试一次。",
        en="{vendor} no longer knows the task. Call again.",
    ),
    "late": Words(
        zh="{vendor} 在 {reason} 秒内没有做完，不再等了。请稍后再试，或要求得简单些。",
        en="{vendor} did not finish within {reason} seconds, so it is not waited for. Try again later, or ask for "
        "something simpler.",
    ),
    "empty": Words(
        zh="{vendor} 说做好了，却没有给出结果。请再试一次。",
        en="{vendor} says that it is done but gave no result. Try again.",
    ),
}


def refusal_of(code: str, message: str, status: int, entry_type: str) -> Refusal:
    """Which refusal a vendor means: its codes are those of its language models."""
    if status == 404 or code.replace("_", "").lower().endswith("notfound"):
        return "model"
    kind = kind_of((code,), message, status, entry_type)
    if kind is AuthFailed and status == 403:
        return "access"
    return _OF_KIND.get(kind, "wrong")


def refused(
    refusal: Refusal,
    language: Language,
    *,
    vendor: Words,
    secret: str = "",
    key: str = "",
    model: str = "",
    tool: str = "",
    reason: str = "",
) -> ToolError:
    """The sentence as an error. `key` is the name of the secret; its value, `secret`, never shows."""
    shown = " ".join(reason.replace(secret, "[key]").split() if secret else reason.split())[:MAX_REASON_CHARS]
    sentence = _SENTENCES[refusal][language]
    return ToolError(sentence.format(vendor=vendor[language], key=key, model=model, tool=tool, reason=shown))


def no_key(key: str, language: Language) -> ToolError:
    """What is told where the key is not there at all."""
    return ToolError(_NO_KEY[language].format(key=key))
