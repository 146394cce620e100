"""English words and their forms, as far as the rules need them."""

import re
from collections.abc import Mapping

_VERB_LIST = """
act act add advise alert amuse analyse analyze annotate announce answer archive arrange ask assess assist automate avoid
bake be book brainstorm breathe brief build buy calculate call calm cancel chat check cheer choose cite clarify clean
coach code collect come comfort compare complete compose compress compute condense confirm congratulate conjugate
connect convert cook correct count cover crawl create critique curate cure debate debug decide decorate define deliver
depict deploy describe design detect develop diagnose discover discuss display distract divide do download draft draw
edit encourage entertain enumerate escalate estimate evaluate examine expand explain explore export extract fetch fill
filter find fix flag focus follow forecast format forward generate get give grade greet grow guess guide handle have
heal help highlight hint host identify illustrate impersonate import improve inform inspire interpret interview
introduce invent investigate invite joke keep know lead learn let list listen localise localize locate log look
maintain make manage map mark match measure meditate memorise memorize mention mentor mimic moderate monitor motivate
multiply name narrate navigate negotiate notify nudge offer onboard open optimise optimize order organise organize
outline paint paraphrase pick plan play polish post postpone practice practise praise predict prepare prescribe
present prioritise prioritize process produce promote pronounce proofread propose protect provide publish pull push
quiz quote rate react read recite recommend reconcile record recruit refactor refer refuse register rehearse remember
remind renew repair repeat rephrase replace reply report request reschedule research resolve respond review revise
rewrite rhyme roast roleplay route save say scan schedule score scrape screen search select sell send serve set share
shop shorten shortlist show simplify simulate sing solve soothe sort speak spell spot start stay stick store structure
study subtract suggest sum summarise summarize supervise support tailor take talk teach tell test think track train
transcribe translate treat triage troubleshoot tutor tweet understand update upload use validate verify view visit
visualise visualize warn watch weigh welcome work write
"""
VERBS = frozenset(_VERB_LIST.split())

AGENT_NOUNS: Mapping[str, str] = {
    **{"plan": "Planner", "schedule": "Planner", "organise": "Organiser", "organize": "Organizer"},
    **{"write": "Writer", "draft": "Writer", "compose": "Writer", "rewrite": "Editor", "edit": "Editor"},
    **{"polish": "Editor", "proofread": "Proofreader", "correct": "Editor", "translate": "Translator"},
    **{"teach": "Tutor", "tutor": "Tutor", "train": "Trainer", "coach": "Coach", "practise": "Coach"},
    **{"practice": "Coach", "explain": "Explainer", "summarise": "Summariser", "summarize": "Summarizer"},
    **{"review": "Reviewer", "critique": "Reviewer", "analyse": "Analyst", "analyze": "Analyst"},
    **{"find": "Finder", "search": "Finder", "recommend": "Guide", "suggest": "Guide", "choose": "Guide"},
    **{"track": "Tracker", "monitor": "Monitor", "read": "Reader", "debug": "Debugger", "design": "Designer"},
    **{
        "learn": "Tutor",
        "study": "Tutor",
        "generate": "Generator",
        "create": "Creator",
        "calculate": "Calculator",
        "quiz": "Quizmaster",
        "lose": "Coach",
        "improve": "Coach",
        "sing": "Singer",
        "sell": "Seller",
        "cook": "Cook",
        "code": "Coder",
        "interview": "Interviewer",
    },
}
"""The noun for somebody who does it, by verb; others are assistants."""

_IRREGULAR = {"has": "have", "does": "do", "is": "be", "are": "be", "goes": "go", "quizzes": "quiz"}
_THIRD = {"have": "has", "do": "does", "be": "is", "go": "goes", "quiz": "quizzes"}
_UNCOUNTED = frozenset(
    ("news", "maths", "physics", "mathematics", "series", "species", "business", "economics", "gas", "bus", "sales")
)
_IE = frozenset(
    ("movies", "cookies", "calories", "selfies", "zombies", "brownies", "smoothies", "hoodies", "ties", "pies")
)
_SHIFTED = {"my": "your", "our": "your", "me": "you", "us": "you", "i": "you", "mine": "yours", "i'm": "you are"}
_USERS = {"my": "the user's", "our": "the user's", "me": "the user", "us": "the user", "i": "the user"}
_SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])


_OFTEN_SWAPPED = (
    "agent assistant chatbot that which helper helps writes travel recipes rename change remove delete "
    "description greeting "
    "answer language weather calculator question questions suggested formal friendly please teacher translate"
)
_SWAPPED = {
    word[:at] + word[at + 1] + word[at] + word[at + 2 :]: word
    for word in _OFTEN_SWAPPED.split()
    for at in range(len(word) - 1)
    if word[at] != word[at + 1]
}


def unswapped(text: str) -> str:
    """The text with two letters that changed places put back, in the words that matter: "agnet" -> "agent"."""
    return re.sub(r"\b[a-z]{4,11}\b", lambda word: _SWAPPED.get(word.group(), word.group()), text)


def verb(word: str) -> str:
    """The base form of a verb that the rules know ("plans", "planning" -> "plan"), else the empty text."""
    word = word.lower()
    stems = [word, _IRREGULAR.get(word, ""), word.removesuffix("s"), word.removesuffix("es")]
    if word.endswith("ies"):
        stems.append(word[:-3] + "y")
    if word.endswith("ing") and len(word) > 5:
        stem = word[:-3]
        stems += [stem, stem + "e", stem[:-1] if stem[-1] == stem[-2] else ""]
    return next((stem for stem in stems if stem in VERBS), "")


def base_form(phrase: str, *, any_verb: bool = False) -> str:
    """A verb phrase as an order: "plans weekend trips" -> "plan weekend trips".

    `any_verb`: the first word is a verb even where the rules do not know it.
    """
    first, _, rest = phrase.strip().partition(" ")
    known = verb(first) or (singular(first) if any_verb else first)
    return f"{known.lower()} {rest}".strip()


def third_person(phrase: str) -> str:
    """A verb phrase as a statement: "plan weekend trips" -> "plans weekend trips"."""
    first, _, rest = phrase.partition(" ")
    if first in _THIRD:
        said = _THIRD[first]
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        said = first[:-1] + "ies"
    else:
        said = first + ("es" if first.endswith(("ch", "sh", "x", "ss", "z", "o")) else "s")
    return f"{said} {rest}".strip()


def singular(word: str) -> str:
    """The singular of a plural noun; other words as they are."""
    lowered = word.lower()
    if lowered in _IE:
        return word[:-1]
    if lowered in _UNCOUNTED or lowered.endswith(("ss", "us", "is")) or not lowered.endswith("s"):
        return word
    if lowered.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if lowered.endswith("zzes"):
        return word[:-3]
    return word[:-2] if lowered.endswith(("ches", "shes", "xes", "sses")) else word[:-1]


def to_reader(text: str) -> str:
    """What a person said of themselves, said to them: "my trips" -> "your trips"."""
    return _replaced(text, _SHIFTED)


def to_agent(text: str) -> str:
    """What a person said of themselves, said to their agent: "my trips" -> "the user's trips"."""
    return _replaced(text, _USERS)


def title(text: str) -> str:
    """A name: "weekend trip planner" -> "Weekend Trip Planner". Capitals inside words stay."""
    words = text.split()
    return " ".join(
        word if word.lower() in _SMALL and number else word[:1].upper() + word[1:] for number, word in enumerate(words)
    )


def with_article(noun: str) -> str:
    """A noun phrase with "a" or "an", unless it has its own determiner."""
    if re.match(r"(?:an?|the|my|your|our|his|her|their)\b", noun, re.IGNORECASE):
        return noun
    letters = re.match(r"[A-Z]{2,}", noun)  # read letter by letter: an SQL expert
    vowel = noun[0] in "AEFHILMNORSX" if letters else re.match(r"(?i:[aeio]|u(?!ni|s[aeiou]|k)|hour|honest)", noun)
    return f"{'an' if vowel else 'a'} {noun}"


def joined(items: list[str]) -> str:
    """Items as one reads them aloud: "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def _replaced(text: str, table: Mapping[str, str]) -> str:
    return re.sub(r"\b(?:my|our|me|us|I'm|I|mine)\b", lambda word: table.get(word.group().lower(), word.group()), text)
