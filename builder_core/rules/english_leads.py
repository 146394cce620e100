"""The ways into an English description: what stands before the words that say what the agent is or does."""

import re
from dataclasses import dataclass
from typing import Literal

from builder_core.rules.courtesy import without_courtesy
from builder_core.rules.english_words import unswapped

Way = Literal["open", "being", "doing", "own act"]
"""What is to follow: a noun or a verb, what it is, what it does, what the person does themselves."""

NOUN = r"(?:ai |chat ?)?(?:agent|assistant|bot|chatbot|helper|companion|gpt|ai|app|tool|thing)"
_MAKE = r"(?:have|build|make|set up|get|give|create|design|develop)"
_WANT = (
    r"(?:i|we|(?:my|our) \w+)(?:'d| would|'ll| really| just| also| do|'m| am|'re| are)* (?:want|wants|like|need|"
    r"needs|love|appreciate|fancy|enjoy|after|looking for|look for|wish(?: for)?|searching for|hoping for|"
    r"prefer|am after|could use|thinking (?:of|about))"
)
_MY_AGENT = (
    rf"(?:it|he|she|they|(?:the|my|this|our|your) (?:new )?{NOUN}|one|(?:an?|some) {NOUN}|something|somebody|someone)"
)

_CONTEXT = re.compile(
    r"^(?P<context>(?:i(?:'m| am)(?! looking)|we(?:'re| are)|as (?:an?|the)|(?:i|we) (?:have|run|own|work|teach|"
    r"study|live|manage|just|am|often|always|struggle)|my \w+|our \w+)\b[^.!?\n]{1,160}?)"
    rf"(?:,? (?:and|so|but|hence)|,) (?={_WANT}|(?:want|need|would like|wish|look)|can you|could you|please|help "
    rf"me|build|make|create)",
    re.IGNORECASE,
)
_WAYS: tuple[tuple[str, Way], ...] = (
    (r"(?:need|want|wanted|seeking|looking for)\s*:?\s+(?=an?\b|some)", "open"),
    (r"(?:like|kind of|sort of)\s+(?=an?\b)", "open"),
    (
        (
            r"(?:please|pls|plz|so|well|then|okay|ok|now|maybe|perhaps|hmm|today|basically|actually|and|also|just|"
            r"let's|for example)\b[,:. ]*"
        ),
        "open",
    ),
    (
        (
            r"(?:the )?(?:purpose|goal|task|job|role|function|topic|subject|idea|use|aim)s?\s*(?:is|:|=)\s*(?:to |"
            r"that it )?"
        ),
        "open",
    ),
    (
        (
            rf"{_WANT} (?:you|it|{_MY_AGENT}) to (?:be|become|act as|act like|play(?: the (?:role|part) of)?|pretend "
            rf"to be)\b\s*"
        ),
        "being",
    ),
    (
        (
            r"(?:you are|you're|you will be|act as|act like|be(?:come)?|behave (?:as|like)|play the (?:role|part) of|"
            r"pretend (?:to be|you are|you're)|roleplay as|imagine you are|it(?:'s| is)|this is)\s+(?=\S)"
        ),
        "being",
    ),
    (rf"{_MY_AGENT} (?:should|must|will|has to|needs to|is going to) be (?=an?\b|my\b|the\b)", "being"),
    (rf"{_WANT} (?:for )?(?:you|{_MY_AGENT}) to (?:be able to )?(?!{_MAKE} (?:me |us )?(?:an?|my)\b)", "doing"),
    (
        rf"{_MY_AGENT} (?:(?:should|must|can|could|will|would|may|has to|needs to|is supposed to|is meant to|"
        rf"ought to|is able to|is going to)(?: also| always)?)(?: be able to)?\s+"
        r"|(?:it|he|she|they|one that|one which|one who|something that|something which)\s+(?:also |just |mainly "
        r")?(?=[a-z]+s\b)",
        "doing",
    ),
    (
        rf"(?:(?:can|could|would|will) (?:you|we|i|someone|somebody|anyone)(?: please)?|{_WANT}(?: you)?(?: to)?|"
        rf"i(?:'m| am) trying to|is there a way to|is there|do you have|let's|help me|how about|what about|you "
        rf"(?:can|could))\s+"
        rf"(?:to )?{_MAKE}\s+(?:me |us |my \w+ )?(?=an?\b|my\b|the\b|some|one\b|another\b|\w+ {NOUN}\b)",
        "open",
    ),
    (
        (
            rf"{_MAKE}\s+(?:me |us )?(?=an?\b|my\b|the\b|some(?:thing|one|body)?\b|one\b|another\b|(?:\w+ "
            rf"){{0,3}}{NOUN}\b)"
        ),
        "open",
    ),
    (r"(?:can|could|would|will) (?:you|it)(?: please)?\s+(?!help me\s*$)", "open"),
    (
        rf"{_WANT} (?:someone|somebody|something|anything|anyone|a way) (?:to|that|who|which)\s+(?:can |could |will )?",
        "doing",
    ),
    (rf"(?:{_WANT}|i(?:'m| am) trying|i plan|i hope|my (?:goal|aim|plan|wish) is) to\s+", "own act"),
    (rf"{_WANT}\s+(?=\S)", "open"),
    (r"(?:is there|do you have|how about|what about|got)\s+(?=an?\b|some)", "open"),
)
_STEPS: tuple[tuple[re.Pattern[str], Way], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), way) for pattern, way in _WAYS
)


_MAKING = re.compile(r"\b(build|make|create|design|develop)\s+(?:me |us )?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lead:
    """A sentence behind its lead-in, how the rest is to be taken, and what it says of the person."""

    rest: str
    way: Way
    context: str = ""
    made: str = ""
    """The verb of "create a …", which is the task where what is created is no agent."""
    asked: bool = False
    """Whether it asks for something in so many words, rather than only naming it."""


def led(sentence: str) -> Lead:
    """The sentence without what leads up to its matter: "Could you please make me a chef" -> "a chef"."""
    said = unswapped(without_courtesy(sentence)).strip(" .!?,:;-–—")
    context = _CONTEXT.match(said)
    if context:
        said = re.sub(r"^(?=want|need|would|wish|look)", "I ", said[context.end() :].strip())
    way: Way = "open"
    asked = False
    made: re.Match[str] | None = None
    for _ in range(6):
        step = _step(said)
        if step is None:
            break
        found, kind = step
        made = _MAKING.search(found.group()) or made
        said, asked = said[found.end() :].lstrip(), asked or found.end() > 4
        if kind != "open":
            way = kind
            break
    return Lead(
        said.strip(" .!?,:;"),
        way,
        context["context"].strip(" ,") if context else "",
        made[1].lower() if made else "",
        asked,
    )


def _step(said: str) -> tuple[re.Match[str], Way] | None:
    for pattern, way in _STEPS:
        found = pattern.match(said)
        if found and found.end():
            return found, way
    return None
