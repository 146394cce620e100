"""Wishes to use a service outside, by a description that was handed over or by an address."""

import re

from pydantic import JsonValue

from builder_core.pasted import addresses_in
from builder_core.rules.speech import Speech
from builder_core.services import Kind

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


def wished_service(speech: Speech, *, pasted: Kind | None) -> dict[str, JsonValue] | None:
    """What `connect_service` is to be called with; None where no service is wanted. Text that was quoted wants none."""
    if pasted:
        return {"kind": pasted}
    address = next(iter(addresses_in(speech.given)), "")
    words = speech.words
    if not address or not _WISH.search(words):
        return None
    if _MCP.search(words) or _MCP_PLACE.search(address):
        return {"kind": "mcp", "url": address}
    if _ABOUT.search(words) or _DESCRIPTION.search(address):
        return {"kind": "openapi", "url": address}
    return None
