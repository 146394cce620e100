"""How often the right passage is found first, and how quickly, in an agent's knowledge.

    python -m bench.knowledge [--data ../shared/data/retrieval] [--speed]

Each set is one collection: its passages are joined into files of 50 by blank lines, which are cut into passages and put
into an index; every question is a search. A hit is a passage that has half of the right one or more.
Goals: first for 98 % (zh) and 84 % (en), in the first five for 99.3 % and 96.5 %.

The weights (`user_agent/knowledge/finding/rank.py`) were chosen by one half of the questions. Which half a question is
in depends on its right passage, so that no passage has questions in both.
"""

import argparse
import asyncio
import hashlib
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bench.tools import plain
from user_agent.knowledge.finding.sqlite import SqliteIndex
from user_agent.knowledge.index import Hit, KnowledgeIndex
from user_agent.knowledge.passages import Passage, Place, signs, split
from user_agent.knowledge.pieces import Piece
from user_agent.lexical.sentences import sentences

DATA = Path(__file__).parents[2] / "shared" / "data" / "retrieval"
LANGUAGES = ("zh", "en")
HALVES = ("all", "looked at", "held out")
PER_FILE = 50
BETWEEN = "\n\n"


@dataclass(frozen=True)
class Asked:
    """A question, and the place of the passage that answers it."""

    text: str
    passage: int
    file: str
    start: int
    end: int

    @property
    def half(self) -> str:
        return HALVES[1 + hashlib.sha1(str(self.passage).encode(), usedforsecurity=False).digest()[0] % 2]

    def is_hit(self, hit: Hit) -> bool:
        place = hit.passage.place
        shared = min(self.end, place.end) - max(self.start, place.start)
        return hit.file == self.file and 2 * shared >= self.end - self.start


@dataclass(frozen=True)
class Collection:
    """A set of the data: its passages, the files made of them, and its questions."""

    passages: tuple[str, ...]
    files: dict[str, str]
    questions: tuple[Asked, ...]


def read(folder: Path) -> Collection:
    rows = _lines(folder / "passages.jsonl")
    files: dict[str, str] = {}
    places: dict[int, tuple[str, int, int]] = {}
    for start in range(0, len(rows), PER_FILE):
        name, at = f"{start // PER_FILE}.txt", 0
        for row in rows[start : start + PER_FILE]:
            places[row["id"]] = (name, at, at + len(row["text"]))
            at += len(row["text"]) + len(BETWEEN)
        files[name] = BETWEEN.join(row["text"] for row in rows[start : start + PER_FILE])
    questions = (
        Asked(row["question"], row["passage"], *places[row["passage"]]) for row in _lines(folder / "questions.jsonl")
    )
    return Collection(tuple(row["text"] for row in rows), files, tuple(questions))


@asynccontextmanager
async def indexed(collection: Collection) -> AsyncIterator[SqliteIndex]:
    """An index that holds the collection's files, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        index = SqliteIndex(Path(folder) / "index.sqlite")
        for name, text in collection.files.items():
            await index.put(name, [*split([Piece(text)])])
        yield index
        await index.close()


async def ranks(index: KnowledgeIndex, questions: Sequence[Asked], within: int = 10) -> list[int]:
    """For each question at which place its passage came: beyond `within`, one more than that."""
    found: list[int] = []
    for question in questions:
        hits = (await index.search(question.text, within)).hits
        found.append(next((at for at, hit in enumerate(hits, start=1) if question.is_hit(hit)), within + 1))
    return found


def plain_ranks(collection: Collection, within: int = 10) -> list[int]:
    """The same for BM25 on bigrams and stemmed words over the very passages, the baseline."""
    search = plain([{"text": text} for text in collection.passages], ["text"])
    orders = (search(question.text)[:within] for question in collection.questions)
    return [
        order.index(question.passage) + 1 if question.passage in order else within + 1
        for question, order in zip(collection.questions, orders, strict=True)
    ]


def share(found: Sequence[int], within: int) -> float:
    """In percent, how many are that near."""
    return 100 * sum(rank <= within for rank in found) / len(found)


async def quality(data: Path) -> None:
    print("| set | passages | questions | | top 1 | top 5 | top 10 |\n|---|---|---|---|---|---|---|")
    for language in LANGUAGES:
        collection = read(data / language)
        async with indexed(collection) as index:
            count = (await index.statistics()).passages
            found = await ranks(index, collection.questions)
        _row(language, len(collection.passages), "BM25 over the very passages", plain_ranks(collection))
        for half in HALVES:
            asked = zip(collection.questions, found, strict=True)
            of_half = [rank for question, rank in asked if half in ("all", question.half)]
            _row(language, count, "**ours**" if half == "all" else f"ours, {half}", of_half)


async def speed(data: Path, passages: int = 10_000) -> None:
    """How long it takes to index that many passages, to load the index, to ask it and to add a file to it."""
    collections = [read(data / language) for language in LANGUAGES]
    files = [*mixed(collections, passages)]
    text_bytes = sum(len(passage.text.encode()) for file in files for passage in file)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.sqlite"
        index = SqliteIndex(path)
        made_s = await _timed(_put_all(index, files[1:]))
        added_s = await _timed(index.put("0", files[0]))
        await index.close()
        size_bytes = path.stat().st_size
        index = SqliteIndex(path)
        questions = [question.text for collection in collections for question in collection.questions]
        random.Random(7).shuffle(questions)
        loaded_s = await _timed(index.search(questions[0], 10))
        taken = sorted([await _timed(index.search(question, 10)) for question in questions[1:1001]])
        removed_s = await _timed(index.remove("0"))
        await index.close()
    each = f"{text_bytes / passages:,.0f} bytes, in {len(files)} files; the index takes {size_bytes / 1e6:.0f} MB"
    print(f"{passages:,} passages of {each}\n\n| what | measured |\n|---|---|")
    rows = {
        "index of all of them": f"{made_s:.1f} s",
        "loaded, first query included": f"{1000 * loaded_s:.0f} ms",
        f"a file of {len(files[0])} passages added": f"{1000 * added_s:.0f} ms",
        "a file removed": f"{1000 * removed_s:.0f} ms",
        "query p50": f"{1000 * taken[len(taken) // 2]:.1f} ms",
        "query p95": f"{1000 * taken[len(taken) * 19 // 20]:.1f} ms",
    }
    print("\n".join(f"| {what} | {measured} |" for what, measured in rows.items()))


def mixed(collections: Sequence[Collection], passages: int) -> Iterator[list[Passage]]:
    """Files of 50 passages of about 390 signs, of sentences drawn from all of a set: half Chinese, half English."""
    draw = random.Random(5)
    drawn = [[*chain.from_iterable(sentences(text) for text in collection.passages)] for collection in collections]
    for number in range(passages // PER_FILE):
        file: list[Passage] = []
        while len(file) < PER_FILE:
            text = ""
            while signs(text) < 390:
                text += draw.choice(drawn[number % len(drawn)])
            file.append(Passage(len(file), text, "text", Place(0, len(text))))
        yield file


async def _put_all(index: KnowledgeIndex, files: Sequence[list[Passage]]) -> None:
    for number, file in enumerate(files, start=1):
        await index.put(str(number), file)


async def _timed(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


def _row(language: str, passages: int, label: str, found: Sequence[int]) -> None:
    shares = " | ".join(f"{share(found, within):.1f} %" for within in (1, 5, 10))
    print(f"| `{language}` | {passages:,} | {len(found):,} | {label} | {shares} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--speed", action="store_true", help="how long it takes instead")
    given = parser.parse_args()
    asyncio.run(speed(given.data) if given.speed else quality(given.data))


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
