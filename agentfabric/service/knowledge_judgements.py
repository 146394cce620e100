"""What a model said of an agent's passages, kept by their texts, so that nothing is paid for twice."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from agentfabric.store.notes import NoteStore
from agentfabric.store.readings import KnownFile
from user_agent.errors import ModelError
from user_agent.knowledge.checking.contradictions import Verdict
from user_agent.knowledge.checking.duplicates import At
from user_agent.knowledge.passages import Passage


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Trouble(_Kept):
    """A failure of a model, as doors tell failures."""

    code: str
    message: str
    params: dict[str, Any] = {}

    @classmethod
    def of(cls, error: ModelError) -> "Trouble":
        return cls(code=error.code, message=error.message, params=dict(error.params))


class Question(_Kept):
    """A question, the number of the passage that it was made from, and a digest of that."""

    number: int
    text: str
    of: str


class Questions(_Kept):
    """What a model asks a file; nothing, and why, where it failed."""

    questions: tuple[Question, ...] = ()
    problem: Trouble | None = None

    def by_place(self, file: str, passages: Mapping[At, Passage]) -> dict[At, str]:
        """Those whose passages still stand."""
        asked = {At(file, question.number): question for question in self.questions}
        return {
            place: question.text
            for place, question in asked.items()
            if place in passages and digest_of(passages[place].text) == question.of
        }


class Judged(_Kept):
    """What a model said of two texts, by their digests: the words that contradict each other, if any do."""

    first: str
    second: str
    words: tuple[str, str] | None = None


Words = tuple[At, str]


@dataclass(frozen=True, slots=True)
class Judgements:
    """What is kept of each agent. The first argument of each is the user; foreign ids are `NotFound`."""

    notes: NoteStore

    async def questions(self, user: str, agent_id: str) -> dict[str, Questions]:
        """What files are asked, by `key_of` them."""
        kept = await self.notes.all(user, agent_id, "questions")
        return {key: Questions.model_validate_json(value) for key, value in kept.items()}

    async def keep_questions(self, user: str, agent_id: str, file: KnownFile, questions: Questions) -> None:
        await self.notes.put(user, agent_id, "questions", {key_of(file): questions.model_dump_json()})

    async def judged(self, user: str, agent_id: str) -> frozenset[str]:
        """The pairs of which a model has said something, by `pair_key`."""
        return frozenset(await self.notes.all(user, agent_id, "pair"))

    async def keep_judged(
        self, user: str, agent_id: str, pairs: Sequence[tuple[str, str]], verdicts: Mapping[int, Verdict]
    ) -> None:
        """What a model said of these pairs of texts: a verdict by its place among them, or that all is well."""
        kept = dict[str, str]()
        for place, (one, other) in enumerate(pairs):
            verdict = verdicts.get(place)
            words = (verdict.first, verdict.second) if verdict else None
            judged = Judged(first=digest_of(one), second=digest_of(other), words=words)
            kept[pair_key(one, other)] = judged.model_dump_json()
        await self.notes.put(user, agent_id, "pair", kept)

    async def contradictions(
        self, user: str, agent_id: str, passages: Mapping[At, Passage]
    ) -> dict[str, tuple[Words, Words]]:
        """The contradictions among these passages, by their keys: where they stand and in which words."""
        kept = await self.notes.all(user, agent_id, "pair")
        judged = {key: Judged.model_validate_json(value) for key, value in kept.items()}
        where = dict[str, At]()
        if any(each.words for each in judged.values()):
            for place, passage in passages.items():
                where.setdefault(digest_of(passage.text), place)
        return {
            key: ((where[each.first], each.words[0]), (where[each.second], each.words[1]))
            for key, each in judged.items()
            if each.words and each.first in where and each.second in where
        }

    async def dismissed(self, user: str, agent_id: str) -> frozenset[str]:
        """The keys of what a person waved aside."""
        return frozenset(await self.notes.all(user, agent_id, "dismissed"))

    async def dismiss(self, user: str, agent_id: str, key: str, *, dismissed: bool) -> None:
        if dismissed:
            await self.notes.put(user, agent_id, "dismissed", {key: "{}"})
        else:
            await self.notes.drop(user, agent_id, "dismissed", [key])


def key_of(file: KnownFile) -> str:
    """Of a file as it is now: another content has another key."""
    return digest_of(f"{file.id} {file.digest}")


def pair_key(one: str, other: str) -> str:
    """Of two texts, in whichever order."""
    return digest_of(" ".join(sorted((digest_of(one), digest_of(other)))))


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
