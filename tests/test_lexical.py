"""The search by words: what is found by what, and how well on questions that nobody here wrote."""

import os
from pathlib import Path

import pytest

from bench.tools import ours, ranks, read, share
from user_agent.lexical.index import Field, Index

FOLDER = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "function_calls"
TEXTS = (
    "getStockPrice: the price of a share",
    "Genetic similarity of two species",
    "Convert from one currency to another",
    "查询天气预报",
    "The weather at a location",
)


def found(asked: str) -> list[str]:
    index = Index([{"text": text} for text in TEXTS], {"text": Field()})
    return [TEXTS[hit.place] for hit in index.search(asked, 5)]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("stock prices", TEXTS[0]),
        ("how genetically similar are they", TEXTS[1]),
        ("curency", TEXTS[2]),
        ("how much is 20 € in dollars", TEXTS[2]),
        ("明天天气怎么样", TEXTS[3]),
        ("明天天氣怎麼樣", TEXTS[3]),
        ("In Hangzhou?", TEXTS[4]),
    ],
    ids=["joined names", "endings", "a slip", "money", "Chinese", "traditional Chinese", "a place"],
)
def test_the_nearest_comes_first(asked: str, first: str) -> None:
    assert found(asked)[0] == first


@pytest.mark.parametrize("asked", ["", "the and of", "zzz", "？！"])
def test_what_shares_nothing_is_not_found(asked: str) -> None:
    assert found(asked) == []


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Index([], {"text": Field()}).search("anything", 3) == []


@pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"{FOLDER} is not here; point AGENTFABRIC_TEST_DATA at the folder with the test data"
)
@pytest.mark.parametrize("file", ["simple_python", "multiple"])
def test_the_right_tool_is_near(file: str) -> None:
    catalogue = read(FOLDER, file)
    near = ranks(catalogue, ours(catalogue.tools))["all"]
    assert share(near, 3) >= 95
    assert share(near, 10) >= 98.5
