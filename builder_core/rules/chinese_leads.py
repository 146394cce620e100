"""The ways into a Chinese description: what stands before the words that say what the agent is or does."""

import re
from dataclasses import dataclass
from typing import Literal

from builder_core.rules.chinese_words import ROLE_NOUN
from builder_core.rules.courtesy import without_courtesy

Way = Literal["open", "being", "doing", "own act"]
"""What is to follow: a noun or a verb, what it is, what it does, what the person does themselves."""

_MAKE = r"(?:做出?|创建|新建|建立?|弄|搭建|搭|开发|制作|打造|搞|整|定制|添加|make|build|create)"
_MAKE_OR_DO = r"(?:写|设计|生成|编|造|来|找)"
"""With an agent behind it one of these makes it; else it is what the agent does."""
_MEASURE = r"(?:一个|一款|一名|一位|一种|一只|个|款|位|名)"
_WANT = (
    r"(?:我们?公司|我们?团队|我们?店|我们?|咱们?|本人|公司|客户)?(?:现在|目前|也|真的|其实|就|很)*(?:想要|想|需要|要|"
    r"希望|打算|准备|有意|i want|i need|need|want)"
)
_PLEASE = (
    r"(?:请问|请|麻烦你?|劳驾|能不能|能否|可不可以|可否|是否可以|可以(?=帮|给|做|替)|帮忙|帮我们?|替我们?|为我们?|"
    r"给我们?(?=[做来弄搞整建创设一个找])|help me|please|我说|其实|还是|那就|那|就|你来?(?=[帮给做当扮])|你(?:能|"
    r"可以)(?:帮我|给我)?|有没有(?:能|会|可以)?|有(?=个|一个)|随便)"
)
_IT = r"(?:它|他|她|ta|这个?智能体|智能体|这个?助手|机器人|AI|ai|人工智能)"

_CONTEXT = re.compile(
    (
        rf"^(?P<context>(?:开了?(?:一?家|个)|我(?:们)?(?:是|有|开|在|经营|家|最近|女儿|儿子|孩子|妈|爸|老婆|老公|"
        rf"先生|太太|公司|负责|学|做|平时|经常|每天|总)|作为|身为|本人)[^。！？\n]{{1,80}}?)[，,](?:所以|因此|"
        rf"于是)?(?={_WANT}|{_PLEASE}|{_MAKE}{_MEASURE}|想|找)"
    ),
    re.IGNORECASE,
)
_WAYS: tuple[tuple[str, Way], ...] = (
    (
        (
            r"(?:它的|主要|具体)?(?:用途|功能|职责|目的|任务|主题|作用|要求|角色|定位|需求|描述|简介|身份)(?:是|为|"
            r"[:：])+\s*"
        ),
        "open",
    ),
    (
        (
            rf"(?:{_PLEASE}|{_WANT})*(?:让|叫|请|要)?(?:你|{_IT})?(?:来)?(?:扮演|充当|担任|当|作为|做(?=我的|"
            rf"我们的))(?:一下)?{_MEASURE}?(?:我们?的)?"
        ),
        "being",
    ),
    (rf"(?:{_WANT})?(?:你|{_IT})(?:应该|要|现在)?(?:是|将是){_MEASURE}?(?:我们?的)?", "being"),
    (rf"(?:{_WANT})(?:让|叫|要|用|由)?{_IT}(?:来)?(?:能够?|可以|会|主要|负责)*", "doing"),
    (rf"(?:我们?)?(?:要|想)?(?:让|叫|用|由){_IT}(?:来)?", "doing"),
    (
        (
            rf"{_IT}(?:应该|必须|需要|还|也|主要|要|得|的?作用是|是|用来|负责)*(?:能够?|会|可以|用来|负责|帮我们?|"
            rf"给我们?|为我们?|主要)+"
        ),
        "doing",
    ),
    (
        (
            r"(?:我们?|咱们?)?(?:每天|平时|经常)*(?:想|要|需要|希望|打算|准备)(?=学|练|备考|减|考|提高|健身|锻炼|戒|"
            r"早起|背)"
        ),
        "own act",
    ),
    (r"(?:我)?(?:真正)?(?:想|需)要的(?:其实)?是(?:一?[个款位])?", "open"),
    (rf"(?:{_WANT})", "open"),
    (rf"{_PLEASE}", "open"),
    (rf"{_MAKE}(?:一下)?{_MEASURE}(?!人|字|月|星期|礼拜|下)", "open"),
    (rf"{_MAKE_OR_DO}{_MEASURE}(?=[^，,。]*(?:的$|的[，,]|{ROLE_NOUN}))", "open"),
    (
        (
            rf"(?:把它|让它|将它)?(?:改成|换成|变成|改做|改为|重新做|重做)(?:另?一)?(?:个|款|位)?(?=[^，,。]*(?:的|"
            rf"{ROLE_NOUN}))"
        ),
        "open",
    ),
    (rf"{_MEASURE}(?=[^，,。]*(?:的|{ROLE_NOUN}))(?!人|字|月)", "open"),
    (rf"(?:做|创建|新建|设计|开发|制作|打造|搭建|定制)(?=[^，,。]*{ROLE_NOUN}(?:[，,。吧呢]|$))(?!饭|菜)", "open"),
    (r"找(?:一)?个人(?:来)?(?=.{2})", "doing"),
    (r"做(?!饭|菜|题|作业|家务|梦|事)(?=[^，,。]{1,10}的(?:[，,]|$))", "open"),
    (r"[，,。！!：:、\s]+", "open"),
)
_STEPS: tuple[tuple[re.Pattern[str], Way], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), way) for pattern, way in _WAYS
)
_FOR_WHOM = re.compile(
    (
        rf"^(?:给|为|帮(?!忙)|替)(?P<who>(?!我们?[做来弄搞建创设打定找开整])[^，,。的]{{1,10}}?)(?:们)?(?:做|建|弄|"
        rf"设计|搞|整|创建|打造|定制|找|来|开发){_MEASURE}"
    ),
    re.IGNORECASE,
)
_OWN_FOR = re.compile(
    rf"^(?:给|为)(?:我|我们)的(?P<who>[^，,。]{{1,8}}?)(?:做|建|弄|设计|搞|整|创建|打造|定制|找|来){_MEASURE}"
)
_TAIL = re.compile(r"(?:可以吗|好吗|好不好|行吗|可不可以|吗|吧|呗|啊|呀|哦|啦|嘛|哈)+[？?。！!~～]*$")


@dataclass(frozen=True, slots=True)
class Lead:
    """A sentence behind its lead-in, how the rest is to be taken, whom it is for, and what it says of the person."""

    rest: str
    way: Way
    audience: str = ""
    context: str = ""
    asked: bool = False
    """Whether it asks for something in so many words, rather than only naming it."""


def led(sentence: str) -> Lead:
    """The sentence without what leads up to its matter: "给我妈做一个养生助手吧" -> "养生助手", for "我妈"."""
    said = _TAIL.sub("", without_courtesy(sentence).strip(" ，,。！!？?")).strip(" ，,。")
    context = _CONTEXT.match(said)
    if context:
        said = said[context.end() :].strip()
    way: Way = "open"
    audience, asked = "", False
    for _ in range(8):
        whom = _OWN_FOR.match(said) or _FOR_WHOM.match(said)
        if whom:
            said, audience, asked = said[whom.end() :], whom["who"], True
            continue
        step = _step(said)
        if step is None or step[0].end() >= len(said):
            break
        found, kind = step
        said, asked = said[found.end() :], asked or bool(found.group().strip("，, "))
        if kind != "open":
            way = kind
            break
    return Lead(said.strip(" ，,。！!？?：:"), way, audience, context["context"] if context else "", asked)


def _step(said: str) -> tuple[re.Match[str], Way] | None:
    for pattern, way in _STEPS:
        found = pattern.match(said)
        if found and found.end():
            return found, way
    return None
