"""The questions that make an agent better, one at a time, and what an answer to each changes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from builder_core.rules import edits
from builder_core.rules import instruction as lines
from builder_core.rules.courtesy import without_courtesy
from builder_core.rules.edits import Edit
from builder_core.rules.english_words import base_form, verb
from builder_core.rules.plan import Plan
from user_agent.chinese import fold
from user_agent.words import Words

ASKED_AGAIN = 2
"""How often a question is asked at the most: again only where what was said instead was no wish that was done."""
MAX_ANSWER_CHARS = 300

_NO_AUDIENCE = re.compile(
    (
        r"^(?:you|it|that|this|what|why|how|can|could|should|must|call|make|i(?:'m| am)? (?!and\b)|let|use|add|drop|"
        r"the name)\b|^(?:你|它|这|那|能|可以|怎么|为什么)"
    ),
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(
    # A wish about the draft, or talk: no rule took it, and an answer to the question it is not.
    r"^(?:please |just |then |so |ok(?:ay)? |no )*"
    r"(?:make|let|set|change|turn|switch|put|bring|keep|have|take|give|call|edit|update) "
    r"(?:it|him|her|this|that|them|everything|its|the (?:agent|bot|assistant|name|tone|greeting|description|"
    r"instructions?|questions?|suggestions?|language|model|picture|avatar))\b"
    r"|^(?:add|remove|rename|replace|enable|disable|delete|drop|undo|redo|revert|restore|save|publish|upload|"
    r"translate|less|more|not so|too|yes|no)\b"
    r"|\b(?:undo|revert|rename|roll back)\b|\b(?:again|any ?more)$"
    r"|^(?:i|we|you|there|here|today|yesterday|tomorrow|this|that|these|lol|haha)\b(?! (?:and|who|with|in|of|at)\b)"
    r"(?!.{0,6}(?:want|need|would|prefer|like|'d))"
    r"|^(?:the |this |that |my |its )?(?:\w+ ){1,2}(?:is|are|was|were|isn't|looks?|seems?|feels?|sounds?)\b"
    r"|撤[销回了掉]|还原|改[名回成为]|换[成为]|重命名|[删去]掉|不要了|[那这]个.{0,6}(?:了|吧)$|^(?:今天|昨天|明天|刚才|刚刚|现在|哈|我(?!们?(?:和|的|"
    r"自己|家|妈|爸|想|要|希望|$)))|^(?:还是|那就)?(?:不要|别)(?:那么|这么)|了[。！!]*$(?<!为了)",
    re.IGNORECASE,
)
_FORBIDS = re.compile(r"^- (?:Never|Do not|Don't|No|Avoid|Not|绝不|绝对不|不|别|禁止|避免|切勿|请勿)", re.MULTILINE)
_ASKS_FIRST = re.compile(r"^- (?:Always )?(?:First )?[Aa]sk\b|^- .{0,8}先(?:问|了解|确认)", re.MULTILINE)
_NEVER_FRAME = re.compile(
    r"^(?:i|we) (?:never|don't|do not) want (?:it|him|her|them) to\s+"
    r"|^(?:(?:it|he|she|they|the agent|you) (?:must|should|can|may|shall|will)\s*)?(?:(?:never|not|no|don't|do "
    r"not|mustn't|shouldn't|avoid)\s+)+"
    r"|^(?:it|he|she) (?:must|should) (?=never|not)",
    re.IGNORECASE,
)
_FORBIDDING = re.compile(r"(?:绝对|一定|千万)*(?:不|别|绝|禁|避免|切勿|请勿|拒绝)")
_ASK_FRAME = re.compile(
    r"^(?:(?:it|he|she) (?:should|must|could) )?(?:always )?(?:first )?(?:ask|find out|know|check|inquire)(?:s|"
    r"ing)?\b\s*"
    r"(?:(?:them|him|her|people|users?|the users?|customers?|first|me|you)\b\s*)*(?:(?:about|for)\b\s*)?"
    r"|^(?:回答)?(?:之前|前)?(?:要|应该)?(?:先|首先)?(?:问清楚?|问一下|问问|询问|问|了解|确认)(?:一下|"
    r"清楚)?(?:他们|她们|对方|用户|顾客|客户|学生|我)?(?:的)?",
    re.IGNORECASE,
)


def _audience(plan: Plan, value: str) -> bool:
    said = fold(value)
    return not _NO_AUDIENCE.match(said) and edits.set_audience(plan, value)


def _never(plan: Plan, value: str) -> bool:
    if plan.language == "zh":
        return edits.add_rule(plan, value if _FORBIDDING.match(fold(value)) else f"绝不{value}")
    return edits.add_rule(plan, never_said(value))


def never_said(value: str) -> str:
    """A rule against what an answer names: "no politics" -> "avoid politics", "give the solution" -> "never give …"."""
    bare = re.sub(r"\b(and|or) (?:no|never|not)\s+", r"\1 ", _NEVER_FRAME.sub("", value.strip()))
    first = bare.split(" ", 1)[0]
    if verb(first) or (first.islower() and " " in bare and not value.lower().startswith("no ")):
        return f"never {base_form(bare)}"
    return f"avoid {bare[:1].lower()}{bare[1:]}"


def _ask_first(plan: Plan, value: str) -> bool:
    what = _ASK_FRAME.sub("", f"{value} ").strip() or value
    start = len(fold(value)) - len(_ASK_FRAME.sub("", fold(value)))
    what = value[start:].strip() if plan.language == "zh" and value[start:].strip() else what
    return edits.set_labelled(plan, lines.ASK_FIRST, what)


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing worth knowing. `label` is the line of the instruction that shows it is known, where there is one."""

    question: Words
    answer: Edit
    label: Words | None = None
    by_rule: re.Pattern[str] | None = None
    """What a rule of the instruction looks like that is an answer to it, such as "never mention prices"."""


TOPICS: tuple[Topic, ...] = (
    Topic(
        Words("它主要给谁用？", "Who will mainly use it?"),
        _audience,
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
        by_rule=_FORBIDS,
    ),
    Topic(
        Words("回答之前，它应该先向对方问清哪些情况？", "What should it ask people about before it answers?"),
        _ask_first,
        lines.ASK_FIRST,
        by_rule=_ASKS_FIRST,
    ),
)

_DECLINED = re.compile(
    r"(?:(?:no|nope|nah|none|nothing|skip|next|whatever|anything|any|either|neither|both)(?: (?:of them|is fine|"
    r"really|special|in particular|comes to mind|else|i can think of|"
    r"you (?:like|think|want|prefer)|suits|works|that i know of|question|one|please|this|it|way|goes))*|not "
    r"(?:really|that i know of|sure|yet|now|important|particularly)|"
    r"(?:i )?(?:don't|do not|dunno|haven't|can't) ?(?:know|care|mind|really know|really care|have (?:any|a "
    r"preference|one)|decided|decide|think so|want to say|thought about it)?(?: yet| really| about (?:it|that))?|"
    r"no (?:preference|idea|opinion|limits?|restrictions?|particular (?:one|tone))|(?:it )?(?:doesn't|does not|"
    r"don't) (?:really )?matter(?: to me)?|up to you|you (?:decide|choose|pick)(?: it)?|"
    r"(?:it's )?your (?:choice|call)|as you (?:like|wish|prefer|think)|surprise me|it depends|depends|anything "
    r"goes|i(?:'m| am) not sure|let's skip (?:it|this|that)|pass|"
    r"(?:that's|i think that's) (?:it|all)|all of (?:them|the above)|"
    r"(?:我)?(?:也)?(?:都)?(?:没有|没|无)(?:特别|什么|啥|想好|要求|偏好|限制|特别的|想法|所谓|禁忌|的|了|吧|呢|"
    r"要说的|需要)*|(?:我)?(?:不|没)(?:知道|清楚|确定|一定|限|需要|用|必|在乎|介意|想好|好说|了|说|挑)+(?:吧|啊|"
    r"了|呢)?|"
    r".{0,12}(?:还是|或者?).{0,12}都(?:行|可以|好|成)|(?:either|both)\b.{0,30}|跳过|略过?|随便|随意吧|随你|随缘|"
    r"都行|都可以|都好|都成|怎样都行|怎么都行|哪个都行|无所谓|看情况|看着办|看你|暂时没有|还没想好|下一个|下一题|"
    r"过|"
    r"(?:这个)?(?:由)?(?:你|您)(?:来|看着|自己)*(?:定|决定|选|办|看|安排|拿主意)|听你的|你说了算|"
    r"任何人?都?可?以?|什么都(?:行|可以|好))(?:吧|了|的|啦|啊|呀|就行|就好|哦)*",
    re.IGNORECASE,
)


def asked_last(said: str) -> Topic | None:
    """The topic that a text of the guide ends with."""
    return next((topic for topic in TOPICS if said.rstrip().endswith((topic.question.zh, topic.question.en))), None)


def next_topic(
    said: Sequence[str], instruction: str, audience_known: bool, *, open_topic: Topic | None
) -> Topic | None:
    """What to ask next: not what the guide has asked before, nor what the instruction already tells.

    `open_topic` was asked last, and what was said then was neither an answer nor a wish: it is asked once more.
    """
    if open_topic and _times(open_topic, said) < ASKED_AGAIN and not _known(open_topic, instruction, audience_known):
        return open_topic
    return next(
        (t for t in TOPICS if not _times(t, said) and not _known(t, instruction, audience_known)),
        None,
    )


def _known(topic: Topic, instruction: str, audience_known: bool) -> bool:
    labelled = topic.label is not None and lines.has_label(instruction, topic.label)
    ruled = topic.by_rule is not None and topic.by_rule.search(lines.section(instruction, lines.RULES)) is not None
    return labelled or ruled or (topic.label is lines.AUDIENCE and audience_known)


def declined(text: str) -> bool:
    """Whether an answer leaves it to the guide, in whatever words."""
    said = fold(without_courtesy(text)).strip(" ,，。.!！?？~～")
    if not said:
        return True
    parts = [part.strip() for part in re.split(r"[,，。.;；!！]+", said) if part.strip()]
    return all(_DECLINED.fullmatch(part) or not without_courtesy(part) for part in parts)


def answer(plan: Plan, topic: Topic, said: str) -> bool:
    """Write the answer to a topic's question into the plan; False where it is not one."""
    value = said.strip().rstrip("。.")
    return 1 < len(value) <= MAX_ANSWER_CHARS and not _NO_ANSWER.search(fold(value)) and topic.answer(plan, value)


def known_audience(instruction: str) -> bool:
    """Whether the first lines of an instruction, as the guide writes them, say whom the agent serves."""
    head: Sequence[str] = instruction.splitlines()[:1]
    return any(re.search(r"为.+服务|\bfor\b", line) for line in head)


def _times(topic: Topic, said: Iterable[str]) -> int:
    return sum(topic.question.zh in text or topic.question.en in text for text in said)
