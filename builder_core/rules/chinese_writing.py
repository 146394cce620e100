"""Writes the texts of a new agent in Chinese, from what its description said."""

import re
from dataclasses import replace

from builder_core.rules.chinese_words import OWN_ACT, PEOPLE, ROLE_NOUN, task_object
from builder_core.rules.purpose import TOOL_NAMES, Purpose, Texts
from builder_core.rules.sound import name_is_sound
from user_agent.chinese import fold

_KIN = re.compile(r"我(妈|爸|哥|姐|弟|妹)(?!\1|妈)")
"""Said short of one's own family alone: of somebody else's it would be rude."""
MAX_NAMED_CHARS = 5
_NOUNS = re.compile(rf"{ROLE_NOUN}$", re.IGNORECASE)
_FOR_PEOPLE = re.compile(
    r"^(?:每天(?:早上|晚上)?|只|先|主要)?(?:教|告诉|提醒|陪|给|带|让|考考?|帮|帮助|辅导|指导|为|替|监督)(?:我|你|"
    r"他|她|人|[^，、]{0,8}?(?:人|者|生|孩子|朋友|女儿|儿子|用户|客户|员工|妈|爸))|^(?:帮助|协助)"
)
"""A task that says for whom it is done needs no "help you" before it."""
_TEACHING = re.compile(rf"^教(?!我|你|[^，、]{{0,8}}?{PEOPLE})")
"""Teaching that does not say whom."""
_WEATHER_KNOWN = re.compile(r"^(?:知道|了解|懂得?|掌握)(?=[^，、]{0,6}天气)")
"""What an agent knows of the weather, it looks up."""


def write_chinese(purpose: Purpose, tools: list[str]) -> Texts:
    """The texts for an agent with these tools."""
    tasks = [_WEATHER_KNOWN.sub("查", task) for task in purpose.tasks]
    purpose = replace(purpose, tasks=tuple(tasks if purpose.role else [_TEACHING.sub("教我", task) for task in tasks]))
    return Texts(
        name=purpose.name or _name(purpose, tools),
        description=_spaced(_description(purpose)),
        instruction=_spaced(_instruction(purpose)),
        prologue=_spaced(_prologue(purpose)),
    )


def subject(purpose: Purpose) -> str:
    """What it is all about, as a noun; empty where there is none."""
    if purpose.topic:
        return purpose.topic
    about = task_object(purpose.tasks[0]) if purpose.tasks else ""
    noun = _NOUNS.search(fold(purpose.role))
    if purpose.role:
        about = purpose.role[: noun.start()] if noun else purpose.role
        about = about or (task_object(purpose.tasks[0]) if purpose.tasks else "")
    about = about.strip()
    return about if len(about) > 1 and name_is_sound(about) and not about.startswith(_VAGUE) else ""


_VAGUE = ("资深", "高级", "私人", "专业", "全能", "个人", "智能", "贴心", "万能", "问题", "聊天", "角色扮演")


def _name(purpose: Purpose, tools: list[str]) -> str:
    """The first way of naming it that reads like a name."""
    ways = [
        purpose.persona,
        f"{purpose.topic}{purpose.role}" if 0 < len(purpose.role) <= 2 and purpose.topic else "",
        purpose.role,
    ]
    if len(purpose.role) <= 2 and purpose.role and purpose.tasks:
        ways.insert(1, f"{task_object(purpose.tasks[0])}{purpose.role}")
    if purpose.topic:
        ways.append(f"{purpose.topic.split('、')[0]}助手")
    if purpose.tasks and not purpose.role:
        ways += [
            f"{what}助手"
            for task in purpose.tasks[:2]
            for what in (task_object(task).split("、")[0], task)
            if len(what) > 1 and (what != task or len(task) <= MAX_NAMED_CHARS)
        ]
    ways += [f"{TOOL_NAMES[tool].zh}助手" for tool in tools if tool in TOOL_NAMES]
    return next((name for name in ways if name_is_sound(name)), "我的助手")


def _description(purpose: Purpose) -> str:
    does = "、".join(_to_reader(task) for task in purpose.tasks)
    said_already = not purpose.role and any(purpose.audience in task for task in purpose.tasks)
    whom = f"为{_to_reader(purpose.audience)}" if purpose.audience and not said_already else ""
    if purpose.persona:
        return f"以{purpose.persona}的口吻和你聊天{'，' + does if does else ''}。"
    if purpose.role and does:
        return f"{whom + '准备的，' if whom else ''}能{does}的{purpose.role}。"
    if does and purpose.topic:
        return f"围绕{purpose.topic}，{whom or '帮你'}{does}。"
    if does:
        says = _says_for_whom(purpose)
        return f"{whom}，{does}。" if whom and says else f"{whom or ('' if says else '帮你')}{does}。"
    if purpose.role:
        about = subject(purpose)
        focus = f"，专注{about}" if about and about != purpose.role else ""
        return f"{whom + '准备的' if whom else '你的'}{purpose.role}{focus}，有问题随时问。"
    if purpose.topic:
        return f"解答关于{purpose.topic}的各种问题。"
    return f"{whom}准备的专属助手。" if whom else "你的专属助手。"


def _says_for_whom(purpose: Purpose) -> bool:
    return bool(purpose.tasks and _FOR_PEOPLE.match(fold(purpose.tasks[0])))


def _instruction(purpose: Purpose) -> str:
    role = purpose.role or "助手"
    who = purpose.persona or f"一位{role}"
    whom = f"，为{to_agent(purpose.audience)}服务" if purpose.audience else ""
    tasks = [f"- {OWN_ACT.sub('帮用户', to_agent(task))}。" for task in purpose.tasks]
    about = subject(purpose)
    if not tasks and about:
        tasks.append(f"- 围绕{to_agent(about)}，讲解、出主意、给例子，把事情办到能直接用的程度。")
    elif purpose.persona:
        tasks.insert(0, f"- 始终像{purpose.persona}那样说话和回答。")
    elif not tasks and purpose.role:
        tasks.append(f"- 像一位真正的{role}那样讲解、建议、举例。")
    if purpose.wish:
        tasks.insert(0, f"- 满足这个需求：“{purpose.wish}”。")
    if purpose.audience:
        tasks.append(f"- 用词、篇幅和例子都要适合{to_agent(purpose.audience)}。")
    return "\n".join(
        [
            f"你是{who}{whom}。",
            "",
            "# 任务",
            *tasks,
            "",
            "# 工作方式",
            "- 先弄清需要知道的情况，一次只问一个简短的问题。",
            "- 给出能直接用的回答：具体的步骤、例子，必要时给出数字。",
            "- 不知道或做不到的事直说，不要猜测。",
        ]
    )


def _prologue(purpose: Purpose) -> str:
    if purpose.tasks:
        helps = "" if _says_for_whom(purpose) else "帮你"
        return f"你好！我可以{helps}{'、'.join(_to_reader(task) for task in purpose.tasks[:3])}。想先从哪件事开始？"
    if purpose.role:
        return f"你好！我是你的{purpose.role.removeprefix('我的')}。今天想从哪里开始？"
    if purpose.persona:
        return f"你好！我是{purpose.persona}。想聊点什么？"
    return f"你好！关于{purpose.topic}，想问什么都可以。" if purpose.topic else "你好！有什么可以帮你？"


def _to_reader(text: str) -> str:
    return _KIN.sub(r"我\1\1", text).replace("我", "你")


def to_agent(text: str) -> str:
    """What a person said of themselves, said to their agent."""
    said = re.sub(
        r"我们?(?=妈|爸|哥|姐|弟|妹|女儿|儿子|孩子|老婆|老公|先生|太太|奶奶|爷爷|公司|店|团队)", "用户的", text
    )
    return said.replace("我们", "用户").replace("我", "用户")


def _spaced(text: str) -> str:
    """Chinese and Latin side by side, with the space that typography puts between them."""
    text = re.sub(r"(?<=[\u3400-\u9fff])(?=[A-Za-z])", " ", text)
    return re.sub(r"(?<=[A-Za-z])(?=[\u3400-\u9fff])", " ", text)
