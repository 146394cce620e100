"""What every searcher answers with, and what it says when it does not."""

import html
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from user_agent.errors import ToolError
from user_agent.storable import cleaned
from user_agent.words import Language, Words

MAX_TITLE_CHARS = 200
MAX_SNIPPET_CHARS = 600
MAX_REASON_CHARS = 200
_TAG = re.compile(r"<[^<>]{0,300}>")

Refusal = Literal["key", "quota", "too_fast", "wrong", "down", "blocked", "no_json", "no_address"]

_SENTENCES: dict[Refusal, Words] = {
    "key": Words(
        zh="{vendor} 没有接受密钥 {key}（{reason}）。请在“配置 → 工具”里核对它。",
        en="{vendor} refused the key {key} ({reason}). Check it under Configure, Tools.",
    ),
    "quota": Words(
        zh="{vendor} 账号的额度已用完（{reason}）。请充值，或换一个搜索服务的密钥。",
        en="The account at {vendor} has no searches left ({reason}). Top it up, or use another service's key.",
    ),
    "too_fast": Words(
        zh="{vendor} 说请求太频繁（{reason}）。请稍等一会儿再搜索。",
        en="{vendor} says that it is asked too often ({reason}). Wait a moment and search again.",
    ),
    "wrong": Words(
        zh="{vendor} 没有接受这次搜索：{reason}。请换一种说法再试。",
        en="{vendor} did not accept the search: {reason}. Word it differently and try again.",
    ),
    "down": Words(
        zh="{vendor} 现在出了故障（{reason}）。请稍后再试。",
        en="{vendor} does not work just now ({reason}). Try again later.",
    ),
    "blocked": Words(
        zh="不用密钥的搜索现在没有结果：{reason}请稍后再试；要稳定地搜索，请在“配置 → 工具”里填写一个搜索服务的密钥。",
        en="Searching without a key gets no answer just now: {reason} Try later; to search reliably, enter a search "
        "service's key under Configure, Tools.",
    ),
    "no_json": Words(
        zh="这个 SearXNG 没有打开 JSON 格式。请管理它的人在 settings.yml 的 search.formats 里加上 json。",
        en="This SearXNG does not offer JSON. Whoever runs it can add json to search.formats in its settings.yml.",
    ),
    "no_address": Words(
        zh="搜索服务设成了 SearXNG，但没有它的地址。请管理这台服务器的人设置 SEARXNG_BASE_URL。",
        en="The searcher is set to SearXNG, but its address is not. Whoever runs this server can set SEARXNG_BASE_URL.",
    ),
}


class Found(BaseModel):
    """A page that was found. `published` is as its searcher words it; absent where it tells none."""

    title: str
    url: str
    snippet: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    count: int
    language: Language


def found(title: object, url: object, snippet: object = "", published: object = None) -> Found | None:
    """A result as every searcher gives it, in plain text; None for one without a web address."""
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None
    date = _plain(published, 40)
    return Found(
        title=_plain(title, MAX_TITLE_CHARS) or url[:MAX_TITLE_CHARS],
        url=cleaned(url),
        snippet=_plain(snippet, MAX_SNIPPET_CHARS),
        published=date or None,
    )


def refused(
    refusal: Refusal, language: Language, *, vendor: str, key: str = "", secret: str = "", reason: str
) -> ToolError:
    """The sentence as an error. `key` is the name of the secret; its value, `secret`, never shows."""
    shown = _plain(reason.replace(secret, "[key]") if secret else reason, MAX_REASON_CHARS)
    return ToolError(_SENTENCES[refusal][language].format(vendor=vendor, key=key, reason=shown or "?"))


def _plain(value: object, most: int) -> str:
    text = html.unescape(_TAG.sub("", value)) if isinstance(value, str) else ""
    text = " ".join(cleaned(text).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
