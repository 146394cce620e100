"""Operations that only begin a task, found in a description: which other one tells how far it is, and how.

Rules over names and shapes, so that a person has something to confirm: nothing that is found here is used by itself.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import JsonValue

from user_agent.openapi.answers import HEADER
from user_agent.openapi.references import Node, References, Unusable
from user_agent.openapi.stored import Operation, Wait

DONE = ("succeeded", "success", "successful", "completed", "complete", "done", "finished", "ready")
FAILED = ("failed", "failure", "error", "errored", "canceled", "cancelled", "expired", "aborted", "rejected", "unknown")
_WAITING = frozenset(("pending", "queued", "enqueued", "running", "processing", "submitted", "scheduled", "notstarted"))
_STATES = ("taskstatus", "jobstatus", "taskstate", "jobstate", "runstatus", "status", "state", "phase", "done")
"""What the field is called that tells the state, the surest first."""
_TASK = re.compile(
    r"task|job|operation|export|batch|prediction|generation|transcription|render|(?<![a-z])runs?(?![a-z])"
)
_BELOW = re.compile(r"/\{[^/{}]+\}(?:/status|/state|/result)?$")
_HEADERS = ("operation-location", "azure-asyncoperation", "location")
MAX_FIELDS = 200
MAX_LOOKS = 50
"""How many operations that tell of tasks are compared with each that may begin one."""
MAX_DEPTH = 4
SURE = 9
"""How much it counts that the description itself links the two."""
ENOUGH = 5
"""How much has to speak for two operations belonging together that way."""


@dataclass(frozen=True, slots=True)
class Described:
    """An operation, and the node of the description that it was read from."""

    operation: Operation
    node: Node


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an operation says of its answers to a success."""

    fields: Mapping[str, tuple[str, ...]]
    """What may stand at each place; empty where that is not told."""
    headers: tuple[str, ...]
    links: tuple[Node, ...]
    is_accepted: bool
    """Whether one of them says that the request was only accepted."""

    @property
    def state_at(self) -> str:
        named = {place: _plain(place.rpartition(".")[2]) for place in self.fields if place.count(".") < 2}
        known = sorted(
            (place.count("."), _STATES.index(name), place) for place, name in named.items() if name in _STATES
        )
        return known[0][2] if known else ""


@dataclass(frozen=True, slots=True)
class _Pair:
    points: int
    wait: Wait


def waits_in(described: Sequence[Described], references: References) -> dict[str, Wait]:
    """How the results of operations may be waited for, by the name of the one that begins the task."""
    looks = [each for each in described if each.operation.method == "GET" and not each.operation.writes]
    below: dict[str, list[Described]] = {}
    for look in looks:
        below.setdefault(_above(look.operation), []).append(look)
    of_tasks = [look for look in looks if _tells_of_a_task(look.operation)][:MAX_LOOKS]
    found: dict[str, Wait] = {}
    for begin in described:
        if begin.operation.method not in ("POST", "PUT"):
            continue
        answer = _answer_of(begin.node, references)
        linked = {str(link.get("operationId")) for link in answer.links}
        near = [*below.get(begin.operation.path, ()), *of_tasks, *(each for each in looks if _id(each.node) in linked)]
        pairs = [pair for look in near if (pair := _pair(begin.operation, answer, look, references)) is not None]
        best = max(pairs, key=lambda pair: pair.points, default=None)
        if best is not None and best.points >= ENOUGH:
            found[begin.operation.name] = best.wait
    return found


def _pair(begin: Operation, answer: _Answer, look: Described, references: References) -> _Pair | None:
    """How much speaks for it that `look` tells how far a task is that `begin` began; None for nothing at all."""
    missing = [name for name in _required(look.operation) if name not in _properties(begin)]
    if len(missing) != 1:
        return None
    told = _answer_of(look.node, references)
    id_points, id_at = _id_in(answer, missing[0], begin, look)
    if not id_points:
        return None
    states = told.fields.get(told.state_at, ())
    ends = {_plain(state) for state in states}
    if ends and not ends & set(DONE):
        return None
    signs = 3 * answer.is_accepted + 4 * begin.asks_async + 3 * bool(ends & _WAITING)
    signs += 2 * _tells_of_a_task(look.operation) + 3 * (id_at.startswith(HEADER) or id_points == SURE)
    if not signs:
        return None
    prefix = re.sub(r"[_-]?id$", "", missing[0], flags=re.IGNORECASE)
    state_at = told.state_at or (
        "" if told.fields or answer.is_accepted else f"{prefix}_status" if prefix else "status"
    )
    if not state_at and not told.is_accepted and not id_at.startswith(HEADER):
        return None
    is_truth = _plain(state_at.rpartition(".")[2]) == "done"
    return _Pair(
        id_points + signs + bool(told.state_at),
        Wait(
            look=look.operation,
            argument=missing[0],
            id_at=id_at,
            state_at=state_at,
            done=("true",) if is_truth else _among(states, DONE) if state_at else (),
            failed=() if is_truth or not state_at else _among(states, FAILED),
        ),
    )


def _id_in(answer: _Answer, argument: str, begin: Operation, look: Described) -> tuple[int, str]:
    """How sure it is where the first answer has the id that is asked with, and where that is."""
    for link in answer.links:
        given = link.get("parameters")
        if str(link.get("operationId")) == _id(look.node) and isinstance(given, dict):
            for name, value in given.items():
                if _plain(name.rpartition(".")[2]) == _plain(argument) and (place := _place_of(str(value))):
                    return SURE, place
    is_below = _above(look.operation) == begin.path
    same = [place for place in answer.fields if _plain(place.rpartition(".")[2]) == _plain(argument)]
    if same:
        return 4, min(same, key=lambda place: place.count("."))
    for name in _HEADERS:
        if name in answer.headers and (name != "location" or answer.is_accepted):
            return 4, f"{HEADER}{name}"
    ids = [place for place in answer.fields if _plain(place) in ("id", "sid", "uuid", "name", "taskid", "jobid")]
    if ids and is_below:
        return 3, ids[0]
    if ids and _TASK.search(argument.lower()):
        return 2, ids[0]
    # Some say nothing of what they answer: there the name of the argument is what it is called there, too.
    return (1, argument) if _TASK.search(argument.lower()) else (0, "")


def _above(look: Operation) -> str:
    """The path of what it looks at one of; empty for one that looks at no single thing."""
    above = _BELOW.sub("", look.path)
    return above if above != look.path else ""


def _place_of(expression: str) -> str:
    """The place that an expression of OpenAPI means: `$response.body#/output/id`, `$response.header.Location`."""
    if expression.startswith("$response.body#/"):
        return expression.removeprefix("$response.body#/").replace("/", ".")
    header = expression.removeprefix("$response.header.")
    return f"{HEADER}{header.lower()}" if header != expression else ""


def _tells_of_a_task(look: Operation) -> bool:
    return _TASK.search(f"{look.path} {' '.join(_required(look))}".lower()) is not None


def _among(states: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Those of the states that mean one of these; where none is told, all words for it."""
    return tuple(state for state in states if _plain(state) in known) or tuple(known)


def _answer_of(node: Node, references: References) -> _Answer:
    fields: dict[str, tuple[str, ...]] = {}
    headers: list[str] = []
    links: list[Node] = []
    responses = node.get("responses")
    is_accepted = False
    for status, value in responses.items() if isinstance(responses, dict) else ():
        if not status.startswith("2"):
            continue
        is_accepted = is_accepted or status == "202"
        with suppress(Unusable):
            response = references.node(value)
            headers += [name.lower() for name in _node(response.get("headers"))]
            links += [references.node(link) for link in _node(response.get("links")).values()]
            for kind, media in _node(response.get("content")).items():
                if "json" in kind and isinstance(media, dict):
                    _read_fields(media.get("schema"), references, fields)
    return _Answer(fields, tuple(headers), tuple(links), is_accepted)


def _read_fields(
    value: JsonValue, references: References, fields: dict[str, tuple[str, ...]], above: str = "", depth: int = 0
) -> None:
    """Note every place below the schema `value`, with what may stand there. Raises `Unusable`."""
    node = references.node(value)
    if depth > MAX_DEPTH or len(fields) >= MAX_FIELDS:
        return
    for joining in ("allOf", "oneOf", "anyOf"):
        parts = node.get(joining)
        for part in parts[:10] if isinstance(parts, list) else ():
            _read_fields(part, references, fields, above, depth + 1)
    for name, each in list(_node(node.get("properties")).items())[:MAX_FIELDS]:
        if len(fields) >= MAX_FIELDS:
            return
        inner, place = references.node(each), f"{above}{name}"
        if inner.get("type") == "object" or "properties" in inner:
            _read_fields(each, references, fields, f"{place}.", depth + 1)
        elif inner.get("type") != "array":
            enum = _enum(inner, references)
            fields[place] = tuple(str(state) for state in enum if isinstance(state, str))[:20]


def _enum(node: Node, references: References) -> Sequence[JsonValue]:
    """The values that a schema names, also by what it is joined of."""
    enum = node.get("enum")
    if isinstance(enum, list):
        return enum
    for joining in ("allOf", "anyOf", "oneOf"):
        parts = node.get(joining)
        for part in parts[:5] if isinstance(parts, list) else ():
            if isinstance(enum := references.node(part).get("enum"), list):
                return enum
    return ()


def _required(operation: Operation) -> list[str]:
    required = operation.arguments.get("required")
    return [str(name) for name in required] if isinstance(required, list) else []


def _properties(operation: Operation) -> Mapping[str, JsonValue]:
    return _node(operation.arguments.get("properties"))


def _node(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _id(node: Node) -> str:
    return str(node.get("operationId"))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
