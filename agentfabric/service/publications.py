"""Sending bundles to places outside, step by step. It goes on when nobody looks; of an agent only once at a time."""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from agentfabric.publish.targets.base import Field, Sending, Target, Where
from agentfabric.publish.targets.stopping import overrule_stop
from agentfabric.service.bundles import Bundles
from agentfabric.service.releases import Releases
from agentfabric.store.secrets import SecretStore
from user_agent.errors import BadRequest, NotFound, PublishFailed, PublishRunning
from user_agent.events import EventBase, RunFinished, Usage
from user_agent.serve.turns import Ending, Envelope, Turns
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
    """Where the agent is by now; not `changed` where just this was there already. `link` opens it, until `expires`."""

    type: Literal["publish_done"] = "publish_done"
    address: str
    changed: bool
    link: str | None
    expires: datetime | None


class PublishRefused(EventBase):
    """Why it is not there, and what helps. What was there before is there still."""

    type: Literal["publish_refused"] = "publish_refused"
    text: dict[str, str]


_SAID_APART = ("secret", "keys")
"""Kinds of fields that are no options."""
_IN_A_HEADER = re.compile(r"[!-~]+")
"""What a secret is made of: anything else never reaches the place, and what fails then names it as the culprit."""
_PACKING = Words("正在打包。", "Packing the bundle.")


@dataclass(frozen=True, slots=True)
class _Given:
    """What a person said for one publication."""

    options: Mapping[str, str]
    secrets: Mapping[str, SecretStr]
    keys: Mapping[str, SecretStr]


@dataclass(slots=True)
class Sent:
    """A publication of this process."""

    id: str
    user: str
    target: str
    running: bool = True


@dataclass(slots=True)
class Publications:
    """The publications of this process. The first argument of each is the user; foreign ids are `NotFound`."""

    bundles: Bundles
    releases: Releases
    secrets: SecretStore
    turns: Turns
    targets: Sequence[Target]
    _last: dict[str, Sent] = field(default_factory=dict[str, Sent])
    """How it went with each agent the last time, as long as that is known."""

    async def begin(
        self,
        user: str,
        agent_id: str,
        target: str,
        options: Mapping[str, str],
        secrets_given: Mapping[str, SecretStr],
        keys: Mapping[str, SecretStr],
    ) -> str:
        """Begin to send what is live, else the draft, and give the publication's id. Secrets are kept for the origin
        that the options name; keys are handed on, and kept nowhere. Raises `NotFound` for a target that there is none
        of, `BadRequest` for options that it does not know, and `PublishRunning`."""
        await self.releases.live(user, agent_id)  # of somebody else's agent nothing is begun
        chosen = self.target_for(target, options, secrets_given, keys)
        before = self._last.get(agent_id)
        if before and before.running:
            raise PublishRunning("The agent is being published just now. Wait for its end.")
        begun = Sent(secrets.token_hex(12), user, target)
        self._last = {agent: sent for agent, sent in self._last.items() if self.turns.knows(sent.id)}
        self._last[agent_id] = begun

        async def finish(events: list[EventBase], ending: Ending) -> None:
            begun.running = False

        events = self._run(user, agent_id, chosen, _Given(options, secrets_given, keys))
        self.turns.start(begun.id, PublishStarted(publication=begun.id), events, finish)
        return begun.id

    def target_for(
        self,
        target: str,
        options: Mapping[str, str],
        secrets_given: Mapping[str, SecretStr],
        keys: Mapping[str, SecretStr],
    ) -> Target:
        """The target of that name, which knows all that is said to it. Raises `NotFound` and `BadRequest`."""
        chosen = next((each for each in self.targets if each.name == target), None)
        if chosen is None:
            known = ", ".join(each.name for each in self.targets)
            raise NotFound(f"This server publishes to no {target[:40]!r}, but to {known}.")
        _known(chosen, options, secrets_given, keys)
        return chosen

    def last(self, user: str, agent_id: str) -> Sent | None:
        """The last publication of an agent that this process knows of; also None for an agent of somebody else."""
        sent = self._last.get(agent_id)
        return sent if sent and sent.user == user and self.turns.knows(sent.id) else None

    def events(
        self, user: str, agent_id: str, publication: str, after: int = 0
    ) -> AsyncGenerator[list[Envelope], None]:
        """How a publication goes, after event number `after`. Raises `NotFound`."""
        return self.turns.subscribe(self._own(user, agent_id, publication), after)

    async def stop(self, user: str, agent_id: str, publication: str) -> None:
        """End a publication. What was there before stays; one that has changed the place already comes to its end.
        Raises `NotFound`."""
        await self.turns.stop(self._own(user, agent_id, publication))

    def _own(self, user: str, agent_id: str, publication: str) -> str:
        sent = self.last(user, agent_id)
        if sent is None or sent.id != publication:
            raise NotFound(f"There is no publication {publication[:40]!r} here.")
        return sent.id

    async def _run(
        self,
        user: str,
        agent_id: str,
        target: Target,
        given: _Given,
    ) -> AsyncGenerator[EventBase, None]:
        try:
            options = filled(target, given.options)
            known = await self._secrets(user, target, options, given.secrets)
            yield _step(_PACKING)
            bundle = await self.bundles.of(user, agent_id)
            if bundle.stays_out is not None:
                yield _step(bundle.stays_out)
            if odd := sorted(given.keys.keys() - {*bundle.asked_for}):
                raise PublishFailed(_no_such_key(odd[0]))
            title = bundle.name.removesuffix(".zip")
            sending = Sending(agent_id, title, bundle.note, bundle.data, options, known, bundle.envs, given.keys)
            async with aclosing(_sent(target, sending)) as events:
                async for event in events:
                    yield event
        except PublishFailed as error:
            yield PublishRefused(text=_both(error.told))
            raise
        yield RunFinished(text="", usage=Usage(), stop="answered")

    async def _secrets(
        self, user: str, target: Target, options: Mapping[str, str], given: Mapping[str, SecretStr]
    ) -> dict[str, SecretStr]:
        """What was given, which is kept, or what was kept for the same place. Raises `PublishFailed`."""
        fields = [each for each in target.fields if each.kind == "secret"]
        if not fields:
            return {}
        origin, found = target.origin(options), dict[str, SecretStr]()
        for each in fields:
            name = f"publish.{target.name if len(fields) == 1 else f'{target.name}.{each.name}'}:{origin}"
            value = given[each.name].get_secret_value().strip() if each.name in given else ""
            if value:
                if not _IN_A_HEADER.fullmatch(value):
                    raise PublishFailed(_odd(each))
                await self.secrets.set(user, name, SecretStr(value), origins={origin})
            kept = (await self.secrets.kept(user)).get(name)
            if kept is not None and kept.origins == frozenset({origin}):
                found[each.name] = kept.value
            elif each.required:
                raise PublishFailed(_missing(each))
        return found


async def _sent(target: Target, sending: Sending) -> AsyncGenerator[EventBase, None]:
    """Each step as it begins, then where it is. Raises `PublishFailed`."""
    steps = asyncio.Queue[Words | None]()
    work = asyncio.create_task(target.publish(sending, steps.put_nowait))
    work.add_done_callback(lambda _: steps.put_nowait(None))
    try:
        while (step := await _next(steps, work)) is not None:
            yield _step(step)
        yield _done(await work)
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError, PublishFailed):
            await work


async def _next(steps: asyncio.Queue[Words | None], work: asyncio.Task[Where]) -> Words | None:
    """The next step; None after the last. Who is stopped is cancelled here, unless the work comes to its end."""
    try:
        return await steps.get()
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.wait([work])
        if work.cancelled() or work.exception():
            raise
        overrule_stop()
        return await steps.get()


def _known(
    target: Target, options: Mapping[str, str], given: Mapping[str, SecretStr], keys: Mapping[str, SecretStr]
) -> None:
    """Raises `BadRequest` where something is no field of the target."""
    if keys and not any(each.kind == "keys" for each in target.fields):
        raise BadRequest(f"{target.name!r} takes no keys of agents. Enter them where the agent goes.")
    secret = {each.name for each in target.fields if each.kind == "secret"}
    plain = {each.name for each in target.fields if each.kind not in _SAID_APART}
    if odd := sorted((options.keys() - plain) | (given.keys() - secret)):
        raise BadRequest(f"{target.name!r} has no field {odd[0][:40]!r}. `GET /api/targets` tells those that it has.")


def filled(target: Target, options: Mapping[str, str]) -> dict[str, str]:
    """What was said for each field that is no secret, else its default. Raises `PublishFailed`."""
    plain = [each for each in target.fields if each.kind not in _SAID_APART]
    said = {each.name: options.get(each.name, "").strip() or each.default for each in plain}
    for each in target.fields:
        value = said.get(each.name)
        if (each.required and value == "") or (each.choices and value not in [choice.value for choice in each.choices]):
            raise PublishFailed(_missing(each))
    return said


def _no_such_key(name: str) -> Words:
    return Words(
        f"这个智能体用不到密钥 {name}，没有发送任何内容。请重新载入页面，填写那里列出的密钥。",
        f"The agent has no use for a key {name}; nothing was sent. Load the page again, and fill in what it lists.",
    )


def _odd(field: Field) -> Words:
    return Words(
        f"“{field.label.zh}”里有空格、换行或中文等不会出现在密钥里的字符，没有发送任何内容。请重新复制后再填写。",
        f"{field.label.en!r} holds spaces, line breaks or other characters that no key has; nothing was sent. "
        "Copy it again.",
    )


def _missing(field: Field) -> Words:
    zh, en = field.label.zh, field.label.en
    if field.choices:
        choices = ", ".join(choice.value for choice in field.choices)
        return Words(f"请为“{zh}”选择：{choices}。", f"Choose one for {en!r}: {choices}.")
    return Words(f"请填写“{zh}”。", f"Enter what is missing: {en!r}.")


def _step(text: Words) -> PublishStep:
    return PublishStep(text=_both(text))


def _done(where: Where) -> PublishDone:
    return PublishDone(address=where.address, changed=where.changed, link=where.link, expires=where.expires)


def _both(text: Words) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
