"""Wishes that the agent remember people from one conversation to the next: "remember me", "记住我说过的话"."""

import re

from builder_core.rules.edits import Rule, rule
from builder_core.rules.english_phrases import HE, IT
from builder_core.rules.plan import Plan
from user_agent.chinese import fold
from user_agent.words import Words

_TOLD = Words(
    "它记下的每一条都会在对话里告诉本人，可以在那里撤回，也可以在“配置 → 对你的记忆”里修改和删除。这需要语言模型。",
    "Whatever it notes is told in the chat with a way back, and can be changed and erased under Configure, Memory of "
    "you. It takes a language model.",
)
_OFF_ALREADY = Words("它不会记住用户：记忆没有打开。", "It remembers nobody: the memory is not switched on.")

_PEOPLE = r"(?:(?:the|its|my|our|each|every) )?(?:users?|customers?|clients?|students?|visitors?|people|person)"
_ASPECT = r"(?:names?|preferences?|birthdays?|habits?|tastes?|likes|allerg(?:y|ies)|goals?|interests?)"
_LATER = (
    r"(?: (?:the )?next time\b.*| (?:between|across|over|from one|in later|when (?:i|we) (?:come|return|talk))\b.*"
    r"| later| again| too| as well| please)?"
)
# Of somebody who does not, or of whom the agent is to help to remember.
_NOT_IT = r"(?<!not )(?<!n't )(?<!n’t )(?<!never )(?<!want to )(?<!me )(?<!us )(?<!people )(?<!users )(?<!students )"
_ENGLISH = (
    rf"(?:{_NOT_IT}(?:remember|recall)s?(?: facts| things| everything)?(?: about)?"
    r"|(?:does not|doesn't|do not|don't|never|won't) forgets?) "
    rf"(?:(?:me|us){_LATER}(?=\s*(?:[,.;!?]|$|\band\b|\bbut\b))"
    rf"|who (?:i am|we are|(?:they|{_PEOPLE}) (?:are|is))\b"
    rf"|(?:(?:what(?:ever)?|everything|things|facts) )?(?:that )?"
    rf"(?:i|we|they|{_PEOPLE}) (?:have |has |had )?(?:say|says|said|tell|tells|told|like|likes|prefer|prefers)\b"
    rf"|(?:my|our|their|{_PEOPLE}['’]s?) (?:\w+ )?{_ASPECT}\b)"
)
_FACT = r"(?:名字|称呼|喜好|偏好|爱好|习惯|生日|口味|情况|信息|兴趣|过敏|目标|需求)"
_WHO = r"(?:我们?|用户|客户|顾客|客人|学生|每个人|大家|对方)"
_CHINESE = (
    r"(?:(?:长期|一直|永远|始终)?(?<![别不])(?<!不[要用必会能许])(?<!用户)(?<!学生)(?<!孩子)(?<!人)(?:记住|记得)"
    r"|(?:不会|不要|别)忘(?:记|了)?)"
    rf"(?:{_WHO}(?:以前|之前|上次|曾经|都|在对话里)*(?:说过?|讲过?|提过|聊过|告诉过?[你它他她]?)的?"
    r"(?:话|事情?|内容|东西|一切)?"
    rf"|{_WHO}(?:的[^，。；,.;]{{0,6}}?{_FACT}|是谁|喜欢什么|爱吃什么|这个人)"
    r"|我们?(?=\s*(?:[，。；！,.;!]|$|吧|哦)))"
)
_MEANT = re.compile(rf"(?<![\w-])(?:{_ENGLISH})|{_CHINESE}", re.IGNORECASE)
_SWITCH = r"(?:memory(?: of (?:me|us|people|users))?)"
_ON = r"(?:打开|开启|启用|开通|加上|添加|增加|要有|开)"
_OFF = r"(?:关闭|关掉|关上|停用|禁用|去掉|取消|不要|不用|不需要)"
_OF_PEOPLE = r"(?:对(?:我|用户|人)的|用户)?记忆(?:功能)?"


def remembers(text: str) -> bool:
    """Whether a text says that people are remembered."""
    return _MEANT.search(fold(text)) is not None


def without_memory(text: str) -> str:
    """The text without what says so: what is left names tools alone."""
    for found in reversed(list(_MEANT.finditer(fold(text)))):
        text = f"{text[: found.start()]} {text[found.end() :]}"
    return text


def remember(plan: Plan, _: str = "") -> bool:
    plan.fields["memory"] = True
    plan.tell(_TOLD)
    return True


def _forget(plan: Plan, _: str) -> bool:
    if plan.current.memory:
        plan.fields["memory"] = False
    else:
        plan.tell(_OFF_ALREADY)
    return True


ENGLISH_MEMORY: tuple[Rule, ...] = (
    rule(
        rf"(?:(?:turn|switch) off (?:the |its )?{_SWITCH}|(?:turn|switch) (?:the |its )?{_SWITCH} off"
        rf"|(?:disable|remove|drop|no|without) (?:the |its )?{_SWITCH})$"
        rf"|(?:{HE} )?(?:don't|do not|doesn't|does not|shouldn't|should not|must not|never|stop|no need to)"
        rf"(?: let {IT})? (?:remember|memori[sz]e)(?:ing)? (?:me|us|who i am"
        rf"|(?:what|anything|things)\b.*\b(?:i|we|people|users)\b.*|anything about (?:me|us|people|users))$",
        _forget,
    ),
    rule(
        rf"(?:(?:turn|switch) on (?:the |its )?{_SWITCH}|(?:turn|switch) (?:the |its )?{_SWITCH} on"
        rf"|(?:enable|activate|add|give {IT}) (?:an? |the |its )?{_SWITCH})$",
        remember,
    ),
    rule(
        rf"(?:(?:let|have|make) {IT} |{HE} (?:should|must|can|could|has to|needs to|will|shall)(?: also| always)? )?"
        rf"(?:be able to )?(?:always |also )*{_ENGLISH}.*",
        remember,
    ),
)
CHINESE_MEMORY: tuple[Rule, ...] = (
    rule(
        rf"(?:把|将)?(?:{_OFF}{_OF_PEOPLE}|{_OF_PEOPLE}{_OFF})(?:吧|了)*$"
        rf"|(?:它|你)?(?:别|不要|不用|不必|不许|无需|不需要)(?:再)?(?:记住|记得|记下|记)(?:任何|关于)*{_WHO}.*$",
        _forget,
    ),
    rule(rf"(?:把|将)?(?:{_ON}{_OF_PEOPLE}|{_OF_PEOPLE}{_ON})(?:吧|了)*$", remember),
    rule(rf"(?:让)?(?:它|他|她|智能体|助手)?(?:应该|应当|最好|也|都|要|需要|可以|会|能)*{_CHINESE}.*", remember),
)
