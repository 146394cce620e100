"""Takes an English description apart: "I want an agent that plans weekend trips and knows the weather"."""

import re
from dataclasses import replace

from builder_core.rules.english_words import VERBS, base_form, verb
from builder_core.rules.purpose import Purpose

_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|ok(?:ay)?|please|so|well|yes)\b[,!. ]*)*"
    r"(?:(?:i(?:'d| would| really)? (?:want|like|need|love)|i(?:'m| am) looking for|we (?:want|need)|can you|could you|"
    r"would you|will you|please|let's|help me(?= (?:build|create|make|design|develop|set up)\b))\s+(?:to\s+)?)*"
    r"(?:(?:have|build|make|set up|get|give|create|design|develop)\s+(?:me |us )?(?=an?\b|my\b|the\b|some\b|one\b|"
    r"\w+ (?:agent|bot)))?",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(
    r"\b(?:i (?:want|need)|i(?:'d| would) like|build|create|make|design|set up|develop)\b.{0,20}?"
    r"\b(?:an?|my|the|another|new)\b.{0,40}?\b(?:agent|assistant|bot|chatbot|helper|tutor|coach|companion)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"[,]?\s*\b(?:called|named|whose name is|by the name of)\s+(?P<name>[^,.;!?\n]+?)"
    r"(?=\s+(?:that|which|who|to|for)\b|[,.;!?\n]|$)",
    re.IGNORECASE,
)
_AGENT = r"(?:ai |chat ?)?(?:agent|assistant|bot|chatbot|helper|companion|gpt|someone|somebody|something|ai)"
_KIND = re.compile(
    rf"^(?:(?:an?|the|my|our|one|some|another)\s+)?(?P<mod>(?:[\w'’&/+-]+\s+){{0,4}}?)(?P<noun>{_AGENT})\b(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ROLE = re.compile(
    r"^(?P<article>(?:an?|the|my|our|some)\s+)?(?P<role>[^,;:]+?)"
    r"(?P<rest>(?:[,;:]|\s+(?:that|which|who|to|for|about|on|with|specialised|specialized)\b).*)?$",
    re.IGNORECASE | re.DOTALL,
)
_ROLE_END = re.compile(
    r"(?:er|or|ist|ian|ant|coach|guide|expert|buddy|friend|chef|mentor|master|companion|critic|nurse|pal)s?$",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:new|good|great|smart|clever|little|small|simple|personal|helpful|friendly|nice|kind|useful|ai|an?|the|my)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"^(?:me|us|myself|people|everyone|anyone|families|couples|women|men|kids?|children|child|students?|pupils?|teens?|beginners?|customers?|clients?|"
    r"users?|parents?|seniors?|adults?|learners?|employees|staff|colleagues|developers?|engineers?|teachers?|patients|"
    r"travell?ers|tourists|readers|(?:my|our)\b|(?:the|a|an|new|small|young|old|busy)\b.*\b"
    r"(?:\d+[- ]year[- ]olds?|kids?|children|"
    r"child|son|daughter|students?|class|team|mother|mom|mum|father|dad|parents?|grand\w+|wife|husband|family|company|"
    r"customers?|clients?|users?|colleagues|employees|staff|visitors|members|people|friends?|business(?:es)?))\b",
    re.IGNORECASE,
)
_LEARNING = re.compile(
    r"^(?:learn|study|practi[sc]e|understand|improve|get|become|prepare|pass|lose|save|stay)\b", re.IGNORECASE
)
"""What a person does themselves: an agent helps them with it."""
_REFUSING = re.compile(
    r"^(?:but\s+)?(?P<how>never|doesn't|does not|don't|do not|not|avoids?|without)\s+(?P<what>.+)", re.IGNORECASE
)
_NOT_A_TOPIC = re.compile(
    r"^(?:i|we|you|it|this|that|there|he|she|they|what|how|why|who|when|where|which|is|are)\b", re.IGNORECASE
)
_MODAL = re.compile(
    r"^(?:(?:that|which|who|to|and|can|could|will|would|should|must|also|always|then|just|it|is able to|able to|"
    r"is capable of|capable of|is good at)(?:\s+|$))+",
    re.IGNORECASE,
)
_HELPS = re.compile(r"^helps? (?:me|us|you|people|users)(?: to)? (?=(\w+))", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.)])\s+(?P<item>.+)$", re.MULTILINE)
MAX_TOPIC_WORDS = 8


def asks_for_agent(text: str) -> bool:
    """Whether somebody asks for an agent in so many words, which is more than a correction."""
    return _ASKED_FOR.search(text) is not None


def read_english(text: str) -> Purpose:
    """What the description says; false where it says nothing that an agent could be for."""
    bullets = tuple(base_form(_plain_verb(item.strip(" .;"))) for item in _BULLET.findall(text))
    first, *others = [part.strip() for part in _SENTENCE.split(_BULLET.sub("", text)) if part.strip()] or [""]
    named = _NAMED.search(first)
    said = _NAMED.sub("", first) if named else first
    said = _LEAD.sub("", said.strip()).strip(" .!?,:;")
    found = _read_body(said)
    return Purpose(
        name=named["name"].strip() if named else "",
        role=found.role,
        tasks=(*found.tasks, *bullets),
        topic=found.topic,
        audience=found.audience,
        details=" ".join(part for part in (f"{found.details}." if found.details else "", *others) if part),
    )


def _read_body(said: str) -> Purpose:
    if len(said) < 3:
        return Purpose()
    if kind := _KIND.match(said):
        modifier = " ".join(_PLAIN.sub(" ", kind["mod"]).split())
        return _read_rest(kind["rest"], role=f"{modifier} {kind['noun'].lower()}" if modifier else "")
    first_word = re.match(r"[A-Za-z]+", said)
    role = _ROLE.match(said)
    is_role = role and (
        role["article"] or (_ROLE_END.search(role["role"]) and not (first_word and verb(first_word[0])))
    )
    if role and is_role:
        return _read_rest(role["rest"] or "", role=role["role"].strip())
    if first_word and verb(first_word[0]):
        found = _tasks(said)
        own_act = _LEARNING.match(said)
        return replace(found, tasks=(f"help me {found.tasks[0]}", *found.tasks[1:])) if own_act else found
    return Purpose(topic="" if _NOT_A_TOPIC.match(said) or len(said.split()) > MAX_TOPIC_WORDS else said)


def _read_rest(rest: str, *, role: str) -> Purpose:
    """What follows the noun: whom it is for, what it is about, what it does."""
    rest = rest.strip(" ,:;")
    audience, topic = "", ""
    for_whom = re.match(
        r"for\s+(?P<who>.+?)(?=,|\s+(?:that|which|to)\s+(?:can\s+|helps?\s+)?[a-z]+|$)", rest, re.IGNORECASE
    )
    if for_whom and _PEOPLE.match(for_whom["who"]):
        audience, rest = for_whom["who"].strip(), rest[for_whom.end() :].strip(" ,")
    about = re.match(r"(?:for|about|on|in|with|specialised in|specialized in)\s+(?P<topic>.+)", rest, re.IGNORECASE)
    if about and not verb(about["topic"].split()[0]):
        topic, rest = about["topic"].strip(), ""
    elif about:
        rest = about["topic"]
    done = _tasks(rest)
    return Purpose(role=role, tasks=done.tasks, topic=topic, audience=audience, details=done.details)


def _tasks(text: str) -> Purpose:
    """The verb phrases of a text, and what is ruled out in it.

    It is parted only where a verb follows: "salt and pepper" stays together.
    """
    parts: list[str] = []
    ruled_out: list[str] = []
    for piece in re.split(r"\s*(?:,\s*(?:(?:and|but)\s+)?|;\s*|\b(?:and|but)\s+)", text):
        bare = _plain_verb(piece)
        first = bare.split(" ", 1)[0]
        if not bare:
            continue
        if refusing := _REFUSING.match(bare):
            ruled_out.append(f"never {base_form(refusing['what'], any_verb=True)}")
        elif not parts or verb(first) in VERBS:
            parts.append(bare)
        else:
            parts[-1] = _rejoined(text, parts[-1], piece)
    return Purpose(tasks=tuple(base_form(part) for part in parts), details=". ".join(ruled_out))


def _rejoined(text: str, before: str, piece: str) -> str:
    between = re.search(rf"(?P<gap>\s*(?:,\s*(?:(?:and|but)\s+)?|;\s*|\b(?:and|but)\s+)){re.escape(piece)}", text)
    gap = between["gap"] if between else " "
    return f"{before}{gap if gap.startswith((',', ' ')) else ' ' + gap}{piece}".strip()


def _plain_verb(piece: str) -> str:
    bare = _MODAL.sub("", piece.strip())
    helps = _HELPS.match(bare)
    bare = bare[helps.end() :] if helps and verb(helps[1]) else bare
    return re.sub(r"^knows?(?: about)? ", "tell me about ", bare, flags=re.IGNORECASE)
