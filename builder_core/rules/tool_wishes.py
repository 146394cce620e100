"""Wishes that are about a tool: "drop the weather", "也要能算汇率"."""

import re
from collections.abc import Collection, Mapping

from builder_core.recommend import recommend
from builder_core.rules import instruction as lines
from builder_core.rules.plan import TEXT_FIELDS, Plan
from builder_core.rules.reporting import FIELDS
from builder_core.rules.unwanted import topic_of
from user_agent.chinese import fold
from user_agent.words import Words

NICKNAMES: Mapping[str, tuple[str, ...]] = {
    "current_time": ("time", "times", "date", "dates", "clock", "hour", "时间", "时钟", "钟", "日期"),
    "calculator": ("sums", "maths", "算数", "算术", "算钱", "算"),
    "weather": ("meteo", "气象预报"),
    "image_gen": ("drawing", "drawings", "pictures", "images", "illustrations", "画", "图片", "图像", "插图", "插画"),
}
"""What people call a tool where they switch it on or off; in other talk these words mean something else as well."""

_FILLER = re.compile(
    r"\b(?:the|a|an|its|your|tools?|functions?|features?|and|or|for|me|us|please|also|too|as well|any ?more|"
    r"again|now|it|"
    r"that|to|be able|able|can|add|enable|turn|switch|on|off|back|use|using|include|tell|tells|check|checks|"
    r"checking|hook up|plug in|wire up|"
    r"know|knows|look up|looking up|show|do|does|calculate|calculates|give|have|has|report|reports|lookup|data|"
    r"information|info|current|service|one|need|needed|needs|stuff|thing|access|with|in|of|different|cities|any|city)\b"
    r"|配上|给(?=[它他她])|加上|加个|加入|加回来|加回|加|添加|增加|启用|打开|开启|开通|开|用上|使用|支持|"
    r"查询|查看|查|看|报告|播报|"
    r"报|告诉|知道|"
    r"需要|调用|用|算|工具|功能|能力|插件|预报|显示|那个|这个|相关|一下|一个|情况|信息|回来|各地|实时|当地|服务|"
    r"先|就|掉|"
    r"的|了|和|与|跟|及|吧|它|我|吗|个|会|能|再|也|、",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"没用|不用|不要|不需要|去掉|删|关[掉了]|停用|\b(?:useless|pointless|unnecessary|drop it|"
    r"remove it)\b",
    re.IGNORECASE,
)
"""Said of a tool, it asks for none: "计算器没用，去掉"."""
_PARTS = re.compile(r"\s*(?:,|，|、|;|\band\b|\bor\b|和|与|跟|及|以及)\s*")


def drop_tool(plan: Plan, value: str) -> bool:
    """Switch off the tools that `value` names and says nothing else about."""
    tools = _named(plan, value, enabled_first=True)
    alone = tools_named_alone(plan, value) & plan.enabled
    if not alone and (not tools or _more_than(plan, tools, value)):
        return False
    gone = sorted(alone) or tools
    plan.ticks.update(dict.fromkeys(gone, False))
    tell_promises(plan, gone)
    return True


def drop_named(plan: Plan, value: str) -> bool:
    """ "The weather is no use here, ditch it": the tool that was named first."""
    topic = topic_of(value)
    return bool(topic) and bool(tools_named_alone(plan, topic)) and drop_tool(plan, topic)


def tell_promises(plan: Plan, gone: Collection[str]) -> None:
    """Say which texts still promise what a tool did that is off now: nobody has asked to change them."""
    left = [offer for offer in plan.catalogue if offer.tool.name in plan.enabled - set(gone)]
    offers = [offer for offer in plan.catalogue if offer.tool.name in gone]
    texts = {field: plan.text(field) for field in TEXT_FIELDS} | {"prompt_recommend": "\n".join(plan.questions)}
    fields = [field for field, text in texts.items() if recommend(offers, text) and not recommend(left, text)]
    if fields:
        zh, en = "、".join(FIELDS[field].zh for field in fields), ", ".join(FIELDS[field].en for field in fields)
        plan.tell(
            Words(
                f"这些地方还提到它：{zh}。告诉我该怎么写就行。",
                f"Still mentioned in: {en}. Tell me what they should say.",
            )
        )


def add_tool(plan: Plan, value: str) -> bool:
    """Switch on the tools that `value` names; where it says more than their names, that becomes part of the task."""
    tools = list(dict.fromkeys((*plan.tools_to_add(value), *_toggled(plan, value))))
    if not tools or _REFUSED.search(fold(value)):
        return False
    plan.ticks.update(dict.fromkeys(tools, True))
    if _more_than(plan, tools, value):
        task = re.sub(r"^(?:also|be able to|\s)+", "", value, flags=re.IGNORECASE)
        plan.fields["instruction"] = lines.with_task(plan.text("instruction"), plan.language, task)
    return True


def keep_tool(plan: Plan, value: str) -> bool:
    """For "don't remove the weather": it stays on."""
    return _only_named(plan, value) and add_tool(plan, value)


def drop_all(plan: Plan, _: str) -> bool:
    enabled = sorted(plan.enabled)
    plan.ticks.update(dict.fromkeys(enabled, False))
    if not enabled:
        plan.tell(Words("没有启用任何工具。", "No tool is switched on."))
    return True


def add_all(plan: Plan, _: str) -> bool:
    plan.ticks.update({offer.tool.name: True for offer in plan.catalogue})
    return True


def only_tools(plan: Plan, value: str) -> bool:
    """Exactly the tools that `value` names are on."""
    if not _only_named(plan, value):
        return False
    wanted = set(_named(plan, value, enabled_first=True))
    plan.ticks.update({tool: tool in wanted for tool in sorted(plan.enabled | wanted)})
    return True


def swap_tools(plan: Plan, value: str, which: str) -> bool:
    """One tool in place of another."""
    gone, come = _named(plan, which, enabled_first=True), _named(plan, value, enabled_first=False)
    if not gone or not come or _more_than(plan, gone, which) or _more_than(plan, come, value):
        return False
    plan.ticks.update({**dict.fromkeys(gone, False), **dict.fromkeys(come, True)})
    return True


def show_catalogue(plan: Plan, _: str) -> bool:
    on = plan.enabled
    zh = "、".join(f"{o.tool.label.zh}{'（已启用）' if o.tool.name in on else ''}" for o in plan.catalogue)
    en = ", ".join(f"{o.tool.label.en}{' (on)' if o.tool.name in on else ''}" for o in plan.catalogue)
    plan.tell(
        Words(
            f"可以选的工具有：{zh}。说“加上计算器”或“去掉天气”就行。",
            f"The tools are: {en}. Say “add the calculator” or “drop the weather”.",
        )
    )
    return True


def no_such_tool(plan: Plan, value: str) -> bool:
    """For a tool that is asked for by a name that the catalogue does not know."""
    what = value.strip(" ?？。.吗")
    if not what or len(what) > 30:
        return False
    plan.tell(Words(f"没有找到“{what}”这样的工具。", f"I find no tool for “{what}”."))
    return show_catalogue(plan, value)


def _named(plan: Plan, value: str, *, enabled_first: bool) -> list[str]:
    found = plan.tools_to_drop(value) if enabled_first else plan.tools_to_add(value)
    nicknamed = _toggled(plan, value)
    known = {offer.tool.name for offer in plan.catalogue}
    return list(dict.fromkeys(tool for tool in (*found, *nicknamed) if tool in known | plan.enabled))


def _toggled(plan: Plan, value: str) -> list[str]:
    """The tools that a list of nothing but names calls by a nickname."""
    parts = {_FILLER.sub(" ", part).strip().lower() or part.strip().lower() for part in _PARTS.split(fold(value))}
    offered = {offer.tool.name for offer in plan.catalogue}
    return [tool for tool, names in NICKNAMES.items() if tool in offered and not parts.isdisjoint(names)]


def _only_named(plan: Plan, value: str) -> bool:
    tools = _named(plan, value, enabled_first=True)
    return bool(tools) and not _more_than(plan, tools, value)


def _more_than(plan: Plan, tools: list[str], value: str) -> bool:
    rest = fold(value).lower()
    words = {word for tool in tools for word in (*plan.tool_words(tool), *NICKNAMES.get(tool, ()))}
    for phrase in sorted(words, key=len, reverse=True):
        whole = (
            re.compile(rf"(?<![a-z]){re.escape(phrase)}(?![a-z])")
            if phrase.isascii()
            else re.compile(re.escape(phrase))
        )
        rest = whole.sub(" ", rest)
    return re.search(r"\w", _FILLER.sub(" ", rest)) is not None


def tools_named_alone(plan: Plan, value: str) -> set[str]:
    """Every tool that `value` means, where it says nothing else; all there are for "tools"."""
    if re.fullmatch(
        r"\s*(?:any |all )?(?:tools?|plugins?)\s*|\s*(?:任何|所有|什么)?(?:工具|插件)\s*", fold(value), re.IGNORECASE
    ):
        return {offer.tool.name for offer in plan.catalogue}
    tools = {
        *(o.tool.name for o in plan.catalogue if recommend((o,), value)),
        *_toggled(plan, value),
    }
    return tools if tools and not _more_than(plan, sorted(tools), value) else set[str]()
