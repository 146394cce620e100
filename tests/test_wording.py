"""Whether a message is searched by itself or with the question that it goes on with."""

import pytest

from user_agent.knowledge.wording import query_of

EN = "What are the opening hours of the museum?"
ZH = "博物馆的门票多少钱？"


@pytest.mark.parametrize(
    "said",
    [
        "Refunds?",
        "refunds",
        "VPN?",
        "Parking?",
        "Refund policy?",
        "Sick leave?",
        "Lost property",
        "What is the refund policy?",
        "In which building is the cloakroom?",
        "On what days are guided tours offered?",
        "How do I renew a membership card?",
        "退款？",
        "退款",
        "停车费？",
        "营业时间",
        "报销流程？",
        "怎么退款？",
        "请问失物招领在哪里？",
        "年卡怎么续费？",
    ],
)
def test_a_question_of_its_own_is_searched_by_its_own_words(said: str) -> None:
    assert query_of([EN if said.isascii() else ZH, said]) == said


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("And in winter?", f"{EN} in winter?"),
        ("In winter?", f"{EN} winter?"),
        ("Winter?", f"{EN} Winter?"),
        ("On Sundays?", f"{EN} Sundays?"),
        ("Next year?", f"{EN} Next year?"),
        ("2023?", f"{EN} 2023?"),
        ("why?", f"{EN} why?"),
        ("How long?", f"{EN} How long?"),
        ("What about children?", f"{EN} children?"),
        ("Is it free?", f"{EN} Is it free?"),
        ("More details, please", f"{EN} More details"),
        ("那冬天呢？", f"{ZH} 冬天"),
        ("冬天呢", f"{ZH} 冬天"),
        ("周末？", f"{ZH} 周末？"),
        ("2023年？", f"{ZH} 2023年？"),
        ("为什么？", f"{ZH} 为什么？"),
        ("多少钱", f"{ZH} 多少钱"),
        ("怎么申请？", f"{ZH} 怎么申请？"),
        ("要多久？", f"{ZH} 要多久？"),
        ("它几点开门？", f"{ZH} 它几点开门？"),
        ("详细说说", f"{ZH} 详细说说"),
        ("还有学生呢？", f"{ZH} 学生"),
    ],
)
def test_a_message_that_says_too_little_is_searched_with_what_it_follows(said: str, query: str) -> None:
    assert query_of([EN if said.isascii() else ZH, said]) == query


@pytest.mark.parametrize(
    ("said", "query"),
    [
        (["年假有几天？", "退款？", "要多久？"], "退款？ 要多久？"),
        (["What are the opening hours?", "Refunds?", "And in winter?"], "Refunds? in winter?"),
        (["What are the opening hours?", "Thanks!", "Why?"], "What are the opening hours? Why?"),
        (["Why?"], "Why?"),
        (["那冬天呢？"], "那冬天呢？"),
    ],
    ids=" / ".join,
)
def test_what_follows_a_question_of_its_own_goes_on_with_that_one(said: list[str], query: str) -> None:
    assert query_of(said) == query
