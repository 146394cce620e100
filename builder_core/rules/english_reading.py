"""Takes an English description apart: "I want an agent that plans weekend trips and knows the weather"."""

import re
from dataclasses import replace

from builder_core.rules.english_leads import NOUN, Lead, led
from builder_core.rules.english_tasks import LEARNING, OWN_ONLY, REFUSING, plain_verb, read_tasks
from builder_core.rules.english_words import base_form, verb
from builder_core.rules.purpose import Purpose
from builder_core.rules.sound import role_is_sound, task_is_sound, topic_is_sound

_ASKED_FOR = re.compile(
    rf"^(?:(?:i|we)(?:'d| would)?(?: really)? (?:want|like|need|love)(?: you to| to)?(?: build| make| create| "
    rf"have| design| get)?(?: me)?|(?:can|could|would) you (?:please )?(?:build|make|create|design|develop)(?: "
    rf"me)?|"
    r"(?:please )?(?:build|create|make|design|set up|develop)(?: me| us)?|let's (?:make|build|create|do)|give me|"
    r"switch to|(?:i changed my mind, )?(?:i want )?(?:instead )?)"
    rf"\s*\b(?:an?|another|a new|a different)\b (?:new |different )?(?:[\w'-]+ ){{0,4}}?(?:{NOUN}|tutor|coach|"
    rf"teacher|planner|writer|expert|guide|translator|advisor|trainer)\b(?P<rest>.*)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"[,]?\s*\b(?:called|named|whose name is|by the name of)\s+(?P<name>[^,.;!?\n]+?)"
    r"(?=\s+(?:that|which|who|to|for)\b|[,.;!?\n]|$)",
    re.IGNORECASE,
)
_KIND = re.compile(
    (
        rf"^(?:(?:an?|the|my|our|one|some|another|any)\s+)?(?P<mod>(?:[\w'’&/+-]+\s+){{0,5}}?)(?P<noun>{NOUN}|"
        rf"someone|somebody|something|one|anything)\b(?P<rest>.*)$"
    ),
    re.IGNORECASE | re.DOTALL,
)
_ROLE = re.compile(
    r"^(?P<article>(?:an?|the|my|our|some)\s+)?(?P<role>[^,;:]+?)"
    r"(?P<rest>(?:[,;:]|\s+(?:that|which|who|to|for|about|on|with|without|from|between|specialised|specialized|"
    r"in|of)\b).*)?$",
    re.IGNORECASE | re.DOTALL,
)
_ROLE_END = re.compile(
    (
        r"(?:[^aeiou\W]er|[aeo]ter|or|ist|yst|ian|ant|coach|guide|expert|buddy|friend|chef|mentor|master|companion|"
        r"critic|nurse|pal|poet|librarian|host|judge|secretary|butler)s?$"
    ),
    re.IGNORECASE,
)
_NO_ROLE = re.compile(
    (
        r"(?:weather|dinner|paper|letter|number|computer|water|summer|winter|calendar|restaurant|color|colour|flower|"
        r"news\w*|order|matter|power)s?$"
    ),
    re.IGNORECASE,
)
_PLAIN = re.compile(
    (
        r"\b(?:new|good|great|smart|clever|little|small|simple|personal|helpful|friendly|nice|kind|useful|ai|an?|the|"
        r"my|really|cool|fun|awesome|basic)\b"
    ),
    re.IGNORECASE,
)
_NOT_PEOPLE = re.compile(
    (
        r"\b(?:numbers?|papers?|computers?|dinners?|letters?|flowers?|weather|events?|documents?|investments?|"
        r"apartments?|presents?|restaurants?|plants?|contents?|orders?|matters?)$"
    ),
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"^(?:me|us|myself|people|everyone|anyone|everybody|(?:[\w'-]+ ){0,3}(?:kids?|children|child|students?|"
    r"pupils?|teens?|teenagers?|adults?|parents?|seniors?|men|women|people|families|couples|"
    r"staff|beginners?|patients|clients?|users?|friends?|fans?|\w+(?:ers|ors|ists|ians|yers|eers|ents|ants|nts|"
    r"oms|ads|rsers|ees))|(?:my|our)\b.*|"
    r"(?:the|a|an|new|small|young|old|busy)\b.*\b(?:\d+[- ]year[- ]olds?|child|son|daughter|class|team|mother|"
    r"mom|mum|father|dad|grand\w+|wife|husband|family|company|"
    r"colleagues|employees|visitors|members|business(?:es)?|shop|store|hotel|bank|firm|startup|agency|club|"
    r"library|gym|salon|museum|university|college|school|restaurant|clinic))(?= who\b|"
    r" with\b| in\b| of\b| on\b| at\b| under\b| over\b| aged\b|$)",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    r"\b(?:(?:web ?|home ?|landing ?)?pages?|(?:web ?)?sites?|blogs?|newsletters?|magazines?|podcasts?|channels?|"
    r"servers?|apps?|forums?|wikis?|portals?|platforms?|software|repos?|repositor(?:y|ies)|projects?|products?|documentation|"
    r"docs|thesis|gardens?)$",
    re.IGNORECASE,
)
"""Where an agent is put, or what it is about: whosever that is, it is read by nobody."""
_OWN_MEDIUM = re.compile(rf"^(?:my|our) (?P<what>.*{_MEDIUM.pattern})", re.IGNORECASE)
_BESIDE = re.compile(r"\s(?:on|in|at|of|with|from|under|over)\s")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d+[.)])\s+(?P<item>.+)$", re.MULTILINE)
_COMMON_NOUNS_TEXT = """
stock trip travel email story movie film book music recipe meal food fitness health language grammar homework exam job
career interview money budget tax legal medical pet dog cat plant garden home house wedding party gift game chess math
maths science history art poem poetry news weather sales marketing product customer personal senior junior creative
financial virtual private professional friendly daily weekly smart yoga wine coffee data code web social sleep study
life business
"""
_COMMON_NOUNS = frozenset(_COMMON_NOUNS_TEXT.split())
MAX_TASKS = 12


def asks_for_agent(text: str) -> bool:
    """Whether somebody asks for a new agent in so many words, and for none that is there: not "my bot", "the agent"."""
    found = _ASKED_FOR.match(text.strip())
    return found is not None and not re.match(r"\s*(?:('s)|(?:to (?:be|sound|look|seem)\b))", found["rest"])


def read_english(text: str) -> Purpose:
    """What one sentence, with the list under it, says of an agent; false where that is nothing."""
    bullets = tuple(base_form(plain_verb(item.strip(" .;"))) for item in _BULLET.findall(text))
    first = " ".join(_BULLET.sub("", text).split())
    named = _NAMED.search(first)
    lead = led(_NAMED.sub("", first) if named else first)
    found = _sound(_read_body(lead))
    details = [lead.context, *(f"{found.details}." if found.details else "").split("\n")]
    return replace(
        found,
        name=named["name"].strip() if named else "",
        tasks=(*found.tasks, *(task for task in bullets if task_is_sound(task))),
        details="\n".join(part for part in details if part),
    )


def _sound(purpose: Purpose) -> Purpose:
    """Only the parts that can be shown."""
    return replace(
        purpose,
        role=_uncapitalised(purpose.role) if role_is_sound(purpose.role) else "",
        tasks=tuple(task for task in purpose.tasks[:MAX_TASKS] if task_is_sound(task)),
        topic=purpose.topic if topic_is_sound(_OWN_MEDIUM.sub(r"\g<what>", purpose.topic)) else "",
        audience=purpose.audience if len(purpose.audience.split()) <= 12 else "",
    )


def _uncapitalised(role: str) -> str:
    """A role as it stands within a sentence, where the capital is only that of the sentence's beginning."""
    first = role.split(" ", 1)[0]
    common = first.lower() in _COMMON_NOUNS or verb(first)
    return role[:1].lower() + role[1:] if common and first[1:].islower() else role


def _read_body(lead: Lead) -> Purpose:
    said = lead.rest
    if len(said) < 3:
        return Purpose()
    if lead.way == "being":
        return _being(said)
    if lead.way == "doing":
        return _own_or_tasks(said, own=False)
    kind = _KIND.match(said)
    if (
        kind
        and role_is_sound(f"x {kind['mod']}x")
        and not verb(
            kind["mod"].split(" ", 1)[0]
            if not re.match(r"(?:an?|the|my|our|one|some|another)\b", said, re.IGNORECASE)
            else ""
        )
    ):
        modifier = " ".join(_PLAIN.sub(" ", kind["mod"]).split())
        noun = kind["noun"].lower().removeprefix("ai ")
        plain = noun in ("someone", "somebody", "something", "one", "anything", "app", "tool", "thing", "ai")
        return _read_rest(kind["rest"], role="" if plain or not modifier else f"{modifier} {noun}")
    first_word = re.match(r"[A-Za-z]+", said)
    role = _ROLE.match(said)
    if (
        role
        and lead.made
        and role["article"]
        and not _is_somebody(role["role"])
        and not re.match(r"\s+wh?[oi]", role["rest"] or "")
    ):
        return Purpose(tasks=(f"{lead.made} {said}",))
    is_role = role and (
        (role["article"] and not _NO_ROLE.search(role["role"]))
        or (
            _ROLE_END.search(role["role"])
            and not _NO_ROLE.search(role["role"])
            and not (first_word and _is_order(said))
        )
    )
    if role and is_role and lead.way != "own act":
        return _read_rest(role["rest"] or "", role=re.sub(r"^own ", "", role["role"].strip()))
    if first_word and (lead.way == "own act" or _is_order(said)):
        return _own_or_tasks(said, own=lead.way == "own act")
    if re.match(r"for\s", said, re.IGNORECASE):
        return _read_rest(said, role="")
    return Purpose(topic=re.sub(r"^(?:an?|the|some)\s+", "", said, flags=re.IGNORECASE))


def _are_people(who: str) -> bool:
    own = re.match(r"(?:my|our)\b", who, re.IGNORECASE)
    if _MEDIUM.search(_BESIDE.split(who.strip(), maxsplit=1)[0]):
        return False
    return _PEOPLE.match(who) is not None and (own is not None or not _NOT_PEOPLE.search(who))


def _is_somebody(noun: str) -> bool:
    return _ROLE_END.search(noun) is not None and not _NO_ROLE.search(noun)


def _is_order(said: str) -> bool:
    """Whether it begins with a verb that is one: "plan trips" but not "trip planner" or "travel"."""
    first, _, rest = said.partition(" ")
    known = verb(first)
    if not known or not rest:
        return False
    head = _ROLE.match(said)
    noun = head["role"] if head else said
    # "interview prep coach", "code review": a bare verb before a noun that ends the phrase is a noun itself.
    return not (
        _ROLE_END.search(noun)
        and len(noun.split()) <= 4
        and not re.match(r"(?:me|my|us|our|the|an?|to|for|with|about|in)\b", rest, re.IGNORECASE)
    )


def _being(said: str) -> Purpose:
    role = _ROLE.match(said)
    if not role:
        return Purpose()
    who = role["role"].strip()
    if not role["article"] and all(word[:1].isupper() for word in who.split()) and not _ROLE_END.search(who):
        return Purpose(persona=who, tasks=_read_rest(role["rest"] or "", role="").tasks)
    return _read_rest(role["rest"] or "", role=re.sub(r"^(?:an?|the)\s+", "", who, flags=re.IGNORECASE))


def _own_or_tasks(said: str, *, own: bool) -> Purpose:
    found = read_tasks(said, inflected=not own)
    if (
        not found.tasks
        or not (own or LEARNING.match(said))
        or re.match(r"(?:help|have|see|know|use|make|create|build)\b", found.tasks[0])
    ):
        return found
    return replace(found, tasks=(f"help me {found.tasks[0]}", *found.tasks[1:]))


def _read_rest(rest: str, *, role: str) -> Purpose:
    """What follows the noun: whom it is for, what it is about, what it does."""
    rest = re.sub(
        r"^(?:like|similar to|kind of like)\s[^,;:]{2,30}?,?\s+but\s+", "", rest.strip(" ,:;-–—"), flags=re.IGNORECASE
    )
    audience, topic = "", ""
    for_whom = re.match(
        r"for\s+(?P<who>.+?)(?=[,:;]|\s+(?:that|which|to|and (?=\w+s\b))\s*(?:can\s+|helps?\s+)?[a-z]+|$)",
        rest,
        re.IGNORECASE,
    )
    if for_whom and _are_people(for_whom["who"]):
        audience, rest = for_whom["who"].strip(), rest[for_whom.end() :].strip(" ,:;")
    about = re.match(
        (
            r"(?:for|about|on|in|with|around|of|from|between|specialised in|specialized "
            r"in)\s+(?P<topic>[^:;]+?)(?P<more>(?:[:;]|,?\s+(?:that|which|who)\b).*)?$"
        ),
        rest,
        re.IGNORECASE,
    )
    if about and not (
        verb(about["topic"].split()[0]) and (about["topic"].split()[0].endswith("ing") or " " in about["topic"])
    ):
        topic, rest = about["topic"].strip(), (about["more"] or "").strip(" ,:;")
    elif about:
        rest = f"{about['topic']}{about['more'] or ''}"
    inflected = re.match(r"(?:that|which|who)\b", rest, re.IGNORECASE) is not None
    expected = inflected or bool(re.match(r"(?:to|can|could|should|must|will)\b", rest, re.IGNORECASE))
    first = plain_verb(rest).split(" ", 1)[0]
    if rest and not expected and not verb(first) and not REFUSING.match(rest):
        return Purpose(role=role, topic=topic, audience=audience, details=rest)
    done = read_tasks(rest, inflected=inflected)
    if audience and rest.startswith("to ") and done.tasks and LEARNING.match(done.tasks[0]):
        done = replace(done, tasks=(f"help {audience} {done.tasks[0]}", *done.tasks[1:]))
    elif rest.startswith("to ") and done.tasks and OWN_ONLY.match(done.tasks[0]):
        done = replace(done, tasks=(f"help me {done.tasks[0]}", *done.tasks[1:]))
    return replace(done, role=role or done.role, topic=topic, audience=audience or done.audience)
