"""How English speakers ask for changes: one row per way of saying it, asked in this order."""

import re

from builder_core.rules import edits, question_edits
from builder_core.rules.edits import Edit, Force, Pointed, Reach, Rule, tell
from builder_core.rules.hints import ASK_TEXT, ASK_TONE, ENGLISH_HINTS
from builder_core.rules.tool_wishes import (
    add_all,
    add_tool,
    drop_all,
    drop_tool,
    keep_tool,
    no_such_tool,
    only_tools,
    show_catalogue,
    swap_tools,
)
from builder_core.rules.vocabulary import LANGUAGE_WORDS, TONE_WORDS

_AGENT = r"(?:(?:the|my|this|our|your) (?:agent|assistant|bot|chatbot|helper))"
_IT = rf"(?:it|him|her|(?:this|that)(?: (?:thing|one|guy))?|them|{_AGENT})"
_HE = rf"(?:it|he|she|they|you|{_AGENT})"
_ITS = r"(?:the|its|his|her|(?:the|my) (?:agent|bot|assistant)'s)"
_TO = r"\s*(?:\b(?:to be|to|as|into)\b|=|:|\bis\b|\bshould (?:be|read|say)\b)\s*:?\s*"
_SET = r"(?:change|set|update|make|turn|switch|edit|replace|put)"
_REMOVE = r"(?:scrap|ditch|erase|remove|delete|drop|take out|get rid of|clear|lose)"
_QUESTION = r"(?:(?:suggested|suggestion|sample|starter|example|recommended) )?(?:questions?|suggestions?|prompts?)"
_GREETING = (
    r"(?:greeting|prologue|opening(?: line| message)?|welcome(?: message| text)?|first message|introduction|intro)"
)
_HOW = r"(?:(?:how|where) (?:do|can|could|should) (?:i|we) |how to )?"
_SLIGHTLY = r"(?:(?:a bit|a little(?: bit)?|a lot|much|sound|slightly|even|be|more|very|really|rather|quite|as|in)\s+)*"
_WHICH = r"(?P<which>first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|4th|5th|6th)"
_BE = r"(?:make|keep|have|let) (?:it|him|her|them|this|(?:the|my|its|your|our|all)(?: \w+){1,2}|everything)(?: be)?"
_TONE_END = r"(?![a-z])"
_TONE_NOUN = r"(?: (?:answers?|repl(?:y|ies)|tone|style|language|way|manner|voice))?"
_TONES = (
    rf"{_SLIGHTLY}(?:{TONE_WORDS}){_TONE_END}(?:\s*(?:,|and|but|,? (?:and|but))\s*(?:not )?(?:too "
    rf")?{_SLIGHTLY}(?:{TONE_WORDS}){_TONE_END})*"
)
_DROP = (
    r"(?:drop|scrap|ditch|remove|delete|disable|deactivate|turn off|switch off|take out|get rid of|lose|stop "
    r"using|(?:don't|do not|never) use|"
    r"no more|no|without|forget(?: about)?|skip|leave out|cut|"
    rf"(?:{_HE}|we|i) (?:doesn't|does not|don't|do not|won't) (?:need|want|use|have)(?: to use)?|(?:{_HE} "
    rf")?(?:shouldn't|should not|must not|mustn't|can't) "
    r"(?:use|have|need)|(?:there(?:'s| is) )?no need (?:for|of)|not)"
)


def _rule(
    pattern: str,
    edit: Edit | None = None,
    reach: Reach = "clause",
    *,
    pointed: Pointed | None = None,
    force: Force = "wish",
    several: bool = False,
) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), edit, reach, pointed, force, several)


_NAMING = (
    _rule(
        (
            rf"(?:call|name) {_IT} (?:whatever|anything|something|as you|however)\b.*|you (?:choose|pick|decide)(?: "
            rf"on)? (?:a|the|its) name.*"
        ),
        edits.keep_name,
    ),
    _rule(
        r"(?:give (?:it|him|her)|find|choose|pick|think of|i want|it needs|suggest) (?:an?|another) (?:\w+ "
        r"){0,2}name$|rename(?: (?:it|him|her|this))?$"
        rf"|name {_IT} after .*|change {_ITS} name$|(?:i )?(?:don't|do not) like (?:the|its|this) name.*|(?:the|"
        rf"its) name (?:is|sounds) (?:bad|boring|silly|ugly|wrong|too \w+)$",
        tell(edits.ASK_NAME),
    ),
    _rule(
        rf"(?:give {_IT} the name|rename (?:{_IT} )?(?:to |as |into )?:?)\s*(?P<value>.+)",
        edits.rename,
        force="command",
    ),
    _rule(rf"(?:call|name) {_IT}(?: as)?:? (?P<value>.+)", edits.rename, force="command"),
    _rule(
        (
            rf"(?:i(?:'d| would) (?:rather|prefer|like)(?: it)?(?: if)? )?(?:{_HE} )?(?:should be|must be|will be|"
            rf"shall be|was|were|to be|be) (?:called|named) (?P<value>.+)"
        ),
        edits.rename,
    ),
    _rule(
        r"(?:it(?:'s| is)|he(?:'s| is)|she(?:'s| is)) (?:now )?(?:called|named) (?P<value>.+?)(?: now)?$", edits.rename
    ),
    _rule(
        rf"(?:{_SET} )?(?:(?:{_ITS}|your|new|a new) )?(?:new )?name{_TO}(?P<value>.+)", edits.rename, force="command"
    ),
    _rule(r"an? (?:agent|assistant|bot|chatbot|helper) (?:called|named) (?P<value>[^,.;]+)$", edits.rename),
    _rule(r"not (?P<value>\w[\w .'-]{0,30})$", edits.pass_over, force="hunch"),
)
_TEXTS = (
    _rule(
        rf"(?:{_SET} )?(?:{_ITS} )?(?:new )?(?:description|{_GREETING}|instructions?)(?:{_TO}|\s+)?{_SLIGHTLY}"
        rf"(?:less |too |sound )?(?:{TONE_WORDS}|better|clearer|bad|good|boring|dull|different|stiff|nice|wrong|"
        rf"ugly|more \w+|less \w+|too \w+)(?: please)?$",
        tell(ASK_TEXT),
    ),
    _rule(
        (
            rf"(?:change|edit|improve|rewrite|fix|update|i (?:don't|do not) like) (?:{_ITS} )?(?:description|"
            rf"{_GREETING}|instructions?)$"
        ),
        tell(ASK_TEXT),
    ),
    _rule(
        rf"(?:{_SET} )?(?:{_ITS} )?(?:new )?description(?:{_TO}|\s+(?=[\ue000-\uefff]))(?P<value>.+)",
        edits.describe,
        "line",
        force="command",
    ),
    _rule(
        rf"(?:{_SET} )?(?:{_ITS} )?(?:new )?{_GREETING}(?:{_TO}|\s+(?=[\ue000-\uefff]))(?P<value>.+)",
        edits.greet,
        "line",
        force="command",
    ),
    _rule(
        r"greet (?:people|users|everyone|them|me|visitors) (?:with|by saying)[: ]+(?P<value>.+)", edits.greet, "line"
    ),
    _rule(
        rf"{_SET} (?:{_ITS} )?(?:instructions?|system prompt|prompt)\s*(?:to|with|:|=)\s*:?\s*(?P<value>.+)",
        edits.instruct,
        "line",
        force="command",
    ),
    _rule(
        r"(?:add (?:this |the following |a |another |one more |the )?(?:(?:to|into) (?:the|its) (?:instructions?|"
        r"rules|prompt)|(?:new )?rule)|(?:new )?rules?)\s*:\s*"
        r"(?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(
        r"add (?:a |another |the |one more )?(?:new )?rules? (?:that|to)?\s*(?:it (?:should|must) )?(?P<value>.+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(
        r"(?:new )?tasks?\s*:\s*(?P<value>.+)|add (?:a |the |another )?(?:new )?task:?\s*(?:to )?(?P<task>.+)",
        edits.add_task,
        "sentence",
    ),
    _rule(
        rf"{_REMOVE} (?:the )?(?:rules?|tasks?|lines?)(?: about| on| that says| that| to| saying|:)?\s+(?P<value>.+)",
        edits.remove_lines,
        "sentence",
    ),
    _rule(
        rf"{_REMOVE} (?P<value>[\ue000-\uefff]) from (?:the|its) (?:tasks?|rules?|instructions?|list)",
        edits.remove_lines,
    ),
)
_QUESTIONS = (
    _rule(
        (
            rf"{_REMOVE} (?:(?:all|every)(?: of)?(?: the| its)?|the|its) (?:(?:suggested|suggestion|sample|starter|"
            rf"example) )?(?:questions|suggestions)$"
        ),
        question_edits.remove_all_questions,
    ),
    _rule(r"(?:no|without) (?:suggested |sample )?(?:questions|suggestions)$", question_edits.remove_all_questions),
    _rule(rf"{_REMOVE} the (?P<value>\w+) {_QUESTION}$", question_edits.remove_numbered_question),
    _rule(rf"{_REMOVE} {_QUESTION} (?:number |no\.? )?#?(?P<value>\d)$", question_edits.remove_numbered_question),
    _rule(
        rf"(?:put|use|make|set|have) (?P<value>[\ue000-\uefff]) (?:as|be|to be) the {_WHICH} {_QUESTION}$",
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    _rule(
        rf"(?:add|put|include) (?P<value>[\ue000-\uefff].*?) (?:to|in|into|among) (?:the |its )?{_QUESTION}(?: list)?$",
        question_edits.add_question,
        "line",
        force="command",
        several=True,
    ),
    _rule(
        (
            rf"(?:instead of|{_SET}|exchange|swap) (?:the question )?(?P<which>[\ue000-\uefff]),? (?:ask|use|with|to|"
            rf"by|put|say|for) (?P<value>[\ue000-\uefff])"
        ),
        reach="line",
        pointed=question_edits.replace_quoted,
        force="command",
    ),
    _rule(
        (
            rf"(?:{_SET}|exchange) (?:the |its )?{_WHICH} {_QUESTION}\s*(?:\bto\b|\bwith\b|\bby\b|\binto\b|\bas\b|"
            rf":)\s*:?\s*(?P<value>.+)"
        ),
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    _rule(
        (
            rf"(?:{_SET}|exchange) {_QUESTION} (?:number |no\.? )?#?(?P<which>\d)\s*(?:\bto\b|\bwith\b|\bby\b|"
            rf":)\s*:?\s*(?P<value>.+)"
        ),
        reach="line",
        pointed=question_edits.replace_question,
        force="command",
    ),
    _rule(
        rf"(?:make )?(?:the )?{_WHICH} {_QUESTION}\s*(?:\bshould be\b|:)\s*(?P<value>.+)",
        reach="line",
        pointed=question_edits.replace_question,
    ),
    _rule(
        (
            rf"(?:{_SET} )?(?:{_ITS} |my )?(?:(?:suggested|sample|starter|example) questions|suggestions)(?:{_TO}|"
            rf"\s+with\s+)(?P<value>.*[?\ue000-\uefff].*)"
        ),
        question_edits.set_questions,
        "line",
        several=True,
        force="command",
    ),
    _rule(rf"{_REMOVE} (?:the )?{_QUESTION}\s*(?:about|on|:)?\s*(?P<value>.+)", question_edits.remove_question, "line"),
    _rule(rf"{_REMOVE} (?:the )?(?P<value>[\ue000-\uefff])(?: {_QUESTION})?", question_edits.remove_quoted),
    _rule(
        rf"(?:(?:give me|add|fewer|less|i want|show|use|find|suggest|make|change|write|new|more|different|better|"
        rf"other) )*(?:(?:some|the|its|more|better|other|new|different|a few|few) )*"
        rf"{_QUESTION}(?: (?:are|is|should be|better|bad|wrong|boring|please)\b.*)?$",
        tell(question_edits.ASK_QUESTIONS),
    ),
    _rule(
        rf"add (?:a |an |another |the |this |these |one more )?(?:new )?{_QUESTION}\s*:?\s*(?P<value>.+)",
        question_edits.add_question,
        "line",
        several=True,
        force="command",
    ),
)
_LANGUAGE = (
    _rule(
        rf"(?:{_HE} (?:should|must|can) |(?:make|let|have) {_IT} )?(?:always |only )?(?:answer|reply|respond|"
        rf"speak|talk|write|use|be)s?"
        rf"(?: to (?:me|people|users|them))?(?: only| always)?(?: in)? (?P<value>{LANGUAGE_WORDS})(?![a-z])(?: "
        rf"only| please|, please)?$",
        edits.set_answer_language,
    ),
    _rule(
        (
            rf"(?:{_SET})(?: (?:{_IT}|everything|(?:the |its )?(?:answer )?language|the whole thing|the "
            rf"answers))?(?: to| into)? (?P<value>{LANGUAGE_WORDS})(?![a-z])$"
        ),
        edits.set_answer_language,
    ),
    _rule(rf"(?:{_ITS} )?language{_TO}(?P<value>{LANGUAGE_WORDS})(?![a-z])", edits.set_answer_language),
    _rule(
        r"(?:always )?(?:answer|reply|respond|speak|write)s? (?:in )?(?:the|whatever|whichever|any) (?:user's |"
        r"same |person's |customer's )?language\b.*"
        r"|(?:make (?:it|him|her) |be )(?:multilingual|bilingual)$|(?:support|speak)s? (?:several|many|all|"
        r"multiple) languages$",
        edits.mirror_language,
    ),
)
_TONE = (
    _rule(r"(?:make (?:it|the \w+) )?(?:sound|talk|be|write)?\s*less like .*", tell(ASK_TONE)),
    _rule(
        (
            rf"(?:{_BE}|(?:{_HE} (?:should|must) )?(?:be|sound|speak|talk|write|answer|"
            rf"reply))\s+(?P<value>{_TONES}){_TONE_NOUN}$"
        ),
        edits.set_tone,
        force="command",
    ),
    _rule(
        (
            rf"(?P<value>(?:a bit |a little |much |slightly |way |far |not |less |don't be |do not be |no )?(?:so |"
            rf"too |that |as )?{_TONES}){_TONE_NOUN}$"
        ),
        edits.set_tone,
    ),
    _rule(
        (
            rf"(?:{_SET}|use|keep|prefer|i(?:'d| would)? (?:prefer|like|want)|have|give it|with|in)?\s*(?:an? |"
            rf"{_ITS} )?(?P<value>{_TONES}) (?:tone|style|voice|manner|answers|replies)(?: of voice)?$"
        ),
        edits.set_tone,
    ),
    _rule(
        (
            rf"(?:{_BE} |{_HE} (?:should|must) )?(?:talk|speak|sound|write|act|answer|reply|be|behave)s?(?: more)? "
            rf"(?P<value>like .+|as an? .+)"
        ),
        edits.set_tone,
    ),
    _rule(
        (
            rf"(?:the )?(?:answers|replies|responses|messages|tone|style)(?: (?:should|must|could|have to) be| need "
            rf"to be|:|\b)\s*(?P<value>{_TONES})$"
        ),
        edits.set_tone,
    ),
    _rule(rf"(?:(?:change|set|make) )?{_ITS} (?:tone|style|voice){_TO}{_SLIGHTLY}(?P<value>.+)", edits.set_tone),
    _rule(
        (
            r"(?:the |its )?(?:tone|style|answers?|replies|it|that|this)(?:'s| (?:is|are|sounds?|feels?))? (?:way |"
            r"far |much |a bit |a little )?too (?:stiff|cold|dry|robotic)$"
        ),
        tell(ASK_TONE),
    ),
    _rule(
        (
            rf"(?:the |its )?(?:tone|style|answers?|replies|it|that|this)(?:'s| (?:is|are|sounds?|feels?))? (?:way |"
            rf"far |much |a bit |a little )?(?P<value>too (?:{TONE_WORDS}))(?: for .+)?$"
        ),
        lambda plan, value: edits.set_tone(plan, f"not {value}"),
    ),
    _rule(r"explain (?:things|everything|it|all) (?P<value>simpl)y$", lambda plan, _: edits.set_tone(plan, "simple")),
)
_TOOLS = (
    _rule(
        (
            rf"(?:turn|switch) (?:off )?(?:everything|it all|them all|all of them)(?: off)?$|(?:{_DROP}|turn|switch) "
            rf"(?:off )?(?:all|every|any|the)?(?: of)?(?: the| its)? ?tools?(?: off)?(?: at all)?$"
        ),
        drop_all,
    ),
    _rule(
        r"(?:enable|turn on|switch on|add|use|give it)(?: all| every|the)*(?: of)?(?: the| its)? (?:tools|everything)$",
        add_all,
    ),
    _rule(
        (
            rf"(?:(?:what|which|show|list)\b.{{0,20}}\btools?\b.*|(?:can|could|does|do) {_HE} (?:search|browse|have "
            rf"access|access|use) (?:to )?(?:the )?(?:web|internet|tools)\b.*)"
        ),
        show_catalogue,
    ),
    _rule(
        rf"(?:don't|do not|never) (?:{_DROP}) (?P<value>.+)|keep (?P<kept>.+)|leave (?P<left>.+?) (?:on|in|as it is)$",
        keep_tool,
    ),
    _rule(
        r"(?:only (?:use|keep|with|have)|use only|keep only|just (?:use|keep)|tools?\s*[:=])\s*(?P<value>.+)",
        only_tools,
        "sentence",
    ),
    _rule(
        r"(?:replace|swap|exchange|substitute) (?P<which>.+?) (?:with|for|by) (?P<value>.+)",
        pointed=swap_tools,
        force="hunch",
    ),
    _rule(rf"(?:{_HE} (?:should|must) )?{_DROP}\s+(?P<value>.+)", drop_tool, "sentence"),
    _rule(
        r"(?:turn|switch|take|set|leave) (?P<value>.+?) (?:off|out|away)$|(?P<off>.+) off$", drop_tool, force="hunch"
    ),
    _rule(
        r"(?P<value>.+?) (?:is|are|isn't|is not) (?:not )?(?:needed|necessary|required|wanted)$",
        drop_tool,
        force="hunch",
    ),
    _rule(
        r"(?:i want|i need|bring|put|get|add|turn|switch|with) (?P<value>.+?) (?:back|on|again)(?: on| again)?$",
        add_tool,
    ),
    _rule(
        (
            r"(?:give it|let it (?:use|have)|it needs|it should (?:use|have)|i want|i need|we need|with|and|"
            r"plus)\s+(?P<value>.+)"
        ),
        keep_tool,
        "sentence",
        force="hunch",
    ),
    _rule(
        rf"(?:let {_IT} |{_HE} (?:should|must|can|could|has to|needs to)(?: also| always)? )?(?P<value>(?:also |"
        rf"be able to )?(?:add|enable|activate|turn on|switch on|use|include|tell|check|know|look up|show|do|"
        r"calculate|convert|give|have(?! it| him| her))\s+.+)",
        add_tool,
        "sentence",
    ),
    _rule(
        (
            r"(?:add|enable|activate|install|connect|integrate)(?: (?:a|an|the|some))? (?P<value>(?:\w+[ "
            r"-]?){1,4}?)(?: tool| plugin| function| feature| access)?$"
        ),
        no_such_tool,
        force="hunch",
    ),
)
_FORM = (
    _rule(
        r"(?:the |its |my |our )?(?:audience|target group|target users?|users)(?: is| are| will be|:) (?P<value>.+)",
        edits.set_audience,
    ),
    _rule(r"(?:it|this)(?:'s| is) (?:mainly |mostly |only )?(?P<value>for .+)", edits.set_audience),
    _rule(
        (
            r"(?:my|our) (?P<who>[\w ]{2,30}?) (?:will|would|should|is going to|are going to) (?:be using|use) (?:it|"
            r"this)$"
        ),
        lambda plan, value: edits.set_audience(plan, f"the user's {value}"),
    ),
    _rule(
        (
            rf"(?:{_HE} )?(?:must(?:n't| not)|should(?:n't| not)|can(?:'t|not| not)|may not|shall not|(?:does|do|"
            rf"will) not|doesn't|won't|is not (?:allowed|supposed) to|not)\s+(?P<value>.+)"
        ),
        edits.forbid,
        "sentence",
    ),
    _rule(
        r"(?:you )?(?P<value>(?:never|don't|do not|avoid|always|make sure|remember to|be sure to|try to|only|no|"
        r"refrain from|whenever|"
        r"before (?:it|you|answering)|if|when|unless|at the end|after|each time|every time)\b.+)",
        edits.add_rule,
        "sentence",
    ),
    _rule(
        (
            r"(?P<value>(?:the |its |all |your )?(?:answers?|repl(?:y|ies)|responses?|tone)\b.* (?:should|must|may|"
            r"need to|has to|have to)\b.+)"
        ),
        edits.add_rule,
        "sentence",
    ),
    _rule(
        rf"(?:{_BE}|be)\s+(?P<value>[a-z-]+(?:ive|al|ful|ous|ic|ent|ant|able|ible|ish|less|ual|ing)(?: and [a-z]+)?)$",
        edits.be,
    ),
    _rule(
        rf"(?:{_HE} )(?:also )?(?:should|must|could|can|has to|needs to|will|may) also (?P<value>.+)",
        edits.add_task,
        "sentence",
    ),
    _rule(rf"(?:{_HE} )(?:can|could|is able to) (?:be able to )?(?P<value>\w.+)", edits.add_task, "sentence"),
    _rule(
        rf"(?:{_HE} )(?:should|must|has to|needs to|will|ought to) be able to (?P<value>.+)", edits.add_task, "sentence"
    ),
    _rule(rf"(?:{_HE} )(?:should|must|has to|needs to|will|ought to) (?P<value>(?!be:).+)", edits.add_rule, "sentence"),
    _rule(rf"(?:{_HE} )(?:also |then |always )?(?P<value>\w+s\b .+)", edits.statement, "sentence", force="hunch"),
    _rule(
        (
            r"(?:use |with )?(?P<value>(?:more|fewer|less|some|no) (?:emojis?|emoticons|examples?|humou?r|jokes?|"
            r"details?|lists?|tables?|numbers|jargon|slang))$"
        ),
        lambda plan, value: edits.add_rule(plan, f"use {value}"),
    ),
    _rule(rf"let {_IT} (?P<value>.+)", edits.order, "sentence", force="hunch"),
    _rule(rf"(?:{_BE}|be|stay) (?P<value>(?:more|less|very) \w+)$", edits.be),
    _rule(r"(?:also |then )?(?P<value>[a-z]+ [^\u3400-\u9fff]+)$", edits.order, "sentence", force="hunch"),
)

ENGLISH_WISHES: tuple[Rule, ...] = (
    _rule(
        r"(?:let's )?start (?:over|again|afresh|from scratch|all over)(?: again| from scratch| please| now)*$",
        edits.start_over,
    ),
    *_NAMING,
    *_TEXTS,
    *_QUESTIONS,
    *(_rule(rf"{_HOW}(?:{pattern})", tell(words)) for pattern, words in ENGLISH_HINTS),
    *_LANGUAGE,
    *_TONE,
    *_TOOLS,
    *_FORM,
)
