"""Writes the texts of a new agent in Chinese, from what its description said."""

import re

from builder_core.rules.chinese_reading import task_object
from builder_core.rules.purpose import SAMPLE_QUESTIONS, Purpose, Texts, four

MAX_OBJECT_CHARS = 10
_NOUNS = re.compile(
    r"(?:助手|助理|机器人|老师|教师|教练|顾问|专家|管家|客服|向导|导游|规划师|设计师|分析师|营养师|咨询师|伙伴|搭子|陪练|达人|大师)$"
)
_OWN_ACT = re.compile(r"^(?=学|练|备考|准备|减肥|考)")
"""Before what a person does themselves: an agent helps them with it."""
_KNOWING = re.compile(r"^(?:知道|了解|懂|查询|查|看|报|播报|算|计算)")


def write_chinese(purpose: Purpose, tools: list[str]) -> Texts:
    """The texts for an agent with these tools."""
    questions = four(_task_questions(purpose, tools), _tool_questions(tools), _general_questions(purpose))
    return Texts(
        name=purpose.name or _name(purpose),
        description=_spaced(_description(purpose)),
        instruction=_spaced(_instruction(purpose)),
        prologue=_spaced(_prologue(purpose)),
        questions=tuple(_spaced(question) for question in questions),
    )


def subject(purpose: Purpose) -> str:
    """What it is all about, as a noun; empty where there is none."""
    if purpose.topic:
        return purpose.topic
    about = task_object(purpose.tasks[0]) if purpose.tasks else ""
    if purpose.role:
        about = _NOUNS.sub("", purpose.role).strip()
    return about if len(about) > 1 else ""


def _name(purpose: Purpose) -> str:
    if purpose.role:
        return purpose.role
    if purpose.tasks:
        first = purpose.tasks[0]
        what = task_object(first)
        if len(what) < 2:
            what = first
        return f"{what[:MAX_OBJECT_CHARS]}助手"
    return f"{purpose.topic}助手"


def _description(purpose: Purpose) -> str:
    does = "、".join(_to_reader(task) for task in purpose.tasks)
    whom = f"为{_to_reader(purpose.audience)}" if purpose.audience else ""
    if purpose.role and does:
        return f"{whom + '准备的，' if whom else ''}能{does}的{purpose.role}。"
    if does:
        return f"{whom or '帮你'}{does}。"
    if purpose.role:
        about = subject(purpose)
        focus = f"，专注{about}" if about else ""
        return f"{whom + '准备的' if whom else '你的'}{purpose.role}{focus}，有问题随时问。"
    return f"解答关于{purpose.topic}的各种问题。"


def _instruction(purpose: Purpose) -> str:
    role = purpose.role or "助手"
    whom = f"，为{to_agent(purpose.audience)}服务" if purpose.audience else ""
    tasks = [f"- {_OWN_ACT.sub('帮用户', to_agent(task))}。" for task in purpose.tasks]
    about = subject(purpose)
    if not tasks and about:
        tasks.append(f"- 围绕{to_agent(about)}，讲解、出主意、给例子，把事情办到能直接用的程度。")
    elif not tasks:
        tasks.append(f"- 像一位真正的{role}那样讲解、建议、举例。")
    if purpose.audience:
        tasks.append(f"- 用词、篇幅和例子都要适合{to_agent(purpose.audience)}。")
    return "\n".join(
        [
            f"你是一位{role}{whom}。",
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
        return f"你好！我可以帮你{'、'.join(_to_reader(task) for task in purpose.tasks[:3])}。想先从哪件事开始？"
    if purpose.role:
        return f"你好！我是你的{purpose.role.removeprefix('我的')}。今天想从哪里开始？"
    return f"你好！关于{purpose.topic}，想问什么都可以。"


def _task_questions(purpose: Purpose, tools: list[str]) -> list[str]:
    # A task that a tool serves is better shown by the tool's own question.
    shown = [task for task in purpose.tasks if not (tools and _KNOWING.match(task))]
    return [task if task.startswith(("帮我", "给我", "陪我")) else f"帮我{task}" for task in shown[:2]]


def _tool_questions(tools: list[str]) -> list[str]:
    return [SAMPLE_QUESTIONS[tool].zh for tool in tools if tool in SAMPLE_QUESTIONS][:2]


def _general_questions(purpose: Purpose) -> list[str]:
    about = subject(purpose)
    return [
        f"适合{purpose.audience}的，你有什么建议？" if purpose.audience else "",
        f"关于{about}，我应该从哪里开始？" if about else "",
        f"给我看一个{about}的好例子" if about else "给我看一个例子",
        "开始之前，你需要了解我的哪些情况？",
        "你能帮我做些什么？",
        "给我一个今天就能用上的小建议",
    ]


def _to_reader(text: str) -> str:
    return text.replace("我", "你")


def to_agent(text: str) -> str:
    """What a person said of themselves, said to their agent."""
    return text.replace("我们", "用户").replace("我", "用户")


def _spaced(text: str) -> str:
    """Chinese and Latin side by side, with the space that typography puts between them."""
    text = re.sub(r"(?<=[\u3400-\u9fff])(?=[A-Za-z])", " ", text)
    return re.sub(r"(?<=[A-Za-z])(?=[\u3400-\u9fff])", " ", text)
