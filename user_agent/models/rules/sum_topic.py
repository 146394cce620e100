"""Questions that ask for a sum."""

from dataclasses import replace

from user_agent.models.rules.arithmetic import continued_sum, sum_of
from user_agent.models.rules.slots import Reading, Slots, Topic, filled, refusing
from user_agent.models.rules.tokens import Utterance
from user_agent.tools.builtin.calculator import CALCULATOR
from user_agent.words import Words

_DATE_OR_SUM = Words(
    zh="“{expression}”是日期还是除法？如果要算，请写成“{expression} 等于多少”。",
    en="Is “{expression}” a date or a division? To work it out, write “{expression} =”.",
)


def _reads(said: Utterance, slots: Slots) -> Reading | None:
    found = sum_of(said.folded)
    if found is None:
        return None
    if found.doubtful:
        return refusing(slots, filled(_DATE_OR_SUM, expression=found.expression))
    return _worked_out(slots, found.expression)


def _continues(said: Utterance, slots: Slots) -> Reading | None:
    step = continued_sum(slots.expression, said.folded) if slots.expression else ""
    return _worked_out(slots, step) if step else None


def _worked_out(slots: Slots, expression: str) -> Reading:
    slots = replace(slots, topics=("arithmetic",), expression=expression, asked=None)
    return Reading(slots, calls=({"expression": expression},))


ARITHMETIC = Topic(
    name="arithmetic",
    label=CALCULATOR.label,
    example=Words(zh="(12.5+3)×4 等于多少？", en="What is 15% of 80?"),
    named=r"算数|算术|算账|计算|数学|加减乘除|算题|math|arithmetic|calculat|sums?\b",
    reads=_reads,
    continues=_continues,
)
