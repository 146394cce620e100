"""What an agent's knowledge is like: it is asked questions that are made from it, and compared with itself."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from agentfabric.service.knowledge_indexes import AgentIndexes
from agentfabric.service.knowledge_judgements import Judgements, Questions, Trouble, key_of
from agentfabric.store.checks import CheckStore
from agentfabric.store.readings import KnownFile, ReadingStore
from user_agent.errors import NotFound
from user_agent.knowledge.checking.contradictions import marks
from user_agent.knowledge.checking.duplicates import At, near_duplicates
from user_agent.knowledge.checking.questions import question_of, rarity_of
from user_agent.knowledge.index import LEAST_SCORE, KnowledgeIndex
from user_agent.knowledge.passages import Passage

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
    by: Literal["model", "rules"] = "rules"
    """Who made the questions."""
    problem: Trouble | None = None
    """Why not the model, where it was to."""


class Copied(_Told):
    """Two files, or one twice, that say the same in so many passages of `other`."""

    one: str
    other: str
    passages: int
    whole: bool
    """Whether that is all that `other` says."""


class Where(_Told):
    """Where in its file a passage stands, as people say it."""

    headings: tuple[str, ...] = ()
    page: int | None = None
    sheet: str = ""
    member: str = ""


class Quoted(_Told):
    """The words of a passage that another one contradicts."""

    file: str
    number: int
    words: str
    place: Where = Where()


class Contradiction(_Told):
    """What a model says contradicts itself. It is known by the two texts, wherever they stand."""

    key: str
    one: Quoted
    other: Quoted
    dismissed: bool = False
    """Whether a person has said that it is none, or does not matter."""


class Report(_Told):
    asked: tuple[Asked, ...] = ()
    copies: tuple[Copied, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


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
    judgements: Judgements

    async def last(self, user: str, agent_id: str) -> Checked | None:
        """The last report, without the files that are not known any more; None where there was none yet."""
        stored = await self.store.get(user, agent_id)
        files = await self.ready(user, agent_id)
        if stored is None:
            return None
        report = _without_gone(Report.model_validate_json(stored.report), {file.id for file in files})
        return Checked(await self._marked(user, agent_id, report), stored.basis != basis_of(files))

    async def check(self, user: str, agent_id: str) -> Checked:
        """Ask and compare anew. A thousand passages take about a second."""
        files = await self.ready(user, agent_id)
        made = await self.judgements.questions(user, agent_id)
        async with self.indexes.of(user, agent_id) as index:
            passages = await passages_of(index, files)
            asked = await _asked(index, files, passages, made)
        copies = await asyncio.to_thread(_copies, {place: passage.text for place, passage in passages.items()})
        found = await self.judgements.contradictions(user, agent_id, passages)
        contradictions = tuple(
            Contradiction(key=key, one=_quoted(one, passages), other=_quoted(other, passages))
            for key, (one, other) in found.items()
        )
        report = Report(asked=asked, copies=copies, contradictions=contradictions)
        await self.store.put(user, agent_id, basis=basis_of(files), report=report.model_dump_json())
        return Checked(await self._marked(user, agent_id, report), stale=False)

    async def dismiss(self, user: str, agent_id: str, key: str, *, dismissed: bool) -> None:
        """Say of a contradiction that it is none, or that it is one after all. Raises `NotFound` for one that is not
        in the last report."""
        checked = await self.last(user, agent_id)
        if checked is None or key not in {each.key for each in checked.report.contradictions}:
            raise NotFound(f"There is no contradiction {key[:40]!r}.")
        await self.judgements.dismiss(user, agent_id, key, dismissed=dismissed)

    async def _marked(self, user: str, agent_id: str, report: Report) -> Report:
        """The report, telling which contradictions are dismissed by now."""
        if not report.contradictions:
            return report
        dismissed = await self.judgements.dismissed(user, agent_id)
        marked = (each.model_copy(update={"dismissed": each.key in dismissed}) for each in report.contradictions)
        return report.model_copy(update={"contradictions": tuple(marked)})

    async def ready(self, user: str, agent_id: str) -> list[KnownFile]:
        """The agent's files that a search finds."""
        return [file for file in (await self.readings.settle(user, agent_id)).files if file.is_found]


async def passages_of(index: KnowledgeIndex, files: Iterable[KnownFile]) -> dict[At, Passage]:
    """The passages of these files, in order, up to `MOST_PASSAGES`."""
    passages = dict[At, Passage]()
    for file in files:
        start = 0
        while len(passages) < MOST_PASSAGES and (found := await index.passages(file.id, start, _AT_ONCE)):
            passages |= {At(file.id, passage.number): passage for passage in found}
            start = found[-1].number + 1
    return passages


async def _asked(
    index: KnowledgeIndex, files: Sequence[KnownFile], passages: Mapping[At, Passage], made: Mapping[str, Questions]
) -> tuple[Asked, ...]:
    by_rules = await asyncio.to_thread(_questions, files, {place: each.text for place, each in passages.items()})
    known = [file.id for file in files]
    told: list[Asked] = []
    for file in files:
        by_model = made.get(key_of(file))
        of_file = by_model.by_place(file.id, passages) if by_model else {}
        by = "model" if of_file else "rules"
        of_file = of_file or {place: question for place, question in by_rules.items() if place.file == file.id}
        missed: list[Missed] = []
        for place, question in of_file.items():
            hits = (await index.search(question, TOP, known)).hits
            # A copy that is found instead says the same.
            if not any(hit.score >= LEAST_SCORE and hit.passage.text == passages[place].text for hit in hits):
                missed.append(Missed(number=place.number, question=question))
        if of_file:
            found = len(of_file) - len(missed)
            problem = by_model.problem if by_model else None
            told.append(
                Asked(file=file.id, asked=len(of_file), found=found, missed=tuple(missed), by=by, problem=problem)
            )
    return tuple(told)


def sample(places: Sequence[At], most: int) -> Sequence[At]:
    """As many places of a file, from all over it."""
    return places[:: max(1, len(places) // max(1, most))][:most]


def _questions(files: Sequence[KnownFile], texts: Mapping[At, str]) -> dict[At, str]:
    """Questions by the passage that each was made from: as many of every file, from all over it."""
    of_each = max(1, min(MOST_OF_FILE, MOST_ASKED // max(1, len(files))))
    rarity = rarity_of([*texts.values()])
    made: dict[At, str] = {}
    for file in files[:MOST_ASKED]:
        for place in sample([place for place in texts if place.file == file.id], of_each):
            if question := question_of(texts[place], rarity):
                made[place] = question
    return made


def _copies(texts: Mapping[At, str]) -> tuple[Copied, ...]:
    """Which files repeat which, those that repeat most first."""
    sizes = Counter(place.file for place in texts)
    repeated: dict[tuple[str, str], set[At]] = {}
    for pair in near_duplicates(texts):
        if marks(texts[pair.one]) != marks(texts[pair.other]):
            continue  # with another number or a "not" in it, it does not say the same
        # Of two files the smaller one is the copy: it says less that is its own.
        one, other = sorted((pair.one, pair.other), key=lambda place: (-sizes[place.file], place))
        repeated.setdefault((one.file, other.file), set()).add(other)
    found = [
        Copied(one=one, other=other, passages=len(places), whole=one != other and len(places) == sizes[other])
        for (one, other), places in repeated.items()
    ]
    return tuple(sorted(found, key=lambda copied: -copied.passages)[:50])


def basis_of(files: Iterable[KnownFile]) -> str:
    """A digest of what these files hold."""
    return hashlib.sha256("\n".join(sorted(f"{file.id} {file.digest}" for file in files)).encode()).hexdigest()


def _without_gone(report: Report, known: set[str]) -> Report:
    return Report(
        asked=tuple(asked for asked in report.asked if asked.file in known),
        copies=tuple(copied for copied in report.copies if {copied.one, copied.other} <= known),
        contradictions=tuple(each for each in report.contradictions if {each.one.file, each.other.file} <= known),
    )


def _quoted(words: tuple[At, str], passages: Mapping[At, Passage]) -> Quoted:
    at, said = words
    place = passages[at].place
    where = Where(headings=place.headings, page=place.page, sheet=place.sheet, member=place.member)
    return Quoted(file=at.file, number=at.number, words=said, place=where)
