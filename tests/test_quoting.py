"""The guide without a model quotes what answers a question, and says so where nothing does."""

import os
from collections import Counter
from pathlib import Path

import pytest

from bench.answers import asked_both_ways
from bench.retrieval import HALVES, PER_FILE, Collection, read
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.models.rules.fitting import fit
from user_agent.words import Language

DATA = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "retrieval"


@pytest.mark.parametrize(
    ("asked", "said", "other"),
    [
        pytest.param("How many chairs are there?", "There are 12 chairs.", "There are chairs.", id="a number"),
        pytest.param("When is it open?", "It is open on Sundays.", "It is open.", id="a time"),
        pytest.param(
            "How many rooms had it in 1999?", "In 1999 it had four.", "In 1999 it had rooms.", id="another number"
        ),
        pytest.param("Where did Ann Meier live?", "Ann Meier lived here.", "Ann Miller lived here.", id="a name"),
        pytest.param("What was sold in 2021?", "Paper, in 2021.", "Paper, in 2020.", id="a year"),
        pytest.param("2021年卖了什么？", "2021年卖纸。", "2020年卖纸。", id="a year in Chinese"),
    ],
)
def test_a_sentence_without_what_is_asked_for_is_less_likely_the_answer(asked: str, said: str, other: str) -> None:
    def told(text: str) -> float:
        hit = KnowledgeHit(number=1, file="a", name="a.md", text=text, score=0.5)
        return fit(asked, 1.0, text, hit, [hit])

    assert told(said) > told(other)


def test_a_passage_that_many_come_near_is_less_likely_the_answer_and_copies_of_it_do_not_count() -> None:
    def told(*others: str) -> float:
        hits = [KnowledgeHit(number=1, file="a", name="a.md", text=text, score=0.5) for text in ("best", *others)]
        return fit("Which is it?", 1.0, "best", hits[0], hits)

    assert told("other", "another") < told("other") < told() == told("best")


@pytest.mark.skipif(
    not DATA.is_dir(), reason=f"{DATA} is not here; point AGENTFABRIC_TEST_DATA at the folder with the test data"
)
@pytest.mark.parametrize(("language", "quoted", "refused"), [("zh", 0.95, 0.8), ("en", 0.87, 0.55)])
async def test_what_the_files_tell_is_quoted_and_what_they_do_not_is_said_to_be_missing(
    language: Language, quoted: float, refused: float
) -> None:
    whole = read(DATA / language)
    questions = [asked for asked in whole.questions if asked.file == "0.txt" and asked.half == HALVES[2]]
    some = Collection(whole.passages[:PER_FILE], {"0.txt": whole.files["0.txt"]}, tuple(questions))
    told: dict[bool, Counter[bool]] = {True: Counter(), False: Counter()}
    async for _, there, quote in asked_both_ways(some, language):
        told[there][quote is not None and quote.answers != "hardly"] += 1
    assert told[True][True] / told[True].total() >= quoted
    assert told[False][False] / told[False].total() >= refused
