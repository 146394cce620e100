"""A description becomes a whole draft: texts, tools, and every further detail as a rule."""

import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from builder_core.rules import (
    chinese_leads,
    chinese_reading,
    chinese_writing,
    english_leads,
    english_reading,
    english_words,
)
from builder_core.rules.chinese_reading import read_chinese
from builder_core.rules.chinese_writing import write_chinese
from builder_core.rules.corrections import correct
from builder_core.rules.courtesy import without_courtesy
from builder_core.rules.edits import add_rule
from builder_core.rules.english_reading import read_english
from builder_core.rules.english_writing import write_english
from builder_core.rules.memory_wishes import remember, remembers, without_memory
from builder_core.rules.plan import Plan
from builder_core.rules.purpose import Purpose
from builder_core.rules.refusals import cut_refusals
from builder_core.rules.samples import sample_questions
from builder_core.rules.speech import Speech, heard
from user_agent.chinese import fold
from user_agent.words import Language

_NAMED_QUOTE = re.compile(
    "(?:called|named|叫做?|名为|名字是|名叫|起名叫?)[:：]?\\s*(?P<mark>[\ue000-\uefff])(?:的)?", re.IGNORECASE
)
_SENTENCE = re.compile(
    r"(?<=[。！？!?；;])\s*|(?<=(?<!Mr)(?<!Mrs)(?<!Dr)(?<!Ms)(?<!St)\.)\s+|\n+(?!\s*(?:[-*•·]|\d+[.)、）])\s)"
)
_QUESTION = re.compile(
    (
        r"[?？]\s*$|(?:吗|呢|什么|怎么样|多少|哪些|啥)[。.!！]*$|^(?:what|how|why|which|who|where|when|is|are|do|"
        r"does)\b|^(?:怎么|如何|为什么|什么|哪)"
    ),
    re.IGNORECASE,
)
_REQUEST = re.compile(
    (
        r"\b(?:can|could|would|will) (?:you|it|i|we|someone|anyone)\b|^is there a way to|^i'|^(?:请|能不能|能否|"
        r"可不可以|可以|能|有没有|帮|i |we |please|my )|做个|做一个|想要|需要"
    ),
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^(?:it|he|she|they|它|他|她)\b|^(?:它|他|她)", re.IGNORECASE)
_OF_SPEAKER = re.compile(r"^(?:i|we|my|our|as)\b", re.IGNORECASE)
_BARE_AGENT = re.compile(
    rf"(?:an? |the |my |one |some )?(?:new )?{english_leads.NOUN}(?: please)?"
    r"|[个一]*(?:AI|智能)?(?:智能体|机器人|助手|助理|AI)",
    re.IGNORECASE,
)
_FIELDS_LIMIT = {"name": 120, "description": 2_000}
MAX_SENTENCES = 40
MIN_WISH_CHARS = 4


def asks_for_agent(speech: Speech) -> bool:
    """Whether somebody asks for a new agent in so many words, in either language."""
    said = without_courtesy(speech.words)
    return english_reading.asks_for_agent(said) or chinese_reading.asks_for_agent(fold(said))


def describe(plan: Plan, speech: Speech) -> bool:
    """Fill the plan from a description; False where it does not say what the agent is for.

    A draft that is there gives way only to a description that could be read.
    """
    language = speech.language
    named = _NAMED_QUOTE.search(speech.own)
    said = speech.own.replace(named.group(), " ") if named else speech.own
    cut = cut_refusals(plan, speech.only(said).words)
    purpose = _read(cut.described, language)
    if not purpose or (purpose.wish and plan.described):
        return False
    if named and not speech.holds_material(named["mark"]):
        purpose = replace(purpose, name=speech.value(named["mark"]))
    plan.language = language
    tools = [tool for tool in plan.tools_to_add(without_memory(cut.text)) if tool not in cut.refused]
    _write(plan, purpose, language, tools, cut.text)
    if purpose.details:
        _add_details(plan, purpose.details)
    plan.ticks = {tool: tick and tool not in cut.refused for tool, tick in plan.ticks.items()}
    return remember(plan) if remembers(cut.text) else True


def _read(text: str, language: Language) -> Purpose:
    """What the sentences say together: the first that describes an agent, and the tasks of those that go on."""
    read = _read_one_chinese if language == "zh" else read_english
    found, details = Purpose(), list[str]()
    sentences = [part.strip() for part in _SENTENCE.split(text) if part.strip()][:MAX_SENTENCES]
    for sentence in sentences:
        bare = without_courtesy(sentence)
        if len(bare) < 2 or _bare_agent(_led(bare, language)):
            continue
        if found and not _SPEAKER.match(fold(bare)):
            details.append(bare)
            continue
        purpose = Purpose() if _asks_something(bare) else read(bare)
        if not found and purpose:
            found = purpose
        elif found and purpose.tasks:
            found = replace(found, tasks=(*found.tasks, *purpose.tasks))
            details.append(purpose.details)
        else:
            details.append(bare)
    if not found:
        found, details = _as_said(sentences, language), []
    return replace(found, details="\n".join(part for part in (found.details, *details) if part)) if found else found


def _as_said(sentences: Sequence[str], language: Language) -> Purpose:
    """For a request that no reader could take apart: the person's own words, as what the agent has been asked for."""
    lead = chinese_leads.led if language == "zh" else english_leads.led
    for sentence in sentences:
        led = lead(fold(sentence) if language == "zh" else sentence)
        asked = led.asked and not _asks_something(sentence)
        said = led.rest
        enough = len(said) >= MIN_WISH_CHARS and (language == "zh" or len(said.split()) >= 3)
        if asked and enough and led.way != "being" and not _bare_agent(said):
            return Purpose(wish=sentence.strip(" ,，。.!！"))
    return Purpose()


def _led(sentence: str, language: Language) -> str:
    return chinese_leads.led(fold(sentence)).rest if language == "zh" else english_leads.led(sentence).rest


def _bare_agent(said: str) -> bool:
    return _BARE_AGENT.fullmatch(said) is not None


def _asks_something(sentence: str) -> bool:
    """Whether a sentence wants to know something; a polite request in the form of a question does not."""
    said = fold(sentence.strip())
    return _QUESTION.search(said) is not None and not _REQUEST.search(said)


def _read_one_chinese(sentence: str) -> Purpose:
    """Read in simplified characters; the parts as they were written."""
    simple = fold(sentence)
    found = read_chinese(simple)
    if simple == sentence:
        return found

    def as_written(part: str) -> str:
        at = simple.find(part)
        return sentence[at : at + len(part)] if part and at >= 0 else part

    return found.each(as_written)


def _write(plan: Plan, purpose: Purpose, language: Language, tools: list[str], said: str) -> None:
    texts = write_chinese(purpose, tools) if language == "zh" else write_english(purpose, tools)
    offered = [offer for offer in plan.catalogue if offer.tool.name in tools]
    questions = sample_questions(f"{said} {texts.name} {texts.description}", offered, language)
    written: dict[str, JsonValue] = {
        "name": texts.name[: _FIELDS_LIMIT["name"]],
        "description": texts.description[: _FIELDS_LIMIT["description"]],
        "instruction": texts.instruction,
        "language": language,
        "prologue": texts.prologue,
    }
    if plan.questions or questions:
        written["prompt_recommend"] = list[JsonValue](questions)
    kept = plan.set_by_hand - ({"name"} if purpose.name else set[str]())
    plan.fields.update({field: value for field, value in written.items() if field not in kept})
    plan.ticks.update(dict.fromkeys(tools, True))
    plan.proposed = [field for field in plan.fields if field != "name" or not purpose.name]


def _told(said: str) -> str:
    """What a person told of themselves, quoted: put into other words it would have to be conjugated."""
    return (
        f"keep in mind what the user told: “{said.rstrip('.')}”"
        if _OF_SPEAKER.match(said)
        else english_words.to_agent(said)
    )


def _add_details(plan: Plan, details: str) -> None:
    if plan.language == "zh":
        details = chinese_writing.to_agent(details)
    left = correct(plan, heard(details))
    for sentence in _SENTENCE.split(left):
        said = without_courtesy(sentence).strip(" ,，。")
        if len(said) > 2 and not _asks_something(sentence):
            add_rule(plan, _told(said) if plan.language == "en" else said)
