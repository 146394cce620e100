"""*Try it*: a model is asked what it can do, in the background, and what is found goes into its person's entry."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from agentfabric.service.endpoints import Endpoints
from agentfabric.service.keyring import Keys
from agentfabric.service.models import Models
from agentfabric.service.own_entries import OwnEntry
from user_agent.errors import ModelError, NotFound, TrialRunning
from user_agent.events import EventBase, RunFinished, Usage
from user_agent.models.entry import ModelEntry
from user_agent.models.probe import Probe, Probed
from user_agent.serve.turns import Ending, Envelope, Turns


class TrialStarted(EventBase):
    """The first event of every trial."""

    type: Literal["trial_started"] = "trial_started"
    trial: str


class TrialKept(EventBase):
    """Whether what was found is in the model's entry now: only a person's own entries are written to."""

    type: Literal["trial_kept"] = "trial_kept"
    kept: bool


@dataclass(slots=True)
class Trials:
    """The trials of this process. The first argument of each is the user; foreign ids are `NotFound`."""

    models: Models
    endpoints: Endpoints
    turns: Turns
    _running: dict[str, str] = field(default_factory=dict[str, str])
    """Whose trial each is."""

    async def begin(self, user: str, key: str) -> str:
        """Begin to try a model, and give the trial's id. Raises `NoModel`, `NoKey`, and `TrialRunning`."""
        entry, keys = await self.models.ready(user, key)
        if user in self._running.values():
            raise TrialRunning("Another model is being tried just now. Stop that, or wait for its end.")
        trial = secrets.token_hex(12)
        self._running[trial] = user

        async def finish(events: list[EventBase], ending: Ending) -> None:
            self._running.pop(trial, None)

        self.turns.start(trial, TrialStarted(trial=trial), self._run(user, entry, keys), finish)
        return trial

    def events(self, trial: str) -> AsyncGenerator[list[Envelope], None]:
        """What a trial finds, from its beginning."""
        return self.turns.subscribe(trial)

    async def stop(self, user: str, trial: str) -> None:
        """End a trial; what it found is not kept. Nothing happens if it has ended, which its owner alone may ask."""
        if self._running.get(trial) != user:
            raise NotFound(f"There is no trial {trial[:40]!r}.")
        await self.turns.stop(trial)

    async def _run(self, user: str, entry: ModelEntry, keys: Keys) -> AsyncGenerator[EventBase, None]:
        async with aclosing(Probe(entry, await self.models.opener(keys)).run()) as events:
            try:
                async for event in events:
                    yield event
                    if isinstance(event, Probed):
                        await self.models.note_trial(user, entry, answered=True)
                        yield TrialKept(kept=await self._keep(user, entry, event))
            except ModelError:
                await self.models.note_trial(user, entry, answered=False)
                raise
        yield RunFinished(text="", usage=Usage(), stop="answered")

    async def _keep(self, user: str, entry: ModelEntry, found: Probed) -> bool:
        if not isinstance(entry, OwnEntry):
            return False
        checked = datetime.now(UTC).isoformat(timespec="seconds")
        await self.endpoints.change_model(user, entry.id, facts={**found.facts, "checked": checked})
        return True
