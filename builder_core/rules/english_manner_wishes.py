"""How English speakers change the language of answers, the tone, the tools, the rules and the tasks."""

from builder_core.rules import edits, orders
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.english_phrases import BE, DROP, HE, IT, ITS, LESS, SET, SLIGHTLY, TO, TONE_NOUN, TONES
from builder_core.rules.hints import ASK_TONE
from builder_core.rules.tool_wishes import (
    add_all,
    add_tool,
    drop_all,
    drop_named,
    drop_tool,
    keep_tool,
    no_such_tool,
    only_tools,
    show_catalogue,
    swap_tools,
)
from builder_core.rules.vocabulary import LANGUAGE_WORDS, TONE_WORDS

LANGUAGE: tuple[Rule, ...] = (
    rule(
        rf"(?:{HE} (?:should|must|can) |(?:make|let|have) {IT} )?(?:always |only )?(?:answer|reply|respond|"
        rf"speak|talk|write|use|be)s?"
        rf"(?: to (?:me|people|users|them))?(?: only| always)?(?: in)? (?P<value>{LANGUAGE_WORDS})(?![a-z])(?: "
        rf"only| please|, please)?$",
        edits.set_answer_language,
    ),
    rule(
        (
            rf"(?:{SET})(?: (?:{IT}|everything|(?:the |its )?(?:answer )?language|the whole thing|the "
            rf"answers))?(?: to| into)? (?P<value>{LANGUAGE_WORDS})(?![a-z])$"
        ),
        edits.set_answer_language,
    ),
    rule(rf"(?:{ITS} )?language{TO}(?P<value>{LANGUAGE_WORDS})(?![a-z])", edits.set_answer_language),
    rule(rf"(?P<value>{LANGUAGE_WORDS}) only$", edits.set_answer_language),
    rule(
        r"(?:always )?(?:answer|reply|respond|speak|write)s? (?:in )?(?:the|whatever|whichever|any) (?:user's |"
        r"same |person's |customer's )?language\b.*"
        r"|(?:make (?:it|him|her) |be )(?:multilingual|bilingual)$|(?:support|speak)s? (?:several|many|all|"
        r"multiple) languages$",
        edits.mirror_language,
    ),
)
TONE: tuple[Rule, ...] = (
    rule(r"(?:make (?:it|the \w+) )?(?:sound|talk|be|write)?\s*less like .*", tell(ASK_TONE)),
    rule(
        (
            rf"(?:{BE}|(?:{HE} (?:should|must) )?(?:be|sound|speak|talk|write|answer|"
            rf"reply))\s+(?P<value>(?:{LESS})?{TONES}){TONE_NOUN}(?: again)?$"
        ),
        edits.set_tone,
        force="command",
    ),
    rule(
        (
            rf"(?P<value>(?:{LESS}|(?:a bit |a little |much |slightly |way |far )?){TONES})"
            rf"{TONE_NOUN}(?: again)?$"
        ),
        edits.set_tone,
    ),
    rule(
        (
            rf"(?:{SET}|use|keep|prefer|i(?:'d| would)? (?:prefer|like|want)|have|give it|with|in)?\s*(?:an? |"
            rf"{ITS} )?(?P<value>{TONES}) (?:tone|style|voice|manner|answers|replies)(?: of voice)?$"
        ),
        edits.set_tone,
    ),
    rule(
        (
            rf"(?:{BE} |{HE} (?:should|must) )?(?:talk|speak|sound|write|act|answer|reply|be|behave)s?(?: more)? "
            rf"(?P<value>like .+|as an? .+)"
        ),
        edits.set_tone,
    ),
    rule(
        (
            rf"(?:the )?(?:answers|replies|responses|messages|tone|style)(?: (?:should|must|could|have to) be| need "
            rf"to be|:|\b)\s*(?P<value>{TONES})$"
        ),
        edits.set_tone,
    ),
    rule(rf"(?:(?:change|set|make) )?{ITS} (?:tone|style|voice){TO}{SLIGHTLY}(?P<value>.+)", edits.set_tone),
    rule(
        (
            r"(?:the |its )?(?:tone|style|answers?|replies|it|that|this)(?:'s| (?:is|are|sounds?|feels?))? (?:way |"
            r"far |much |a bit |a little )?too (?:stiff|cold|dry|robotic)$"
        ),
        tell(ASK_TONE),
    ),
    rule(
        (
            rf"(?:(?:the |its )?(?:tone|style|answers?|replies|it|that|this)(?:'s| (?:is|are|sounds?|"
            rf"feels?))? )?(?:way |"
            rf"far |much |a bit |a little |still )*(?P<value>too (?:{TONE_WORDS}))(?: for .+)?$"
        ),
        lambda plan, value: edits.set_tone(plan, f"not {value}"),
    ),
    rule(r"explain (?:things|everything|it|all) (?P<value>simpl)y$", lambda plan, _: edits.set_tone(plan, "simple")),
)
TOOLS: tuple[Rule, ...] = (
    rule(
        rf"(?P<value>[^\ue000-\uefff\n,]{{2,60}}), (?:so |please |just |let's )*{DROP} (?:it|that|them)$",
        drop_named,
        "whole",
    ),
    rule(
        (
            rf"(?:turn|switch) (?:off )?(?:everything|it all|them all|all of them)(?: off)?$|(?:{DROP}|turn|switch) "
            rf"(?:off )?(?:all|every|any|the)?(?: of)?(?: the| its)? ?tools?(?: off)?(?: at all)?$"
        ),
        drop_all,
    ),
    rule(
        r"(?:enable|turn on|switch on|add|use|give it)(?: all| every|the)*(?: of)?(?: the| its)? (?:tools|everything)$",
        add_all,
    ),
    rule(
        (
            rf"(?:(?:what|which|show|list)\b.{{0,20}}\btools?\b.*|(?:can|could|does|do) {HE} (?:search|browse|have "
            rf"access|access|use) (?:to )?(?:the )?(?:web|internet|tools)\b.*)"
        ),
        show_catalogue,
    ),
    rule(
        rf"(?:don't|do not|never) (?:{DROP}) (?P<value>.+)|keep (?P<kept>.+)|leave (?P<left>.+?) (?:on|in|as it is)$",
        keep_tool,
    ),
    rule(
        r"(?:only (?:use|keep|with|have)|use only|keep only|just (?:use|keep)|tools?\s*[:=])\s*(?P<value>.+)",
        only_tools,
        "sentence",
    ),
    rule(
        r"(?:replace|swap|exchange|substitute) (?P<which>.+?) (?:with|for|by) (?P<value>.+)",
        pointed=swap_tools,
        force="hunch",
    ),
    rule(rf"(?:{HE} (?:should|must) )?{DROP}\s+(?P<value>.+)", drop_tool, "sentence"),
    rule(r"(?:turn|switch|take|set|leave) (?P<value>.+?) (?:off|out|away)$|(?P<off>.+) off$", drop_tool, force="hunch"),
    rule(
        r"(?P<value>.+?) (?:is|are|isn't|is not) (?:not )?(?:needed|necessary|required|wanted)$",
        drop_tool,
        force="hunch",
    ),
    rule(
        r"(?:i want|i need|bring|put|get|add|turn|switch|with) (?P<value>.+?) (?:back|on|again)(?: on| again)?$",
        add_tool,
    ),
    rule(
        (
            r"(?:give it|let it (?:use|have)|it needs|it should (?:use|have)|i want|i need|we need|with|and|"
            r"plus)\s+(?P<value>.+)"
        ),
        keep_tool,
        "sentence",
        force="hunch",
    ),
    rule(
        rf"(?:let {IT} |{HE} (?:should|must|can|could|has to|needs to)(?: also| always)? )?(?P<value>(?:also |"
        rf"be able to )?(?:hook up|plug in|wire up|add|enable|activate|turn on|switch on|use|include|tell|"
        rf"check|know|look up|show|do|run|execute|analy[sz]e|plot|search|browse|read|open|summari[sz]e|call|"
        r"calculate|convert|draw|paint|generate|create|make|give|have(?! it| him| her))\s+.+)",
        add_tool,
        "sentence",
    ),
    rule(
        (
            r"(?:add|enable|activate|install|connect|integrate)(?: (?:a|an|the|some))? (?P<value>(?:\w+[ "
            r"-]?){1,4}?)(?: tool| plugin| function| feature| access)?$"
        ),
        no_such_tool,
        force="hunch",
    ),
)
FORM: tuple[Rule, ...] = (
    rule(
        r"(?:the |its |my |our )?(?:audience|target group|target users?|users)(?: is| are| will be|:) (?P<value>.+)",
        edits.set_audience,
    ),
    rule(r"(?:it|this)(?:'s| is) (?:mainly |mostly |only )?(?P<value>for .+)", edits.set_audience),
    rule(
        (
            r"(?:my|our) (?P<who>[\w ]{2,30}?) (?:will|would|should|is going to|are going to) (?:be using|use) (?:it|"
            r"this)$"
        ),
        lambda plan, value: edits.set_audience(plan, f"the user's {value}"),
    ),
    rule(
        (
            rf"(?:{HE} )?(?:must(?:n't| not)|should(?:n't| not)|can(?:'t|not| not)|may not|shall not|(?:does|do|"
            rf"will) not|doesn't|won't|is not (?:allowed|supposed) to|not)\s+(?P<value>.+)"
        ),
        edits.forbid,
        "sentence",
    ),
    rule(
        r"(?:you )?(?P<value>(?:never|don't|do not|avoid|always|make sure|remember to|be sure to|try to|only|no|"
        r"refrain from|limit|restrict|stop (?!it|that|this|asking me|telling me)\w+ing|at the end)\b.+)",
        edits.add_rule,
        "sentence",
    ),
    rule(
        r"(?:you )?(?P<value>(?:whenever|before (?:it|you|answering)|if|when|unless|after|each time|every time)\b.+)",
        edits.add_rule,
        "orders",
    ),
    rule(
        (
            r"(?P<value>(?:the |its |all |your )?(?:answers?|repl(?:y|ies)|responses?|tone)\b.* (?:should|must|may|"
            r"need to|has to|have to)\b.+)"
        ),
        edits.add_rule,
        "sentence",
    ),
    rule(
        rf"(?:{BE}|be)\s+(?P<value>[a-z-]+(?:ive|al|ful|ous|ic|ent|ant|able|ible|ish|less|ual|ing)(?: and [a-z]+)?)$",
        edits.be,
    ),
    rule(
        rf"(?:{HE} )(?:also )?(?:should|must|could|can|has to|needs to|will|may) also (?P<value>.+)",
        edits.add_task,
        "sentence",
    ),
    rule(rf"(?:{HE} )(?:can|could|is able to) (?:be able to )?(?P<value>\w.+)", orders.able, "sentence"),
    rule(rf"(?:{HE} )(?:also|even) (?:has to|needs to|must|should) (?P<value>\w.+)", orders.able, "sentence"),
    rule(rf"(?:{HE} )(?:should|must|has to|needs to|will|ought to) be able to (?P<value>.+)", orders.able, "sentence"),
    rule(rf"(?:{HE} )(?:should|must|has to|needs to|will|ought to) (?P<value>(?!be:).+)", edits.add_rule, "sentence"),
    rule(rf"(?:{HE} )(?:also |then |always )?(?P<value>\w+s\b .+)", orders.statement, "sentence", force="hunch"),
    rule(
        (
            r"(?:use |with )?(?P<value>(?:more|fewer|less|some|no) (?:emojis?|emoticons|examples?|humou?r|jokes?|"
            r"details?|lists?|tables?|numbers|jargon|slang))$"
        ),
        lambda plan, value: edits.add_rule(plan, f"use {value}"),
    ),
    rule(rf"let {IT} (?P<value>.+)", orders.order, "sentence", force="hunch"),
    rule(rf"(?:{BE}|be|stay) (?P<value>(?:more|less|very) \w+)$", edits.be),
    rule(r"(?:also |then )?(?P<value>[a-z]+ [^\u3400-\u9fff]+)$", orders.order, "sentence", force="hunch"),
)
