"""What endpoints call their failures, as data: codes, status codes, and sentences where there is no code."""

import re
from collections.abc import Mapping

from user_agent.errors import (
    AuthFailed,
    Blocked,
    ContextTooLong,
    ModelError,
    ModelRequestRefused,
    NoQuota,
    RateLimited,
    Unavailable,
)

Kind = type[ModelError]

CODES: Mapping[str, Kind] = {
    # OpenAI and Azure: developers.openai.com/api/docs/guides/error-codes
    "invalidapikey": AuthFailed,
    "accountdeactivated": AuthFailed,
    "insufficientquota": NoQuota,
    "billinghardlimitreached": NoQuota,
    "billingnotactive": NoQuota,
    "ratelimitexceeded": RateLimited,
    "slowdown": RateLimited,
    "contextlengthexceeded": ContextTooLong,
    "stringabovemaxlength": ContextTooLong,
    "contentfilter": Blocked,
    "responsibleaipolicyviolation": Blocked,
    "contentpolicyviolation": Blocked,
    "moderationblocked": Blocked,
    "invalidprompt": Blocked,
    "modelnotfound": ModelRequestRefused,
    "unsupportedcountryregionterritory": ModelRequestRefused,
    "serviceunavailable": Unavailable,
    "serviceunavailableerror": Unavailable,
    "servererror": Unavailable,
    "internalservererror": Unavailable,
    "overloadederror": Unavailable,
    # DashScope: help.aliyun.com/zh/model-studio/error-code
    "arrearage": NoQuota,
    "allocationquotafreetieronly": NoQuota,
    "prepaidbilloverdue": NoQuota,
    "postpaidbilloverdue": NoQuota,
    "commoditynotpurchased": NoQuota,
    "throttling": RateLimited,
    "throttlingratequota": RateLimited,
    "throttlingburstrate": RateLimited,
    "throttlingallocationquota": RateLimited,
    "limitrequests": RateLimited,
    "limitburstrate": RateLimited,
    "datainspectionfailed": Blocked,
    "ipinfringementsuspect": Blocked,
    "faqruleblocked": Blocked,
    "internalerror": Unavailable,
    "systemerror": Unavailable,
    "modelservicefailed": Unavailable,
    "modelunavailable": Unavailable,
    "modelservingerror": Unavailable,
    "requesttimeout": Unavailable,
    # Zhipu: docs.bigmodel.cn/cn/api/api-code
    "1000": AuthFailed,
    "1001": AuthFailed,
    "1002": AuthFailed,
    "1003": AuthFailed,
    "1004": AuthFailed,
    "1005": AuthFailed,
    "1110": AuthFailed,
    "1111": AuthFailed,
    "1112": AuthFailed,
    "1121": AuthFailed,
    "1220": AuthFailed,
    "1113": NoQuota,
    "1304": NoQuota,
    "1308": NoQuota,
    "1309": NoQuota,
    "1310": NoQuota,
    "1311": NoQuota,
    "1211": ModelRequestRefused,
    "1261": ContextTooLong,
    "1300": Blocked,
    "1301": Blocked,
    "1302": RateLimited,
    "1303": RateLimited,
    "1305": RateLimited,
    "1312": RateLimited,
    "1313": RateLimited,
    "1120": Unavailable,
    "1200": Unavailable,
    "1230": Unavailable,
    "1234": Unavailable,
    # Moonshot (Kimi): platform.moonshot.ai/docs/api/chat#error-description; it says 429 for an empty account too
    "invalidauthenticationerror": AuthFailed,
    "exceededcurrentquotaerror": NoQuota,
    "ratelimitreachederror": RateLimited,
    "engineoverloadederror": Unavailable,
    # Volcengine (Doubao): www.volcengine.com/docs/82379/1299023
    "accountoverdueerror": NoQuota,
    "sensitivecontentdetected": Blocked,
    "sensitivecontentdetectedsevereviolation": Blocked,
    "sensitivecontentdetectedviolence": Blocked,
    "inputtextsensitivecontentdetected": Blocked,
    "inputimagesensitivecontentdetected": Blocked,
    "outputtextsensitivecontentdetected": Blocked,
    "serveroverloaded": Unavailable,
    # DeepSeek and llama.cpp
    "insufficientbalance": NoQuota,
    "exceedcontextsizeerror": ContextTooLong,
    "unavailableerror": Unavailable,
}
"""By the endpoint's `code` or `type`, in small letters without punctuation."""

CODES_OF_TYPE: Mapping[str, Mapping[str, Kind]] = {
    # DashScope means tokens per minute: help.aliyun.com/zh/model-studio/error-code#token-limit
    "dashscope": {"insufficientquota": RateLimited},
}
"""Where a type of entry means something else by a code than everybody."""

STATUSES: Mapping[int, Kind] = {
    401: AuthFailed,
    402: NoQuota,
    403: AuthFailed,
    408: Unavailable,
    413: ContextTooLong,
    429: RateLimited,
}

TOO_LONG = re.compile(
    r"context (length|window|size)|range of input length|prompt is too long|too many tokens"
    r"|longer than the max(imum)?\b.*model length"
    # Google, xAI and Moonshot, in this order.
    r"|token count\b.* exceeds the maximum|maximum prompt length|exceeded model token limit",
    re.I,
)
"""vLLM, DashScope, LM Studio and others say it only in words, with the code of any bad request."""

USED_UP = re.compile(
    r"exceeded today's quota|free (allocated )?quota|余额不足|欠费"
    # SiliconFlow, Anthropic and xAI, in this order.
    r"|balance is (insufficient|too low)|insufficient (account )?balance|n[o't]+ have any credits",
    re.I,
)
"""ModelScope counts by the day, with the status of any limit; others refuse an empty account as they do a wrong key, or
as any bad request."""

WRONG_KEY = re.compile(
    r"api[ _]key (is )?(not valid|invalid)|(incorrect|invalid) api[ _]key|missing or invalid authorization", re.I
)
"""xAI and Google answer a wrong key with 400, the status of any bad request."""

NO_TOOLS = re.compile(
    # vLLM, Ollama and llama.cpp, in this order.
    r"tool choice requires|enable-auto-tool-choice|does not support tools|tools param requires|tool-call-parser",
    re.I,
)
"""What servers say that were not set up for function calls."""

ENDS: Mapping[str, Kind] = {
    "content_filter": Blocked,
    "sensitive": Blocked,
    "model_context_window_exceeded": ContextTooLong,
    "insufficient_system_resource": Unavailable,
    "network_error": Unavailable,
}
"""Reasons for ending that are failures."""


def kind_of(codes: tuple[str, ...], sentence: str, status: int, entry_type: str) -> Kind:
    """Which failure an endpoint means by its codes, its sentence and its status, in this order."""
    own = CODES_OF_TYPE.get(entry_type, {})
    for code in (re.sub(r"[^a-z0-9]", "", code.lower()) for code in codes):
        known = own.get(code) or CODES.get(code)
        if known:
            return known
    if status in (400, 403, 429) and USED_UP.search(sentence):
        return NoQuota
    if status == 400 and WRONG_KEY.search(sentence):
        return AuthFailed
    if status in STATUSES:
        return STATUSES[status]
    if TOO_LONG.search(sentence):
        return ContextTooLong
    return Unavailable if status >= 500 else ModelRequestRefused
