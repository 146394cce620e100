"""Wishes that are about the suggested questions."""

import re

from builder_core.rules.edits import remove_lines
from builder_core.rules.plan import Plan
from builder_core.rules.vocabulary import ORDINALS
from user_agent.words import Words

_SEVERAL = re.compile(r"“[^”]+”|\"[^\"]+\"|「[^」]+」|'[^']+'")
_PARTED = re.compile(r"(?<=[?？])[\s,，、;；]*(?:and\s+|和)?|\s*[;；\n]\s*")
NO_SUCH_QUESTION = Words("没有这样的推荐问题。", "There is no such suggested question.")
ASK_QUESTIONS = Words(
    "告诉我问题的原文就行，比如“加一个推荐问题：带孩子去哪里好？”或“把第一个推荐问题改成：……”。",
    "Tell me the text: for example “add a suggested question: Where can I go with children?” "
    "or “change the first suggested question to …”.",
)


def add_question(plan: Plan, value: str) -> bool:
    for question in _texts(value):
        plan.questions = [*plan.questions, *([] if question in plan.questions else [question])]
    return bool(value)


def set_questions(plan: Plan, value: str) -> bool:
    """Exchange all of them for the ones in `value`: each quoted, or each with its question mark."""
    plan.questions = _texts(value)
    return bool(value)


def replace_question(plan: Plan, value: str, which: str) -> bool:
    at = _place(plan, which)
    if at is None:
        plan.tell(NO_SUCH_QUESTION)
    elif value:
        plan.questions = [value if number == at else question for number, question in enumerate(plan.questions)]
    return True


def replace_quoted(plan: Plan, value: str, which: str) -> bool:
    """One question for another, the old one named by its text."""
    if which not in plan.questions:
        return False
    plan.questions = [value if question == which else question for question in plan.questions]
    return True


def remove_numbered_question(plan: Plan, value: str) -> bool:
    if value.lower() not in ORDINALS:
        return remove_question(plan, value)
    at = _place(plan, value)
    if at is None:
        plan.tell(NO_SUCH_QUESTION)
    else:
        plan.questions = [question for number, question in enumerate(plan.questions) if number != at]
    return True


def remove_question(plan: Plan, value: str) -> bool:
    wanted = re.sub(r"ing$", "", value.lower().strip(" ?？。."))
    left = [question for question in plan.questions if not wanted or wanted not in question.lower()]
    if left == plan.questions:
        plan.tell(NO_SUCH_QUESTION)
    else:
        plan.questions = left
    return True


def remove_quoted(plan: Plan, value: str) -> bool:
    """For "remove X" alone: X has to be one of the questions, or a line of the instruction."""
    wanted = value.lower().strip(" ?？。.")
    if any(wanted == question.lower().strip(" ?？。.") for question in plan.questions):
        return remove_question(plan, value)
    return remove_lines(plan, value)


def remove_all_questions(plan: Plan, _: str) -> bool:
    plan.questions = []
    return True


def _place(plan: Plan, which: str) -> int | None:
    number, count = ORDINALS.get(which.lower()), len(plan.questions)
    if number is None or not count:
        return None
    return number % count if number < 0 else number if number < count else None


def _texts(value: str) -> list[str]:
    quoted = [found[1:-1].strip() for found in _SEVERAL.findall(value)]
    parts = quoted or [part.strip() for part in _PARTED.split(value)]
    return list(dict.fromkeys(part for part in parts if part))
