"""What an agent does, out of the words that say it: tasks, rules, and whose part it plays."""

import re

from builder_core.rules.english_words import VERBS, base_form, verb
from builder_core.rules.purpose import Purpose

_OWN_ACTS = (
    r"(?:learn|study|practi[sc]e|understand|improve|get|become|prepare|pass|lose|save|stay|sleep|eat|quit|stop|lift|"
    r"run|train for|gain|meditate|relax|focus|remember|memori[sz]e|live|save|earn|fall|wake)"
)
OWN_ONLY = re.compile(
    r"^(?:learn|study|practi[sc]e|lose|sleep|relax|prepare for|pass|quit|meditate|become)\b", re.IGNORECASE
)
LEARNING = re.compile(rf"^{_OWN_ACTS}\b", re.IGNORECASE)
"""What a person does themselves: an agent helps them with it."""
REFUSING = re.compile(
    (
        r"^(?:but\s+)?(?P<how>never|doesn't|does not|don't|do not|not|avoids?|without|nothing|no|won't|must not|"
        r"mustn't|shouldn't|should not)\s+(?P<what>.+)"
    ),
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"^(?:(?:that|which|who|to|and|can|could|will|would|should|must|also|always|then|just|it|he|she|is able to|"
    r"able to|be able to|"
    r"is capable of|capable of|is good at|good at|is used to|which is|specialised in|specialized in)(?:\s+|$))+",
    re.IGNORECASE,
)
_HELPS = re.compile(r"^helps? (?:(?:me|us|you)|(?P<others>people|users|customers))(?: to)? (?=(\w+))", re.IGNORECASE)
_MANNER = re.compile(
    r"^(?:is|are|be|has|have)\b|^(?:only )?(?:speaks?|talks?|sounds?|writes?|replies|reply|responds?|answers?|"
    r"acts?|behaves?)(?: only)? (?:(?:in|like|as if)\b(?!.*\babout\b)|under|within|briefly|politely|simply|"
    r"short)"
    r"|^only\b|^(?:uses?|using) (?:emojis?|slang|simple|short|plain|humou?r)\b|^(?:keeps?|stays?) |^speaks? [A-Z]",
    re.IGNORECASE,
)
"""How it works rather than what it does: a rule, not a task."""
_PERSONA = re.compile(
    (
        r"^(?:pretends?(?: to be| that (?:it|he|she) is)|role-?plays?(?: as)?|plays? (?:the (?:role|part) of)|"
        r"impersonates?|mimics?|imitates?|(?:acts?|behaves?|talks?|speaks?|sounds?|writes?) (?:like|"
        r"as))\s+(?P<who>[^,;]{2,40})$"
    ),
    re.IGNORECASE,
)
_CONNECTOR = r"\s*(?:,\s*(?:(?:and|but|as well as|then)\s+)?|;\s*|\b(?:and|but|as well as)\s+)"


def read_tasks(text: str, *, inflected: bool) -> Purpose:
    """The verb phrases of a text, and what in it is a rule; `inflected`: its first word is a verb, known or not.

    It is parted only where a verb follows: "salt and pepper" stays together.
    """
    tasks: list[str] = []
    rules: list[str] = []
    persona, role = "", ""
    before: list[str] = tasks
    pieces = re.split(f"({_CONNECTOR})", text)
    for gap, piece in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        bare = plain_verb(piece)
        if not bare:
            continue
        first = bare.split(" ", 1)[0]
        if refusing := REFUSING.match(bare):
            rules.append(_refused(refusing["how"].lower(), refusing["what"], bare))
            before = rules
        elif played := _PERSONA.match(bare):
            who = re.sub(r"^(?:an?|the)\s+", "", played["who"])
            role, persona = (role, who) if who[:1].isupper() else (who, persona)
            rules.append(f"speak like {played['who']}")
        elif _MANNER.match(bare) and (tasks or inflected or rules):
            rules.append(base_form(bare))
            before = rules
        elif (verb(first) in VERBS and not _goes_on(before, bare)) or not (tasks or rules):
            tasks.append(base_form(bare, any_verb=inflected and not tasks))
            before = tasks
        elif before:
            before[-1] += f"{gap if gap.startswith((',', ' ', ';')) else ' ' + gap}{piece}".rstrip()
    return Purpose(role=role, persona=persona, tasks=tuple(tasks), details="\n".join(rules))


def _goes_on(before: list[str], word: str) -> bool:
    """Whether it is one more word of a list that a colon has begun: "from documents: hours, allergens, orders"."""
    return " " not in word and bool(before) and ":" in before[-1]


def _refused(how: str, what: str, said: str) -> str:
    """A rule against `what`: "doesn't recommend hotels" -> "never recommend hotels"."""
    if how.startswith("avoid"):
        return f"avoid {what}"
    return said if how in ("nothing", "no", "without") else f"never {base_form(what, any_verb=True)}"


def plain_verb(piece: str) -> str:
    bare = _MODAL.sub("", piece.strip())
    helps = _HELPS.match(bare)
    if helps and verb(helps[2]) and not LEARNING.match(helps[2]):
        bare = bare[helps.end() :]
    return re.sub(r"^knows?(?: (?:everything|a lot|all))?(?: about)? ", "tell me about ", bare, flags=re.IGNORECASE)
