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
        (TONE, "my students"),
        (TONE, "why do you ask?"),
        (WHO, "what are my options?"),
        (NEVER, "I had a long day today"),
        (WHO_ZH, "为什么问这个？"),
        (TONE_ZH, "我刚吃完饭"),
    ],
)
async def test_a_question_that_was_answered_with_something_else_is_asked_again(question: str, said: str) -> None:
    document = ZH if question in (WHO_ZH, TONE_ZH) else EN
    events = await take_turn(MemoryDraft(document), *asked(question), user_message(said))
    assert patch_of(events) == {}
    assert answer_of(events).endswith(question)


@pytest.mark.parametrize(
    ("document", "edits", "questions", "done"),
    [
        (
            EN,
            ("call it Rook", "add the time", "drop the weather", "call it Max", "answer in French"),
            (WHO, TONE, NEVER, ASK),
            "Try it in the preview",
        ),
        (
            ZH,
            ("改名叫棋圣", "加上时间", "去掉天氣", "開場白改成：你好", "用法語回答"),
            (WHO_ZH, TONE_ZH, NEVER_ZH, ASK_ZH),
            "到预览里试试",
        ),
    ],
    ids=["en", "zh"],
)
async def test_who_edits_on_is_asked_no_question_twice_and_shown_the_preview_in_the_end(
    document: Document, edits: tuple[str, ...], questions: tuple[str, ...], done: str
) -> None:
    draft, said = MemoryDraft(document), list(asked(questions[0]))
    endings: list[str] = []
    for edit in edits:
        said.append(user_message(edit))
        events = await take_turn(draft, *said)
        assert patch_of(events), edit
        endings.append(answer_of(events).rsplit("\n\n", 1)[-1])
        said.append(guide_said(answer_of(events)))
    assert endings[: len(questions) - 1] == list(questions[1:])
    assert all(done in ending for ending in endings[len(questions) - 1 :])


@pytest.mark.parametrize(
    ("rule", "not_asked", "document"),
    [
        ("it's for beginners", WHO, EN),
        ("more formal", TONE, EN),
        ("never mention prices", NEVER, EN),
        ("it should always ask for the budget first", ASK, EN),
        ("不要推荐酒店", NEVER_ZH, ZH),
        ("語氣更正式", TONE_ZH, ZH),
        ("回答前要先問預算", ASK_ZH, ZH),
    ],
)
async def test_what_a_wish_has_answered_is_not_asked(rule: str, not_asked: str, document: Document) -> None:
    draft, said = MemoryDraft({**document, "instruction": str(document["instruction"]).split("#")[0]}), list[Message]()
    for text in (rule, "call it Rook", "call it Max", "call it Zed", "call it Ann", "call it Bob"):
        said.append(user_message(text))
        said.append(guide_said(answer_of(await take_turn(draft, *said))))
    assert not_asked not in "".join(message.text for message in said)


@pytest.mark.parametrize(
    "said",
    [
        *("make it less boring", "turn that thing around", "less of everything again", "the weather is lovely"),
        *("I had pizza today", "lol that looks funny", "add a dark theme", "rename", "this one is odd"),
        *("那个太长了吧", "我刚吃完饭", "今天心情不错", "那个怎么弄的了", "還是不要那麼多了", "這個換成別的"),
    ],
)
@pytest.mark.parametrize("question", [WHO, NEVER, ASK], ids=["who", "never", "ask"])
async def test_what_is_no_answer_becomes_none(said: str, question: str) -> None:
    events = await take_turn(MemoryDraft(EN), *asked(question), user_message(said))
    changed = str(patch_of(events).get("instruction", ""))
    assert not any(label in changed for label in ("- For:", "- Never ", "- Avoid ", "- Ask first")), changed


@pytest.mark.parametrize(
    "said", ["thank you so much!", "that's all, thanks", "ok thanks, bye", "好的，谢谢", "就这样吧"]
)
async def test_who_says_goodbye_is_not_asked_on(said: str) -> None:
    answer = answer_of(await take_turn(MemoryDraft(EN), *asked(TONE), user_message(said)))
    assert not answer.endswith(("?", "？"))
