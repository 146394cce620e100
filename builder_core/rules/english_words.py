"""English words and their forms, as far as the rules need them."""

import re
from collections.abc import Mapping

_VERB_LIST = """
add advise analyse analyze answer arrange ask assist book brainstorm brief build calculate chat check choose coach
collect come compare compose convert cook correct create critique debug decide describe design develop discover discuss
do draft draw edit encourage entertain estimate evaluate explain explore find fix follow forecast generate get give
grade greet guide handle have help identify improve inspire interpret introduce invent keep know learn let list
listen look make manage match mention mentor monitor motivate name navigate negotiate offer organise organize
outline pick plan
play polish practise practice prepare proofread propose provide quiz read recommend record remember remind renew reply
report research respond rewrite review schedule score search select sell send set share show simplify solve sort speak
spot start structure study suggest summarise summarize support talk teach tell test think track train translate
troubleshoot tutor understand use view visit watch work write
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
    },
}
"""The noun for somebody who does it, by verb; others are assistants."""

_IRREGULAR = {"has": "have", "does": "do", "is": "be", "goes": "go"}
_THIRD = {"have": "has", "do": "does", "be": "is", "go": "goes"}
_UNCOUNTED = frozenset(
    ("news", "maths", "physics", "mathematics", "series", "species", "business", "economics", "gas", "bus", "sales")
)
_SHIFTED = {"my": "your", "our": "your", "me": "you", "us": "you", "i": "you", "mine": "yours", "i'm": "you are"}
_USERS = {"my": "the user's", "our": "the user's", "me": "the user", "us": "the user", "i": "the user"}
_SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])


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
    if lowered in _UNCOUNTED or lowered.endswith(("ss", "us", "is")) or not lowered.endswith("s"):
        return word
    if lowered.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
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
