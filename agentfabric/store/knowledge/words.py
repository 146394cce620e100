"""Finding by words in PostgreSQL: its full-text index names passages that may fit, `rank.py` says how well each does.

The words are those that SQLite's index has, for they are made here and not by the database's dictionaries. What the
database has none of is BM25: it is put together of how often a passage has each word, which its index tells by labels.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from agentfabric.store.knowledge.tables import files_of, number_of, rows_among, sql
from agentfabric.store.knowledge.writing import lexeme
from user_agent.knowledge.finding.keeping import Looked
from user_agent.knowledge.finding.reading import question
from user_agent.knowledge.finding.tables import passage_of
from user_agent.knowledge.finding.wanted import CANDIDATES, Candidate, Search, after, scored, search_for
from user_agent.knowledge.index import Hit

MOST_COMPARED = 3_000
"""Each passage that has one of the words costs some microseconds, so in a large collection the rarest words count."""
_SATURATION = 1.2
_LENGTH_MATTERS = 0.75
_OFTEN = "{0.1,0.2,0.3,0.45}"
"""What the labels D, C, B and A stand for, in tenths."""
_OF_TS_RANK = 16.4493406685
"""`ts_rank` divides what a single word weighs by a tenth of this."""


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words of one collection."""

    session: Session
    collection: int

    def totals(self) -> tuple[int, int]:
        asked = sql("SELECT passages, words FROM fabric_knowledge.collections WHERE id = :of")
        passages, words = self.session.execute(asked, {"of": self.collection}).one()
        return passages, words

    def having(self, words: Collection[str]) -> dict[str, int]:
        asked = "SELECT term, doc FROM fabric_knowledge.vocabulary WHERE collection = :of AND term = ANY(:words)"
        return self._read(asked, words=[*words])

    def beginning(self, beginnings: Collection[str], limit: int) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {begun: {} for begun in beginnings}
        rows = self.session.execute(
            sql("""
                SELECT begun, term, doc
                FROM unnest(CAST(:begun AS text[]), CAST(:after AS text[])) AS asked (begun, after), LATERAL (
                    SELECT term, doc FROM fabric_knowledge.vocabulary
                    WHERE collection = :of AND term >= asked.begun AND term < asked.after ORDER BY term LIMIT :limit
                ) AS words
            """),
            {"of": self.collection, "begun": [*found], "after": [after(begun) for begun in found], "limit": limit},
        )
        for begun, term, doc in rows if found else ():
            found[begun][term] = doc
        return found

    def ending(self, sign: str, limit: int) -> dict[str, int]:
        asked = (
            "SELECT term, doc FROM fabric_knowledge.vocabulary WHERE collection = :of AND term LIKE :like LIMIT :limit"
        )
        return self._read(asked, like=f"%{sign}", limit=limit)

    def _read(self, asked: str, **values: Any) -> dict[str, int]:
        return {term: doc for term, doc in self.session.execute(sql(asked), {"of": self.collection, **values})}


def look(session: Session, name: str, query: str, files: Collection[str] | None) -> Looked:
    """The passages of a collection that share words with a question."""
    collection = number_of(session, name)
    if collection is None:
        return Looked({}, None)
    search = search_for(_Vocabulary(session, collection), question(query), MOST_COMPARED)
    if files is not None and files_of(session, name) <= set(files):
        files = None
    among = None if files is None else rows_among(session, collection, files)
    return Looked(scored(search, _candidates(session, collection, search, among)), among)


def hits_of(session: Session, best: list[tuple[int, float]]) -> tuple[Hit, ...]:
    """The passages of rows, in their order."""
    rows = session.execute(
        sql("""
            SELECT passages.id, files.name, number, text, kind, place
            FROM fabric_knowledge.passages JOIN fabric_knowledge.files ON files.id = passages.file
            WHERE passages.id = ANY(:ids)
        """),
        {"ids": [id for id, _ in best]},
    )
    read = {id: (file, passage_of(row)) for id, file, *row in rows}
    return tuple(Hit(*read[id], score) for id, score in best if id in read)


def _candidates(session: Session, collection: int, search: Search, among: list[int] | None) -> list[Candidate]:
    """The passages that BM25 puts first for these words."""
    if not search.words:
        return []
    words = [*search.words]
    parts: dict[str, Any] = {}
    for at, (word, having) in enumerate(search.words.items()):
        parts[f"word{at}"] = lexeme(collection, word)
        parts[f"rarity{at}"] = max(1e-6, math.log((search.passages - having + 0.5) / (having + 0.5)))
    often = f"{_OF_TS_RANK} * ts_rank(:often, words.words, CAST(:word<at> AS tsquery))"
    flat = f"{_SATURATION} * ({1 - _LENGTH_MATTERS} + {_LENGTH_MATTERS} * words.length / CAST(:usual AS float))"
    share = f"CAST(:rarity<at> AS float) * (1 - {flat} / ({often} + {flat}))"
    rows = session.execute(
        sql(
            """
            SELECT passages.id, terms, above FROM (
                SELECT passage FROM fabric_knowledge.words
                WHERE collection = :of AND words @@ CAST(:any AS tsquery)
                AND (CAST(:among AS bigint[]) IS NULL OR passage = ANY(:among))
                ORDER BY <score> DESC, passage
                LIMIT :limit
            ) AS best JOIN fabric_knowledge.passages ON passages.id = best.passage
        """,
            score=" + ".join(share.replace("<at>", str(at)) for at in range(len(words))),
        ),
        {
            **parts,
            "of": collection,
            "any": " | ".join(lexeme(collection, word) for word in words),
            "among": among,
            "often": _OFTEN,
            "usual": search.usual,
            "limit": CANDIDATES,
        },
    )
    return [Candidate(*row) for row in rows]
