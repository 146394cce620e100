"""The work behind `knowledge_by_model`: one after the other, agents' knowledge is gone through by their models."""

import asyncio
import json
import math
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from agentfabric.service.knowledge_by_model import (
    MOST_PAIRS,
    MOST_TOKENS,
    PAIRS_AT_ONCE,
    QUESTION_TOKENS,
    ChecksByModel,
    shown_of,
)
from agentfabric.service.knowledge_checks import basis_of, passages_of
from agentfabric.service.knowledge_judgements import Question, Questions, Trouble, digest_of, pair_key
from agentfabric.service.workers import Workers, while_wanted
from agentfabric.store.model_checks import TakenCheck
from agentfabric.store.reading_queue import LEASE_S
from agentfabric.store.readings import KnownFile
from user_agent.errors import Blocked, ContextTooLong, ModelError, StorageFailed
from user_agent.knowledge.checking.asking import Nonsense, Task
from user_agent.knowledge.checking.contradictions import Pair, judged_by, near_pairs
from user_agent.knowledge.checking.contradictions import task_of as pairs_task
from user_agent.knowledge.checking.duplicates import At
from user_agent.knowledge.checking.questions_by_model import questions_by
from user_agent.knowledge.checking.questions_by_model import task_of as questions_task
from user_agent.knowledge.passages import Passage
from user_agent.models.base import ChatModel
from user_agent.words import Language

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

T = TypeVar("T")

WORKERS = 2
WATCH_S = 0.4
"""How often it is noticed that nobody wants it any more, or that a file went."""
MOST_FAILURES = 3
"""So many answers in a row that are of no use end it: the next would not be better, and costs as much."""
_OF_THIS_ONE = (Nonsense, Blocked, ContextTooLong)
"""Failures that say something of the passages; after any other the model need not be asked again."""


class GoingThrough:
    """Does what is queued, from when it is entered until it is left."""

    def __init__(self, by_model: ChecksByModel) -> None:
        self._by_model = by_model
        self._workers = Workers(idle_s=LEASE_S, interrupted="model_check_interrupted")

    async def __aenter__(self) -> Self:
        self._workers.begin([self._one] * WORKERS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._workers.end()
        with suppress(StorageFailed):  # the lease ends by itself, later
            await self._by_model.queue.let_go()

    def wake(self) -> None:
        """There is something to do."""
        self._workers.wake()

    async def _one(self) -> bool:
        """Attend to the next one; False where none waits."""
        taken = await self._by_model.queue.take()
        if taken is not None:
            await self._watched(taken)
        return taken is not None

    async def _watched(self, taken: TakenCheck) -> None:
        """Do it until it is done or nobody wants it any more; then tell what is known by now."""
        run = _Run(self._by_model, taken)
        job = await while_wanted(run.whole(), run.is_wanted, every_s=WATCH_S)
        # First, so that whoever sees that it is over finds what it brought.
        await self._by_model.checks.check(taken.owner, taken.agent_id)
        if not job.cancelled():
            await self._by_model.queue.finish(taken.agent_id, reason=job.result(), settled=run.settled)


@dataclass(slots=True)
class _Run:
    """One go through one agent's knowledge."""

    by_model: ChecksByModel
    taken: TakenCheck
    settled: str = ""
    """A digest of what was known, once nothing of it is left."""
    tokens: int = field(init=False)
    done: int = 0
    steps: int = 0
    failures: int = 0
    left: bool = False
    """Whether something was left for another time."""
    about: frozenset[str] = frozenset()
    """The files that the model is asked about just now."""
    asking: asyncio.Task[Any] | None = None  # Any: whatever this step gives

    def __post_init__(self) -> None:
        self.tokens = self.taken.tokens

    async def whole(self) -> str:
        """Why it ended early, as JSON; empty where it did not."""
        user, agent_id = self.taken.owner, self.taken.agent_id
        try:
            config = (await self.by_model.agents.get(user, agent_id)).config
            model = (await self.by_model.chosen(user, config)).model
            files = await self.by_model.checks.ready(user, agent_id)
            async with self.by_model.checks.indexes.of(user, agent_id) as index:
                passages = await passages_of(index, files)
                wanted = await self.by_model.unasked(user, agent_id, files)
                self.steps = len(wanted)
                await self._report()
                for file in wanted:
                    await self._question(model, file, passages, config.language)
                judged = await self.by_model.judgements.judged(user, agent_id)
                near = await near_pairs(index, passages)
            pairs = [pair for pair in near if pair_key(*_texts(pair, passages)) not in judged]
            self.left |= bool(await self.by_model.unasked(user, agent_id, files) or pairs[MOST_PAIRS:])
            await self._look(model, pairs[:MOST_PAIRS], passages, config.language)
        except ModelError as error:
            log.info("model_check_ended", reason=error.code)
            return Trouble.of(error).model_dump_json()
        except StorageFailed as error:
            log.warning("model_check_ended", reason=error.message)
            return json.dumps({"code": error.code, "message": error.message, "params": {}})
        if not self.left:
            self.settled = basis_of(files)
        return ""

    async def is_wanted(self) -> bool:
        """Whether to go on. A step about a file that the agent knows no more is given up."""
        user, agent_id = self.taken.owner, self.taken.agent_id
        with suppress(StorageFailed):
            if not await self._report():
                return False
            known = {file.id for file in await self.by_model.checks.ready(user, agent_id)}
            if self.asking and not self.about <= known:
                self.asking.cancel()
        return True

    async def _question(
        self, model: ChatModel, file: KnownFile, passages: Mapping[At, Passage], language: Language
    ) -> None:
        """Have the model ask one file. Where it cannot, the rules do, and the reason is kept."""
        user, agent_id = self.taken.owner, self.taken.agent_id
        shown = shown_of(file, passages)
        if not shown or not self._affords(questions_task(shown), len(shown), language):
            return
        try:
            made = await self._step({file.id}, questions_by(model, shown, language))
        except _OF_THIS_ONE as error:
            kept = Questions(problem=Trouble.of(error))
            await self.by_model.judgements.keep_questions(user, agent_id, file, kept)
            self._failed(error)
            return
        if made is None:
            return
        self.failures = 0
        self.tokens += made.tokens
        texts = {passage.number: passage.text for passage in shown}
        asked = tuple(
            Question(number=number, text=text, of=digest_of(texts[number])) for number, text in made.questions.items()
        )
        await self.by_model.judgements.keep_questions(user, agent_id, file, Questions(questions=asked))
        await self._stepped()

    async def _look(
        self, model: ChatModel, pairs: list[Pair], passages: Mapping[At, Passage], language: Language
    ) -> None:
        """Have the model look at pairs of passages, a few at a time."""
        self.steps = self.done + math.ceil(len(pairs) / PAIRS_AT_ONCE)
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            some = pairs[start : start + PAIRS_AT_ONCE]
            shown = [(passages[pair.one], passages[pair.other]) for pair in some]
            if not self._affords(pairs_task(shown), len(shown), language):
                return
            about = {place.file for pair in some for place in (pair.one, pair.other)}
            try:
                answer = await self._step(about, judged_by(model, shown, language))
            except _OF_THIS_ONE as error:
                self._failed(error)
                continue
            if answer is None:
                self.left = True
                continue
            verdicts, tokens = answer
            self.failures = 0
            self.tokens += tokens
            texts = [_texts(pair, passages) for pair in some]
            await self.by_model.judgements.keep_judged(self.taken.owner, self.taken.agent_id, texts, verdicts)
            await self._stepped()

    async def _step(self, about: set[str], work: Coroutine[Any, Any, T]) -> T | None:
        """What the model gives; None where a file that it is about went meanwhile."""
        self.about = frozenset(about)
        self.asking = asyncio.create_task(work)
        try:
            return await asyncio.shield(self.asking)
        except asyncio.CancelledError:
            if self.asking.cancelled():
                return None
            raise
        finally:
            self.asking.cancel()
            await asyncio.wait([self.asking])
            self.asking = None

    def _affords(self, task: Task, answers: int, language: Language) -> bool:
        """Whether there is still enough to ask that; else it is left for another time."""
        is_left = self.tokens + task.tokens(language) + QUESTION_TOKENS * answers > MOST_TOKENS
        self.left |= is_left
        return not is_left

    def _failed(self, error: ModelError) -> None:
        """Count an answer that was of no use. Raises it where there were too many."""
        self.left = True
        self.failures += 1
        self.done += 1
        self.tokens += error.tokens if isinstance(error, Nonsense) else 0
        if self.failures >= MOST_FAILURES:
            raise error

    async def _stepped(self) -> None:
        self.done += 1
        await self._report()

    async def _report(self) -> bool:
        return await self.by_model.queue.report(
            self.taken.agent_id, done=self.done, steps=max(self.steps, self.done), tokens=self.tokens
        )


def _texts(pair: Pair, passages: Mapping[At, Passage]) -> tuple[str, str]:
    return passages[pair.one].text, passages[pair.other].text
