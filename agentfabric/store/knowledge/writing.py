"""Putting files into an index in PostgreSQL, and taking them out."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from itertools import chain

import orjson
from sqlalchemy.orm import Session

from agentfabric.store.knowledge.tables import locked, sql, vectors_table
from user_agent.knowledge.finding.keeping import Replaced
from user_agent.knowledge.finding.reading import terms_above, terms_of
from user_agent.knowledge.finding.tables import tokens_of
from user_agent.knowledge.passages import Passage

LONGEST_WORD = 200
"""What is longer is no word, and the database has a limit for them."""
_LABELS = "DCBA"
"""Say in the full-text index how often a passage has a word: once, twice, three times, or more often."""

_Content = tuple[str, ...]
"""What is embedded of a passage: its headings and its text."""


def put(session: Session, name: str, file: str, passages: Sequence[Passage]) -> Replaced:
    """Replaces what a file had, all at once. What it has again keeps its vectors."""
    collection = locked(session, name)
    asked = {"of": collection, "file": file}
    models = [
        *session.scalars(sql("SELECT id FROM fabric_knowledge.models WHERE collection = :of"), {"of": collection})
    ]
    before = _contents(session, collection, file) if models else {}
    gone = _take_out(session, collection, file)
    session.execute(
        sql("INSERT INTO fabric_knowledge.files (collection, name) VALUES (:of, :file) ON CONFLICT DO NOTHING"), asked
    )
    if passages:
        _insert(session, collection, file, passages)
    carried = _carry(session, models, before, _contents(session, collection, file) if before else {})
    _forget_vectors(session, models, gone)
    return Replaced(gone, carried)


def remove(session: Session, name: str, file: str) -> list[int]:
    """Takes a file out. Returns the rows that are gone."""
    collection = locked(session, name)
    gone = _take_out(session, collection, file)
    models = session.scalars(sql("SELECT id FROM fabric_knowledge.models WHERE collection = :of"), {"of": collection})
    _forget_vectors(session, [*models], gone)
    session.execute(
        sql("DELETE FROM fabric_knowledge.files WHERE collection = :of AND name = :file"),
        {"of": collection, "file": file},
    )
    return gone


def lexeme(collection: int, word: str) -> str:
    """A word of a collection as the full-text index has it, quoted."""
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{collection}:{quoted}'"


def _insert(session: Session, collection: int, file: str, passages: Sequence[Passage]) -> None:
    terms = [terms_of(passage.text) for passage in passages]
    above = [terms_above(passage.place.headings) for passage in passages]
    counted = [_counted(one, other) for one, other in zip(terms, above, strict=True)]
    rows = session.execute(
        sql("""
            INSERT INTO fabric_knowledge.passages (collection, file, number, text, kind, place, tokens, terms, above)
            SELECT :of, files.id, new.* FROM fabric_knowledge.files, unnest(
                CAST(:numbers AS integer[]), CAST(:texts AS text[]), CAST(:kinds AS text[]), CAST(:places AS text[]),
                CAST(:tokens AS integer[]), CAST(:terms AS text[]), CAST(:above AS text[])
            ) AS new
            WHERE files.collection = :of AND files.name = :file
            RETURNING number, id
        """),
        {
            "of": collection,
            "file": file,
            "numbers": [passage.number for passage in passages],
            "texts": [_storable(passage.text) for passage in passages],
            "kinds": [passage.kind for passage in passages],
            "places": [_storable(orjson.dumps(asdict(passage.place)).decode()) for passage in passages],
            "tokens": [tokens_of(passage.text) for passage in passages],
            "terms": terms,
            "above": above,
        },
    ).all()
    ids = {number: id for number, id in rows}
    lengths = [len(one.split()) for one in terms]
    session.execute(
        sql("""
            INSERT INTO fabric_knowledge.words (passage, collection, length, words)
            SELECT passage, :of, length, CAST(words AS tsvector)
            FROM unnest(CAST(:ids AS bigint[]), CAST(:lengths AS integer[]), CAST(:words AS text[]))
            AS new (passage, length, words)
        """),
        {
            "of": collection,
            "ids": [ids[passage.number] for passage in passages],
            "lengths": lengths,
            "words": [_vector(collection, one) for one in counted],
        },
    )
    having = Counter(chain.from_iterable(counted))
    session.execute(
        sql("""
            INSERT INTO fabric_knowledge.vocabulary (collection, term, doc)
            SELECT :of, term, doc FROM unnest(CAST(:terms AS text[]), CAST(:docs AS integer[])) AS new (term, doc)
            ON CONFLICT (collection, term) DO UPDATE SET doc = vocabulary.doc + excluded.doc
        """),
        {"of": collection, "terms": [*having], "docs": [*having.values()]},
    )
    _count(session, collection, len(passages), sum(lengths), sum(tokens_of(passage.text) for passage in passages))


def _take_out(session: Session, collection: int, file: str) -> list[int]:
    """Takes the passages of a file out of everything but their vectors. Returns their rows."""
    rows = session.execute(
        sql("""
            DELETE FROM fabric_knowledge.passages WHERE file = (
                SELECT id FROM fabric_knowledge.files WHERE collection = :of AND name = :file
            ) RETURNING id, tokens
        """),
        {"of": collection, "file": file},
    ).all()
    if not rows:
        return []
    gone = [id for id, _ in rows]
    unused = session.scalars(
        sql("""
            WITH fewer AS (
                SELECT substr(lexeme, :behind) AS term, count(*) AS docs
                FROM fabric_knowledge.words, unnest(words.words) WHERE passage = ANY(:gone) GROUP BY lexeme
            ), left_over AS (
                UPDATE fabric_knowledge.vocabulary SET doc = doc - fewer.docs FROM fewer
                WHERE vocabulary.collection = :of AND vocabulary.term = fewer.term
                RETURNING vocabulary.term, vocabulary.doc
            )
            SELECT term FROM left_over WHERE doc <= 0
        """),
        {"of": collection, "gone": gone, "behind": len(f"{collection}:") + 1},
    ).all()
    session.execute(
        sql("DELETE FROM fabric_knowledge.vocabulary WHERE collection = :of AND term = ANY(:unused)"),
        {"of": collection, "unused": [*unused]},
    )
    lengths = session.scalars(
        sql("DELETE FROM fabric_knowledge.words WHERE passage = ANY(:gone) RETURNING length"), {"gone": gone}
    )
    _count(session, collection, -len(gone), -sum(lengths), -sum(tokens for _, tokens in rows))
    return gone


def _count(session: Session, collection: int, passages: int, words: int, tokens: int) -> None:
    """What a file's passages come to is added to what all do: a search need not add them up."""
    session.execute(
        sql("""
            UPDATE fabric_knowledge.collections
            SET passages = passages + :passages, words = words + :words, tokens = tokens + :tokens WHERE id = :of
        """),
        {"of": collection, "passages": passages, "words": words, "tokens": tokens},
    )


def _contents(session: Session, collection: int, file: str) -> dict[int, _Content]:
    """What is embedded of each passage of a file."""
    rows = session.execute(
        sql("""
            SELECT passages.id, text, place FROM fabric_knowledge.passages
            JOIN fabric_knowledge.files ON files.id = passages.file
            WHERE files.collection = :of AND files.name = :file
        """),
        {"of": collection, "file": file},
    )
    return {id: (*orjson.loads(place)["headings"], words) for id, words, place in rows}


def _carry(session: Session, models: Iterable[int], before: dict[int, _Content], now: dict[int, _Content]) -> list[int]:
    """Gives rows the vectors that old rows with the same content have. Returns those that have some now."""
    old = {content: id for id, content in before.items()}
    pairs = {id: old[content] for id, content in now.items() if content in old}
    carried: set[int] = set()
    for model in models if pairs else ():
        kept = session.scalars(
            sql(
                """
                INSERT INTO <vectors> (passage, vector)
                SELECT pairs.new, vector FROM unnest(CAST(:new AS bigint[]), CAST(:old AS bigint[])) AS pairs (new, old)
                JOIN <vectors> ON passage = pairs.old
                RETURNING passage
            """,
                vectors=vectors_table(model),
            ),
            {"new": [*pairs], "old": [*pairs.values()]},
        ).all()
        carried.update(kept)
        add_to_count(session, model, len(kept))
    return sorted(carried)


def _forget_vectors(session: Session, models: Iterable[int], gone: Collection[int]) -> None:
    for model in models if gone else ():
        lost = session.scalars(
            sql("DELETE FROM <vectors> WHERE passage = ANY(:gone) RETURNING passage", vectors=vectors_table(model)),
            {"gone": [*gone]},
        ).all()
        add_to_count(session, model, -len(lost))


def add_to_count(session: Session, model: int, vectors: int) -> None:
    """So many vectors of a model are new."""
    session.execute(
        sql("UPDATE fabric_knowledge.models SET vectors = vectors + :new WHERE id = :model"),
        {"model": model, "new": vectors},
    )


def _counted(*terms: str) -> Counter[str]:
    """The words of a passage, each with how often it has it."""
    return Counter(word for one in terms for word in one.split() if len(word) <= LONGEST_WORD)


def _vector(collection: int, counted: Counter[str]) -> str:
    """A passage's words as the full-text index takes them."""
    return " ".join(f"{lexeme(collection, word)}:1{_LABELS[min(often, 4) - 1]}" for word, often in counted.items())


def _storable(words: str) -> str:
    """PostgreSQL has no character zero in texts."""
    return words.replace("\0", "\ufffd")
