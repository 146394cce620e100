"""How often the right tool is among the first few, of all tools of a file.

    python -m bench.tools [--data ../shared/data/function_calls] [--weigh]

Every function of a file is in one catalogue; every question is a message. Right are the functions that the answers
name. Goals for `simple_python` and `multiple`: in the top 3 for 95 %, in the top 10 for 98.5 %.

The weights (`user_agent/lexical/index.py`, `user_agent/tools/selection.py`) were chosen by one half of the questions.
Which half a question is in depends on its right function's name, so that what two files share is in one half of both.
"""

import argparse
import hashlib
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any

from user_agent.lexical.index import Document
from user_agent.lexical.terms import words
from user_agent.tools.selection import document, index_of_tools

DATA = Path(__file__).parents[2] / "shared" / "data" / "function_calls"
FILES = ("simple_python", "multiple", "parallel")
HALVES = ("all", "looked at", "held out")
Search = Callable[[str], list[int]]
"""The places of tools, best first."""


@dataclass(frozen=True)
class Question:
    text: str
    right: frozenset[str]

    @property
    def half(self) -> str:
        return HALVES[1 + hashlib.sha1(min(self.right).encode(), usedforsecurity=False).digest()[0] % 2]


@dataclass(frozen=True)
class Catalogue:
    """The tools of a file, the first of each name, and its questions."""

    names: list[str]
    tools: list[Document]
    questions: list[Question]


def read(folder: Path, name: str) -> Catalogue:
    rows, answers = _lines(folder / f"{name}.jsonl"), _lines(folder / f"{name}.answers.jsonl")
    tools: dict[str, Document] = {}
    for function in (function for row in rows for function in row["function"]):
        tool = document(function["name"], function["description"], function["parameters"])
        tools.setdefault(function["name"], tool)
    questions = [
        Question(
            " ".join(message["content"] for turn in row["question"] for message in turn),
            frozenset(called for call in answer["ground_truth"] for called in call),
        )
        for row, answer in zip(rows, answers, strict=True)
    ]
    return Catalogue([*tools], [*tools.values()], questions)


def plain(tools: Sequence[Document], fields: Sequence[str]) -> Search:
    """BM25 (k1 = 1.2, b = 0.75) over these fields as one text, the baseline."""
    texts = [Counter(words(" ".join(tool[field] for field in fields))) for tool in tools]
    lengths = [sum(text.values()) for text in texts]
    usual = sum(lengths) / len(texts)
    having = Counter(word for text in texts for word in text)

    def search(asked: str) -> list[int]:
        scores = [0.0] * len(texts)
        for word in set(words(asked)):
            rarity = log(1 + (len(texts) - having[word] + 0.5) / (having[word] + 0.5))
            for place, text in enumerate(texts):
                if word in text:
                    length = 0.25 + 0.75 * lengths[place] / usual
                    scores[place] += rarity * text[word] * 2.2 / (text[word] + 1.2 * length)
        return sorted(range(len(texts)), key=lambda place: -scores[place])

    return search


def ours(tools: Sequence[Document]) -> Search:
    index = index_of_tools(tools)
    return lambda asked: [hit.place for hit in index.search(asked, 10)]


def ranks(catalogue: Catalogue, search: Search) -> dict[str, list[int]]:
    """For each half, at which place the last of the right tools came."""
    found: dict[str, list[int]] = {half: [] for half in HALVES}
    for question in catalogue.questions:
        order = [catalogue.names[place] for place in search(question.text)]
        rank = max(order.index(name) + 1 if name in order else len(catalogue.names) for name in question.right)
        found["all"].append(rank)
        found[question.half].append(rank)
    return found


def share(found: Sequence[int], within: int) -> float:
    """In percent, how many are that near."""
    return 100 * sum(rank <= within for rank in found) / len(found)


def weigh(catalogue: Catalogue) -> None:
    """How long 3,000 tools take, each of the catalogue's as often as it takes."""
    tools = (catalogue.tools * (3_000 // len(catalogue.tools) + 1))[:3_000]
    started = time.perf_counter()
    index = index_of_tools(tools)
    made = time.perf_counter() - started
    taken: list[float] = []
    for question in catalogue.questions:
        started = time.perf_counter()
        index.search(question.text, 10)
        taken.append(1_000 * (time.perf_counter() - started))
    print(f"3,000 tools: index made in {made:.1f} s, a search {statistics.median(taken):.1f} ms (p50)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--weigh", action="store_true", help="also how long it takes")
    given = parser.parse_args()
    print("| file | tools | questions | | top 1 | top 3 | top 10 |\n|---|---|---|---|---|---|---|")
    for name in FILES:
        catalogue = read(given.data, name)
        about = f"| `{name}` | {len(catalogue.names):,} |"
        described = plain(catalogue.tools, ("name", "description"))
        everything = plain(catalogue.tools, ("name", "description", "parameters", "meanings"))
        rows = [
            ("BM25 over name and description", "all", ranks(catalogue, described)),
            ("BM25, and parameters with theirs", "all", ranks(catalogue, everything)),
            *[(f"**ours**, {half}", half, ranks(catalogue, ours(catalogue.tools))) for half in HALVES],
        ]
        for label, half, found in rows:
            shares = " | ".join(f"{share(found[half], within):.1f} %" for within in (1, 3, 10))
            print(f"{about} {len(found[half]):,} | {label} | {shares} |")
    if given.weigh:
        weigh(read(given.data, "simple_python"))


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
