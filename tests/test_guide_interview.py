"""The interview: what an answer to each question changes, what declines it, and when it is asked again."""

from dataclasses import dataclass, field

import pytest

from tests.fakes.draft import MemoryDraft
from tests.test_guide_builder import EN, ZH, answer_of, guide_said, patch_of, take_turn
from user_agent.config import Document
from user_agent.messages import Message, user_message

WHO, TONE, NEVER, ASK = (
    "Who will mainly use it?",
    "What tone should it have: formal, friendly, brief?",
    "Is there anything it must never do?",
    "What should it ask people about before it answers?",
)
WHO_ZH, TONE_ZH, NEVER_ZH, ASK_ZH = (
    "它主要给谁用？",
    "你希望它用什么语气说话，比如正式、亲切，还是简短？",
    "有什么是它绝对不能做的？",
    "回答之前，它应该先向对方问清哪些情况？",
)


def asked(question: str) -> tuple[Message, Message]:
    return user_message("rename it to Trip"), guide_said(f"Updated.\n\n{question}")


@dataclass(frozen=True)
class Answer:
    question: str
    said: str
    line: str
    draft: Document = field(default_factory=lambda: EN)


ANSWERS = [
    Answer(WHO, "mostly my students", "- For: my students."),
    Answer(WHO, "For beginners.", "- For: beginners."),
    Answer(WHO, "me", "- For: the user."),
    Answer(
        WHO,
        "students on a small budget who have only one pan",
        "- For: students on a small budget who have only one pan.",
    ),
    Answer(
        TONE,
        "friendly but brief",
        (
            "- Tone: warm and friendly, like somebody you know well; brief: the answer first, and one sentence where "
            "one is enough."
        ),
    ),
    Answer(TONE, "It should be patient", "- Tone: patient, gentle and encouraging."),
    Answer(TONE, "Professional tone, please", "- Tone: professional, factual and exact."),
    Answer(TONE, "not too formal", "- Tone: relaxed and conversational."),
    Answer(TONE, "like a pirate", "- Tone: like a pirate."),
    Answer(NEVER, "it must never recommend chain restaurants", "- Never recommend chain restaurants."),
    Answer(NEVER, "no politics and no religion", "- No politics.\n- No religion."),
    Answer(NEVER, "give away the solution", "- Never give away the solution."),
    Answer(NEVER, "politics", "- Avoid politics."),
    Answer(ASK, "ask them their level", "- Ask first about: their level."),
    Answer(ASK, "how long they have played", "- Ask first about: how long they have played."),
    Answer(ASK, "allergies", "- Ask first about: allergies."),
    Answer(WHO_ZH, "主要是给我自己", "- 面向：用户本人。", ZH),
    Answer(WHO_ZH, "给10岁以下的孩子用", "- 面向：10岁以下的孩子。", ZH),
    Answer(WHO_ZH, "我和先生", "- 面向：我和先生。", ZH),
    Answer(
        TONE_ZH, "幽默一些，但不要太长", "- 语气：活泼、幽默，但不离题；简短，先说结论，能一句话说清就不用两句。", ZH
    ),
    Answer(TONE_ZH, "像朋友一样", "- 语气：像朋友那样说话。", ZH),
    Answer(NEVER_ZH, "不能推荐连锁店", "- 不能推荐连锁店。", ZH),
    Answer(NEVER_ZH, "骂人", "- 绝不骂人。", ZH),
    Answer(ASK_ZH, "问他们学了多久", "- 回答前先了解：学了多久。", ZH),
    Answer(ASK_ZH, "预算和人数", "- 回答前先了解：预算和人数。", ZH),
]


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case.said[:40])
async def test_an_answer_becomes_one_line_of_the_instruction(case: Answer) -> None:
    draft = MemoryDraft(case.draft)
    events = await take_turn(draft, *asked(case.question), user_message(case.said))
    assert patch_of(events) == {"instruction": f"{case.draft['instruction']}\n{case.line}"}
    assert case.question not in answer_of(events)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "I don't care",
            "you decide",
            "no",
            "nothing really",
            "doesn't matter",
            "no preference",
            "skip",
            "not sure",
            "up to you",
        ),
        *("whatever you think", "either is fine", "no idea", "nope, thanks", "it depends"),
        *(
            "不一定",
            "你定吧",
            "没有吧",
            "不需要",
            "都可以吧",
            "随便",
            "没有了，谢谢",
            "正式还是亲切都行",
            "看情况",
            "没什么要求",
        ),
        *("無所謂", "隨便", "你來決定吧"),
    ],
)
@pytest.mark.parametrize(("question", "then"), [(WHO, TONE), (TONE, NEVER), (NEVER, ASK)], ids=["who", "tone", "never"])
async def test_an_answer_that_leaves_it_to_the_guide_sets_nothing(said: str, question: str, then: str) -> None:
    draft = MemoryDraft({**EN, "instruction": "Hello.\n- For: all." if question != WHO else "Hello."})
    events = await take_turn(draft, *asked(question), user_message(said))
    assert patch_of(events) == {}
    assert answer_of(events)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (WHO, "call it Rook"),
        (TONE, "add the time"),
        (TONE, "my students"),
        (WHO, "answer in French"),
        (TONE, "why do you ask?"),
        (WHO, "what are my options?"),
        (WHO_ZH, "改名叫棋圣"),
        (TONE_ZH, "加上时间"),
        (WHO_ZH, "为什么问这个？"),
    ],
)
async def test_a_question_that_was_not_answered_is_asked_again(question: str, said: str) -> None:
    document = ZH if question in (WHO_ZH, TONE_ZH) else EN
    assert answer_of(await take_turn(MemoryDraft(document), *asked(question), user_message(said))).endswith(question)


async def test_a_question_is_asked_twice_at_the_most() -> None:
    draft, said = MemoryDraft(EN), list(asked(WHO))
    said += [user_message("call it Rook"), guide_said(f"Updated.\n\n{WHO}")]
    assert answer_of(await take_turn(draft, *said, user_message("call it Knight"))).endswith(TONE)


@pytest.mark.parametrize(
    "said", ["thank you so much!", "that's all, thanks", "ok thanks, bye", "好的，谢谢", "就这样吧"]
)
async def test_who_says_goodbye_is_not_asked_on(said: str) -> None:
    answer = answer_of(await take_turn(MemoryDraft(EN), *asked(TONE), user_message(said)))
    assert not answer.endswith(("?", "？"))
