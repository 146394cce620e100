"""What people ask a place in words of their own, and what the guide without a model finds for it in its files."""

import pytest

from tests.client import Client, text_of
from tests.knowing import knowing, search

CAFE = """# Café Plum

Café Plum is a small café by the river with room for 30 guests.

Opening hours: Mon–Fri 9:00–18:00, Sat 10:00–16:00.

# Find us

Address: 12 River Street, Riverton. The garden is behind the house.

# Talk to us

Phone 555-1234, e-mail hello@plum.example.

# What it costs

Coffee 3.50, tea 3.00. A workshop costs 25 per person.

# Team

Ann Meier runs the kitchen. Founded by Ben Li in 2011.

# Vouchers

A voucher can be exchanged within 30 days.
"""
CAFE_ZH = """# 梅子咖啡馆

梅子咖啡馆是河边的一家小店，能坐三十位客人。

营业时间：周一至周五 9:00–18:00，周六 10:00–16:00。

# 到店

地址：河滨路 12 号。房子后面有花园。

# 沟通

电话 555-1234，邮箱 hello@plum.example。

# 价目

咖啡 25 元，茶 20 元。工作坊每人 150 元。

# 团队

安娜管厨房。2011 年由李本创立。

# 代金券

代金券三十天内可以更换。
"""
ASKED = {
    "Mon–Fri 9:00–18:00": "When are you open?|What time do you open?|When do you close?|How late are you open?|"
    "Are you open on Saturday?|What are your hours?",
    "12 River Street": "Where are you?|Where are you located?|Where can I find you?|What is your address?",
    "555-1234": "How do I get in touch with you?|How can I reach you?|Can I call you?|What is your phone number?",
    "Coffee 3.50": "How much is a coffee?",
    "A workshop costs 25": "What do you charge for a workshop?",
    "Founded by Ben Li in 2011": "Who started it?|When was it set up?",
    "exchanged within 30 days": "Can I get my money back?|Can I return it?",
}
ASKED_ZH = {
    "周一至周五 9:00–18:00": "你们几点开门？|你们几点关门？|什么时候营业？|周六开吗？|开门时间是什么？|营业到几点？",
    "河滨路 12 号": "你们在哪里？|你们在哪儿？|怎么找到你们？|店的地址是什么？",
    "555-1234": "怎么联系你们？|电话是多少？|有微信吗？",
    "咖啡 25 元": "咖啡多少钱？",
    "工作坊每人 150 元": "工作坊怎么收费？",
    "由李本创立": "谁创办的？|什么时候成立的？",
    "三十天内可以更换": "可以退钱吗？",
}


async def answered(client: Client, agent: str, question: str) -> str:
    """The answer to a question that nothing was said before."""
    return text_of(await client.say(await client.conversation(agent), question)).replace("\\", "")


@pytest.mark.parametrize(
    ("known", "asked", "said"), [(CAFE, ASKED, "what the files say"), (CAFE_ZH, ASKED_ZH, "文件里是这样写的")]
)
async def test_everyday_words_find_what_the_files_call_otherwise(
    client: Client, known: str, asked: dict[str, str], said: str
) -> None:
    agent = await knowing(client, {"cafe.md": known})
    answers = {
        question: (there, await answered(client, agent, question))
        for there, questions in asked.items()
        for question in questions.split("|")
    }
    wrong = {
        question: answer for question, (there, answer) in answers.items() if there not in answer or said not in answer
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (
            CAFE,
            "Do you deliver?|Do you have wifi?|Are dogs allowed?|How do I reset my mobile?",
        ),
        (CAFE_ZH, "送外卖吗？|有无线网吗？|可以带狗吗？|法国的首都是哪里？|怎么重置手机？"),
    ],
)
async def test_what_the_files_do_not_tell_is_not_quoted_for_a_word_that_is_like_it(
    client: Client, known: str, asked: str
) -> None:
    agent = await knowing(client, {"cafe.md": known})
    for question in asked.split("|"):
        assert "[1]" not in await answered(client, agent, question), question


@pytest.mark.parametrize(
    ("known", "asked", "there"),
    [
        (
            "# Write to us\n\nContact by e-mail: hello@plum.example.\n\n# Talk\n\nPhone 555-1234.\n",
            "What is your phone number?",
            "> Phone 555",
        ),
        ("# 写信\n\n联系邮箱 hello@plum.example。\n\n# 沟通\n\n电话 555-1234。\n", "你们的电话是多少？", "> 电话 555"),
    ],
)
async def test_the_very_word_of_a_question_comes_before_others_for_the_same_matter(
    client: Client, known: str, asked: str, there: str
) -> None:
    agent = await knowing(client, {"cafe.md": known})
    assert there.removeprefix("> ") in (await search(client, agent, asked))["hits"][0]["text"]
    answer = await answered(client, agent, asked)
    assert answer[answer.index("> ") :].startswith(there)


async def test_what_lacks_the_time_that_is_asked_for_is_quoted_with_a_reservation(client: Client) -> None:
    agent = await knowing(client, {"cafe.md": CAFE.replace(" in 2011", "")})
    answer = await answered(client, agent, "How old is Ann Meier?")
    assert "It may not be the answer" in answer and "Ann Meier runs the kitchen" in answer


@pytest.mark.parametrize(
    ("known", "one", "other", "there"),
    [
        (CAFE, "When do you close?", "Where are you?", "12 River Street"),
        (CAFE, "What do you charge for a workshop?", "And how can I reach you?", "555-1234"),
        (CAFE_ZH, "工作坊怎么收费？", "那怎么联系你们呢？", "555-1234"),
        (CAFE_ZH, "你们几点关门？", "你们在哪里？", "河滨路 12 号"),
    ],
)
async def test_one_everyday_question_after_another_is_answered_for_itself(
    client: Client, known: str, one: str, other: str, there: str
) -> None:
    path = await client.conversation(await knowing(client, {"cafe.md": known}))
    await client.say(path, one)
    assert there in text_of(await client.say(path, other)).split("[1]")[0]


@pytest.mark.parametrize(
    ("known", "one", "other", "there"),
    [
        (CAFE, "Do you offer a workshop?", "How much is it?", "A workshop costs 25"),
        (CAFE_ZH, "有工作坊吗？", "多少钱？", "工作坊每人 150 元"),
    ],
)
async def test_an_everyday_question_goes_on_with_the_one_before(
    client: Client, known: str, one: str, other: str, there: str
) -> None:
    path = await client.conversation(await knowing(client, {"cafe.md": known}))
    await client.say(path, one)
    assert there in text_of(await client.say(path, other))
