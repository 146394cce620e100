"""An agent's model goes through its knowledge: it asks each file questions, and looks for contradictions.

That costs money, so it happens when a person asks for it, is bounded, and says beforehand about how much it is. What
the model said is kept, piece by piece: another time goes on with what is left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.knowledge_checks import KnowledgeChecks, basis_of, passages_of, sample
from agentfabric.service.knowledge_judgements import Judgements, key_of
from agentfabric.service.models import Chosen, Models
from agentfabric.store.model_checks import ModelCheck, ModelCheckQueue
from agentfabric.store.readings import KnownFile
from user_agent.config import AgentConfig
from user_agent.errors import ModelError, NothingToAsk
from user_agent.knowledge.checking.contradictions import task_of as pairs_task
from user_agent.knowledge.checking.duplicates import At
from user_agent.knowledge.checking.questions_by_model import task_of as questions_task
from user_agent.knowledge.passages import Passage
from user_agent.words import Language

MOST_FILES = 20
"""Files that are asked questions in one go."""
OF_FILE = 6
"""Questions to one file."""
MOST_PAIRS = 30
PAIRS_AT_ONCE = 5
"""Pairs of passages that a model is shown in one request."""
MOST_TOKENS = 60_000
"""What one go may cost, read and written."""
QUESTION_TOKENS = 60
"""About how many tokens a model writes for a question, or for a pair."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a go would cost at the most, and how far the last one came."""

    model: str
    """What asks; empty where no model is ready."""
    files: int
    """How many files would be asked questions."""
    pairs: int
    """How many pairs of passages would be looked at, at the most."""
    tokens: int
    """About how many, at the most."""
    last: ModelCheck | None


@dataclass(frozen=True, slots=True)
class ChecksByModel:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: Agents
    models: Models
    checks: KnowledgeChecks
    judgements: Judgements
    queue: ModelCheckQueue

    async def outlook(self, user: str, agent_id: str) -> Outlook:
        """What it would cost to have the model look now."""
        config = (await self.agents.get(user, agent_id)).config
        last = await self.queue.get(user, agent_id)
        try:
            chosen = await self.models.choose(user, config.model)
        except ModelError:
            chosen = None  # its key is missing, say: there is nothing to offer then
        if chosen is None:
            return Outlook("", 0, 0, 0, last)
        files = await self.checks.ready(user, agent_id)
        if not files or (last and last.settled == basis_of(files)):
            return Outlook(chosen.entry.display_key, 0, 0, 0, last)
        wanted = await self.unasked(user, agent_id, files)
        async with self.checks.indexes.of(user, agent_id) as index:
            passages = await passages_of(index, files)
        pairs = min(MOST_PAIRS, len(passages) // 2)
        tokens = _cost(wanted, passages, pairs, config.language)
        return Outlook(chosen.entry.display_key, len(wanted), pairs, tokens, last)

    async def begin(self, user: str, agent_id: str) -> None:
        """Have the model look, in the background. Raises `ModelError` where there is none that can."""
        config = (await self.agents.get(user, agent_id)).config
        chosen = await self.chosen(user, config)
        await self.queue.begin(user, agent_id, chosen.entry.display_key)

    async def chosen(self, user: str, config: AgentConfig) -> Chosen:
        """The agent's model. Raises `ModelError`."""
        chosen = await self.models.choose(user, config.model)
        if chosen is None:
            raise NothingToAsk("There is no language model yet. Enter a key under Models & keys, then try again.")
        return chosen

    async def stop(self, user: str, agent_id: str) -> None:
        """End it, where it is at work. What the model said so far is kept."""
        await self.queue.stop(user, agent_id)

    async def unasked(self, user: str, agent_id: str, files: Sequence[KnownFile]) -> list[KnownFile]:
        """Files that the model has made no questions for, as they are now; the next few of them."""
        made = await self.judgements.questions(user, agent_id)
        asked = {key for key, questions in made.items() if questions.questions}
        return [file for file in files if file.passages and key_of(file) not in asked][:MOST_FILES]


def shown_of(file: KnownFile, passages: Mapping[At, Passage]) -> list[Passage]:
    """The passages of a file that a model is shown: a few, from all over it."""
    return [passages[place] for place in sample([place for place in passages if place.file == file.id], OF_FILE)]


def _cost(files: Sequence[KnownFile], passages: Mapping[At, Passage], pairs: int, language: Language) -> int:
    asked = [shown for file in files if (shown := shown_of(file, passages))]
    questions = sum(questions_task(shown).tokens(language) + QUESTION_TOKENS * len(shown) for shown in asked)
    if not pairs:
        return min(MOST_TOKENS, questions)
    # What the pairs will be is found by searching: until then they are taken to be of the usual length.
    usual = list(passages.values())[:: max(1, len(passages) // PAIRS_AT_ONCE)][:PAIRS_AT_ONCE]
    one_request = pairs_task([(passage, passage) for passage in usual]).tokens(language)
    looking = math.ceil(pairs / len(usual)) * one_request + QUESTION_TOKENS * pairs
    return min(MOST_TOKENS, questions + looking)
