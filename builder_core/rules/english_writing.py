"""Writes the texts of a new agent in English, from what its description said."""

import re

from builder_core.rules.english_words import (
    AGENT_NOUNS,
    joined,
    singular,
    third_person,
    title,
    to_agent,
    to_reader,
    verb,
    with_article,
)
from builder_core.rules.purpose import TOOL_NAMES, Purpose, Texts
from builder_core.rules.sound import name_is_sound

_DETERMINER = re.compile(
    (
        r"^(?:(?:my|our|your|the|a|an|some|all|any|every|their|his|her|its|people's|daily|good|better|best|great|"
        r"more|long|whole)\s+)+"
    ),
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"\s*\b(?:for|from|with|in|on|at|to|by|about|when|based|so|of|into|that|which|who|if|like|between|through|depending|around|after|before|against|via|using|without|"
    r"whether|across|during|than|under|over|step|as)\b\s*"
)
_ABOUT = re.compile(r"(?:.*\babout|.*?\b(?:with|on|in|for))\s+(?P<what>.+)")
_EMPTY_OBJECT = re.compile(
    r"^(?:questions?|things?|people|users?|customers?|me|us|you|kids|children|students|help)?$", re.IGNORECASE
)
_OWN_ACT = re.compile(r"^help me (?=\w)")
"""Before what a person does themselves: "help me learn Spanish"."""
_WHOM = re.compile(
    (
        r"^(?:(?:me|us|you|them|him|her|users?|customers?|clients?)\b(?:['’]s?)?\s*|(?:[\w'-]+ )?(?:people|kids|"
        r"children|students|beginners|seniors|learners)\s+(?=\w))(?:to\s+)?"
    ),
    re.IGNORECASE,
)
"""Whom a task is done for, where that stands right behind its verb: "teach me French"."""
MAX_NAME_WORDS = 5


def write_english(purpose: Purpose, tools: list[str]) -> Texts:
    """The texts for an agent with these tools."""
    return Texts(
        name=purpose.name or _name(purpose, tools),
        description=_description(purpose),
        instruction=_instruction(purpose),
        prologue=_prologue(purpose),
    )


def _name(purpose: Purpose, tools: list[str]) -> str:
    """The first way of naming it that reads like a name."""
    ways = [title(purpose.persona), *_role_names(purpose)]
    if purpose.tasks and not purpose.role:
        doing = _OWN_ACT.sub("", purpose.tasks[0]).split(" ", 1)[0]
        noun = AGENT_NOUNS.get(doing, "Assistant")
        what = title(_singular_phrase(_short(_object(purpose.tasks[0]))))
        ways += [
            f"{what} {noun}" if what else "",
            *(f"{_last_words(what, number)} {noun}" for number in (2, 1) if what),
        ]
    if purpose.topic:
        ways.append(f"{title(_short(purpose.topic))} Assistant")
    ways += [f"{TOOL_NAMES[tool].en} Assistant" for tool in tools if tool in TOOL_NAMES]
    return next((name for name in ways if name_is_sound(name)), "My Assistant")


def _role_names(purpose: Purpose) -> list[str]:
    if not purpose.role:
        return []
    name = title(" ".join(re.sub(r"^(?:my|our)\s+", "", purpose.role).split()[-MAX_NAME_WORDS:]))
    shorter = [_last_words(name, number) for number in (3, 2)]
    return [f"{title(_short(purpose.topic))} {name}", name] if purpose.topic and " " not in name else [name, *shorter]


def _last_words(text: str, number: int) -> str:
    return " ".join(text.split()[-number:])


def _description(purpose: Purpose) -> str:
    does = joined([third_person(task) for task in purpose.tasks])
    if purpose.persona:
        said = f"speaks and answers as {purpose.persona}" + (f", and {does}" if does else "")
    elif purpose.role:
        said = with_article(purpose.role)
        said += f" for {purpose.audience}" if purpose.audience else ""
        said += f" for {purpose.topic}" if purpose.topic else ""
        said += f" that {does}" if does else ""
    elif does:
        whom = purpose.audience or (purpose.topic if re.match(r"(?:my|our)\b", purpose.topic) else "")
        said = f"{does}, for {whom}" if whom and not any(whom in task for task in purpose.tasks) else does
    elif purpose.topic:
        said = f"answers questions about {purpose.topic}"
    else:
        said = f"your assistant for {purpose.audience}" if purpose.audience else "your own assistant"
    return _sentence(to_reader(said))


def _instruction(purpose: Purpose) -> str:
    role = purpose.persona or (with_article(purpose.role) if purpose.role else "an assistant")
    role += f" for {purpose.audience}" if purpose.audience else ""
    tasks = [f"- {_sentence(to_agent(task))}" for task in purpose.tasks]
    if purpose.topic:
        tasks.append(f"- {_sentence(f'help with everything around {to_agent(purpose.topic)}')}")
    elif purpose.persona:
        tasks.insert(0, f"- Speak and answer as {purpose.persona} would.")
    elif not tasks and purpose.role:
        tasks.append(f"- {_sentence(f'help as {with_article(purpose.role)} would: explain, advise, give examples')}")
    if purpose.wish:
        tasks.insert(0, f"- Do what was asked for: “{purpose.wish}”.")
    if purpose.audience:
        tasks.append(f"- Fit words, length and examples to {to_agent(purpose.audience)}.")
    return "\n".join(
        [
            f"You are {to_agent(role)}.",
            "",
            "# Task",
            *tasks,
            "",
            "# How you work",
            "- Find out first what you need to know, with one short question at a time.",
            "- Give answers that can be used as they are: concrete steps, examples, numbers where they help.",
            "- Say so when you do not know something or cannot do it, instead of guessing.",
        ]
    )


def _prologue(purpose: Purpose) -> str:
    if purpose.tasks:
        can = joined([to_reader(task) for task in purpose.tasks[:3]])
        return f"Hello! I can {can}. What shall we begin with?"
    if purpose.persona:
        return f"Hello! I am {purpose.persona}. What shall we begin with?"
    if purpose.role:
        return f"Hello! I am your {_DETERMINER.sub('', purpose.role)}. What shall we begin with?"
    return (
        f"Hello! Ask me anything about {to_reader(purpose.topic)}."
        if purpose.topic
        else "Hello! What can I do for you?"
    )


def _object(task: str) -> str:
    """What a task is done to: "answer questions about our products" -> "products"."""
    _, _, rest = _OWN_ACT.sub("", task).partition(" ")
    rest = re.sub(r"^((?:me|us|people|kids|children)\s+)?how to \w+\s+", r"\1", rest)
    rest, whom = _WHOM.sub("", rest), _WHOM.match(rest)
    if whom and task.startswith("help"):
        rest = rest.partition(" ")[2].removeprefix("to ") if verb(rest.split(" ", 1)[0]) else rest
    if task.startswith("help ") and not _OWN_ACT.match(task):
        rest = _helped_with(rest)
    what = _DETERMINER.sub("", _PREPOSITION.split(rest, maxsplit=1)[0].strip())
    if _EMPTY_OBJECT.match(what) and (about := _ABOUT.match(rest)):
        what = _DETERMINER.sub("", _PREPOSITION.split(about["what"], maxsplit=1)[0].strip())
    return what


def _helped_with(rest: str) -> str:
    """What others are helped with: "startups write pitch decks" -> "pitch decks"."""
    words = rest.split()
    at = next((number for number in (1, 2, 3) if number < len(words) - 1 and verb(words[number])), None)
    return " ".join(words[at + 1 :]) if at is not None and not _PREPOSITION.match(words[0]) else rest


def _short(text: str) -> str:
    words = _DETERMINER.sub("", re.split(r",|\band\b|\bor\b", text)[0].strip()).split()
    return " ".join(words[-4:])


def _singular_phrase(text: str) -> str:
    *first, last = text.split() or [""]
    return " ".join([*first, singular(last)])


def _sentence(text: str) -> str:
    said = text.strip().rstrip(".")
    return f"{said[:1].upper()}{said[1:]}."
