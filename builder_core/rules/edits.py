"""What a wish does to a plan. Each edit is given the words after its keyword, and says whether it applies to them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from builder_core.rules import instruction as lines
from builder_core.rules.plan import Plan
from builder_core.rules.vocabulary import LANGUAGE_WORDS, LENGTHS, TONES, language_named, persona_named, tones_named
from user_agent.chinese import fold
from user_agent.words import Words

Edit = Callable[[Plan, str], bool]
"""Writes what a clause asks for into the plan; False where it does not mean this after all."""
Pointed = Callable[[Plan, str, str], bool]
"""An edit of one thing among several: it is also given which one, such as "second"."""
Reach = Literal["clause", "sentence", "orders", "line", "whole"]
Force = Literal["command", "wish", "hunch"]
MAX_NAME_CHARS = 120
MAX_RULE_CHARS = 600


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` has to match where a clause begins; the edit is given its group `value`, or the empty text.

    `reach` says how far the value goes: to the end of the clause, over commas to the end of the sentence or to the next
    wish, or to the next that is a command ("orders"); to the end of the sentence whatever stands there ("whole"); or to
    the end of the line or to the next wish that is a command.
    """

    pattern: re.Pattern[str]
    edit: Edit | None = None
    reach: Reach = "clause"
    pointed: Pointed | None = None
    """In place of `edit`, where the pattern has a group `which`."""
    force: Force = "wish"
    """Which values before it it ends.

    A command also ends a dictated text ("…the greeting to Hi and rename it to Zed"), a wish one that goes over commas,
    a hunch none.
    """
    several: bool = False
    """Whether the value holds several quoted texts."""

    @property
    def dictated(self) -> bool:
        """Whether the value may be a pasted text: a person dictates a greeting, not a tone."""
        return self.reach == "line"


def rule(
    pattern: str,
    edit: Edit | None = None,
    reach: Reach = "clause",
    *,
    pointed: Pointed | None = None,
    force: Force = "wish",
    several: bool = False,
) -> Rule:
    """A row of a table of wishes; the pattern in any case of letters."""
    return Rule(re.compile(pattern, re.IGNORECASE), edit, reach, pointed, force, several)


_NAME_TAIL = re.compile(
    r"(?:,?\s+(?:instead|please|from (?:now|here) on|now|thanks?|if possible|for me|because\b.*|since\b.*|"
    r"as (?:it|that|"
    r"this|he|she)\b.*|"
    r"so (?:that )?(?:it|we|i|people)\b.*|when\b.*|whenever\b.*|if\b.*|rather than\b.*|and not\b.*))+$"
    r"|(?:因为|好吗|好不好|可以吗|行吗|这个名字|吧|好了|就好|就行|就可以了?|呗|啦|哦).*$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"(?:it|him|her|this|that|them|something|anything|whatever|what|after|by|like|better|nicer|shorter|short|"
    r"simple|simpler|longer|cool|funny|catchy|else|another|different|"
    r"more|less|a|an|the|better name)\b(?!\w)|(?:别的|其他|更好|好听|什么|随便|一下|一个|个|得|太)",
    re.IGNORECASE,
)
ASK_NAME = Words("想叫它什么？比如“改名为小旅”。", "What should it be called? Say for example “rename it to Max”.")


def rename(plan: Plan, value: str) -> bool:
    name = _NAME_TAIL.sub("", value).strip(" ,，。")
    if not name or len(name) > MAX_NAME_CHARS or "\n" in name or not re.search(r"\w", name):
        return False
    if name != value and not name:
        return False
    in_a_language = re.fullmatch(LANGUAGE_WORDS, fold(name), re.IGNORECASE) and not name.isascii()
    if in_a_language or (_NOT_A_NAME.match(fold(name)) and not name[:1].isupper()):
        plan.tell(ASK_NAME)
        return True
    plan.fields["name"] = name
    plan.notes = [note for note in plan.notes if note is not ASK_NAME]
    return True


def tell(note: Words) -> Edit:
    """An edit that writes nothing: it has something said."""

    def told(plan: Plan, _: str) -> bool:
        plan.tell(note)
        return True

    return told


def keep_name(plan: Plan, _: str) -> bool:
    name = plan.text("name")
    plan.tell(Words(f"名字就保留“{name}”。", f"I keep the name “{name}”.") if name else ASK_NAME)
    return True


def pass_over(plan: Plan, value: str) -> bool:
    """Takes "not Trip": after a new name it is no wish of its own, and alone it asks for one."""
    if "name" not in plan.fields and value.removesuffix("了").strip().lower() == plan.text("name").lower():
        plan.tell(ASK_NAME)
        return True
    return "name" in plan.fields


def describe(plan: Plan, value: str) -> bool:
    plan.fields["description"] = value
    return bool(value)


def greet(plan: Plan, value: str) -> bool:
    plan.fields["prologue"] = value
    return bool(value)


def instruct(plan: Plan, value: str) -> bool:
    plan.fields["instruction"] = value
    return bool(value)


def set_tone(plan: Plan, value: str) -> bool:
    """The tones that `value` names, or somebody to be like; together with those of the same turn."""
    persona = persona_named(value)
    named = tones_named(value) or ([persona] if persona else [])
    if not named:
        return False
    plan.tones.extend(tone[plan.language] for tone in named if tone[plan.language] not in plan.tones)
    tones = [*_other_tones(plan, {tone in LENGTHS for tone in named}), *plan.tones]
    return set_labelled(plan, lines.TONE, Words("；", "; ")[plan.language].join(dict.fromkeys(tones)))


def _other_tones(plan: Plan, of_length: set[bool]) -> list[str]:
    """The tones that the instruction has and new ones leave alone: how it sounds beside how long it is."""
    now = lines.labelled(plan.text("instruction"), lines.TONE)
    known = dict.fromkeys(tone for _, tone in TONES)
    return [tone[plan.language] for tone in known if tone[plan.language] in now and (tone in LENGTHS) not in of_length]


def set_answer_language(plan: Plan, value: str) -> bool:
    named = language_named(value)
    if named is None:
        return False
    words, field = named
    said = Words(f"始终用{words.zh}回答", f"always {words.en}")[plan.language]
    set_labelled(plan, lines.ANSWER_LANGUAGE, said)
    if field is not None:
        plan.fields["language"] = field
    return True


def mirror_language(plan: Plan, _: str) -> bool:
    return set_labelled(
        plan, lines.ANSWER_LANGUAGE, Words("用户用什么语言就用什么语言回答", "the language of the user")[plan.language]
    )


_AUDIENCE_FRAME = re.compile(
    r"^(?:(?:it(?:'s| is)|this is|that is) )?(?:(?:mainly|mostly|only|just|primarily|probably|for|used by|by)\s+)+"
    r"|^(?:它|他|她)?(?:主要|大多|多数|基本|一般|只)*(?:是|会)?(?:给|面向|针对|为)+|^(?:主要|大多|基本)(?:上)?是?",
    re.IGNORECASE,
)


def set_audience(plan: Plan, value: str) -> bool:
    who = _AUDIENCE_FRAME.sub("", value)
    who = re.sub(r"(?:使用|用|看|准备)?(?:的|吧|吧的)?$", "", who).strip() or who
    me = {"me": "the user", "myself": "the user", "我": "用户本人", "我自己": "用户本人", "自己": "用户本人"}
    return bool(who) and set_labelled(plan, lines.AUDIENCE, me.get(who.lower(), who))


def set_labelled(plan: Plan, label: Words, value: str) -> bool:
    plan.fields["instruction"] = lines.with_labelled(plan.text("instruction"), plan.language, label, value)
    return True


def add_rule(plan: Plan, value: str) -> bool:
    said = value.strip(" ,，、")
    if len(said) < 2 or len(said) > MAX_RULE_CHARS:
        return False
    plan.fields["instruction"] = lines.with_rule(plan.text("instruction"), plan.language, said)
    return True


def forbid(plan: Plan, value: str) -> bool:
    """A rule of what it must not do, from the words after "it must not"."""
    return add_rule(plan, f"do not {value}")


def be(plan: Plan, value: str) -> bool:
    return add_rule(plan, f"be {value}")


def add_task(plan: Plan, value: str) -> bool:
    said = value.strip(" ,，、")
    if len(said) < 2 or len(said) > MAX_RULE_CHARS:
        return False
    plan.fields["instruction"] = lines.with_task(plan.text("instruction"), plan.language, said)
    return True


def remove_lines(plan: Plan, value: str) -> bool:
    """Take the rules or tasks out of the instruction that say `value`."""
    before = plan.text("instruction")
    shorter = lines.without_lines(before, value)
    if shorter == before:
        plan.tell(NO_SUCH_RULE)
    else:
        plan.fields["instruction"] = shorter
    return True


NO_SUCH_RULE = Words(
    "指令里没有找到这一条；可以在“配置”里直接改指令。",
    "I did not find that line in the instruction; you can edit it under Configure.",
)


def start_over(plan: Plan, _: str) -> bool:
    plan.start_over()
    return True
