"""How English speakers change the name, the texts and the suggested questions: one row per way of saying it."""

from builder_core.rules import edits, question_edits
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.english_phrases import (
    DESCRIPTION,
    GREETING,
    HE,
    IT,
    ITS,
    QUESTION,
    REMOVE,
    SET,
    SLIGHTLY,
    TO,
    WHICH,
)
from builder_core.rules.hints import ASK_TEXT
from builder_core.rules.vocabulary import TONE_WORDS

NAMING: tuple[Rule, ...] = (
    rule(
        (
            rf"(?:call|name) {IT} (?:whatever|anything|something|as you|however)\b.*|you (?:choose|pick|decide)(?: "
            rf"on)? (?:a|the|its) name.*"
        ),
        edits.keep_name,
    ),
    rule(
        r"(?:give (?:it|him|her)|find|choose|pick|think of|i want|it needs|suggest) (?:an?|another) (?:\w+ "
        r"){0,2}name$|rename(?: (?:it|him|her|this))?$"
        rf"|name {IT} after .*|change {ITS} name$|(?:i )?(?:don't|do not) like (?:the|its|this) name.*|(?:the|"
        rf"its) name (?:is|sounds) (?:bad|boring|silly|ugly|wrong|too \w+)$",
        tell(edits.ASK_NAME),
    ),
    rule(
        rf"(?:give {IT} the name|rename (?:{IT} )?(?:to |as |into )?:?)\s*(?P<value>.+)",
        edits.rename,
        force="command",
    ),
    rule(rf"(?:call|name) {IT}(?: as)?:? (?P<value>.+)", edits.rename, force="command"),
    rule(
        rf"(?:(?:(?:make|let|have) )?{HE} (?:now |should |will )?(?:goe?s?|"
        rf"be known) by (?:the name (?:of )?)?|(?:go with|use|take|pick) (?:the |this )?name )"
        r"(?P<value>.+)",
        edits.rename,
        force="command",
    ),
    rule(rf"{SET} what (?:it|he|she)(?:'s| is) called to (?P<value>.+)", edits.rename, force="command"),
    rule(
        (
            rf"(?:i(?:'d| would) (?:rather|prefer|like)(?: it)?(?: if)? )?(?:{HE} )?(?:should be|must be|will be|"
            rf"shall be|was|were|to be|be) (?:called|named) (?P<value>.+)"
        ),
        edits.rename,
    ),
    rule(
        r"(?:it(?:'s| is)|he(?:'s| is)|she(?:'s| is)) (?:now )?(?:called|named) (?P<value>.+?)(?: now)?$", edits.rename
    ),
    rule(
        rf"(?:{SET} )?(?:(?:{ITS}|your|new|a new) )?(?:new )?(?:name|"
        rf"title){TO}(?P<value>.+)",
        edits.rename,
        force="command",
    ),
    rule(r"an? (?:agent|assistant|bot|chatbot|helper) (?:called|named) (?P<value>[^,.;]+)$", edits.rename),
    rule(r"not (?P<value>\w[\w .'-]{0,30})$", edits.pass_over, force="hunch"),
)
TEXTS: tuple[Rule, ...] = (
    rule(
        rf"(?:{SET} )?(?:{ITS} )?(?:new )?(?:description|{GREETING}|instructions?)(?:{TO}|\s+)?{SLIGHTLY}"
        rf"(?:less |too |sound )?(?:{TONE_WORDS}|better|clearer|bad|good|boring|dull|different|stiff|nice|wrong|"
        rf"ugly|more \w+|less \w+|too \w+)(?: please)?$",
        tell(ASK_TEXT),
    ),
    rule(
        (
            rf"(?:change|edit|improve|rewrite|fix|update|i (?:don't|do not) like) (?:{ITS} )?(?:description|"
            rf"{GREETING}|instructions?)$"
        ),
        tell(ASK_TEXT),
    ),
    rule(
        rf"(?:(?:{SET}|reword|rewrite|rephrase) )?(?:{ITS} )?(?:new )?{DESCRIPTION}(?:{TO}|"
        rf"\s+(?=[\ue000-\uefff]))(?P<value>.+)",
        edits.describe,
        "line",
        force="command",
    ),
    rule(
        rf"(?:{SET} )?(?:{ITS} )?(?:new )?{GREETING}(?:{TO}|\s+(?=[\ue000-\uefff]))(?P<value>.+)",
        edits.greet,
        "line",
        force="command",
    ),
    rule(
        r"(?:greet (?:people|users|everyone|them|me|visitors)|say hello|open|(?:begin|start)(?: (?:every|"
        r"each|the|all|any) "
        r"(?:chats?|conversations?|talks?|sessions?)))(?: (?:to|for) (?:people|users|everyone|them|me|visitors))? "
        r"(?:with|by saying)[: ]+(?!an? |the |some |asking|your |its )(?P<value>.+)",
        edits.greet,
        "line",
        force="command",
    ),
    rule(
        rf"{SET} (?:{ITS} )?(?:instructions?|system prompt|prompt)\s*(?:to|with|:|=)\s*:?\s*(?P<value>.+)",
        edits.instruct,
        "line",
        force="command",
    ),
    rule(
        r"(?:add (?:this |the following |a |another |one more |the )?(?:(?:to|into) (?:the|its) (?:instructions?|"
        r"rules|prompt)|(?:new )?rule)|(?:new )?rules?)\s*:\s*"
        r"(?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
    rule(
        r"add (?:a |another |the |one more )?(?:new )?rules? (?:that|to)?\s*(?:it (?:should|must) )?(?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
    rule(
        r"(?:new )?tasks?\s*:\s*(?P<value>.+)|add (?:a |the |another )?(?:new )?task:?\s*(?:to )?(?P<task>.+)",
        edits.add_task,
        "sentence",
    ),
    rule(
        rf"{REMOVE} (?:the )?(?:rules?|tasks?|lines?)(?: about| on| that says| that| to| saying|:)?\s+(?P<value>.+)",
        edits.remove_lines,
        "sentence",
    ),
    rule(
        rf"{REMOVE} (?P<value>[\ue000-\uefff]) from (?:the|its) (?:tasks?|rules?|instructions?|list)",
        edits.remove_lines,
    ),
)
QUESTIONS: tuple[Rule, ...] = (
    rule(
        rf"the (?P<value>first|second|third|fourth|fifth|sixth|last) {QUESTION}\b[^\ue000-\uefff,]{{0,40}}, "
        rf"(?:so |please |just )*{REMOVE} it$",
        question_edits.remove_numbered_question,
        "whole",
        force="command",
    ),
    rule(
        (
            rf"{REMOVE} (?:(?:all|every)(?: of)?(?: the| its)?|the|its) (?:(?:suggested|suggestion|sample|starter|"
            rf"example) )?(?:questions|suggestions)$"
        ),
        question_edits.remove_all_questions,
    ),
    rule(r"(?:no|without) (?:suggested |sample )?(?:questions|suggestions)$", question_edits.remove_all_questions),
    rule(rf"{REMOVE} the (?P<value>\w+) {QUESTION}$", question_edits.remove_numbered_question),
    rule(rf"{REMOVE} {QUESTION} (?:number |no\.? )?#?(?P<value>\d)$", question_edits.remove_numbered_question),
    rule(
        rf"(?:put|use|make|set|have) (?P<value>[\ue000-\uefff]) (?:as|be|to be) the {WHICH} {QUESTION}$",
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    rule(
        rf"(?:add|put|include) (?P<value>[\ue000-\uefff].*?) (?:to|in|into|among) (?:the |its )?{QUESTION}(?: list)?$",
        question_edits.add_question,
        "line",
        force="command",
        several=True,
    ),
    rule(
        (
            rf"(?:instead of|{SET}|exchange|swap|"
            rf"trade) (?:the question )?(?P<which>[\ue000-\uefff]),? (?:ask|use|with|to|"
            rf"by|put|say|for) (?P<value>[\ue000-\uefff])"
        ),
        reach="line",
        pointed=question_edits.replace_quoted,
        force="command",
    ),
    rule(
        (
            rf"(?:{SET}|exchange|swap) (?:the |its )?{WHICH} {QUESTION}\s*(?:\bto\b|\bfor\b|\bwith\b|\bby\b|"
            rf"\binto\b|\bas\b|"
            rf":)\s*:?\s*(?P<value>.+)"
        ),
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    rule(
        (
            rf"(?:{SET}|exchange) {QUESTION} (?:number |no\.? )?#?(?P<which>\d)\s*(?:\bto\b|\bwith\b|\bby\b|"
            rf":)\s*:?\s*(?P<value>.+)"
        ),
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    rule(
        rf"(?:make )?(?:the )?{WHICH} {QUESTION}\s*(?:\bshould be\b|:)\s*(?P<value>.+)",
        reach="line",
        pointed=question_edits.replace_question,
    ),
    rule(
        (
            rf"(?:{SET} )?(?:all )?(?:of )?(?:{ITS} |my )?(?:(?:suggested|sample|starter|example) questions|"
            rf"suggestions)(?:{TO}|"
            rf"\s+with\s+)(?P<value>.*[?\ue000-\uefff].*)"
        ),
        question_edits.set_questions,
        "line",
        several=True,
        force="command",
    ),
    rule(rf"{REMOVE} (?:the )?{QUESTION}\s*(?:about|on|:)?\s*(?P<value>.+)", question_edits.remove_question, "line"),
    rule(rf"{REMOVE} (?:the )?(?P<value>[\ue000-\uefff])(?: {QUESTION})?", question_edits.remove_quoted),
    rule(
        rf"(?:(?:give me|add|fewer|less|i want|show|use|find|suggest|make|change|write|new|more|different|better|"
        rf"other) )*(?:(?:some|the|its|more|better|other|new|different|a few|few) )*"
        rf"{QUESTION}(?: (?:are|is|should be|better|bad|wrong|boring|please)\b.*)?$",
        tell(question_edits.ASK_QUESTIONS),
    ),
    rule(
        rf"(?:add (?:a |an |another |the |this |these |one more )?(?:new )?{QUESTION}\s*:?|"
        rf"(?:one more|another) {QUESTION}\s*:(?=.*[?？\ue000-\uefff]))\s*(?P<value>.+)",
        question_edits.add_question,
        "line",
        several=True,
        force="command",
    ),
)
