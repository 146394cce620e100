"""Takes a Chinese description apart: "帮我做一个能查天气、算汇率的旅行助手"."""

import re

from builder_core.rules.purpose import Purpose
from builder_core.rules.vocabulary import tone_named

_ROLE_NOUN = (
    r"(?:智能体|小助手|助手|助理|机器人|老师|教师|教练|顾问|专家|管家|客服|向导|导游|翻译|编辑|作家|写手|医生|律师|秘书|"
    r"规划师|设计师|分析师|营养师|咨询师|厨师|大厨|伙伴|搭子|陪练|朋友|达人|大师|先生|小姐|生成器|计算器|百科|agent|bot)"
)
_VERBS = (
    "规划|计划|安排|制定|查询|查找|查|搜索|找|写|撰写|创作|生成|翻译|推荐|分析|总结|概括|解答|回答|解释|讲解|讲|教|学习|学|练习|"
    "管理|整理|记录|提醒|检查|修改|润色|校对|批改|算|计算|换算|设计|制作|处理|提供|介绍|监控|跟踪|对比|比较|评估|审核|阅读|读|"
    "了解|知道|订|预订|购买|选|挑选|挑|陪|辅导|指导|诊断|识别|提取|编写|编辑|策划|组织|答|聊|讨论|续费|播报|报|看|做|帮|给|画|唱"
)
_VERB = re.compile(rf"^(?:{_VERBS})")
_GENERIC = re.compile(r"^(?:AI|智能|小)?\s*(?:智能体|机器人|助手|助理|小助手|agent|bot)$", re.IGNORECASE)
_GREETING = re.compile(r"^(?:你好|您好|嗨|哈喽|hi|hello)[，,!！。 ]*", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:请问|请|麻烦你?|能不能|能否|可不可以|可以|我想要|我想|我需要|我要|我希望|希望|想要|想|需要|帮忙|帮我|给我|替我|为我|你)+"
)
_MAKE = r"(?:做出?|创建|新建|建|写|设计|生成|弄|搭建|搭|开发|制作|打造|有|要|来|搞|整|定制)"
_MEASURE = r"(?:一个|一款|一名|一位|个|款|位)"
_MADE = re.compile(
    rf"^(?:{_MAKE}{_MEASURE}|{_MEASURE}|(?:做|创建|新建|设计|开发|制作|打造|搭建|定制)(?=[^，,]*{_ROLE_NOUN}$))",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    rf"(?:{_MAKE}|想要|需要){_MEASURE}[^。！？\n]*{_ROLE_NOUN}|(?:创建|新建|打造|搭建|定制)[^。！？\n]*{_ROLE_NOUN}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:[，,]?(?:名字叫做?|名叫|名为|取名叫?|叫做)|(?:^|(?<=[，,个]))叫)[:：]?\s*(?P<name>[^，,。；！？的]{1,20}?)"
    r"(?:的|(?=[，,。；！？])|$)"
)
_FOR_WHOM = re.compile(
    r"^(?:主要|专门)?(?:给|面向|针对|适合|服务于|为)(?P<who>[^，,。]+?)(?:使用|用|看|准备|设计|服务|提供帮助|而设计)?的?$"
)
_PEOPLE = re.compile(r"(?:孩子|小孩|儿童|学生|小学生|中学生|老人|人|者|家长|新手|员工|客户|用户|同事|朋友|团队)$")
_ABLE = re.compile(
    r"^(?:它|他|她)?(?:并且|并|而且|同时|然后|以及|还|也|又|再)*(?:最好|应该|需要|要)?(?:还|也)?"
    r"(?:能够|能|会|可以|用来|用于|专门|主要|负责|懂得|懂|擅长)*(?:帮助我|帮我们|帮我|帮忙|给我|为我|让我)?"
)
_CLAUSE = re.compile(r"[，,；;：:]|(?<!\d)\s{2,}")
_TASK_SPLIT = re.compile(rf"[、，,；;]|并且|而且|以及|还能|还会|还要|同时|[和并](?={_VERBS})")
_SENTENCE = re.compile(r"(?<=[。！？!?])\s*|\n+")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.、)）])\s*(?P<item>.+)$", re.MULTILINE)
_RULE = re.compile(r"^(?:它|他|她)?(?:绝对|一定|千万|永远|最好)?(?:不要|别|不能|不可以|禁止|避免|不许|只能|必须)")
MAX_TOPIC_CHARS = 12


def asks_for_agent(text: str) -> bool:
    """Whether somebody asks for an agent in so many words, which is more than a correction."""
    return _ASKED_FOR.search(text) is not None


def task_object(task: str) -> str:
    """What a task is done to: "规划周末旅行" -> "周末旅行"."""
    return re.sub(r"^(?:我的|各种|一些|一下|我|你)+", "", _VERB.sub("", task)).strip()


def read_chinese(text: str) -> Purpose:
    """What the description says; false where it says nothing that an agent could be for."""
    bullets = tuple(_ABLE.sub("", item.strip(" 。；;")) for item in _BULLET.findall(text))
    first, *others = [part.strip() for part in _SENTENCE.split(_BULLET.sub("", text)) if part.strip()] or [""]
    said = _MADE.sub("", _POLITE.sub("", _GREETING.sub("", first))).strip(" ，,。！？!?：:")
    named = _NAMED.search(said)
    if named:
        said = (said[: named.start()] + said[named.end() :]).strip(" ，,的")
    head, rest = _head(said)
    found = _read_clauses([part.strip() for part in _CLAUSE.split(rest) if part.strip()])
    tasks = (*head.tasks, *found.tasks, *bullets)
    bare_topic = said if not head and not tasks and len(said) <= MAX_TOPIC_CHARS else ""
    return Purpose(
        name=named["name"].strip() if named else "",
        role="" if _GENERIC.match(head.role) else head.role,
        tasks=tasks,
        topic=bare_topic,
        audience=head.audience or found.audience,
        details="\n".join(part for part in (head.details, "" if bare_topic else found.details, *others) if part),
    )


def _head(said: str) -> tuple[Purpose, str]:
    """The noun that says what it is, with what stands before it; and everything after it."""
    behind = r"(?P<rest>$|[，,、；;：:\s].*|(?=[能会可用专帮负]).*)"
    full = re.match(rf"^(?P<mod>.+)的(?P<role>[^的，,、。]{{0,12}}?{_ROLE_NOUN}){behind}", said, re.IGNORECASE)
    if full:
        return _modified(full["mod"], full["role"].strip()), full["rest"]
    alone = re.match(rf"^(?P<role>[^，,、。；;]{{0,24}}?{_ROLE_NOUN}){behind}", said, re.IGNORECASE)
    if alone and not _VERB.fullmatch(alone["role"]):
        return Purpose(role=alone["role"].strip()), alone["rest"]
    first, comma, rest = said.partition("，")
    if not comma:
        return Purpose(), said
    head, behind_head = _head(_MADE.sub("", _POLITE.sub("", rest)))
    return head, f"{first}，{behind_head}"


def _modified(mod: str, role: str) -> Purpose:
    """A role with what stands before its 的: whom it is for, what it does, or what it is like."""
    if whom := _FOR_WHOM.match(mod):
        return Purpose(role=role, audience=whom["who"])
    bare = _ABLE.sub("", mod)
    if bare != mod or _VERB.match(bare):
        return Purpose(role=role, tasks=_tasks(mod))
    if mod in ("我", "我们", "我自己"):
        return Purpose(role=role)
    if _PEOPLE.search(mod):
        return Purpose(role=role, audience=mod)
    if _GENERIC.match(role):
        return Purpose(role=f"{mod}助手")
    return Purpose(role=role, details=f"语气{mod}" if tone_named(mod) else mod)


def _read_clauses(clauses: list[str]) -> Purpose:
    tasks: list[str] = []
    details: list[str] = []
    audience = ""
    for clause in clauses:
        bare = _ABLE.sub("", clause)
        whom = _FOR_WHOM.match(clause)
        if _RULE.match(clause):
            details.append(clause)
        elif whom and not audience and not _VERB.match(whom["who"]):
            audience = whom["who"]
        elif _VERB.match(bare) or (bare and bare != clause):
            tasks.extend(_tasks(clause))
        else:
            details.append(clause)
    return Purpose(tasks=tuple(tasks), audience=audience, details="\n".join(details))


def _tasks(text: str) -> tuple[str, ...]:
    """The verb phrases of a text: "能查天气、算汇率" -> "查天气", "算汇率"."""
    bare = (_ABLE.sub("", piece.strip()).strip() for piece in _TASK_SPLIT.split(text))
    return tuple(piece for piece in bare if piece)
