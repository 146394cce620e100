"""What the guide says where it calls no tool: what it is, what it can do here, and what the question would need."""

from collections.abc import Sequence
from dataclasses import dataclass

from user_agent.events import KnowledgeUsed
from user_agent.models.base import ToolSchema
from user_agent.models.rules.calls import RULES, Plan, rule_for
from user_agent.models.rules.conversation import TOPICS, Said
from user_agent.models.rules.quoting import not_there, quoted
from user_agent.models.rules.slots import Topic
from user_agent.models.rules.small_talk import Courtesy
from user_agent.models.rules.time import TIME
from user_agent.models.rules.weather import WEATHER
from user_agent.words import Language, Words

_WHAT_I_AM = Words(
    zh="我是内置的向导，不是语言模型：我按固定的规则工作，用这个智能体已开启的工具帮忙。",
    en="I am the built-in guide, not a language model: I follow fixed rules and help with this agent's tools.",
)
_WHO_I_AM = Words(
    zh="我是“{name}”。{description}现在代答的是内置的向导，不是语言模型：它按固定的规则工作，用已开启的工具帮忙。",
    en="I am {name}. {description}For now the built-in guide answers for me; it is not a language model: "
    "it follows fixed rules and helps with my tools.",
)
_NOT_FOR_ME = Words(
    zh="这个问题我答不好。我是内置的向导，不是语言模型：我不会理解和写作，只会按规则使用工具。",
    en="I can't answer that one well. I am the built-in guide, not a language model: "
    "I don't understand or write freely, I only use tools by fixed rules.",
)
_TOO_LONG = Words(
    zh="这段话太长了，我只读得懂一两句的简短问题。我是内置的向导，不是语言模型。",
    en="That is longer than I can read: I only understand short questions of a sentence or two. "
    "I am the built-in guide, not a language model.",
)
_NOTHING_TO_READ = Words(
    zh="这里面没有我能读的文字。我是内置的向导，不是语言模型。",
    en="There are no words in it that I could read. I am the built-in guide, not a language model.",
)
_ABLE = Words(zh="我现在能帮你：", en="Here is what I can do for you now:")
_EXAMPLE = Words(zh="- **{label}**，例如“{example}”", en="- **{label}**, for example “{example}”")
_YES_ABLE = Words(zh="可以。直接问我就好，例如“{example}”", en="Yes. Just ask, for example “{example}”")
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
_ABOUT_A_PLACE = Words(
    zh="想知道{place}的什么呢？可以问我{examples}。",
    en="What would you like to know about {place}? You can ask {examples}.",
)
_OF_A_PLACE: tuple[tuple[Topic, Words], ...] = (
    (WEATHER, Words(zh="“{place}明天会下雨吗？”", en="“Will it rain in {place} tomorrow?”")),
    (TIME, Words(zh="“{place}现在几点？”", en="“What time is it in {place}?”")),
)
_SENTENCE_ENDS = ("。", "！", "？", ".", "!", "?")


@dataclass(frozen=True, slots=True)
class Persona:
    """Whom the guide speaks for: the agent's name and description, empty where it has none."""

    name: str = ""
    description: str = ""

    def introduced(self, language: Language) -> str:
        """Who is speaking, in a sentence or two."""
        if not self.name:
            return _WHAT_I_AM[language]
        description = self.description.strip()
        if description and not description.endswith(_SENTENCE_ENDS):
            description += Words("。", ".")[language]
        if description and language == "en":
            description += " "
        return _WHO_I_AM[language].format(name=self.name, description=description)


def answer(
    planned: Plan, said: Said, tools: Sequence[ToolSchema], persona: Persona, found: KnowledgeUsed | None = None
) -> str:
    """The words for a message that leads to no call. `found` is what the agent's files have for it."""
    language = said.language
    if said.courtesy is not None:
        return _polite(said.courtesy, tools, persona, language)
    quote = quoted(found.query, found.hits, language) if found else None
    if quote and quote.answers == "surely":
        return quote.text
    if planned.lacks and not planned.says:
        return _LACKS[language].format(label=planned.lacks.label[language])
    if said.able is not None:
        if rule_for(said.able, tools, said.folded) is None:
            return _LACKS[language].format(label=said.able.label[language])
        return _YES_ABLE[language].format(example=said.able.example[language])
    if planned.says:
        return planned.says[language]
    if said.somewhere and (asked := _about_a_place(said.somewhere, tools, language)):
        return asked
    if quote and quote.answers == "likely":
        return quote.text
    if found:
        return "\n\n".join((quote.text if quote else not_there(language), _NEEDS_MODEL[language]))
    opening = _TOO_LONG if said.too_long else _NOT_FOR_ME if any(map(str.isalnum, said.text)) else _NOTHING_TO_READ
    return "\n\n".join((opening[language], _abilities(tools, language), _NEEDS_MODEL[language]))


def _about_a_place(place: str, tools: Sequence[ToolSchema], language: Language) -> str:
    """What can be asked about a place with the tools there are; empty where nothing can."""
    able = [words[language].format(place=place) for topic, words in _OF_A_PLACE if rule_for(topic, tools, "")]
    return (
        _ABOUT_A_PLACE[language].format(place=place, examples=Words("、", " or ")[language].join(able)) if able else ""
    )


def _polite(found: Courtesy, tools: Sequence[ToolSchema], persona: Persona, language: Language) -> str:
    if found.tone == "plain":
        return found.reply[language]
    return "\n\n".join((found.reply[language] + persona.introduced(language), _abilities(tools, language)))


def _abilities(tools: Sequence[ToolSchema], language: Language) -> str:
    able = [topic for topic in TOPICS if rule_for(topic, tools, "")]
    known = {rule.tool for rule in RULES}
    others = [tool.name for tool in tools if tool.name not in known]
    lines = [_ABLE[language]] if able else [_NO_TOOLS[language]]
    lines += [_EXAMPLE[language].format(label=topic.label[language], example=topic.example[language]) for topic in able]
    if others:
        lines.append("\n" + _MODEL_ONLY[language].format(names=Words("、", ", ")[language].join(others)))
    return "\n".join(lines)
