"""What a wish does to a plan. Each edit is given the words after its keyword, and says whether it applies to them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from builder_core.rules import instruction as lines
from builder_core.rules.plan import Plan
from builder_core.rules.vocabulary import ORDINALS, language_named, tone_named
from user_agent.words import Words

Edit = Callable[[Plan, str], bool]
"""Writes what a clause asks for into the plan; False where it does not mean this after all."""
Reach = Literal["clause", "sentence", "line"]
MAX_NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` has to match where a clause begins; the edit is given its group `value`, or the empty text.

    `reach` says how far the value goes: to the end of the clause, over commas to the end of the sentence or to the next
    wish, or to the end of the line.
    """

    pattern: re.Pattern[str]
    edit: Edit
    reach: Reach = "clause"

    @property
    def dictated(self) -> bool:
        """Whether the value may be a pasted text: a person dictates a greeting, not a tone."""
        return self.reach == "line"


def rename(plan: Plan, value: str) -> bool:
    name = re.sub(r"(?:\s+(?:instead|please|from now on))+$", "", value, flags=re.IGNORECASE)
    name = re.sub(r"(?:吧|好了|就好|就行|呗)$", "", name).strip()
    if not name or len(name) > MAX_NAME_CHARS or "\n" in name:
        return False
    plan.fields["name"] = name
    return True


def describe(plan: Plan, value: str) -> bool:
    plan.fields["description"] = value
    return True


def greet(plan: Plan, value: str) -> bool:
    plan.fields["prologue"] = value
    return True


def instruct(plan: Plan, value: str) -> bool:
    plan.fields["instruction"] = value
    return True


def add_question(plan: Plan, value: str) -> bool:
    plan.questions = [*plan.questions, *([] if value in plan.questions else [value])]
    return True


def remove_numbered_question(plan: Plan, value: str) -> bool:
    number, questions = ORDINALS.get(value.lower()), plan.questions
    if number is None:
        return remove_question(plan, value)
    plan.questions = [question for at, question in enumerate(questions) if at != number % max(1, len(questions))]
    return True


def remove_question(plan: Plan, value: str) -> bool:
    wanted = re.sub(r"ing$", "", value.lower().strip(" ?？。."))
    plan.questions = [question for question in plan.questions if wanted not in question.lower()]
    return True


def remove_all_questions(plan: Plan, _: str) -> bool:
    plan.questions = []
    return True


def set_tone(plan: Plan, value: str) -> bool:
    named = tone_named(value)
    said = named[plan.language] if named else value
    return set_labelled(plan, lines.TONE, said)


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


def set_audience(plan: Plan, value: str) -> bool:
    who = re.sub(
        r"^(?:it(?:'s| is) )?(?:for|mainly|mostly|主要是?|给|面向)\s*(?:for\s+)?", "", value, flags=re.IGNORECASE
    )
    who = re.sub(r"(?:使用|用的?|看的?)$", "", who)
    return set_labelled(plan, lines.AUDIENCE, who)


def set_labelled(plan: Plan, label: Words, value: str) -> bool:
    plan.fields["instruction"] = lines.with_labelled(plan.text("instruction"), plan.language, label, value)
    return True


def add_rule(plan: Plan, value: str) -> bool:
    plan.fields["instruction"] = lines.with_rule(plan.text("instruction"), plan.language, value)
    return True


def add_task(plan: Plan, value: str) -> bool:
    plan.fields["instruction"] = lines.with_task(plan.text("instruction"), plan.language, value)
    return True


def start_over(plan: Plan, _: str) -> bool:
    plan.start_over()
    return True
