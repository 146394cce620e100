"""A publication, followed to its end at a terminal."""

import argparse
import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import JsonValue, SecretStr

from agentfabric.command_line.outcome import FOUND_SOMETHING, Outcome
from agentfabric.command_line.terminal import OutputClosed, Terminal
from agentfabric.service.publications import PublishDone, PublishRefused, PublishStep, filled
from agentfabric.service.studio import Studio
from user_agent.errors import BadRequest
from user_agent.events import RunFailed
from user_agent.storable import is_clean


@dataclass(frozen=True, slots=True)
class Sending:
    """Where something is to go, and what was said for that."""

    target: str
    options: Mapping[str, str]
    secrets: Mapping[str, SecretStr]
    keys: Mapping[str, SecretStr]


async def sending(studio: Studio, given: argparse.Namespace, terminal: Terminal) -> Sending:
    """What the command line says of it. Raises `NotFound` where this server does not send there, `BadRequest`, and
    `PublishFailed` where something is missing."""
    secrets = {name: await _secret(variable, terminal) for name, variable in map(_pair, given.secret)}
    keys = {name: await _secret(name, terminal) for name in given.key}
    said = Sending(given.to, dict(map(_pair, given.set)), secrets, keys)
    filled(studio.publications.target_for(said.target, said.options, said.secrets, said.keys), said.options)
    return said


async def sent(
    studio: Studio, user: str, agent_id: str, said: Sending, given: argparse.Namespace, terminal: Terminal
) -> Outcome:
    """Send what is live. Where that is given up, so is the publication. Raises `PublishRunning`."""
    publication = await studio.publications.begin(user, agent_id, said.target, said.options, said.secrets, said.keys)
    data: dict[str, JsonValue] = {"target": said.target}
    lines, problem = list[str](), ""
    try:
        async with aclosing(studio.publications.events(user, agent_id, publication)) as batches:
            async for batch in batches:
                for envelope in batch:
                    match envelope.event:
                        case PublishStep() as step if not given.json:
                            await terminal.say(f"{step.text[given.language]}\n")
                        case PublishDone() as done:
                            data |= done.model_dump(mode="json", exclude={"type"})
                            lines = [each for each in (done.address, done.link) if each]
                        case PublishRefused() as refused:
                            problem = refused.text[given.language]
                        case RunFailed() as failed:
                            problem = problem or failed.message
                        case _:
                            pass
    except (asyncio.CancelledError, ConnectionError, OutputClosed):
        await studio.publications.stop(user, agent_id, publication)
        raise
    data |= {"problem": problem} if problem else {}
    return Outcome(data, lines, FOUND_SOMETHING if problem else 0, problem)


async def _secret(variable: str, terminal: Terminal) -> SecretStr:
    value = await terminal.variable(variable)
    if not value:
        raise BadRequest(f"The environment has no variable {variable[:100]!r}. Set it where you give the command.")
    if not is_clean(value):
        raise BadRequest(f"The variable {variable[:100]!r} holds no text in UTF-8. Set it anew.")
    return SecretStr(value)


def _pair(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals:
        raise BadRequest(f"{said!r} lacks a =. Write it as `name=value`.")
    return name.strip(), value
