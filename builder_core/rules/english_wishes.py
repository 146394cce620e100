"""How English speakers ask for changes: one row per way of saying it, asked in this order."""

import re

from builder_core.rules import edits
from builder_core.rules.edits import Edit, Reach, Rule
from builder_core.rules.tool_wishes import add_tool, drop_tool
from builder_core.rules.vocabulary import LANGUAGE_WORDS, TONE_WORDS

_POLITE = (
    r"(?:(?:please|now|ok(?:ay)?|yes|and|also|then|but|so|just|actually|maybe|from now on|can you|could you|would you|"
    r"i want you to|i(?:'d| would) like (?:you )?to|let's|i want it to)\b[,\s]*){0,6}"
)
_IT = r"(?:it|him|her|this|them|(?:the|my|this) (?:agent|assistant|bot))"
_ITS = r"(?:the|its|his|her|my|(?:the|my) agent's)"
_TO = r"\s*(?:\bto\b|\bas\b|=|:|\bis\b|\bshould be\b)\s*"
_REMOVE = r"(?:remove|delete|drop|take out|get rid of)"
_QUESTION = r"(?:(?:suggested|suggestion|sample|starter|example) )?(?:questions?|suggestions?)"
_GREETING = r"(?:greeting|prologue|opening(?: line| message)?|welcome(?: message)?|first message)"
_SLIGHTLY = r"(?:(?:a bit|a little|much|sound|slightly|even|be|more)\s+)*"


def _rule(pattern: str, edit: Edit, reach: Reach = "clause") -> Rule:
    return Rule(re.compile(_POLITE + pattern, re.IGNORECASE), edit, reach)


ENGLISH_WISHES: tuple[Rule, ...] = (
    _rule(r"start (?:over|again|from scratch)\b", edits.start_over),
    _rule(rf"rename (?:{_IT} )?(?:to |as )?(?P<value>.+)", edits.rename),
    _rule(rf"(?:call|name) {_IT}(?: as)? (?P<value>.+)", edits.rename),
    _rule(rf"(?:(?:change|set) )?{_ITS} name{_TO}(?P<value>.+)", edits.rename),
    _rule(rf"(?:(?:change|set|update|make) )?{_ITS} description{_TO}(?P<value>.+)", edits.describe, "line"),
    _rule(rf"(?:(?:change|set|update|make) )?{_ITS} {_GREETING}{_TO}(?P<value>.+)", edits.greet, "line"),
    _rule(
        r"greet (?:people|users|everyone|them|me|visitors) (?:with|by saying)[: ]+(?P<value>.+)", edits.greet, "line"
    ),
    _rule(
        rf"(?:change|set|replace) {_ITS} (?:instructions?|system prompt)\s*(?:to|with|:)\s*(?P<value>.+)",
        edits.instruct,
        "line",
    ),
    _rule(rf"{_REMOVE} (?:all|every)(?: of)?(?: the)? {_QUESTION}", edits.remove_all_questions),
    _rule(rf"{_REMOVE} the (?P<value>\w+) {_QUESTION}", edits.remove_numbered_question),
    _rule(rf"{_REMOVE} {_QUESTION} (?:number )?#?(?P<value>\d)", edits.remove_numbered_question),
    _rule(rf"{_REMOVE} (?:the )?{_QUESTION}\s*(?:about|on|:)?\s*(?P<value>.+)", edits.remove_question, "line"),
    _rule(
        rf"add (?:a |an |another |the |this |one more )?(?:new )?{_QUESTION}\s*:?\s*(?P<value>.+)",
        edits.add_question,
        "line",
    ),
    _rule(
        r"(?:(?:it|he|she|the agent) (?:should|must) |make it |let it )?(?:always |only )?"
        r"(?:answer|reply|respond|speak|talk|write)(?: to (?:me|people|users|them))?(?: only| always)?(?: in)? "
        rf"(?P<value>{LANGUAGE_WORDS})(?![a-z])",
        edits.set_answer_language,
    ),
    _rule(
        rf"(?:switch|change)(?: (?:it|(?:the|its) language))? to (?P<value>{LANGUAGE_WORDS})(?![a-z])",
        edits.set_answer_language,
    ),
    _rule(
        rf"(?:(?:make|keep) (?:{_IT}|(?:the |its |your )?(?:tone|answers|replies|style))|(?:it should )?(?:be|sound))"
        rf"\s+{_SLIGHTLY}(?P<value>{TONE_WORDS})(?![a-z])",
        edits.set_tone,
    ),
    _rule(
        rf"(?:a bit |a little |much |slightly )?(?P<value>{TONE_WORDS})(?: answers| replies| tone)?"
        r"(?=\s*(?:please)?\s*(?:[.,!;]|$))",
        edits.set_tone,
    ),
    _rule(rf"(?:(?:change|set|make) )?{_ITS} tone{_TO}{_SLIGHTLY}(?P<value>.+)", edits.set_tone),
    _rule(r"(?:it|this)(?:'s| is) (?:mainly |mostly |only )?for (?P<value>.+)", edits.set_audience),
    _rule(
        r"(?:it (?:should|must) )?(?:drop|remove|delete|disable|turn off|switch off|take out|get rid of|lose|"
        r"stop using|(?:don't|do not) use|no more|no|without|it (?:doesn't|does not) need)\s+(?P<value>.+)",
        drop_tool,
        "sentence",
    ),
    _rule(r"(?:give it|let it use|it needs|it should use)\s+(?P<value>.+)", add_tool, "sentence"),
    _rule(
        r"(?:(?:it|he|she|the agent) (?:should|must|can|could)(?: also)? |let it )?"
        r"(?P<value>(?:also |be able to )?(?:add|enable|turn on|switch on|use|include|tell|check|know|look up|show|do|"
        r"calculate|give|have)\s+.+)",
        add_tool,
        "sentence",
    ),
    _rule(
        r"(?:(?:it|he|she|the agent|the assistant|you) )?(?:(?:must|should|may|can|shall) )?"
        r"(?P<value>(?:not|never|mustn't|shouldn't|can't|cannot|don't|do not|avoid|always|make sure|remember to|"
        r"only|before (?:it|you|answering)|if|when)\b.+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(
        r"(?:it|he|she|the agent|the assistant) (?:should|must|can|could) also (?P<value>.+)",
        edits.add_task,
        "sentence",
    ),
    _rule(
        r"(?:it|he|she|the agent|the assistant) (?:should|must|has to|needs to) (?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
)
