"""What is counted of links and keys, as rows: every answer reads and writes some, and objects of them cost several
times what they do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Insert, Select, Table, Update, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from agentfabric.store.records import AgentKeyUsageRecord, ShareUsageRecord

Kind = type[ShareUsageRecord] | type[AgentKeyUsageRecord]


@dataclass(frozen=True, slots=True)
class Counted:
    """Where something is counted: by a visitor or by all of them of a link, or by a key; on a day."""

    kind: Kind
    key: tuple[str, ...]
    """As the primary key has it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted at a place, or how much more there is of it."""

    turns: int = 0
    tokens: int = 0
    cost: int = 0
    """In millionths of a currency."""
    reserved_tokens: int = 0
    """What answers that are being given may use yet."""
    reserved_cost: int = 0


_NOTHING = asdict(Counts())


def counts(session: Session, places: Sequence[Counted]) -> dict[Counted, Counts]:
    """What is counted at places of one kind; those where nothing was counted yet are not in it."""
    kind = places[0].kind
    asked = {f"{name}_{n}": part for n, place in enumerate(places) for name, part in _key(place).items()}
    width = len(_names(kind))
    found = session.connection().execute(_counting(kind, len(places)), asked)
    return {Counted(kind, tuple(row[:width])): Counts(*row[width:]) for row in found}


def add_rows(session: Session, places: Sequence[Counted]) -> None:
    """Begin to count at places of one kind where nothing was counted yet."""
    if places:
        session.connection().execute(_inserting(places[0].kind), [{**_key(place), **_NOTHING} for place in places])


def add(session: Session, places: Sequence[Counted], more: Counts) -> None:
    """Count so much more at each of the places that is there: those of a link that was erased with its agent are not.

    The database adds, so that an answer which begins and one which ends at the same moment lose nothing of each other.
    """
    much = {f"more_{name}": number for name, number in asdict(more).items()}
    wanted = [{**much, **{f"{name}_0": part for name, part in _key(place).items()}} for place in places]
    session.connection().execute(_adding(places[0].kind), wanted)


def _key(place: Counted) -> dict[str, str]:
    return dict(zip(_names(place.kind), place.key, strict=True))


# Each is made once: building a statement costs as much as running it.
@cache
def _names(kind: Kind) -> tuple[str, ...]:
    return tuple(column.name for column in _table(kind).primary_key)


@cache
def _counting(kind: Kind, places: int) -> Select[*tuple[Any, ...]]:
    table = _table(kind)
    return select(*(table.c[name] for name in (*_names(kind), *_NOTHING))).where(
        or_(*(_at(kind, n) for n in range(places)))
    )


@cache
def _inserting(kind: Kind) -> Insert:
    return insert(_table(kind))


@cache
def _adding(kind: Kind) -> Update:
    table = _table(kind)
    return (
        update(table).where(_at(kind, 0)).values({name: table.c[name] + bindparam(f"more_{name}") for name in _NOTHING})
    )


def _at(kind: Kind, n: int) -> ColumnElement[bool]:
    table = _table(kind)
    return and_(*(table.c[name] == bindparam(f"{name}_{n}") for name in _names(kind)))


def _table(kind: Kind) -> Table:
    return cast(Table, kind.__table__)
