"""What differs between any two of an agent's draft, versions and releases, as a person reads it."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
        one, other = await self.config(user, agent_id, earlier), await self.config(user, agent_id, later)
        names = {file.id: file.name for file in await self.files.list(user, agent_id, "knowledge")}
        return await asyncio.to_thread(told, one, other, names)

    async def config(self, user: str, agent_id: str, place: str) -> AgentConfig:
        """The configuration there. Raises `NotFound` and `BadRequest`."""
        if place == "draft":
            return (await self.agents.get(user, agent_id)).config
        if place == "nothing":
            await self.agents.get(user, agent_id)
            return NOTHING
        if place == "live":
            live = await self.releases.live(user, agent_id)
            return live.config if live else NOTHING
        named = _PLACE.fullmatch(place)
        if named is None:
            await self.agents.get(user, agent_id)
            raise BadRequest('Compare "draft", "live", "nothing", "version:3" or "release:2".')
        store = self.versions if named["kind"] == "version" else self.releases
        return (await store.get(user, agent_id, int(named["number"]))).config


def told(one: AgentConfig, other: AgentConfig, file_names: Mapping[str, str]) -> list[Difference]:
    """What differs, in the document's order. Files go by their names."""
    changes = differences(one, other, lambda _: "form")
    return [difference for change in changes for difference in _told(change, file_names)]


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
