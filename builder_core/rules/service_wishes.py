"""Wishes to use a service outside, by a description that was handed over or by an address; or by neither."""

import re
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from builder_core.pasted import addresses_in
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.english_phrases import HE
from builder_core.rules.speech import Speech
from builder_core.services import Kind
from user_agent.chinese import fold
from user_agent.words import Words

_WISH = re.compile(
    r"\b(?:connect|use|uses|using|integrate|add|hook(?: it)? up|plug in|link|with|through|via)\b"
    r"|接入|连接|连上|对接|接上|集成|使用|用|添加|加上|加入|调用",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:open ?api|swagger|api|apis|mcp|spec|specs|specification|service|server|system|endpoints?)\b"
    r"|接口|服务|规范|系统|描述",
    re.IGNORECASE,
)
_MCP = re.compile(r"\bmcp\b", re.IGNORECASE)
_MCP_PLACE = re.compile(r"//mcp[.:/]|/(?:mcp|sse)/?$", re.IGNORECASE)
_DESCRIPTION = re.compile(r"\.(?:json|ya?ml)(?:$|\?)|/(?:openapi|swagger|api-docs)\b", re.IGNORECASE)

_WHERE: Mapping[Kind, Words] = {
    "mcp": Words(
        "要接入 MCP 服务器，请把它的网址（https://…/mcp）发给我，或者把它文档里的 mcpServers 配置粘贴到这里；"
        "也可以自己在“配置 → MCP 服务器”里添加。在你允许之前，什么都不会被使用。",
        "To use an MCP server, send me its address (https://…/mcp), or paste the mcpServers text of its documentation "
        "here; or add it yourself under Configure, MCP servers. Nothing of it is used until you allow it.",
    ),
    "openapi": Words(
        "要接入你们的系统，请把它的 OpenAPI（Swagger）描述粘贴到这里或作为文件附上，或者把描述的网址"
        "（https://…/openapi.json）发给我；也可以自己在“配置 → API”里添加。密钥不要发在这里，允许之后在那里填写。",
        "To use that system, paste its OpenAPI (Swagger) description here or attach it as a file, or send me the "
        "description's address (https://…/openapi.json); or add it yourself under Configure, APIs. Leave keys out of "
        "this chat: they are entered there once you have allowed it.",
    ),
}
"""What to hand over, and where, for a service of which only is said that there is one."""

_USE = (
    r"(?:connect|integrate|use|using|add|link|attach|access|hook (?:it )?up|plug (?:it )?in|wire (?:it )?up|talk)"
    r"(?:s|es|ing)?(?: it)?(?: (?:to|with|into|in))?"
)
_A = r"(?:(?:an?|the|my|our|some|this|that|another|external) )*"
_OTHER_SYSTEMS = r"(?!(?:operating|solar|immune|nervous|grading|legal|school|health|value|point)s? )"
_SYSTEM = (
    rf"(?:(?:{_OTHER_SYSTEMS}[\w-]+ ){{1,3}}?(?:systems?|software|server)|(?:[\w-]+ )?(?:crm|erp|backend|help ?desk))"
)
# A REST endpoint and a web hook are what the tool for HTTP requests is for.
_API = r"(?<!rest )(?<!web )(?<!json )(?:open ?apis?|swagger|apis?)"
_END = (
    r"(?= (?:to|for|so|when|as|where|which|that|please|too|in|of|and|server|here|description|spec)\b|\s*(?:[,.;:!?]|$))"
)
_ENGLISH: Mapping[Kind, str] = {
    "mcp": rf"{_USE} {_A}(?:[\w-]+ ){{0,3}}?mcp\b",
    "openapi": rf"{_USE} (?:(?:my|our) {_SYSTEM}|{_A}(?:[\w-]+ ){{0,2}}?{_API}){_END}",
}
_USE_ZH = r"(?:接入|接上|连接|连上|连到|对接|集成|使用|用上|用|添加|加上|加入|访问)(?:一下|一?个|到)?"
_OURS_ZH = r"(?:我们?|咱们?|公司|我司|单位|自己|内部|企业)"
_SYSTEM_ZH = r"(?:系统(?!性|地|化)|接口|后台|api)"
_CHINESE: Mapping[Kind, str] = {
    "mcp": rf"{_USE_ZH}[^，。；,.;]{{0,10}}?mcp",
    "openapi": rf"{_USE_ZH}(?:{_OURS_ZH}[^，。；,.;]{{0,10}}?{_SYSTEM_ZH}"
    r"|[^，。；,.;]{0,6}?(?:openapi|swagger|api)(?!\s*(?:key|密钥)))",
}
_HOW = rf"(?:(?:how|where) (?:do|can|could|should) (?:i|we) |how to |can (?:it|i|you) |{HE} (?:should|must|can) )?"
_HOW_ZH = r"(?:怎么|如何|怎样|在哪里?|能不能|可以)?(?:让它|给它|帮它|它|要|来)*"

ENGLISH_SERVICES: tuple[Rule, ...] = tuple(
    rule(rf"{_HOW}{pattern}.*", tell(_WHERE[kind])) for kind, pattern in _ENGLISH.items()
)
CHINESE_SERVICES: tuple[Rule, ...] = tuple(
    rule(rf"{_HOW_ZH}{pattern}.*", tell(_WHERE[kind])) for kind, pattern in _CHINESE.items()
)
_WHAT: Sequence[tuple[Kind, str, str]] = (
    ("mcp", r"(?:[\w-]+ ){0,3}?mcp\b", "mcp"),
    ("openapi", rf"(?:{_SYSTEM}|(?:[\w-]+ ){{0,2}}?{_API}){_END}", _SYSTEM_ZH),
)
# In a description only what is theirs: a tutor may explain how to use an API.
_THEIRS: Mapping[Kind, re.Pattern[str]] = {
    kind: re.compile(
        rf"(?<!not )(?<!n't )(?<!never )\b{_USE} (?:my|our) {english}"
        rf"|(?<![别不])(?<!不[要用会能])(?<!怎么)(?<!如何){_USE_ZH}{_OURS_ZH}[^，。；,.;]{{0,10}}?{chinese}",
        re.IGNORECASE,
    )
    for kind, english, chinese in _WHAT
}


def wished_service(speech: Speech, *, pasted: Kind | None, asked: Kind | None = None) -> dict[str, JsonValue] | None:
    """What `connect_service` is to be called with; None where no service is wanted. Text that was quoted wants none.

    `asked` is the kind of service whose address was asked for last: then an address alone is the answer.
    """
    if pasted:
        return {"kind": pasted}
    address = next(iter(addresses_in(speech.given)), "")
    words = speech.words
    if not address or not (asked or _WISH.search(words)):
        return None
    if _MCP.search(words) or _MCP_PLACE.search(address):
        return {"kind": "mcp", "url": address}
    if _ABOUT.search(words) or _DESCRIPTION.search(address):
        return {"kind": "openapi", "url": address}
    return {"kind": asked, "url": address} if asked else None


def where_to_give(speech: Speech) -> Words | None:
    """What to hand over where an agent is described that uses a service of the person's, of which they gave nothing."""
    said = fold(speech.words)
    return next((_WHERE[kind] for kind, named in _THEIRS.items() if named.search(said)), None)


def asked_for(said: str) -> Kind | None:
    """The kind of service whose address this answer of the guide's asks for."""
    return next((kind for kind, words in _WHERE.items() if words.zh in said or words.en in said), None)


def is_asking(note: Words) -> bool:
    return note in _WHERE.values()
