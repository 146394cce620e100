"""What the guide says where it calls no tool: what it is, what it can do here, and what the question would need."""

import re
from collections.abc import Sequence

from user_agent.config import Language
from user_agent.models.base import ToolSchema
from user_agent.models.guide_rules import RULES, TOPICS, Plan, rule_for
from user_agent.words import Words

_GREETING = re.compile(
    r"^\W*(?:你好|您好|嗨|哈喽|早上好|下午好|晚上好|在吗|hi|hello|hey|good (?:morning|afternoon|evening))"
    r"\W*(?:呀|啊|there)?\W*$",
    re.IGNORECASE,
)
_THANKS = re.compile(r"^\W*(?:谢谢|多谢|感谢|好的|thanks?(?: you)?|great|ok(?:ay)?)\b.{0,12}$", re.IGNORECASE)
_ABILITIES = re.compile(
    r"你(?:都)?(?:会|能)(?:做|干|帮)|你是谁|有什么(?:功能|用)|怎么用|帮助|"
    r"\bwhat can you do\b|\bwho are you\b|\bwhat are you\b|\bhow do you work\b|^\W*help\W*$",
    re.IGNORECASE,
)

_HELLO = Words(zh="你好！", en="Hello! ")
_WELCOME = Words(
    zh="不客气！还想知道什么，直接告诉我就好。", en="You're welcome! If there is anything else, just tell me."
)
_WHAT_I_AM = Words(
    zh="我是内置的向导，不是语言模型：我按固定的规则工作，用这个智能体已开启的工具帮忙。",
    en="I am the built-in guide, not a language model: I follow fixed rules and help with this agent's tools.",
)
_NOT_FOR_ME = Words(
    zh="这个问题我答不好。我是内置的向导，不是语言模型：我不会理解和写作，只会按规则使用工具。",
    en="I can't answer that one well. I am the built-in guide, not a language model: "
    "I don't understand or write freely, I only use tools by fixed rules.",
)
_ABLE = Words(zh="我现在能帮你：", en="Here is what I can do for you now:")
_EXAMPLE = Words(zh="- **{label}**，例如“{example}”", en="- **{label}**, for example “{example}”")
_MODEL_ONLY = Words(
    zh="另外还开启了 {names}，要有语言模型才会用。", en="{names} can be used too, once there is a language model."
)
_NO_TOOLS = Words(
    zh="这个智能体还没有开启我能用的工具。在“配置”里勾选天气、时间或计算器，我马上就能用上。",
    en="This agent has no tool that I could use yet. Tick the weather, the time or the calculator under “Configure”, "
    "and I can use them at once.",
)
_NEEDS_MODEL = Words(
    zh="要回答它，需要一个语言模型：在“模型与密钥”里填上一个密钥，之后就由它来回答。",
    en="It takes a language model to answer it: enter a key under “Models & keys”, and it will answer from then on.",
)
_LACKS = Words(
    zh="这个问题要用到“{label}”工具，但这个智能体还没有开启它（或者还缺密钥）。在“配置”里勾选以后，再问我一次就好。",
    en="This takes the “{label}” tool, which this agent does not have yet, or which still waits for its key. "
    "Tick it under “Configure” and ask me again.",
)


def answer(planned: Plan, question: str, tools: Sequence[ToolSchema], language: Language) -> str:
    """The words for a question that leads to no call."""
    if planned.ask:
        return planned.ask[language]
    if planned.lacks:
        return _LACKS[language].format(label=planned.lacks.label[language])
    if _THANKS.search(question):
        return _WELCOME[language]
    if _GREETING.search(question):
        return "\n\n".join((_HELLO[language] + _WHAT_I_AM[language], _abilities(tools, language)))
    if _ABILITIES.search(question):
        return "\n\n".join((_WHAT_I_AM[language], _abilities(tools, language)))
    return "\n\n".join((_NOT_FOR_ME[language], _abilities(tools, language), _NEEDS_MODEL[language]))


def _abilities(tools: Sequence[ToolSchema], language: Language) -> str:
    able = [topic for topic in TOPICS if rule_for(topic, tools, "")]
    known = {rule.tool for rule in RULES}
    others = [tool.name for tool in tools if tool.name not in known]
    lines = [_ABLE[language]] if able else [_NO_TOOLS[language]]
    lines += [_EXAMPLE[language].format(label=topic.label[language], example=topic.example[language]) for topic in able]
    if others:
        lines.append("\n" + _MODEL_ONLY[language].format(names=Words("、", ", ")[language].join(others)))
    return "\n".join(lines)
