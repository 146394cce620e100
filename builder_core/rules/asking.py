"""How people ask what is set: "what's it called?", "show me the instructions", "它现在叫什么". Nothing is changed."""

import re

from builder_core.recommend import recommend
from builder_core.rules.edits import Rule, rule
from builder_core.rules.plan import Plan
from builder_core.rules.reporting import FIELDS
from builder_core.rules.tool_wishes import show_catalogue, tools_named_alone
from user_agent.chinese import fold
from user_agent.words import Words

_FIELD_NAMES = (
    ("name", r"name|called|名字|名称|叫什么|叫啥"),
    ("description", r"description|blurb|summary|简介|描述|介绍"),
    ("prologue", r"greeting|prologue|opening|welcome|开场白|欢迎语|问候语"),
    ("prompt_recommend", r"questions?|suggestions?|推荐问题|建议问题|推荐"),
    ("instruction", r"instructions?|rules?|prompt|指令|规则|提示词|设定"),
)
_SET = Words("{field}现在是：“{value}”。", "The {field}, as set now: “{value}”.")
_EMPTY = Words("{field}还没有填。", "Nothing is set for the {field}.")
_HAS = Words("有：{tools}。", "Yes: {tools}.")
_ON, _OFF = Words("（已启用）", " (on)"), Words("（未启用）", " (off)")
_SHOWN_CHARS = 1_500


def _show(plan: Plan, value: str) -> bool:
    """Tell what the field that is named holds."""
    said = fold(value).lower()
    name = next((field for field, words in _FIELD_NAMES if re.search(words, said)), None)
    if name is None:
        return False
    text = "\n".join(plan.questions) if name == "prompt_recommend" else str(getattr(plan.current, name))
    shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    words, label = (_SET if text else _EMPTY), FIELDS[name]
    plan.tell(Words(words.zh.format(field=label.zh, value=shown), words.en.format(field=label.en, value=shown)))
    return True


def _has_tool(plan: Plan, value: str) -> bool:
    """Whether there is such a tool, and whether it is on."""
    tools = [o.tool for o in plan.catalogue if o.tool.name in tools_named_alone(plan, value) and recommend((o,), value)]
    if not tools:
        return False
    zh = "、".join(f"{tool.label.zh}{(_ON if tool.name in plan.enabled else _OFF).zh}" for tool in tools)
    en = ", ".join(f"{tool.label.en}{(_ON if tool.name in plan.enabled else _OFF).en}" for tool in tools)
    plan.tell(Words(_HAS.zh.format(tools=zh), _HAS.en.format(tools=en)))
    return True


_FIELD = (
    r"(?:name|description|blurb|summary|greeting|prologue|opening message|welcome message|(?:suggested )?questions?|"
    r"suggestions?|instructions?|rules|prompt)"
)
_FIELD_ZH = r"(?:名字|名称|简介|描述|介绍|开场白|欢迎语|问候语|推荐问题|建议问题|指令|规则|提示词|设定)"
_IT = r"(?:它|他|她|这个?智能体|智能体|这个?助手|我?的?助手|机器人)"

ENGLISH_ASKING: tuple[Rule, ...] = (
    rule(
        rf"(?:what(?:'s| is| are)|which(?: is| are)?) (?:(?:the|its|his|her|your|my) )?(?:current |"
        rf"present )?(?P<value>{_FIELD})"
        r"(?: (?:right now|right|now|at the moment|currently|again|set to|like))*$",
        _show,
    ),
    rule(
        r"what(?:'s| is) (?:it|he|she|the (?:agent|bot|assistant)) (?:currently |now )?(?P<value>called)"
        r"(?: (?:right )?now| right| at the moment| again)*$",
        _show,
    ),
    rule(
        rf"(?:show|tell|read|give)(?: me| us)? (?:(?:the|its|his|her|all|my) )*(?:current |"
        rf"present )?(?P<value>{_FIELD})"
        r"(?: (?:right now|now|again|it has|as (?:it is|they are)))*$",
        _show,
    ),
    rule(r"(?:do|does) (?:you|it) have (?:got )?(?P<value>.{2,40})$|is there (?P<there>.{2,40})$", _has_tool),
    rule(
        r"what (?:else )?(?:can|could) (?:i|we) (?:tick|switch on|turn on|enable|add)(?: (?:there|"
        r"here))?$",
        show_catalogue,
    ),
)
CHINESE_ASKING: tuple[Rule, ...] = (
    rule(
        rf"(?:给我|让我|帮我|我想)?(?:看看|看一?下|看|显示|列出|念一?下|说说|"
        rf"告诉我)(?:一下)?(?:{_IT}的?)?(?:现在|目前|当前)?的?"
        rf"(?P<value>{_FIELD_ZH})(?:是什么|有哪些|吧)*$",
        _show,
    ),
    rule(
        rf"(?:(?:{_IT}|你)的?)?(?:现在|目前|当前)?的?(?P<value>{_FIELD_ZH})(?:现在|目前)?(?:是|写的?是?|"
        rf"有)(?:些)?(?:什么|啥|哪些|怎样的?)(?:来着|呢|了)*$",
        _show,
    ),
    rule(rf"{_IT}?(?:现在|目前|到底)?(?P<value>叫(?:什么|啥))(?:名字?)?(?:来着|呢|了)*$", _show),
    rule(
        r"(?:你|它)?(?:这里|现在)?有没?有?(?P<value>[^，。]{1,10}?)(?:工具|功能)?(?=吗|么|没有|$)(?:吗|么|"
        r"没有)?$",
        _has_tool,
    ),
)
