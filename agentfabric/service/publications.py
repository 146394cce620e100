"""Sending bundles to places outside, step by step. It goes on when nobody looks; of an agent only once at a time."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr

from agentfabric.publish.targets.base import Sending, Target, Where
from agentfabric.service.bundles import Bundles
from agentfabric.service.releases import Releases
from agentfabric.store.secrets import SecretStore
from user_agent.errors import NotFound, PublishFailed, PublishRunning
from user_agent.events import EventBase, RunFinished, Usage
from user_agent.serve.turns import Ending, Envelope, Turns
from user_agent.urls import NotAnUrl, origin_of
from user_agent.words import Words


class PublishStarted(EventBase):
    """The first event of every publication."""

    type: Literal["publish_started"] = "publish_started"
    publication: str


class PublishStep(EventBase):
    """What is done now."""

    type: Literal["publish_step"] = "publish_step"
    text: dict[str, str]


class PublishDone(EventBase):
    """Where the agent is by now; `changed` where something else was there before."""

    type: Literal["publish_done"] = "publish_done"
    address: str
    changed: bool


class PublishRefused(EventBase):
    """Why it is not there, and what helps. What was there before is there still."""

    type: Literal["publish_refused"] = "publish_refused"
    text: dict[str, str]


_PACKING = Words("正在打包。", "Packing the bundle.")


@dataclass(slots=True)
class Publications:
    """The publications of this process. The first argument of each is the user; foreign ids are `NotFound`."""

    bundles: Bundles
    releases: Releases
    secrets: SecretStore
    turns: Turns
    targets: Sequence[Target]
    _running: set[str] = field(default_factory=set[str])
    """The agents that are being sent."""

    async def begin(
        self, user: str, agent_id: str, target: str, options: Mapping[str, str], token: SecretStr | None
    ) -> str:
        """Begin to send what is live, else the draft, and give the publication's id. A token is kept for the origin of
        the address in the options. Raises `NotFound` for a target that there is none of, and `PublishRunning`."""
        live = await self.releases.live(user, agent_id)
        chosen = next((each for each in self.targets if each.name == target), None)
        if chosen is None:
            raise NotFound(f"This server publishes to no {target[:40]!r}.")
        if agent_id in self._running:
            raise PublishRunning("The agent is being published just now. Wait for its end.")
        publication = secrets.token_hex(12)
        self._running.add(agent_id)

        async def finish(events: list[EventBase], ending: Ending) -> None:
            self._running.discard(agent_id)

        note = live.release.note if live else ""
        events = self._run(user, agent_id, chosen, options, token, note)
        self.turns.start(publication, PublishStarted(publication=publication), events, finish)
        return publication

    def events(self, publication: str) -> AsyncGenerator[list[Envelope], None]:
        """How a publication goes, from its beginning."""
        return self.turns.subscribe(publication)

    async def _run(
        self,
        user: str,
        agent_id: str,
        target: Target,
        options: Mapping[str, str],
        token: SecretStr | None,
        note: str,
    ) -> AsyncGenerator[EventBase, None]:
        yield _step(_PACKING)
        bundle = await self.bundles.of(user, agent_id)
        secret = await self._secret(user, target, options, token)
        sending = Sending(agent_id, bundle.name.removesuffix(".zip"), note, bundle.data, options, secret)
        steps = asyncio.Queue[Words | None]()
        work = asyncio.create_task(target.publish(sending, steps.put_nowait))
        work.add_done_callback(lambda _: steps.put_nowait(None))
        try:
            while (step := await steps.get()) is not None:
                yield _step(step)
            yield _done(await work)
        except PublishFailed as error:
            yield PublishRefused(text=_both(error.told))
            raise
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, PublishFailed):
                await work
        yield RunFinished(text="", usage=Usage(), stop="answered")

    async def _secret(
        self, user: str, target: Target, options: Mapping[str, str], token: SecretStr | None
    ) -> SecretStr | None:
        """The token that was given, which is kept, or the one that was kept for the same place."""
        if "url" not in target.options:
            return None
        try:
            origin = origin_of(options.get("url", "").strip())
        except NotAnUrl:
            return None  # the target says what is wrong with it
        name = f"publish.{target.name}:{origin}"
        if token is not None and token.get_secret_value().strip():
            await self.secrets.set(user, name, token, origins={origin})
        kept = (await self.secrets.kept(user)).get(name)
        return kept.value if kept is not None and kept.origins == frozenset({origin}) else None


def _step(text: Words) -> PublishStep:
    return PublishStep(text=_both(text))


def _done(where: Where) -> PublishDone:
    return PublishDone(address=where.address, changed=where.changed)


def _both(text: Words) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
