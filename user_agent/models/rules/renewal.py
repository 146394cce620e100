"""The demonstration of ModelScope-Agent: renewing a cloud server."""

import re
from collections.abc import Sequence
from dataclasses import replace

from user_agent.models.rules.numbers import COUNT, number_of
from user_agent.models.rules.slots import Facts, Reading, Slots, Topic, asking, refusing
from user_agent.models.rules.tokens import Utterance
from user_agent.tools.builtin.renew_instance import RENEW_INSTANCE
from user_agent.words import Words

MAX_INSTANCES = 5

_RENEW = re.compile(
    r"续费|续期|续租|续(?=\s*[\d一二两三四五六七八九十半]+\s*个?[月年])|\brenew(?:al|ing|s)?\b|"
    r"\bextend\b",
    re.IGNORECASE,
)
_SERVER = re.compile(
    r"实例|服务器|云主机|云服务|(?<![a-z])ecs(?![a-z])|\binstances?\b|\bservers?\b|(?<![a-z0-9])i-[a-z0-9]{6,}",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"(?:请|我要|我想|想|帮我|给我|我)*(?:续费|续期)(?:一下|吧)?[。！!？?]?|(?:please )?renew(?: it)?[.!?]?",
    re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"(?:不要|别|不用|不想|取消|停止|不)(?:再|帮我|给我|自动)*(?:续)|已经?续|续费了|自动续费|"
    r"\b(?:don't|do not|not|never|stop|cancel|without)\b.{0,20}\b(?:renew|extend)|\b(?:already|"
    r"was|were|has been|have) (?:just )?(?:renewed|extended)\b",
    re.IGNORECASE,
)
_HOW_TO = re.compile(
    r"怎么|怎样|如何|多少钱|价格|能不能便宜|\bhow (?:do|can|to|much)\b|\bwhat (?:does|is)\b|\bprice\b|\bcost\b",
    re.IGNORECASE,
)
_INSTANCE = re.compile(r"(?<![A-Za-z0-9])i-[A-Za-z0-9]{6,}", re.IGNORECASE)
_MONTHS = re.compile(rf"{COUNT}\s*(?:个\s*)?(月|年|months?\b|years?\b|yrs?\b)", re.IGNORECASE)
_HALF_YEAR = re.compile(r"半年|half a year", re.IGNORECASE)
_BARE_COUNT = re.compile(rf"\W*(?:for\s+|就|续)?{COUNT}\W*(?:吧|please|thanks)?\W*", re.IGNORECASE)

_WHICH_INSTANCE = Words(
    zh="请告诉我 ECS 实例的 ID（形如 i-rj90a7e840y5cde）和续费的月数。",
    en="Please tell me the id of the ECS instance (such as i-rj90a7e840y5cde) and for how many months to renew it.",
)
_WHICH_ID = Words(
    zh="请告诉我 ECS 实例的 ID（形如 i-rj90a7e840y5cde）。",
    en="Please tell me the id of the ECS instance (such as i-rj90a7e840y5cde).",
)
_WHICH_PERIOD = Words(zh="要续费几个月呢？", en="For how many months should it be renewed?")
_WHICH_OF_THEM = Words(
    zh="每个实例各续几个月，我分不清。请一个一个告诉我，例如“续费 i-rj90a7e840y5cde 3 个月”。",
    en="I can't tell how many months each instance gets. Please give me one at a time, "
    "for example “Renew i-rj90a7e840y5cde for 3 months”.",
)
_LEFT_ALONE = Words(
    zh="好的，没有续费任何实例。要续费时告诉我实例 ID 和月数就好。",
    en="All right, nothing was renewed. When you want to renew one, give me its id and the number of months.",
)


def _reads(said: Utterance, slots: Slots) -> Reading | None:
    text = said.folded
    if not _RENEW.search(text) or not (_SERVER.search(text) or _ALONE.fullmatch(text.strip())):
        return None
    if _NOT_NOW.search(text):
        return refusing(slots, _LEFT_ALONE)
    slots = replace(slots, instances=_instances(said), months=_months(text))
    if _HOW_TO.search(text):
        return asking("renewal", slots, _WHICH_INSTANCE)
    return _renewed(slots)


def _continues(said: Utterance, slots: Slots) -> Reading | None:
    text = said.folded
    named, months = _instances(said), _months(text)
    if not (named or months) and slots.instances and (count := _BARE_COUNT.fullmatch(text.strip())):
        months = (number_of(count[1]),)
    if not (named or months) or _NOT_NOW.search(text):
        return None
    return _renewed(replace(slots, instances=named or slots.instances, months=months or slots.months))


def _renewed(slots: Slots) -> Reading:
    instances, months = slots.instances, slots.months
    if not instances:
        return asking("renewal", slots, _WHICH_ID if months else _WHICH_INSTANCE)
    if not months:
        return asking("renewal", slots, _WHICH_PERIOD)
    if len(set(months)) > 1 and len(months) != len(instances):
        return asking("renewal", slots, _WHICH_OF_THEM)
    each = months if len(months) == len(instances) else months[:1] * len(instances)
    calls: tuple[Facts, ...] = tuple(
        {"instance_id": name, "period": period} for name, period in zip(instances, each, strict=True)
    )
    # What was renewed is done: a later "3 months" is no order to do it again.
    return Reading(replace(slots, topics=(), instances=(), months=(), asked=None), calls=calls)


def _instances(said: Utterance) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_INSTANCE.findall(said.text)))[:MAX_INSTANCES]


def _months(text: str) -> tuple[int, ...]:
    """The periods that a text names, in months and in order."""
    if _HALF_YEAR.search(text):
        return (6,)
    named: Sequence[tuple[str, str]] = _MONTHS.findall(text)
    return tuple(number_of(count) * (12 if unit.lower().startswith(("年", "y")) else 1) for count, unit in named)


RENEWAL = Topic(
    name="renewal",
    label=RENEW_INSTANCE.label,
    example=Words(
        zh="请帮我续费 ECS 实例 i-rj90a7e840y5cde，续费 22 个月",
        en="Renew ECS instance i-rj90a7e840y5cde for 22 months",
    ),
    named=r"续费|续期|renew",
    reads=_reads,
    continues=_continues,
)
