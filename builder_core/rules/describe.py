"""A description becomes a whole draft: texts, tools, and every further detail as a rule."""

import re
from dataclasses import replace

from pydantic import JsonValue

from builder_core.rules import chinese_reading, chinese_writing, english_reading, english_words
from builder_core.rules.chinese_reading import read_chinese
from builder_core.rules.chinese_writing import write_chinese
from builder_core.rules.corrections import correct
from builder_core.rules.edits import add_rule
from builder_core.rules.english_reading import read_english
from builder_core.rules.english_writing import write_english
from builder_core.rules.plan import Plan
from builder_core.rules.purpose import Purpose
from builder_core.rules.speech import Speech, heard
from user_agent.config import Language

_NAMED_QUOTE = re.compile("(?:called|named|叫做?|名为)[:：]?\\s*(?P<mark>[\ue000-\uefff])", re.IGNORECASE)
_SENTENCE = re.compile(r"[。！？；;\n]+|(?<=[.!?])\s+")
_FIELDS_LIMIT = {"name": 120, "description": 2_000}


def asks_for_agent(text: str) -> bool:
    """Whether somebody asks for an agent in so many words, in either language."""
    return english_reading.asks_for_agent(text) or chinese_reading.asks_for_agent(text)


def describe(plan: Plan, speech: Speech) -> bool:
    """Fill the plan from a description; False where it does not say what the agent is for."""
    language = speech.language
    named = _NAMED_QUOTE.search(speech.own)
    said = speech.only(speech.own.replace(named.group(), " ") if named else speech.own)
    purpose = read_chinese(said.words) if language == "zh" else read_english(said.words)
    if not purpose:
        return False
    if named and not speech.holds_material(named["mark"]):
        purpose = replace(purpose, name=speech.value(named["mark"]))
    plan.language = language
    tools = plan.tools_to_add(speech.words)
    _write(plan, purpose, language, tools)
    if purpose.details:
        _add_details(plan, purpose.details)
    return True


def _write(plan: Plan, purpose: Purpose, language: Language, tools: list[str]) -> None:
    texts = write_chinese(purpose, tools) if language == "zh" else write_english(purpose, tools)
    written: dict[str, JsonValue] = {
        "name": texts.name[: _FIELDS_LIMIT["name"]],
        "description": texts.description[: _FIELDS_LIMIT["description"]],
        "instruction": texts.instruction,
        "language": language,
        "prologue": texts.prologue,
        "prompt_recommend": list[JsonValue](texts.questions),
    }
    kept = plan.set_by_hand - ({"name"} if purpose.name else set[str]())
    plan.fields.update({field: value for field, value in written.items() if field not in kept})
    plan.ticks.update(dict.fromkeys(tools, True))
    plan.proposed = [field for field in plan.fields if field != "name" or not purpose.name]


def _add_details(plan: Plan, details: str) -> None:
    left = correct(plan, heard(details))
    to_agent = chinese_writing.to_agent if plan.language == "zh" else english_words.to_agent
    for sentence in _SENTENCE.split(left):
        if len(sentence.strip()) > 1 and not sentence.rstrip().endswith(("?", "？")):
            add_rule(plan, to_agent(sentence.strip()))
