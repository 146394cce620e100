"""What a message to the builder's guide asks for, and what there is to say where it asks for nothing that changes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from builder_core.past import Past
from builder_core.recommend import Offer
from builder_core.rules import interview
from builder_core.rules.corrections import correct
from builder_core.rules.courtesy import without_courtesy
from builder_core.rules.describe import asks_for_agent, describe
from builder_core.rules.hints import ASK_NEW
from builder_core.rules.plan import Plan
from builder_core.rules.speech import Speech
from builder_core.rules.which_change import chosen
from user_agent.config import AgentConfig

_QUESTION = re.compile(
    (
        r"[?？]\s*$|^(?:what|how|why|which|who|where|when|is it|are you|do you|does it|can it)\b|^(?:怎么|如何|"
        r"为什么|什么|谁|哪)|(?:吗|呢|什么|几点了?|几号|怎么样|多少|哪些|怎么办)[。.]*$|^会不会|^能不能|在哪|哪里|"
        r"^help(?: me)?$|^帮助$|^怎么用|^下一步"
    ),
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    # It says what is wrong and not what would be right.
    (
        r"^(?:because|since|so that|we don't|i don't)\b|^(?:it|this|that|they|i think|i feel|the \w+|its "
        r"\w+)\b.*\b(?:is|are|feels?|sounds?|seems?|looks?)\b|太.+了$|不(?:太)?(?:好|行|对)"
    ),
    re.IGNORECASE,
)
_EDGE = " ,，。.!！;；、~～"


@dataclass(frozen=True, slots=True)
class Understanding:
    """The changes a message asks for; what of it no rule took; and what became of the question that was open.

    `asks`: it wants to know something. `open_topic`: the question asked last, where it has not been answered.
    """

    plan: Plan
    missed: str = ""
    asks: bool = False
    declined: bool = False
    open_topic: interview.Topic | None = None


def understand(
    speech: Speech,
    *,
    current: AgentConfig,
    catalogue: Sequence[Offer],
    past: Past,
    asked: interview.Topic | None,
) -> Understanding:
    """`past` is what can be taken back, `asked` the question that is open."""
    plan = Plan(current, catalogue, past)
    if not without_courtesy(speech.words):
        return Understanding(plan, declined=asked is not None and not speech.quotes)
    if asks_for_agent(speech) and describe(plan, speech):
        return Understanding(plan)
    if not Plan(current, catalogue, past).described:
        return _first(speech, current=current, catalogue=catalogue, past=past)
    plan = Plan(current, catalogue, past)
    if past.listed and (names := chosen(past, speech.words)):
        plan.undo.extend(names)
        return Understanding(plan)
    if asked and interview.declined(speech.words):
        return Understanding(plan, declined=True)
    understood = _correction(plan, speech, asked)
    if asks_for_agent(speech) and not plan:
        plan.tell(ASK_NEW)
    return understood


def _first(speech: Speech, *, current: AgentConfig, catalogue: Sequence[Offer], past: Past) -> Understanding:
    """For an empty draft: a description, with what else was wished for; or those wishes that stand without one."""
    wishes = Plan(current, catalogue, past)
    left = correct(wishes, speech, least="command")
    plan = Plan(current, catalogue, past)
    if speech.material:
        return Understanding(_without_instruction(wishes))
    if describe(plan, speech.only(left)):
        correct(plan, speech, least="command")
        return Understanding(plan)
    wishes = Plan(current, catalogue, past)
    missed = correct(wishes, speech, least="wish")
    return Understanding(_without_instruction(wishes), missed=missed.strip(_EDGE), asks=_asks(speech.words))


def _without_instruction(plan: Plan) -> Plan:
    """Wishes about an agent that nobody has described yet: an instruction of rules alone would be none."""
    if not plan.text("description"):
        plan.fields.pop("instruction", None)
        plan.notes = [note for note in plan.notes if note is not ASK_NEW]
    return plan


def _correction(plan: Plan, speech: Speech, asked: interview.Topic | None) -> Understanding:
    # A bare word may be a wish or the answer to an open question: the answer is tried before what is only a hunch.
    left = correct(plan, speech, least="wish" if asked else "hunch")
    remark = _remark(speech, left)
    asks = _asks(remark or speech.words)
    # "How long they have played" is an answer, though it begins as a question does.
    remark_asks = re.search(r"[?？]\s*$|[吗呢]$", speech.words) is not None
    answered = bool(
        asked
        and remark
        and not plan.undo
        and not remark_asks
        and not speech.quotes
        and interview.answer(plan, asked, remark)
    )
    if asked and remark and not answered and not plan.undo:
        remark = _remark(speech, correct(plan, speech.only(left), least="hunch"))
    if answered:
        remark = ""
    settled = answered or (asked is not None and asked.by_rule is not None and "instruction" in plan.fields)
    complaint = _COMPLAINT.search(remark) is not None and bool(plan)
    return Understanding(
        plan, missed="" if complaint or asks else remark, asks=asks, open_topic=None if settled else asked
    )


def _remark(speech: Speech, left: str) -> str:
    return without_courtesy(speech.only(left).words.strip(_EDGE)).strip(_EDGE)


def _asks(words: str) -> bool:
    return _QUESTION.search(words.strip()) is not None
