"""Suggested questions for an agent that no model answers for yet: those that the guide can really answer.

Each is read as the guide itself reads it, with the agent's tools, before it is suggested.
"""

import re
from collections.abc import Mapping, Sequence

from builder_core.recommend import Offer
from user_agent.chinese import fold
from user_agent.gazetteer import COUNTRIES_EN
from user_agent.models.rules.calls import plan
from user_agent.models.rules.conversation import read
from user_agent.models.rules.lexicon import WIDE_ZH
from user_agent.models.rules.tokens import utterance
from user_agent.words import Language, Words

QUESTIONS = 4
"""How many suggested questions a new agent gets at the most."""
_PER_TOOL = 2
_HOME = Words("杭州", "Hangzhou")
_ABROAD = Words("东京", "Tokyo")

_Sample = tuple[str, Words]
"""What an agent has to be about, as a pattern over both languages, empty for any; and a question for it."""

_WEATHER: Sequence[_Sample] = (
    (
        r"trip|travel|weekend|hik|outing|holiday|vacation|itinerar|旅|出行|出游|周末|露营|景点|度假",
        Words("{place}这个周末天气怎么样？", "What is the weather like in {place} this weekend?"),
    ),
    (
        r"run|sport|cycl|hik|outdoor|跑步|户外|运动|骑行|爬山|健身",
        Words("{place}明天适合跑步吗？", "How windy is it in {place} tomorrow?"),
    ),
    (
        r"cloth|wear|outfit|fashion|穿|衣|搭配",
        Words("{place}明天穿什么合适？", "Do I need a coat in {place} tomorrow?"),
    ),
    ("", Words("{place}明天会下雨吗？", "Will it rain in {place} tomorrow?")),
    ("", Words("{place}今天天气怎么样？", "What is the weather like in {place} today?")),
)
_TIME: Sequence[_Sample] = (
    ("", Words("{abroad}现在几点？", "What time is it in {abroad} now?")),
    (
        r"trip|travel|team|meeting|call|colleague|remote|world|zone|旅|团队|会议|远程|同事|时差|时区|世界",
        Words("{home}和{abroad}的时差是多少？", "What is the time difference between {home} and {abroad}?"),
    ),
    ("", Words("今天星期几？", "What day is it today?")),
)
_SUMS: Sequence[_Sample] = (
    (r"trip|travel|hotel|budget|旅|酒店|预算", Words("420×3+260 等于多少？", "What is 3 * 420 + 260?")),
    (
        r"bill|tip|split|friends|restaurant|账|小费|分摊|聚餐",
        Words("386 除以 4 等于多少？", "What is 386 divided by 4?"),
    ),
    (r"shop|price|sale|discount|cost|购物|价格|打折|优惠|省钱", Words("399 的 80% 是多少？", "What is 20% of 399?")),
    (r"recipe|cook|bak|meal|食谱|菜|烘焙|做饭", Words("250×1.5 等于多少？", "What is 250 * 1.5?")),
    ("", Words("(12.5+3)×4 等于多少？", "What is 15% of 80?")),
    ("", Words("2480 的 85% 是多少？", "What is (12.5 + 3) * 4?")),
)
_RENEWAL: Sequence[_Sample] = (
    (
        "",
        Words(
            "帮我把 ECS 实例 i-rj90a7e840y5cde 续费 10 个月", "Renew my ECS instance i-rj90a7e840y5cde for 10 months"
        ),
    ),
)
_SAMPLES: Mapping[str, Sequence[_Sample]] = {
    "weather": _WEATHER,
    "amap_weather": _WEATHER[-1:],
    "current_time": _TIME,
    "calculator": _SUMS,
    "RenewInstance": _RENEWAL,
}


def sample_questions(about: str, tools: Sequence[Offer], language: Language) -> list[str]:
    """Questions that the guide answers with these tools, of which it can use those that wait for no key.

    `about` says what the agent is for: it chooses the topics, and the places where it names some.
    """
    ready = [offer for offer in tools if not offer.waits_for]
    places = [*_places_in(about), _ABROAD[language]]
    named = {"place": [*places[:-1], _HOME[language]][0], "home": _HOME[language], "abroad": places[0]}
    per_tool = [
        [
            question
            for question in _fitting(_SAMPLES.get(offer.tool.name, ()), about, language, named)
            if _is_answered(question, ready, language)
        ]
        for offer in ready
    ]
    wanted = QUESTIONS if len([found for found in per_tool if found]) == 1 else _PER_TOOL
    chosen = [question for found in per_tool for question in found[:wanted]]
    return list(dict.fromkeys(chosen))[:QUESTIONS]


def _places_in(about: str) -> list[str]:
    """The cities that a text names, in order."""
    named = [token.text for token in utterance(about, fold(about)).tokens if token.kind == "place"]
    wide = WIDE_ZH | COUNTRIES_EN
    return [name for name in named if not name[:1].islower() and fold(name).lower() not in wide]


def _fitting(samples: Sequence[_Sample], about: str, language: Language, named: Mapping[str, str]) -> list[str]:
    said = fold(about)
    return [
        words[language].format(**named)
        for topic, words in samples
        if not topic or re.search(topic, said, re.IGNORECASE)
    ]


def _is_answered(question: str, tools: Sequence[Offer], language: Language) -> bool:
    """Whether the guide answers a question with calls of these tools, and leaves nothing of it open."""
    planned = plan([offer.tool.schema for offer in tools], read([question], language))
    return bool(planned.calls) and not planned.says and not planned.lacks
