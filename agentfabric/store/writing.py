"""What every write of an agent leaves behind: who set the field, the change, and a version to come back to."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from agentfabric.store.base import new_id
from agentfabric.store.records import AgentRecord, ChangeRecord, ReleaseRecord, VersionRecord
from builder_core.draft import LOCKED, Author, AuthorOf, Change, FieldChange, Refusal, differences
from user_agent.config import AgentConfig, parse_document

IDLE_S = 30.0
"""After so many seconds without a write, a version is closed."""
MAX_SAID_CHARS = 300


@dataclass(frozen=True, slots=True)
class Source:
    """What a write comes from: a turn of the builder and the message that it answers; nothing, for one by hand."""

    turn: str | None = None
    said: str = ""


BY_HAND = Source()


class Mark(BaseModel):
    """Who set a field, when, and in which change. `said` is the message that asked for it."""

    model_config = ConfigDict(frozen=True)

    author: Author
    at: datetime
    change: str = ""
    turn: str | None = None
    said: str = ""
    accepted: bool = False
    """Whether the person accepted what the builder had proposed."""


Marks = Mapping[str, Mark]
_MARKS: TypeAdapter[dict[str, Mark]] = TypeAdapter(dict[str, Mark])
_MARK: TypeAdapter[Mark | None] = TypeAdapter(Mark | None)


def read_marks(text: str) -> dict[str, Mark]:
    return _MARKS.validate_json(text)


def write_marks(marks: Marks) -> str:
    return _MARKS.dump_json(dict(marks)).decode()


def read_mark(text: str) -> Mark | None:
    return _MARK.validate_json(text)


def read_list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def initial_marks(config: AgentConfig, author: Author, moment: datetime) -> dict[str, Mark]:
    """The marks of a new agent: everything that is filled in was set by `author`."""
    filled = differences(AgentConfig.from_document({}), config, lambda _: author)
    mark = Mark(author=author, at=moment)
    return {change.field: mark for change in filled if change.after not in (None, "", [], {}, False)}


def put_document(record: AgentRecord, config: AgentConfig) -> None:
    """Put the document into the row. Raises `ConfigError` for one that could not be read back."""
    document = config.to_json()
    parse_document(document)
    record.document = document
    record.name, record.avatar, record.description = config.name, config.avatar, config.description


def write(
    session: Session,
    record: AgentRecord,
    wanted: AgentConfig,
    *,
    author_of: AuthorOf,
    moment: datetime,
    source: Source = BY_HAND,
    marks: Mapping[str, Mark | None] | None = None,
) -> Change:
    """Store a configuration, but for what is locked, and say what that changed. The same one again changes nothing.

    `marks` are those of fields that go back to what they were; None for a field that nobody had set.
    """
    before = AgentConfig.from_json(record.document)
    after, refused = _but_locked(before, wanted, read_list(record.locks))
    if after.to_json() == record.document:
        return Change(revision=record.revision, refused=refused)
    found = differences(before, after, author_of)
    changes = tuple(change.model_copy(update={"id": new_id()}) for change in found)
    put_document(record, after)
    record.revision += 1
    record.updated = moment
    record.author = changes[-1].author if changes else record.author
    _keep_changes(session, record, changes, source, moment, marks or {})
    _keep_version(session, record, changes, source)
    return Change(revision=record.revision, changes=changes, refused=refused)


def _but_locked(
    before: AgentConfig, wanted: AgentConfig, locks: Collection[str]
) -> tuple[AgentConfig, tuple[Refusal, ...]]:
    old, new = before.document, wanted.document
    kept = [field for field in new.keys() | old.keys() if field in locks and old.get(field) != new.get(field)]
    if not kept:
        return wanted, ()
    document = {field: value for field, value in new.items() if field not in kept or field in old}
    document |= {field: old[field] for field in kept if field in old}
    return AgentConfig.from_document(document), tuple(Refusal(field=field, why=LOCKED) for field in sorted(kept))


def _keep_changes(
    session: Session,
    record: AgentRecord,
    changes: Sequence[FieldChange],
    source: Source,
    moment: datetime,
    given: Mapping[str, Mark | None],
) -> None:
    marks = read_marks(record.marks)
    said = source.said[:MAX_SAID_CHARS]
    for change in changes:
        session.add(
            ChangeRecord(
                id=change.id,
                agent_id=record.id,
                revision=record.revision,
                field=change.field,
                before=json.dumps(change.before, ensure_ascii=False),
                after=json.dumps(change.after, ensure_ascii=False),
                author=change.author,
                turn_id=source.turn,
                said=said,
                mark_before=_MARK.dump_json(marks.get(change.field)).decode(),
                created=moment,
            )
        )
        new = Mark(author=change.author, at=moment, change=change.id, turn=source.turn, said=said)
        mark = given.get(change.field, new)
        if mark is None:
            marks.pop(change.field, None)
        else:
            marks[change.field] = mark
    record.marks = write_marks(marks)


def _keep_version(session: Session, record: AgentRecord, changes: Sequence[FieldChange], source: Source) -> None:
    """The last version grows while one author goes on with the same fields; else a new one begins."""
    last = session.scalar(
        select(VersionRecord).where(VersionRecord.agent_id == record.id).order_by(VersionRecord.number.desc()).limit(1)
    )
    if last is None or not _goes_on(last, record, changes, source) or _was_released(session, last):
        number = last.number + 1 if last else 1
        fields = [change.field for change in changes]
        session.add(new_version(record, number=number, fields=fields, source=source))
        return
    last.document, last.marks, last.revision, last.updated = (
        record.document,
        record.marks,
        record.revision,
        record.updated,
    )


def _goes_on(last: VersionRecord, record: AgentRecord, changes: Sequence[FieldChange], source: Source) -> bool:
    return (
        record.updated - last.updated < timedelta(seconds=IDLE_S)
        and (last.author, last.turn_id) == (record.author, source.turn)
        and bool(last.fields)
        and {change.field for change in changes} <= set(read_list(last.fields))
        and not any(_takes_a_file(change) for change in changes)
    )


def _was_released(session: Session, version: VersionRecord) -> bool:
    """Whether it was published: then it stays what it was."""
    of_version = (ReleaseRecord.agent_id == version.agent_id, ReleaseRecord.version == version.number)
    return session.scalar(select(ReleaseRecord.id).where(*of_version).limit(1)) is not None


def _takes_a_file(change: FieldChange) -> bool:
    """Whether a file goes that was there. A text grows key by key; a file was whole, and is worth coming back to,
    however soon it goes."""
    if change.field == "knowledge" and isinstance(change.before, list):
        left = change.after if isinstance(change.after, list) else []
        return any(file not in left for file in change.before)
    return change.field == "avatar" and bool(change.before)


def new_version(
    record: AgentRecord, *, number: int, fields: Sequence[str] = (), source: Source = BY_HAND
) -> VersionRecord:
    """The agent as it is now, as a version of its own."""
    return VersionRecord(
        agent_id=record.id,
        number=number,
        document=record.document,
        marks=record.marks,
        revision=record.revision,
        author=record.author,
        turn_id=source.turn,
        said=source.said[:MAX_SAID_CHARS],
        fields=json.dumps(list(fields), ensure_ascii=False),
        created=record.updated,
        updated=record.updated,
    )
