"""The commands over the studio's use cases: the same that the page and the API have."""

import argparse
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from pydantic import JsonValue

from agentfabric.command_line.outcome import FOUND_SOMETHING, USAGE, Outcome
from agentfabric.command_line.reading import all_read
from agentfabric.command_line.sending import Sending, sending, sent
from agentfabric.command_line.talking import heard
from agentfabric.command_line.telling import difference_line, in_short, looked_data, looked_lines
from agentfabric.command_line.terminal import Terminal
from agentfabric.publish.manifest import MAX_BYTES
from agentfabric.service.imports import Parcel
from agentfabric.service.studio import Studio
from agentfabric.settings import LOCAL_USER, Settings
from agentfabric.store.releases import WholeRelease
from user_agent.errors import BadRequest, ConfigError, FabricError, NotFound, NothingToPublish, TooLarge
from user_agent.serve.uploads import sayable
from user_agent.words import Language

Command = Callable[[Studio, str, argparse.Namespace, Terminal], Awaitable[Outcome]]


async def done(studio: Studio, settings: Settings, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    """What came of a command; of one that failed, too."""
    try:
        user = user_of(given, settings)
    except ConfigError as error:
        return Outcome.failed(error, USAGE)
    try:
        return await COMMANDS[given.command](studio, user, given, terminal)
    except FabricError as error:
        return Outcome.failed(error, FOUND_SOMETHING)


def user_of(given: argparse.Namespace, settings: Settings) -> str:
    """Whose agents are meant. Raises `ConfigError` where that has to be said, or nobody is called that."""
    known = [*settings.users] or [LOCAL_USER]
    user = given.user or (known[0] if len(known) == 1 else "")
    if user not in known:
        reason = f"nobody is called {user!r}" if user else "several people use this home"
        raise ConfigError(f"Say whose agents with `--user`: {reason}.", field="--user", reason=reason)
    return user


async def list_agents(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    agents = await studio.agents.all(user)
    data: list[JsonValue] = [{"id": agent.id, "name": agent.name, "description": agent.description} for agent in agents]
    return Outcome(data, [f"{agent.id}  {agent.name}" for agent in agents])


async def build(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    language: Language = given.language
    sayable(given.text, files=False)  # before anything is made for it
    if given.agent:
        agent_id = await agent_of(studio, user, given.agent)
    else:
        start = await studio.gallery.document(given.template, language) if given.template else None
        agent_id = (await studio.agents.create(user, None, language=language, start=start)).agent.id
    turn = await studio.chat.say_to_builder(user, agent_id, given.text, language)
    answer = await heard(studio, user, turn, None if given.json else terminal)
    agent = await studio.agents.get(user, agent_id)
    changes: list[JsonValue] = [
        {"field": change.field, "before": change.before, "after": change.after} for change in answer.changes
    ]
    data: JsonValue = {
        **answer.data,
        "agent": agent_id,
        "revision": agent.revision,
        "changes": changes,
        "config": agent.config.document,
    }
    told = [f"  {change.field}: {in_short(change.after)}" for change in answer.changes]
    return Outcome(data, ["", f"{agent_id}  {agent.config.name}", *told], answer.status)


async def chat(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    agent_id = await agent_of(studio, user, given.agent)
    sayable(given.text, files=False)
    if given.conversation:
        conversation = (await studio.conversations.get(user, agent_id, given.conversation)).id
    else:
        conversation = (await studio.conversations.create(user, agent_id)).id
    await all_read(studio, user, agent_id, terminal)
    turn = await studio.chat.say(user, agent_id, conversation, given.text)
    answer = await heard(studio, user, turn, None if given.json else terminal)
    data: JsonValue = {**answer.data, "agent": agent_id, "conversation": conversation}
    return Outcome(data, ["", f"(--conversation {conversation} goes on)"], answer.status)


async def validate(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Of a file: whether it can be imported. Of an agent: what is missing before it works for others."""
    if await terminal.is_file(given.what):
        looked = await studio.imports.look(user, await _parcel(terminal, given.what, 1), None, given.language)
        lines = [*looked_lines(looked, given.language), f"{given.what} can be imported."]
        return Outcome(looked_data(looked, given.language), lines)
    agent_id = await agent_of(studio, user, given.what)
    await all_read(studio, user, agent_id, terminal)
    ready = await studio.readiness.of(user, agent_id)
    findings: list[JsonValue] = [
        {
            "kind": found.kind,
            "level": found.level,
            "field": found.field,
            "text": found.text[given.language],
        }
        for found in ready.findings
    ]
    missing = any(found.level == "missing" for found in ready.findings)
    lines = [f"{found.level}: {found.text[given.language]}" for found in ready.findings]
    lines = lines or ["Nothing is missing."]
    return Outcome({"agent": agent_id, "findings": findings}, lines, FOUND_SOMETHING if missing else 0)


async def export(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    agent_id = await agent_of(studio, user, given.agent)
    if given.bundle:
        await all_read(studio, user, agent_id, terminal)
        bundle = await studio.bundles.of(user, agent_id)
        file = bundle.name if given.output == "-" else given.output
        await _write(terminal, file, bundle.data)
        warning = bundle.stays_out[given.language] if bundle.stays_out else ""
        return Outcome({"file": file, "warning": warning}, [file, *filter(None, [warning])])
    config = (await studio.agents.get(user, agent_id)).config
    if given.output == "-":
        return Outcome(config.document, [config.to_json()])
    await _write(terminal, given.output, f"{config.to_json()}\n".encode())
    return Outcome({"file": given.output}, [given.output])


async def bring(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    target = await agent_of(studio, user, given.agent) if given.agent else None
    parcel = await _parcel(terminal, given.source, given.number)
    looked = await studio.imports.look(user, parcel, target, given.language)
    lines = looked_lines(looked, given.language)
    if given.look:
        return Outcome(looked_data(looked, given.language), lines)
    brought = await studio.imports.take(
        user, parcel, looked.digest, given.language, agent_id=target, revision=looked.revision
    )
    await all_read(studio, user, brought.agent.id, terminal)
    refused: list[JsonValue] = [f"{refusal.field}: {refusal.why}" for refusal in brought.refused]
    data: JsonValue = {**looked_data(looked, given.language), "agent": brought.agent.id, "refused": refused}
    return Outcome(data, [*lines, f"{brought.agent.id}  {brought.agent.config.name}"])


async def publish(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Freeze the newest version, unless what is live is to do, and send it where `--to` says."""
    agent_id = await agent_of(studio, user, given.agent)
    to = await sending(studio, given, terminal) if given.to else None
    release = (await _released(studio, user, agent_id, to, given, terminal)).release
    data: dict[str, JsonValue] = {**asdict(release), "created": release.created.isoformat()}
    line = f"release {release.number} of {agent_id} is live"
    if to is None:
        return Outcome(data, [line])
    where = await sent(studio, user, agent_id, to, given, terminal)
    return Outcome({**data, "sent": where.data}, [line, *where.lines], where.status, where.problem)


async def _released(
    studio: Studio, user: str, agent_id: str, to: Sending | None, given: argparse.Namespace, terminal: Terminal
) -> WholeRelease:
    if given.live:
        live = await studio.releases.live(user, agent_id)
        if live is None:
            raise BadRequest("Nothing of the agent is live. Publish it without `--live`.")
        return live
    await all_read(studio, user, agent_id, terminal)
    try:
        return await studio.releases.publish(user, agent_id, note=given.note)
    except NothingToPublish as error:
        if to is None:
            raise
        raise NothingToPublish(f"{error.message} Add `--live` to send it.", **error.params) from error


async def diff(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    agent_id = await agent_of(studio, user, given.agent)
    found = await studio.comparing.between(user, agent_id, given.earlier, given.later)
    data: list[JsonValue] = [{"field": each.field, "before": each.before, "after": each.after} for each in found]
    return Outcome(data, [difference_line(each) for each in found], FOUND_SOMETHING if found else 0)


async def versions(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    agent_id = await agent_of(studio, user, given.agent)
    kept = await studio.history.versions(user, agent_id)
    released = await studio.releases.all(user, agent_id)
    data: JsonValue = {
        "versions": [
            {
                "number": version.number,
                "author": version.author,
                "updated": version.updated.isoformat(),
                "fields": list[JsonValue](version.fields),
            }
            for version in kept
        ],
        "releases": [{**asdict(release), "created": release.created.isoformat()} for release in released],
    }
    lines = [f"version {each.number}  {each.updated:%Y-%m-%d %H:%M}  {', '.join(each.fields)}" for each in kept]
    lines += [f"release {each.number}{' (live)' if each.live else ''}  {each.note}".rstrip() for each in released]
    return Outcome(data, lines)


async def restore(studio: Studio, user: str, given: argparse.Namespace, terminal: Terminal) -> Outcome:
    agent_id = await agent_of(studio, user, given.agent)
    edited = await studio.history.restore(user, agent_id, given.version)
    await studio.knowledge.settle(user, agent_id)
    await all_read(studio, user, agent_id, terminal)
    changed = [change.field for change in edited.change.changes]
    refused = [f"{refusal.field}: {refusal.why}" for refusal in edited.change.refused]
    data: JsonValue = {
        "agent": agent_id,
        "revision": edited.agent.revision,
        "changed": list[JsonValue](changed),
        "refused": list[JsonValue](refused),
    }
    return Outcome(data, [f"revision {edited.agent.revision}: {', '.join(changed) or 'nothing changed'}", *refused])


async def agent_of(studio: Studio, user: str, said: str) -> str:
    """The id of the agent of that id or name. Raises `NotFound`, and `BadRequest` where several are called so."""
    agents = await studio.agents.all(user)
    if said in {agent.id for agent in agents}:
        return said
    named = [agent.id for agent in agents if agent.name == said]
    if len(named) > 1:
        raise BadRequest(f"{len(named)} agents are called {said!r}. Say which by its id: {', '.join(named)}.")
    if not named:
        raise NotFound(f"There is no agent {said!r}. `list` shows those that there are.")
    return named[0]


async def _parcel(terminal: Terminal, source: str, number: int) -> Parcel:
    if source.lower().startswith(("http://", "https://")):
        return Parcel(url=source, number=number)
    try:
        data = await terminal.read(source, MAX_BYTES + 1)
    except OSError as error:
        raise NotFound(f"{source!r} cannot be read: {error.strerror}.") from error
    if len(data) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise TooLarge(
            f"{source!r} is larger than {limit}. Take files out of it and add them later.", name=source, limit=limit
        )
    return Parcel(data=data, number=number)


async def _write(terminal: Terminal, name: str, data: bytes) -> None:
    try:
        await terminal.write(name, data)
    except OSError as error:
        raise BadRequest(f"{name!r} cannot be written: {error.strerror}.") from error


COMMANDS: Mapping[str, Command] = {
    "list": list_agents,
    "build": build,
    "chat": chat,
    "validate": validate,
    "export": export,
    "import": bring,
    "publish": publish,
    "diff": diff,
    "versions": versions,
    "restore": restore,
}
