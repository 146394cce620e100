"""What differs between any two of an agent's draft, versions and releases, as a person reads it."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from agentfabric.store.agents import AgentStore
from agentfabric.store.files import FileStore
from agentfabric.store.releases import ReleaseStore
from agentfabric.store.versions import NOTHING, VersionStore
from builder_core.briefs import NO_VALUE
from builder_core.draft import FieldChange, differences
from builder_core.text_differences import Piece, pieces
from user_agent.config import AgentConfig
from user_agent.errors import BadRequest

_PLACE = re.compile(r"(?P<kind>version|release):(?P<number>\d{1,9})", re.ASCII)
Tags = Mapping[str, tuple[str, ...]]
_MOST_LINES = 8
"""Of a service: what it describes is not read in a list of differences."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, or one setting of it, that is not the same. Of texts the `pieces` say where, of lists the items that
    went and that came."""

    field: str
    before: JsonValue
    after: JsonValue
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    config: AgentConfig
    tags: Tags = field(default_factory=dict[str, tuple[str, ...]])
    """Of the files that it knows, by id; a version has none of its own."""


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares. The first argument is the user; foreign ids are `NotFound`."""

    agents: AgentStore
    versions: VersionStore
    releases: ReleaseStore
    files: FileStore

    async def between(self, user: str, agent_id: str, earlier: str, later: str) -> list[Difference]:
        """From one place to another: `draft`, `live`, `version:3`, `release:2`, or `nothing`, as where nothing is live.

        Raises `NotFound`, and `BadRequest` for what is no such place.
        """
        files = await self.files.list(user, agent_id, "knowledge")
        now = {file.id: file.tags for file in files}
        one, other = [await self._at(user, agent_id, place, now) for place in (earlier, later)]
        names = {file.id: file.name for file in files}
        found = await asyncio.to_thread(told, one.config, other.config, names)
        return [*found, *_filed_otherwise(one.tags, other.tags, names)]

    async def _at(self, user: str, agent_id: str, place: str, now: Tags) -> _Place:
        """What is there; `now` are the tags of the draft's files. Raises `NotFound` and `BadRequest`."""
        if place == "draft":
            return _Place((await self.agents.get(user, agent_id)).config, now)
        if place == "nothing":
            await self.agents.get(user, agent_id)
            return _Place(NOTHING)
        if place == "live":
            live = await self.releases.live(user, agent_id)
            return _Place(live.config, live.tags) if live else _Place(NOTHING)
        named = _PLACE.fullmatch(place)
        if named is None:
            await self.agents.get(user, agent_id)
            raise BadRequest('Compare "draft", "live", "nothing", "version:3" or "release:2".')
        number = int(named["number"])
        if named["kind"] == "version":
            return _Place((await self.versions.get(user, agent_id, number)).config)
        release = await self.releases.get(user, agent_id, number)
        return _Place(release.config, release.tags)


def told(one: AgentConfig, other: AgentConfig, file_names: Mapping[str, str]) -> list[Difference]:
    """What differs, in the document's order. Files go by their names."""
    changes = differences(one, other, lambda _: "form")
    return [difference for change in changes for difference in _told(change, file_names)]


def _filed_otherwise(before: Tags, after: Tags, names: Mapping[str, str]) -> list[Difference]:
    """The files that both know, and have under other tags."""
    moved = [file for file in before if file in after and before[file] != after[file]]
    if not moved:
        return []

    def lines(tags: Tags) -> list[JsonValue]:
        return [f"{names.get(file, file)}: {', '.join(tags[file])}" for file in moved]

    return [Difference("knowledge.tags", lines(before), lines(after))]


def _told(change: FieldChange, names: Mapping[str, str]) -> Iterator[Difference]:
    if change.before in NO_VALUE and change.after in NO_VALUE:
        return
    match change.before, change.after:
        case (dict() | None as before, dict() | None as after):
            old, new = before or {}, after or {}
            keys = [key for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]
            whole = before is None or after is None
            if whole and "." in change.field:  # a service that came or went is told by its name
                yield Difference(change.field, _name(before), _name(after))
                return
            for key in keys[:_MOST_LINES]:
                yield _difference(f"{change.field}.{key}", _flat(old.get(key)), _flat(new.get(key)))
        case (list() | None as before, list() | None as after):
            old, new = before or [], after or []
            gone = [_named(item, names) for item in old if item not in new]
            come = [_named(item, names) for item in new if item not in old]
            yield Difference(change.field, gone, come)
        case (before, after):
            yield _difference(change.field, before, after)


def _difference(field: str, before: JsonValue, after: JsonValue) -> Difference:
    apart = pieces(before, after) if isinstance(before, str) and isinstance(after, str) else ()
    return Difference(field, before, after, apart)


def _named(item: JsonValue, names: Mapping[str, str]) -> JsonValue:
    return names.get(item, item) if isinstance(item, str) else _flat(item)


def _name(service: JsonValue) -> JsonValue:
    named = service.get("title") or service.get("name") if isinstance(service, dict) else None
    return named if isinstance(named, str) else service is not None


def _flat(value: JsonValue) -> JsonValue:
    """A value that has a short form; of one that has none only that it is there."""
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return value
    return value if isinstance(value, str | bool | int | float) or value is None else True
