"""Tools that somebody does not want, cut out of a description before the rest of it is read."""

import re
from dataclasses import dataclass

from builder_core.rules.plan import Plan
from builder_core.rules.tool_wishes import tools_named_alone

_END = r"(?=\s*(?:[,.;!?，。；！？、\n]|$)|\s+(?:and|but|that|which|or|please|though)\b|的|但|而|并|，)"
_REFUSAL = re.compile(
    r"(?P<who>\b(?:that|which|who)\s+)?(?:[,，]?\s*\b(?:and|but)\s+)?[,，;；]?\s*"
    r"(?:\b(?:it |we |i |he |she )?(?:please )?(?:no|without(?: using)?|not|never|(?:don't|doesn't|does not|do "
    r"not|won't|shouldn't|should not|must not|needn't)"
    r"(?: need| want| use| have| know| check| include)?|skip|except|minus|w/o|leave out|avoid(?:s|ing)?)(?: "
    r"uses?| using)?\s+(?:the |a |an |any |its )?"
    rf"(?P<en>[A-Za-z' -]{{2,30}}?)(?: please| needed| required| necessary| thanks| at all)*{_END}"
    r"|(?:但|但是|而且|并且|并|也|可以|请|就)*(?:不用|不需要|不要|不查|别查|不带|无需|别用|不必|不算|不使用|不报|"
    r"不能用|用不着|不想要|别带|不提供|没有)(?:查|看|报|用|带|算|使用)?"
    rf"(?P<zh>[^，。；、,.;!！\n的但而]{{1,8}}){_END}的?)"
    r"(?P<behind>\s*(?:,|，|、)?\s*(?:and|but|但是?|而且|，)?\s+|、|，)?",
    re.IGNORECASE,
)
_WITH = re.compile(r"[,，]?\s*\bwith\s+(?:the |a |an )?(?P<tools>[A-Za-z' ]{3,40}?)(?=\s*(?:[,.;!?]|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cut:
    """A text without the tools that are refused in it, and their ids; `described`: also without those it only lists."""

    text: str
    described: str
    refused: frozenset[str]


def cut_refusals(plan: Plan, text: str) -> Cut:
    refused: set[str] = set()

    def without(found: re.Match[str]) -> str:
        tools = tools_named_alone(plan, found["en"] or found["zh"] or "")
        if not tools:
            return found.group()
        refused.update(tools)
        return found["who"] or ("，" if found["zh"] and found["behind"] else " ")

    said = _REFUSAL.sub(without, text)
    described = _WITH.sub(lambda found: " " if tools_named_alone(plan, found["tools"]) else found.group(), said)
    return Cut(_tidy(said), _tidy(described), frozenset(refused))


def _tidy(text: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", text).strip(" ,，")
