"""A description that was fetched again, compared with what a person allowed of it; and that allowed anew."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from user_agent.openapi.description import Description
from user_agent.openapi.stored import Api, Operation, Seen, Stopped, digest

_MARK_CHARS = 6


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of an operation, as it was allowed and as it is described by now."""

    operation: str
    """The operation itself, or the one that tells how far its task is."""
    part: str
    before: JsonValue
    after: JsonValue


def seen_in(description: Description) -> Seen:
    places = "".join(_mark(operation) for operation in description.operations)
    return Seen(servers=description.servers[:20], places=places)


def compared(api: Api, description: Description) -> Api:
    """The API with those operations stopped that the description has otherwise than they were allowed."""
    found = _Found(description.operations)
    stopped: dict[str, Stopped] = {}
    for operation in api.operations:
        wait = api.waits.get(operation.name)
        now, look = found.like(operation), found.like(wait.look) if wait else None
        if not _same(operation, now) or (wait is not None and not _same(wait.look, look)):
            stopped[operation.name] = Stopped(now=now, look=look)
    servers = description.servers
    has_moved = api.seen is not None and api.server in api.seen.servers and api.server not in servers and servers
    return api.model_copy(update={"stopped": stopped, "moved_to": servers[0] if has_moved else ""})


def new_in(api: Api, description: Description) -> list[Operation]:
    """The operations that the description has and had not when it was chosen from."""
    if api.seen is None:
        return []
    places = api.seen.places
    known = {places[at : at + _MARK_CHARS] for at in range(0, len(places), _MARK_CHARS)}
    return [operation for operation in description.operations if _mark(operation) not in known]


def allowed(api: Api, names: Collection[str], *, server: bool) -> Api:
    """The API with what these operations are by now, and without those that are not there any more.

    `server`: what the description names is asked from now on.
    """
    kept: dict[str, Operation] = {}
    waits = dict(api.waits)
    for operation in api.operations:
        name, stopped = operation.name, api.stopped.get(operation.name)
        if stopped is None or name not in names:
            kept[name] = operation
            continue
        wait = waits.pop(name, None)
        if stopped.now is None:
            continue
        kept[stopped.now.name] = stopped.now
        if wait is not None and stopped.look is not None and not stopped.look.writes:
            waits[stopped.now.name] = wait.model_copy(update={"look": stopped.look})
    stopped = {name: each for name, each in api.stopped.items() if name not in names}
    changed = api.model_copy(update={"operations": tuple(kept.values()), "waits": waits, "stopped": stopped})
    if not server or not api.moved_to:
        return changed
    seen = api.seen.model_copy(update={"servers": (api.moved_to,)}) if api.seen else None
    return changed.model_copy(update={"server": api.moved_to, "moved_to": "", "seen": seen})


def differences(api: Api, operation: Operation) -> list[Difference]:
    """What a person is shown of an operation that changed; nothing of one that is not there any more."""
    stopped, wait = api.stopped.get(operation.name), api.waits.get(operation.name)
    if stopped is None or stopped.now is None:
        return []
    found = list(_differences(operation, stopped.now))
    if wait is not None and stopped.look is not None:
        found += _differences(wait.look, stopped.look)
    elif wait is not None:
        found.append(Difference(wait.look.name, "look", wait.look.name, ""))
    return found


def _differences(before: Operation, after: Operation) -> Iterator[Difference]:
    old, new = _parts(before), _parts(after)
    for part, value in old.items():
        if value != new[part]:
            yield Difference(before.name, part, value, new[part])


def _parts(operation: Operation) -> Mapping[str, JsonValue]:
    written = operation.model_dump(
        mode="json", include={"parameters", "body", "accept", "asks_async"}, exclude_defaults=True
    )
    return {
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "address": f"{operation.method} {operation.server}{operation.path}",
        "arguments": operation.arguments,
        "request": written,
    }


class _Found:
    """The operations of a description, by where they are and by name."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._by_place = {_place(operation): operation for operation in operations}
        self._by_name = {operation.name: operation for operation in operations}

    def like(self, operation: Operation) -> Operation | None:
        return self._by_place.get(_place(operation)) or self._by_name.get(operation.name)


def _same(before: Operation, now: Operation | None) -> bool:
    return now is not None and before.told == now.told


def _place(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _mark(operation: Operation) -> str:
    return digest(_place(operation))[:_MARK_CHARS]
