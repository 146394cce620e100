"""The sets of questions that search is measured by: `shared/data/retrieval/`, as files that somebody could have."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from user_agent.knowledge.index import Hit

DATA = Path(__file__).parents[2] / "shared" / "data" / "retrieval"
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
    answer: str
    """What of the passage answers it; empty where nothing does."""

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
        Asked(row["question"], row["passage"], *places[row["passage"]], row["answer"])
        for row in _lines(folder / "questions.jsonl")
    )
    return Collection(tuple(row["text"] for row in rows), files, tuple(questions))


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
