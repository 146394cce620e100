"""The questions that make an agent better, one at a time, and what an answer to each changes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from builder_core.rules import edits
from builder_core.rules import instruction as lines
from builder_core.rules.edits import Edit
from builder_core.rules.plan import Plan
from user_agent.words import Words


def _never(plan: Plan, value: str) -> bool:
    if plan.language == "zh":
        return edits.add_rule(plan, value if re.match(r"不|别|绝|禁|避免", value) else f"绝不{value}")
    return edits.add_rule(plan, f"never {value[:1].lower()}{value[1:]}")


def _ask_first(plan: Plan, value: str) -> bool:
    return edits.set_labelled(plan, lines.ASK_FIRST, value)


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing worth knowing. `label` is the line of the instruction that shows it is known, where there is one."""

    question: Words
    answer: Edit
    label: Words | None = None


TOPICS: tuple[Topic, ...] = (
    Topic(
        Words("它主要给谁用？", "Who will mainly use it?"),
        edits.set_audience,
        lines.AUDIENCE,
    ),
    Topic(
        Words(
            "你希望它用什么语气说话，比如正式、亲切，还是简短？", "What tone should it have: formal, friendly, brief?"
        ),
        edits.set_tone,
        lines.TONE,
    ),
    Topic(
        Words("有什么是它绝对不能做的？", "Is there anything it must never do?"),
        _never,
    ),
    Topic(
        Words("回答之前，它应该先向对方问清哪些情况？", "What should it ask people about before it answers?"),
        _ask_first,
        lines.ASK_FIRST,
    ),
)

_DECLINED = re.compile(
    r"^(?:no|nope|none|nothing|skip|not really|no(?:,)? thanks?|i don't know|no preference|whatever|anything|"
    r"没有了?|没了|不用了?|跳过|随便|都行|都可以|无所谓|不知道|暂时没有|没什么|没想好|下一个)[。.!！~ ]*$",
    re.IGNORECASE,
)


def asked_last(said: str) -> Topic | None:
    """The topic that a text of the guide ends with."""
    return next((topic for topic in TOPICS if said.rstrip().endswith((topic.question.zh, topic.question.en))), None)


def next_topic(said: Iterable[str], instruction: str, audience_known: bool) -> Topic | None:
    """What to ask next: not what the guide has asked before, nor what the instruction already tells."""
    earlier = "\n".join(said)
    for number, topic in enumerate(TOPICS):
        asked = topic.question.zh in earlier or topic.question.en in earlier
        known = topic.label is not None and lines.has_label(instruction, topic.label)
        if not asked and not known and not (number == 0 and audience_known):
            return topic
    return None


def declined(text: str) -> bool:
    return _DECLINED.match(text.strip()) is not None


def answer(plan: Plan, topic: Topic, said: str) -> None:
    """Write the answer to a topic's question into the plan."""
    topic.answer(plan, said.strip().rstrip("。."))


def known_audience(instruction: str) -> bool:
    """Whether the first lines of an instruction, as the guide writes them, say whom the agent serves."""
    head: Sequence[str] = instruction.splitlines()[:1]
    return any(re.search(r"为.+服务|\bfor\b", line) for line in head)
