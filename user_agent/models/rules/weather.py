"""Questions about the weather."""

import re
from dataclasses import replace

from user_agent.models.rules.days import When, when_of
from user_agent.models.rules.places import is_only_a_day, known_places, next_places, places
from user_agent.models.rules.slots import Facts, Reading, Slots, Topic, asking, filled, refusing
from user_agent.models.rules.tokens import Utterance
from user_agent.tools.builtin.weather import WEATHER as WEATHER_TOOL
from user_agent.words import Words

_WEATHER = re.compile(
    r"天气|气温|温度|湿度|下.{0,2}[雨雪]|[暴雷阵]雨|暴雪|(?:哪[个里儿边]|谁)[更最]?[冷热]|有雨|"
    r"有雪|降雨|降雪|带伞|打伞|雨伞|多少度|几度|冷不冷|热不热|"
    r"[冷热](?:吗|么|啊|不)|[更多好最][冷热]|零下|"
    r"刮风|风大|风力|台风|降温|升温|晴天|雾霾|潮湿|暖和|凉快|穿什么|穿多少|穿.{0,3}(?:羽绒服|"
    r"外套|短袖|大衣|毛衣|秋裤|棉袄|裙子)|雨大|"
    r"\bwh?eather\b|\bwether\b|\bforecasts?\b|\btemperatures?\b|\btemp\b|\brain(?:ing|y|s)?\b|"
    r"\bsnow(?:ing|y|s)?\b|\bumbrella\b|"
    r"\bsunny\b|\bcloudy\b|\bhumid(?:ity)?\b|\bwinds?\b|\bstorms?\b|\bfoggy\b|"
    r"\bhow (?:hot|cold|warm|windy|chilly)\b|"
    r"\b(?:is|be|get|it's|isn't) (?:it |going to be )?(?:very |too |that |so )?(?:hot|cold|warm|"
    r"windy|chilly|freezing)\b|"
    r"\b(?:hot|cold|warm|windy|chilly|freezing)\b (?:in|at|there|outside|today|tomorrow|tonight)\b|"
    r"\bwhat(?:'s|’s| is) it like (?:outside )?in\b|"
    r"\b(?:hotter|colder|warmer|cooler|sunnier|wetter|drier|windier|rainier)\b|\bwear an? "
    r"(?:coat|jacket|sweater)\b|\bwhat (?:should|do|can) i wear\b|"
    r"\b(?:need|bring|take) an? (?:coat|jacket|raincoat)\b|"
    r"适不?适?合.{0,4}(?:出门|出行|洗车|跑步|晒|晾|爬山|登山|露营|户外|骑车|散步|野餐|钓鱼|出海|飞无人机)",
    # Words of both scripts stand together without a space: 杭州weather.
    re.IGNORECASE | re.ASCII,
)
_LIKE_A_QUESTION_ABOUT_A_DAY = re.compile(
    r"^\W*how(?:'s| is| are things| will) (?:it )?.*\b(?:today|tomorrow|tonight|this weekend|right now)\W*$",
    re.IGNORECASE,
)
_FEEL = re.compile(
    r"[冷热](?![门饮水战静血狗情闹爱线搜心点烈衷销])|闷热|\b(?:hot|cold|warm|windy|chilly|freezing)\b", re.IGNORECASE
)
"""Words that are about the weather where a place is named with them."""
_KNOWLEDGE = re.compile(
    r"为什么|为啥|原因|怎么形成|如何形成|怎么产生|什么是|是什么意思|关系|影响|导致|讨厌|我喜欢|"
    r"我爱|的诗|的歌|的故事|的作文|电影|歌词|谁唱|小说|品牌|哪里买|怎么买|程序|代码|脚本|接口|是什么\W*$|"
    r"\bwhy\b|\bwhat causes\b|\bcaused? by\b|\bhow (?:does|do|is|are) .*(?:form|work|made|"
    r"measured|happen)|\bexplain\b|\bdefin|"
    r"\bi (?:really )?(?:love|like|hate|enjoy)\b|\b(?:poem|song|story|essay|joke|movie|film|"
    r"album|sang|singer|band|novel|program|script|api)\b|\bwhat is "
    r"(?:a |an )?(?:rain|snow|wind|fog|humidity|storm)\W*$|"
    r"\bcaught a cold\b|\brain ?check\b|\bunder the weather\b",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"天气(?:真|好|太|很|非常|挺|这么|那么|有点|越来越)\w|[真好太]\s?[冷热][啊呀了]?$|"
    r"\bweather is (?:so |very |really |quite )?(?:nice|lovely|great|good|bad|awful|terrible|"
    r"beautiful|horrible)\b(?!.*\?)|"
    r"^\W*(?:what )?(?:a )?(?:nice|lovely|beautiful|great|awful|terrible) weather\b(?!.*\?)",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"空气质量|空气污染|PM2\.?5|日出|日落|紫外线|花粉|潮汐|月相|气候|"
    r"\bair quality\b|\baqi\b|\bpollution\b|\bsunrise\b|\bsunset\b|\buv(?: index)?\b|\bpollen\b|"
    r"\btides?\b|\bmoon phase\b|\bclimate\b",
    re.IGNORECASE,
)
_OF = re.compile(
    r"的\S{0,6}?(?:温度|度)|\b(?:temp(?:erature)?s?) of\b|\bhow (?:hot|cold|warm) (?:is|are) the "
    r"(?!weather)\w+\W*$",
    re.IGNORECASE,
)
"""The temperature of a thing, unless it is a place that is known."""
_NEGATED = re.compile(
    r"(?:不要|不用|别|不想)(?:再)?(?:帮我)?(?:查|看|问|说|告诉)|\b(?:don't|do not|stop|never "
    r"mind)\b.*\b(?:weather|forecast)\b",
    re.IGNORECASE,
)
_HEAT_IN_GENERAL = re.compile(
    r"\b(?:usually|normally|typically|generally|on average|a lot|often)\b|通常|一般|平时|往年|经常", re.IGNORECASE
)

_WHICH_CITY = Words(
    zh="想查哪座城市的天气呢？告诉我城市名就好，例如“杭州”。",
    en="Which city's weather would you like? Just give me its name, for example “Hangzhou”.",
)
_PAST = Words(
    zh="过去的天气（{said}）我查不到，只能查现在和未来 16 天。想看{place}现在的天气，说“今天”就好。",
    en="I can't look back ({said}): I only find the weather now and up to 16 days ahead. "
    "For the weather{place} now, just say “today”.",
)
_NOT_FOUND_BY_TOOLS = Words(
    zh="“{said}”我查不到：我能查的是各地现在的天气和未来 16 天的预报，例如“杭州明天会下雨吗？”。",
    en="I can't find “{said}”: what I look up is the weather now and the forecast for up to 16 days, "
    "for example “Will it rain in Hangzhou tomorrow?”.",
)
_KNOWLEDGE_NEEDS_MODEL = Words(
    zh="这是关于天气的知识或闲聊，我按规则工作，讲不好，需要一个语言模型。我能做的是查某地的天气，"
    "例如“杭州明天会下雨吗？”。",
    en="That is about the weather in general, which takes a language model. "
    "I can look up the weather of a place, for example “Will it rain in Hangzhou tomorrow?”.",
)
_REMARKED = Words(
    zh="要不要查一下哪里的天气？告诉我城市名就好，例如“杭州”。",
    en="Shall I look up the weather somewhere? Just name a city, for example “Hangzhou”.",
)
NOTE_UNPLACED = Words(
    zh="“{said}”是哪几天我不会推算，上面是现在和最近几天的天气。",
    en="I can't tell which days “{said}” means; this is the weather now and in the next days.",
)
NOTE_BY_DAY = Words(
    zh="预报按天给出，没有“{said}”这一刻的。", en="The forecast is by day, so there is none for “{said}” alone."
)
NOTE_IN_GENERAL = Words(
    zh="这是现在和最近几天的天气；常年的情况我查不到。",
    en="This is the weather now and in the next days; what it is like in general I can't look up.",
)


def _reads(said: Utterance, slots: Slots) -> Reading | None:
    named = any(token.kind == "place" for token in said.tokens)
    feels = named and _FEEL.search(said.folded)
    if not (feels or _WEATHER.search(said.folded) or _BEYOND.search(said.folded)):
        return _a_day_somewhere(said, slots)
    if _NEGATED.search(said.folded):
        return None
    where = places(said)
    if beyond := _BEYOND.search(said.folded):
        return refusing(replace(slots, places=where.names or slots.places), _named(_NOT_FOUND_BY_TOOLS, said, beyond))
    if _KNOWLEDGE.search(said.folded):
        return refusing(slots, _KNOWLEDGE_NEEDS_MODEL)
    when = when_of(said.times)
    if _OF.search(said.folded) and not named:
        return None
    if where.names:
        return _looked_up(replace(slots, places=where.names, when=when), said)
    if _REMARK.search(said.folded):
        return asking("weather", replace(slots, when=when), _REMARKED)
    if where.unread or not slots.places or any(token.kind == "here" for token in said.tokens):
        return asking("weather", replace(slots, when=when), _WHICH_CITY)
    return _looked_up(replace(slots, when=when or slots.when), said)


def _a_day_somewhere(said: Utterance, slots: Slots) -> Reading | None:
    """A known place with a day and nothing else: "北京 明天", "How is Tokyo today?"."""
    when = when_of(said.times)
    if when is None:
        return None
    named = known_places(said)
    if not named and _LIKE_A_QUESTION_ABOUT_A_DAY.search(said.folded):
        named = places(said).names
    if not named or (slots.topics and not slots.about("weather")):
        return None
    return _looked_up(replace(slots, places=named, when=when), said)


def _continues(said: Utterance, slots: Slots) -> Reading | None:
    named = next_places(said, asked=slots.asked == "weather")
    when = when_of(said.times)
    if not named and not (when and is_only_a_day(said)):
        return None
    slots = replace(slots, places=named or slots.places, when=when or slots.when)
    return _looked_up(slots, said) if slots.places else asking("weather", slots, _WHICH_CITY)


def _looked_up(slots: Slots, said: Utterance) -> Reading:
    when = slots.when
    slots = replace(slots, topics=("weather",), asked=None)
    if when is not None and when.past:
        near = slots.places[0]
        return Reading(
            replace(slots, when=None, asked="weather"),
            says=Words(
                zh=_PAST.zh.format(said=when.said, place=near), en=_PAST.en.format(said=when.said, place=f" in {near}")
            ),
        )
    days: Facts = {} if when is None or when.days is None else {"days": when.days}
    return Reading(slots, calls=tuple({"place": place, **days} for place in slots.places), notes=_notes(when, said))


def _notes(when: When | None, said: Utterance) -> tuple[Words, ...]:
    if when is not None and when.unplaced:
        return (filled(NOTE_UNPLACED, said=when.said),)
    notes: list[Words] = []
    if hour := next((word.when for word in said.times if word.when and word.when.hour), None):
        notes.append(filled(NOTE_BY_DAY, said=hour.said.strip()))
    if _HEAT_IN_GENERAL.search(said.folded):
        notes.append(NOTE_IN_GENERAL)
    return tuple(notes)


def _named(words: Words, said: Utterance, found: re.Match[str]) -> Words:
    return filled(words, said=said.text[found.start() : found.end()])


WEATHER = Topic(
    name="weather",
    label=WEATHER_TOOL.label,
    example=Words(zh="杭州明天会下雨吗？", en="Will it rain in Hangzhou tomorrow?"),
    named=r"天气|weather|forecast",
    reads=_reads,
    continues=_continues,
)
