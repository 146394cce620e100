"""What an index has of a file, taken along to another one: passages, and the vectors that were made of them."""

import asyncio
import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from user_agent.errors import BadRequest
from user_agent.knowledge.finding.keeping import Keeping
from user_agent.knowledge.index import Carried
from user_agent.knowledge.passages import Passage

if TYPE_CHECKING:
    from user_agent.knowledge.embeddings.base import Vectors

AT_A_TIME = 500
_NUMBER, _NUMBER_BYTES = "<f4", 4


class _Line(BaseModel):
    """A passage as a line of JSON."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[str, Field(max_length=300)]
    passage: Passage
    vectors: dict[str, str] = {}


_LINE = TypeAdapter(_Line)


async def carried_of(kept: Keeping) -> dict[str, list[Carried]]:
    """All passages of a collection in order, by file."""
    models, found, last = await kept.coverage(), dict[str, list[Carried]](), 0
    # Of a model that there is not, every passage is missing a vector.
    while batch := await kept.missing("", last, AT_A_TIME):
        rows, last = [row for row, _ in batch], batch[-1][0]
        vectors: dict[int, dict[str, bytes]] = {row: {} for row in rows}
        for model in models:
            having, numbers = await kept.vectors_of(model, rows) or ((), ())
            for row, vector in zip(having, numbers, strict=True):
                vectors[row][model] = vector.astype(_NUMBER).tobytes()
        hits = await kept.hits([(row, 0.0) for row in rows])
        for row, hit in zip(rows, hits, strict=True):
            found.setdefault(hit.file, []).append(Carried(hit.passage, vectors[row]))
    return {file: sorted(found[file], key=lambda each: each.passage.number) for file in sorted(found)}


async def put_carried(kept: Keeping, carried: Mapping[str, Sequence[Carried]]) -> None:
    """Puts these passages in the place of what their files had. No model is asked: the vectors come along."""
    for file, passages in carried.items():
        await kept.put(file, [each.passage for each in passages])
    models = {model for passages in carried.values() for each in passages for model in each.vectors}
    for model in sorted(models):
        known = {(file, each.passage.number): each.vectors.get(model) for file in carried for each in carried[file]}
        await _put_vectors(kept, model, known)


async def _put_vectors(kept: Keeping, model: str, known: Mapping[tuple[str, int], bytes | None]) -> None:
    last = 0
    while batch := await kept.missing(model, last, AT_A_TIME):
        rows, last = [row for row, _ in batch], batch[-1][0]
        hits = await kept.hits([(row, 0.0) for row in rows])
        found = [
            (row, vector)
            for row, hit in zip(rows, hits, strict=True)
            if (vector := known.get((hit.file, hit.passage.number)))
        ]
        if found:
            vectors = await asyncio.to_thread(_numbers, [vector for _, vector in found])
            await kept.store(model, [row for row, _ in found], vectors)


def _numbers(vectors: Sequence[bytes]) -> "Vectors":
    """Raises `BadRequest` where they are not all of one length."""
    import numpy as np  # a tenth of a second, for those who have vectors

    if len({len(vector) for vector in vectors}) > 1:
        raise BadRequest("The vectors of one model are not all of one length.")
    return np.frombuffer(b"".join(vectors), dtype=_NUMBER).astype(np.float32).reshape(len(vectors), -1)


def written(file: str, carried: Iterable[Carried]) -> bytes:
    """The passages as lines of JSON, each with the name of its file; the same bytes for the same passages."""
    return b"".join(
        orjson.dumps(
            {
                "file": file,
                "passage": asdict(each.passage),
                "vectors": {model: base64.b64encode(vector).decode() for model, vector in sorted(each.vectors.items())},
            }
        )
        + b"\n"
        for each in carried
    )


def read(lines: bytes) -> dict[str, list[Carried]]:
    """What `written` wrote, by file. Raises `BadRequest` for anything else: it may come from anybody."""
    found: dict[str, list[Carried]] = {}
    for number, text in enumerate(lines.splitlines(), start=1):
        try:
            line = _LINE.validate_json(text)
            vectors = {model: _vector(each) for model, each in line.vectors.items()}
        except (ValidationError, ValueError) as error:
            raise BadRequest(f"Line {number} of the knowledge is not one that this program writes.") from error
        found.setdefault(line.file, []).append(Carried(line.passage, vectors))
    return found


def _vector(text: str) -> bytes:
    try:
        vector = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if not vector or len(vector) % _NUMBER_BYTES:
        raise ValueError("no numbers of four bytes")
    return vector
