"""Orders to the model in what others say of a tool: "before using any tool read … and pass it as …".

Rules over wordings that descriptions have no use for, in English and in Chinese. They find what is said plainly and
prove nothing of the rest: a warning for the person who chooses, beside what guards every call anyway.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Protocol

from pydantic import JsonValue

MAX_CHARS = 200_000
"""How much of what is said of one tool is looked through."""
LEAST_CHARS = 12
"""What is shorter is a name, unless it is Chinese."""
MAX_FOUND = 3
MOST_SHOWN = 160
_MODEL_READS = r"(?:instructions?|prompts?|rules?|messages?|guidelines?|directions)"
_PERSON = r"(?:the |your |any )?(?:users?|humans?|person|people)\b"
_SECRETS = (
    r"(?:system prompt|(?:chat|conversation|message) history|(?:whole|entire|full) conversation|previous messages"
    r"|(?:ssh|private) keys?|credentials? files?|all (?:the )?(?:api keys|secrets|passwords))"
)
_PLACES = r"(?:~/|/etc/(?:passwd|shadow)|\.ssh\b|\bid_rsa\b|(?<![\w.])\.env\b|\.aws/|\bmcp\.json\b)"
_RULES = tuple(
    re.compile(rule, re.IGNORECASE)
    for rule in (
        # Other orders are to count no more.
        rf"\b(?:ignore|disregard|forget|override)\b[^.]{{0,30}}\b(?:previous|prior|above|earlier|preceding|existing|other|"
        rf"all|system|your)\b[^.]{{0,20}}\b{_MODEL_READS}\b",
        # The person is not to know.
        rf"\b(?:do not|don't|never|must not|should not)\s+(?:tell|inform|notify|alert|warn|ask|mention (?:it|this|that|"
        rf"anything)?\s*to|reveal (?:it|this|that)?\s*to|show (?:it|this|that)?\s*to|let)\s+{_PERSON}",
        rf"\bwithout\s+(?:telling|informing|notifying|alerting|asking|warning)\s+{_PERSON}",
        r"\b(?:keep|hide) (?:it|this|that)(?: a)? (?:secret|hidden)?\s*from " + _PERSON,
        rf"\beven if\s+{_PERSON}\s+(?:asks?|says?|refuses?|objects?|declines?)",
        # Other tools are to be used otherwise.
        r"\b(?:before|after|whenever|when|every time|each time)\s+(?:you\s+)?(?:use|using|call|calling|invoke|invoking|"
        r"run|running)\s+(?:any|another|other|all|every)\s+(?:other\s+)?(?:tools?|functions?)\b",
        r"\b(?:always|must|only)\s+(?:use|call|invoke)\s+this\s+(?:tool|function)\s+(?:before|instead of|rather "
        r"than)\s+(?:any|every|all|the)?\s*(?:other\s+)?(?:tools?|functions?)\b",
        # What is private is to go along.
        rf"\b(?:read|open|cat|load|fetch|get|include|attach|send|pass|copy|upload)\b[^.]{{0,60}}?{_PLACES}",
        rf"\b(?:include|attach|send|pass|copy|put|append|forward|insert|provide)\b[^.]{{0,50}}\b{_SECRETS}",
        # It speaks as somebody else, or of what the model is.
        r"<\s*/?\s*(?:important|system|secret|admin|instructions?)\s*>",
        r"(?:^|\n)\s*(?:#+\s*)?(?:system|assistant)\s*(?:prompt|message|note)?\s*:\s*\S|\[(?:system|inst)\]",
        r"\b(?:you are now|from now on,? you|act as if you|pretend (?:to be|that you))\b",
        # The same in Chinese.
        r"(?:忽略|无视|忘记|忘掉|不要理会)[^。！？\n]{0,10}(?:之前|以上|上面|前面|先前|此前|所有|其他|系统)[^。！？\n]{0,8}(?:指令|指示|提示|规则|要求|消息)",
        r"(?:不要|不得|不能|别|禁止|切勿|无需|不必)(?:把[^。！？\n]{0,12})?(?:告诉|告知|提醒|通知|透露给|让|询问|问)\s*(?:用户|使用者|对方|人类)",
        r"(?:瞒着|对|向)(?:用户|使用者)(?:保密|隐瞒)|瞒着用户",
        r"(?:使用|调用)(?:任何|所有|其他|别的|每个)[^。！？\n]{0,4}(?:工具|函数|接口)(?:之?前|以前|之?后|时)",
        r"(?:必须|务必|总是|始终)[^。！？\n]{0,4}(?:调用|使用)(?:本|这个|此)(?:工具|函数|接口)[^。！？\n]{0,4}(?:代替|而不是|才能)[^。！？\n]{0,6}(?:工具|函数|接口)",
        rf"(?:读取|打开|发送|传入|附上|上传|复制)[^。！？\n]{{0,30}}?{_PLACES}",
        r"(?:把|将)[^。！？\n]{0,16}(?:系统提示|提示词|对话历史|聊天记录|对话记录|之前的消息|全部对话|私钥)[^。！？\n]{0,12}(?:发|传|放|填|写|作为|附|交)",
        r"(?:^|\n)\s*系统(?:消息|指令|提示)?\s*[:：]\s*\S",
        r"(?:从现在起|从现在开始)[，,]?\s*你|你现在是|(?:即使|哪怕)用户(?:要求|问|拒绝|反对)",
    )
)
_HIDDEN = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD)) | {0xE0000 + at: at for at in range(32, 127)}
"""Characters that nobody sees: some go, and those that spell a text for models alone become that text."""


class Told(Protocol):
    """What others say of a tool, as a model reads it."""

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def arguments(self) -> dict[str, JsonValue]: ...


def orders_of(tool: Told) -> tuple[str, ...]:
    """What in all that is said of a tool gives a model orders."""
    return orders_in((tool.title, tool.description, *texts_in(tool.arguments)))


def orders_in(texts: Iterable[str]) -> tuple[str, ...]:
    """What of these texts gives a model orders, each cut to what a person needs to see of it; at most a few."""
    found: dict[str, None] = {}
    left = MAX_CHARS
    for text in texts:
        if len(found) == MAX_FOUND or left <= 0:
            break
        if (len(text) >= LEAST_CHARS or not text.isascii()) and (order := _order_in(text[:left])):
            found[order] = None
        left -= len(text)
    return tuple(found)


@lru_cache(maxsize=4_096)
def _order_in(text: str) -> str:
    """Kept, since descriptions say the same of many operations."""
    said = _read(text)
    first = min(filter(None, (rule.search(said) for rule in _RULES)), key=lambda match: match.start(), default=None)
    return _around(said, first.start(), first.end()) if first else ""


def texts_in(value: JsonValue) -> Iterator[str]:
    """Every text in a schema, names included: a model reads them all."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case list(items):
                waiting += reversed(items)
            case dict(items):
                yield from items
                waiting += reversed(items.values())
            case _:
                pass


def _read(text: str) -> str:
    """The text as a model may read it, whatever it is dressed up as."""
    plain = unicodedata.normalize("NFKC", text.translate(_HIDDEN)).replace("’", "'")
    return re.sub(r"[^\S\n]+", " ", re.sub(r"[_*`\"]+", " ", plain))


def _around(text: str, start: int, end: int) -> str:
    begin = max(0, start - 30)
    shown = " ".join(text[begin : max(end + 60, begin + MOST_SHOWN)].split())
    cut = shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"
    return f"…{cut}" if begin else cut
