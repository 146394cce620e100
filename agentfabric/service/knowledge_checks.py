"""What an agent's knowledge is like: it is asked questions that are made from it, and compared with itself."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from agentfabric.service.knowledge_indexes import AgentIndexes
from agentfabric.store.checks import CheckStore
from agentfabric.store.readings import KnownFile, ReadingStore
from user_agent.knowledge.checking.duplicates import At, near_duplicates
from user_agent.knowledge.checking.questions import question_of, rarity_of
from user_agent.knowledge.index import KnowledgeIndex

MOST_ASKED = 100
"""Questions in all, spread over the files: with an embedding model each of them is a request."""
MOST_OF_FILE = 12
MOST_PASSAGES = 20_000
"""Passages that are compared with each other."""
TOP = 5
"""A passage counts as found among so many hits."""
_AT_ONCE = 500


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Missed(_Told):
    """A passage that its own question does not find."""

    number: int
    question: str


class Asked(_Told):
    """How a file did: so many questions were made from it, and so many found the passage they were made from."""

    file: str
    asked: int
    found: int
    missed: tuple[Missed, ...] = ()


class Copied(_Told):
    """Two files, or one twice, that say the same in so many passages of `other`."""

    one: str
    other: str
    passages: int
    whole: bool
    """Whether that is all that `other` says."""


class Report(_Told):
    asked: tuple[Asked, ...] = ()
    copies: tuple[Copied, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The last report; `stale` where something else is known by now."""

    report: Report
    stale: bool


@dataclass(frozen=True, slots=True)
class KnowledgeChecks:
    """Checks and reports. The first argument of each is the user; foreign ids are `NotFound`."""

    readings: ReadingStore
    indexes: AgentIndexes
    store: CheckStore

    async def last(self, user: str, agent_id: str) -> Checked | None:
        """The last report, without the files that are not known any more; None where there was none yet."""
        stored = await self.store.get(user, agent_id)
        files = await self._ready(user, agent_id)
        if stored is None:
            return None
        report = _without_gone(Report.model_validate_json(stored.report), {file.id for file in files})
        return Checked(report, stored.basis != _basis(files))

    async def check(self, user: str, agent_id: str) -> Checked:
        """Ask and compare anew. A thousand passages take about a second."""
        files = await self._ready(user, agent_id)
        async with self.indexes.of(user, agent_id) as index:
            texts = await _texts(index, files)
            asked = await _asked(index, files, texts)
        alike = await asyncio.to_thread(_copies, texts)
        report = Report(asked=asked, copies=alike)
        await self.store.put(user, agent_id, basis=_basis(files), report=report.model_dump_json())
        return Checked(report, stale=False)

    async def _ready(self, user: str, agent_id: str) -> list[KnownFile]:
        return [file for file in (await self.readings.settle(user, agent_id)).files if file.is_found]


async def _texts(index: KnowledgeIndex, files: Iterable[KnownFile]) -> dict[At, str]:
    texts: dict[At, str] = {}
    for file in files:
        start = 0
        while len(texts) < MOST_PASSAGES and (found := await index.passages(file.id, start, _AT_ONCE)):
            texts |= {At(file.id, passage.number): passage.text for passage in found}
            start = found[-1].number + 1
    return texts


async def _asked(index: KnowledgeIndex, files: Sequence[KnownFile], texts: Mapping[At, str]) -> tuple[Asked, ...]:
    questions = await asyncio.to_thread(_questions, files, texts)
    known = [file.id for file in files]
    told: list[Asked] = []
    for file in files:
        missed: list[Missed] = []
        of_file = {place: question for place, question in questions.items() if place.file == file.id}
        for place, question in of_file.items():
            hits = (await index.search(question, TOP, known)).hits
            # A copy that is found instead says the same.
            if not any(hit.passage.text == texts[place] for hit in hits):
                missed.append(Missed(number=place.number, question=question))
        if of_file:
            told.append(Asked(file=file.id, asked=len(of_file), found=len(of_file) - len(missed), missed=tuple(missed)))
    return tuple(told)


def _questions(files: Sequence[KnownFile], texts: Mapping[At, str]) -> dict[At, str]:
    """Questions by the passage that each was made from: as many of every file, from all over it."""
    of_each = max(1, min(MOST_OF_FILE, MOST_ASKED // max(1, len(files))))
    rarity = rarity_of([*texts.values()])
    made: dict[At, str] = {}
    for file in files[:MOST_ASKED]:
        places = [place for place in texts if place.file == file.id]
        step = max(1, len(places) // of_each)
        for place in places[::step][:of_each]:
            if question := question_of(texts[place], rarity):
                made[place] = question
    return made


def _copies(texts: Mapping[At, str]) -> tuple[Copied, ...]:
    """Which files repeat which, those that repeat most first."""
    sizes = Counter(place.file for place in texts)
    repeated: dict[tuple[str, str], set[At]] = {}
    for pair in near_duplicates(texts):
        # Of two files the smaller one is the copy: it says less that is its own.
        one, other = sorted((pair.one, pair.other), key=lambda place: (-sizes[place.file], place))
        repeated.setdefault((one.file, other.file), set()).add(other)
    found = [
        Copied(one=one, other=other, passages=len(places), whole=one != other and len(places) == sizes[other])
        for (one, other), places in repeated.items()
    ]
    return tuple(sorted(found, key=lambda copied: -copied.passages)[:50])


def _basis(files: Iterable[KnownFile]) -> str:
    return hashlib.sha256("\n".join(sorted(f"{file.id} {file.digest}" for file in files)).encode()).hexdigest()


def _without_gone(report: Report, known: set[str]) -> Report:
    return Report(
        asked=tuple(asked for asked in report.asked if asked.file in known),
        copies=tuple(copied for copied in report.copies if {copied.one, copied.other} <= known),
    )
