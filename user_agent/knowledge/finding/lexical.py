"""Finding by words: SQLite's full-text index names the passages that may fit, `rank.py` says how well each does."""

import math
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import orjson

from user_agent.knowledge.finding.rank import Asked, Rank
from user_agent.knowledge.finding.reading import Question, is_single
from user_agent.knowledge.finding.tables import passage_of
from user_agent.knowledge.index import Hit
from user_agent.lexical.terms import grams

CANDIDATES = 60
"""So many passages are looked at closely."""
MOST_LOOKED_UP = 40
"""So many words of a question find candidates, the rarest."""
ENOUGH = 500
ENOUGH_SHARE = 0.1
"""Words are looked up, the rarest first, until so many passages may have one, and so large a share of all: what has the
common words alone is not what is looked for, and each passage costs two microseconds."""

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
_WORDS_LIKE = "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?"
_WORDS_ENDING = "SELECT term, doc FROM vocabulary WHERE term GLOB ? LIMIT ?"
"""Reads the whole vocabulary."""
_MOST_WITH_ONE_CHARACTER = 100
"""A character that more pairs begin with says too little by itself."""
_MOST_LIKE_ONE = 2_000
_LETTERS = 5
"""Shorter words are not taken for others that are spelled nearly like them."""
_SAME_BEGINNING = 4
_SAME_BEGINNING_OF_UNKNOWN = 2
_LIKE = 0.6
"""So large a part of two words must be the same beginning, or the same pieces where one is unknown."""
_LIKE_UNKNOWN = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage by its row, and what was read of it."""

    id: int
    terms: str
    above: str


@dataclass(frozen=True, slots=True)
class Search:
    """A question as it is looked for in one collection."""

    rank: Rank
    words: tuple[str, ...]
    """Phrases of the full-text index's language, any of which makes a passage a candidate."""


def search_for(connection: sqlite3.Connection, question: Question) -> Search:
    """How a question is looked for among what is in the index now."""
    passages, words = connection.execute("SELECT passages, words FROM totals").fetchone()
    having: dict[str, int] = {}
    means: dict[str, str] = {}
    similar: dict[str, tuple[str, float]] = {}
    phrases: list[tuple[int, str]] = []
    alone = len(question.weights) == 1
    for term in question.weights:
        same = _same(connection, term, alone=alone)
        means.update(dict.fromkeys(same, term))
        having[term] = min(passages, sum(same.values()))
        near = dict(_near(connection, term, known=bool(same)))
        for word, surely in near.items():
            similar.setdefault(word, (term, surely))
        phrases += [(having[term], f'"{word}"') for word in same or near]
    rarity = {
        term: weight * math.log(1 + (passages - having[term] + 0.5) / (having[term] + 0.5))
        for term, weight in question.weights.items()
    }
    rank = Rank(Asked(rarity, means, similar, question.pairs, max(1.0, words / max(1, passages))))
    return Search(rank, tuple(_finding(phrases, passages)))


def candidates(connection: sqlite3.Connection, search: Search, files: Collection[str] | None) -> list[Candidate]:
    """The passages that BM25 puts first for these words."""
    if not search.words:
        return []
    among = None if files is None else orjson.dumps([*files]).decode()
    asked = {"words": " OR ".join(search.words), "files": among, "limit": CANDIDATES}
    return [Candidate(*row) for row in connection.execute(_CANDIDATES, asked)]


def rows_among(connection: sqlite3.Connection, files: Collection[str]) -> list[int]:
    """The rows of all passages of files."""
    rows = connection.execute(
        "SELECT id FROM passages WHERE file IN (SELECT id FROM files WHERE name IN (SELECT value FROM json_each(?)))",
        (orjson.dumps([*files]).decode(),),
    )
    return [row for (row,) in rows]


def scored(search: Search, found: list[Candidate]) -> list[tuple[int, float]]:
    """The rows of candidates with their scores, best first."""
    scores = [(one.id, search.rank.score(one.terms, one.above)) for one in found]
    return sorted(scores, key=lambda one: (-one[1], one[0]))


def hits_of(connection: sqlite3.Connection, best: list[tuple[int, float]]) -> tuple[Hit, ...]:
    """The passages of rows, in their order."""
    rows = connection.execute(
        "SELECT * FROM shown WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps([id for id, _ in best]).decode(),),
    )
    read = {id: (file, passage_of(row)) for id, file, *row in rows}
    return tuple(Hit(*read[id], score) for id, score in best if id in read)


def _same(connection: sqlite3.Connection, term: str, *, alone: bool) -> dict[str, int]:
    """The words of the index that are the term, each with how many passages have it: of a single character the pairs
    that begin with it and, where it is asked for alone, those that end with it."""
    if is_single(term):
        pairs = dict(connection.execute(_WORDS_LIKE, (term, _after(term), _MOST_WITH_ONE_CHARACTER)).fetchall())
        if alone:
            pairs |= dict(connection.execute(_WORDS_ENDING, (f"*{term}", MOST_LOOKED_UP)).fetchall())
        return pairs if alone or len(pairs) < _MOST_WITH_ONE_CHARACTER else {}
    return dict(connection.execute("SELECT term, doc FROM vocabulary WHERE term = ?", (term,)).fetchall())


def _near(connection: sqlite3.Connection, term: str, *, known: bool) -> Iterator[tuple[str, float]]:
    """The words of the index that are spelled nearly like a term, with how nearly: those that begin like it, and of one
    that nobody wrote those that share its pieces, too."""
    if len(term) < _LETTERS or not term.isascii() or not term.isalpha():
        return
    begun = term[: _SAME_BEGINNING if known else _SAME_BEGINNING_OF_UNKNOWN]
    pieces = set(grams(term))
    for word, _ in connection.execute(_WORDS_LIKE, (begun, _after(begun), _MOST_LIKE_ONE)):
        alike = _alike(term, word)
        if word != term and alike >= _LIKE:
            yield word, alike
        elif not known and len(word) >= _LETTERS - 1:
            shared = 2 * len(pieces & (others := set(grams(word)))) / (len(pieces) + len(others))
            if shared >= _LIKE_UNKNOWN:
                yield word, shared


def _alike(one: str, other: str) -> float:
    """How large a part of the longer word both begin with."""
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same / max(len(one), len(other))


def _after(begun: str) -> str:
    """What sorts behind everything that begins so."""
    return begun[:-1] + chr(ord(begun[-1]) + 1)


def _finding(phrases: list[tuple[int, str]], passages: int) -> Iterator[str]:
    """Those of the phrases that find candidates, the rarest first."""
    enough = max(ENOUGH, ENOUGH_SHARE * passages)
    found = 0
    for having, phrase in sorted(phrases)[:MOST_LOOKED_UP]:
        if found and found + having > enough:
            return
        found += having
        yield phrase
