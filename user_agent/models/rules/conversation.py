"""A conversation folded into one state: what the last message asks for, given everything before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from user_agent.chinese import fold
from user_agent.models.rules.places import known_places
from user_agent.models.rules.renewal import RENEWAL
from user_agent.models.rules.slots import Reading, Slots, Topic, TopicName
from user_agent.models.rules.small_talk import Courtesy, courtesy, is_ability_question, without_courtesies
from user_agent.models.rules.sum_topic import ARITHMETIC
from user_agent.models.rules.time import TIME
from user_agent.models.rules.tokens import Utterance, utterance
from user_agent.models.rules.weather import WEATHER
from user_agent.words import Language

TOPICS: tuple[Topic, ...] = (RENEWAL, ARITHMETIC, WEATHER, TIME)
"""In the order in which several of them in one message are answered."""

MAX_READ_CHARS = 400
"""As long a message as is read: a question fits, and a pasted book costs no time."""
MAX_TURNS = 12
"""As many messages back as slots are remembered from."""

_OTHER_TASK = re.compile(
    r"^\W*(?:请|麻烦|你)*(?:帮我|给我|替我)?(?:写|翻译|提醒|[定设]个?闹钟|画|编|播放|总结|概括|"
    r"生成|预?订|买|把.{1,60}翻译)|"
    r"^\W*(?:please |can you |could you )*(?:translate|write|compose|remind|set an? |draw|sing|play|book|order|buy|"
    r"explain|define|summari[sz]e|code|recommend|imagine|pretend)\b",
    re.IGNORECASE,
)
"""Something else to do, whatever it is about: "translate what time is it"."""
_GAPS = re.compile(r"[^\S\n]+")
_NO_LANGUAGE = re.compile(
    r"(?<![A-Za-z0-9])i-[A-Za-z0-9]{6,}|\b(?:a?sin|a?cos|a?tan|sqrt|log|ln|exp|pi|utc|gmt|ecs|ok)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """The last message, read. `readings` are those of each topic that it touches; empty where it touches none."""

    text: str
    folded: str
    language: Language
    slots: Slots
    readings: tuple[tuple[Topic, Reading], ...] = ()
    courtesy: Courtesy | None = None
    able: Topic | None = None
    """The topic of "can you check the weather?"."""
    somewhere: str = ""
    """The place that the message consists of, where nothing is said about it."""
    too_long: bool = False


def read(messages: Sequence[str], language: Language) -> Said:
    """The last of a person's messages, read with the earlier ones; `language` is for where none of them shows any."""
    slots = Slots()
    said = Said("", "", language, slots)
    for text in messages[-MAX_TURNS:]:
        said = _next(text, slots, said.language)
        slots = said.slots
    return said


def _next(text: str, slots: Slots, language: Language) -> Said:
    text = _GAPS.sub(" ", text)
    if len(text) > MAX_READ_CHARS:
        cut = text[:MAX_READ_CHARS]
        return Said(cut, fold(cut), _language(_words(cut), language), slots, too_long=True)
    whole = _words(text)
    language = _language(whole, language)
    if polite := courtesy(whole.folded):
        closed = replace(slots, asked=None) if polite.cancels else slots
        return Said(text, whole.folded, language, closed, courtesy=polite)
    core = without_courtesies(text)
    question = _words(core) if core != text else whole
    readings, slots = _readings(question, slots)
    if not readings and (named := known_places(question)):
        return Said(text, question.folded, language, replace(slots, places=named), somewhere=named[0])
    able = _asked_ability(whole.folded, readings)
    return Said(text, question.folded, language, slots, tuple(readings), able=able)


def _words(text: str) -> Utterance:
    return utterance(text, fold(text))


def _readings(said: Utterance, slots: Slots) -> tuple[list[tuple[Topic, Reading]], Slots]:
    """What each topic makes of a message, one after another on the same state, and the state after them."""
    found: list[tuple[Topic, Reading]] = []
    after = slots
    for topic in TOPICS:
        if topic is not ARITHMETIC and _OTHER_TASK.search(said.folded):
            continue
        if reading := topic.reads(said, after):
            found.append((topic, reading))
            after = reading.slots
    if not found:
        spoken_of: tuple[TopicName | None, ...] = (slots.asked, *slots.topics)
        for topic in TOPICS:
            if topic.name in spoken_of and (reading := topic.continues(said, after)):
                found.append((topic, reading))
                after = reading.slots
    if not found:
        return found, slots
    topics = tuple(dict.fromkeys(name for _, reading in found for name in reading.slots.topics))
    asked = next((reading.slots.asked for _, reading in found if reading.slots.asked), None)
    return found, replace(after, topics=topics, asked=asked)


def _asked_ability(folded: str, readings: Sequence[tuple[Topic, Reading]]) -> Topic | None:
    if any(reading.calls for _, reading in readings) or not is_ability_question(folded):
        return None
    return next((topic for topic in TOPICS if re.search(topic.named, folded, re.IGNORECASE)), None)


def _language(said: Utterance, fallback: Language) -> Language:
    """Chinese where any of the message is, English where it has words besides names, else as before."""
    if re.search(r"[\u3400-\u9fff]", said.text):
        return "zh"
    words = _NO_LANGUAGE.sub(
        " ", " ".join(token.text for token in said.tokens if token.kind not in ("place", "number"))
    )
    return "en" if re.search(r"[^\W\d_]{2}", words) else fallback
