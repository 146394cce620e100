"""Finding by words in SQLite: its full-text index names passages that may fit, `rank.py` says how well each does."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

import orjson

from user_agent.knowledge.finding.reading import Question
from user_agent.knowledge.finding.tables import passage_of
from user_agent.knowledge.finding.wanted import CANDIDATES, Candidate, Search, after, search_for
from user_agent.knowledge.index import Hit

_CANDIDATES = """
SELECT passages.id, passages.terms, passages.above
FROM (
    SELECT rowid FROM words
    WHERE words MATCH :words AND (
        :files IS NULL
        OR (SELECT file FROM passages WHERE id = words.rowid)
        IN (SELECT id FROM files WHERE name IN (SELECT value FROM json_each(:files)))
    )
    ORDER BY rank
    LIMIT :limit
) AS best
JOIN passages ON passages.id = best.rowid
"""


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The words of one index."""

    connection: sqlite3.Connection

    def totals(self) -> tuple[int, int]:
        return self.connection.execute("SELECT passages, words FROM totals").fetchone()

    def having(self, words: Collection[str]) -> dict[str, int]:
        found = (
            self.connection.execute("SELECT term, doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
            for word in words
        )
        return dict(row for row in found if row is not None)

    def beginning(self, beginnings: Collection[str], limit: int) -> dict[str, dict[str, int]]:
        asked = "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?"
        return {
            begun: dict(self.connection.execute(asked, (begun, after(begun), limit)).fetchall()) for begun in beginnings
        }

    def ending(self, sign: str, limit: int) -> dict[str, int]:
        asked = "SELECT term, doc FROM vocabulary WHERE term GLOB ? LIMIT ?"
        return dict(self.connection.execute(asked, (f"*{sign}", limit)).fetchall())


def search_in(connection: sqlite3.Connection, question: Question) -> Search:
    """How a question is looked for among what is in the index now."""
    return search_for(_Vocabulary(connection), question)


def candidates(connection: sqlite3.Connection, search: Search, files: Collection[str] | None) -> list[Candidate]:
    """The passages that BM25 puts first for these words."""
    if not search.words:
        return []
    among = None if files is None else orjson.dumps([*files]).decode()
    phrases = " OR ".join(f'"{word}"' for word in search.words)
    asked = {"words": phrases, "files": among, "limit": CANDIDATES}
    return [Candidate(*row) for row in connection.execute(_CANDIDATES, asked)]


def rows_among(connection: sqlite3.Connection, files: Collection[str]) -> list[int]:
    """The rows of all passages of files."""
    rows = connection.execute(
        "SELECT id FROM passages WHERE file IN (SELECT id FROM files WHERE name IN (SELECT value FROM json_each(?)))",
        (orjson.dumps([*files]).decode(),),
    )
    return [row for (row,) in rows]


def hits_of(connection: sqlite3.Connection, best: list[tuple[int, float]]) -> tuple[Hit, ...]:
    """The passages of rows, in their order."""
    rows = connection.execute(
        "SELECT * FROM shown WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps([id for id, _ in best]).decode(),),
    )
    read = {id: (file, passage_of(row)) for id, file, *row in rows}
    return tuple(Hit(*read[id], score) for id, score in best if id in read)
