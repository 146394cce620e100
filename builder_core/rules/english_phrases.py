"""Turns of phrase that many English wishes have in common, as parts of patterns."""

from builder_core.rules.vocabulary import TONE_WORDS

AGENT = r"(?:(?:the|my|this|our|your) (?:agent|assistant|bot|chatbot|helper))"
IT = rf"(?:it|him|her|(?:this|that)(?: (?:thing|one|guy))?|them|{AGENT})"
HE = rf"(?:it|he|she|they|you|{AGENT})"
ITS = r"(?:the|its|his|her|(?:the|my) (?:agent|bot|assistant)'s)"
TO = r"\s*(?:\b(?:to be|to|as|into)\b|=|:|\bis\b|\bshould (?:be|read|say)\b)\s*:?\s*"
SET = r"(?:change|set|update|make|turn|switch|edit|replace|put)"
REMOVE = r"(?:throw (?:out|away)|scrap|ditch|erase|remove|delete|drop|take out|get rid of|clear|lose)"
QUESTION = r"(?:(?:suggested|suggestion|sample|starter|example|recommended) )?(?:questions?|suggestions?|prompts?)"
GREETING = (
    r"(?:greeting|prologue|first (?:thing (?:it|he|she) says|line|words)|opening(?: line| message)?|"
    r"welcome(?: message| text)?|first message|introduction|intro)"
)
HOW = r"(?:(?:how|where) (?:do|can|could|should) (?:i|we) |how to )?"
DESCRIPTION = r"(?:(?:short |brief )?(?:description|blurb|summary|tagline))"
SLIGHTLY = (
    r"(?:(?:a touch|a tad|a notch|somewhat|a bit|a little(?: bit)?|a lot|much|sound|slightly|even|be|"
    r"more|very|really|rather|quite|as|in)\s+)*"
)
WHICH = r"(?P<which>first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|4th|5th|6th)"
BE = r"(?:make|keep|have|let) (?:it|him|her|them|this|(?:the|my|its|your|our|all)(?: \w+){1,2}|everything)(?: be)?"
TONE_END = r"(?![a-z])"
TONE_NOUN = r"(?: (?:answers?|repl(?:y|ies)|tone|style|language|way|manner|voice))?"
TONES = (
    rf"{SLIGHTLY}(?:{TONE_WORDS}){TONE_END}(?:\s*(?:,|and|but|,? (?:and|but))\s*(?:not )?(?:too "
    rf")?{SLIGHTLY}(?:{TONE_WORDS}){TONE_END})*"
)
LESS = (
    r"(?:(?:a bit|a little|a lot|much|slightly|way|far) )?(?:(?:less|not|don't be|do not be|no longer) )"
    r"(?:(?:so|too|that|as|overly) )?"
)
DROP = (
    r"(?:drop|scrap|ditch|remove|delete|disable|deactivate|turn off|switch off|take out|get rid of|lose|stop "
    r"using|(?:don't|do not|never) use|"
    r"no more|no|without|forget(?: about)?|skip|leave out|cut|"
    rf"(?:{HE}|we|i) (?:doesn't|does not|don't|do not|won't) (?:need|want|use|have)(?: to use)?|(?:{HE} "
    rf")?(?:shouldn't|should not|must not|mustn't|can't) "
    r"(?:use|have|need)|(?:there(?:'s| is) )?no need (?:for|of)|not)"
)
