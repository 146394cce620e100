"""Knowledge for tests: texts put into an index as a file's reader gives them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.knowledge.finding.keeping import Keeping
from user_agent.knowledge.index import Found, KnowledgeIndex
from user_agent.knowledge.passages import Passage, split
from user_agent.knowledge.pieces import Piece


def passages(*pieces: Piece | str) -> list[Passage]:
    """The passages of a file of these pieces, texts among them being paragraphs."""
    return [*split(Piece(piece) if isinstance(piece, str) else piece for piece in pieces)]


Place = Callable[[str], Keeping]
"""What the index of a name keeps: in SQLite or in PostgreSQL."""


@asynccontextmanager
async def opened(place: Place, files: dict[str, list[Passage]], name: str = "index") -> AsyncGenerator[FusedIndex]:
    """An index that holds these files."""
    index = FusedIndex(place(name))
    for file, found in files.items():
        await index.put(file, found)
    yield index
    await index.close()


async def files_found(index: KnowledgeIndex, query: str, **scope: list[str]) -> list[str]:
    """The files of the hits, best first."""
    return [hit.file for hit in (await index.search(query, 5, **scope)).hits]


def texts_found(found: Found) -> list[str]:
    return [hit.passage.text for hit in found.hits]
