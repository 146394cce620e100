"""How often the right passage is found first, and how quickly, in an agent's knowledge.

    python -m bench.knowledge [--data ../shared/data/retrieval] [--hybrid [--embedder FOLDER]]
    python -m bench.knowledge --speed [--postgresql URL]

Each set is one collection: its passages are joined into files of 50 by blank lines, which are cut into passages and put
into an index; every question is a search. A hit is a passage that has half of the right one or more.
Goals: first for 98 % (zh) and 84 % (en), in the first five for 99.3 % and 96.5 %.

The weights (`user_agent/knowledge/finding/rank.py`) were chosen by one half of the questions. Which half a question is
in depends on its right passage, so that no passage has questions in both.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

import numpy as np

from agentfabric.store.database import Database
from agentfabric.store.knowledge.keeping import KnowledgeDatabase
from bench.retrieval import DATA, HALVES, PER_FILE, Asked, Collection, read
from bench.simulated import Remembering, Simulated
from bench.tools import plain
from user_agent.knowledge.embeddings.base import Embedder
from user_agent.knowledge.embeddings.local import LocalEmbedder
from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.knowledge.finding.keeping import Keeping
from user_agent.knowledge.finding.sqlite import SqliteKeeping
from user_agent.knowledge.index import Hit, KnowledgeIndex
from user_agent.knowledge.passages import Passage, Place, signs, split
from user_agent.knowledge.pieces import Piece
from user_agent.lexical.sentences import sentences

LANGUAGES = ("zh", "en")


@asynccontextmanager
async def indexed(
    collection: Collection, *embedders: Embedder, kept: Keeping | None = None
) -> AsyncGenerator[FusedIndex]:
    """An index that holds the collection's files, gone afterwards; unless `kept` says where, in SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        index = FusedIndex(kept or SqliteKeeping(Path(folder) / "index.sqlite"), embedders=embedders)
        for name, text in collection.files.items():
            await index.put(name, [*split([Piece(text)])])
        yield index
        await index.close()


async def ranks(index: KnowledgeIndex, questions: Sequence[Asked], within: int = 10) -> list[int]:
    """For each question at which place its passage came: beyond `within`, one more than that."""
    found: list[int] = []
    for question in questions:
        hits = (await index.search(question.text, within)).hits
        found.append(next((at for at, hit in enumerate(hits, start=1) if question.is_hit(hit)), within + 1))
    return found


def plain_ranks(collection: Collection, within: int = 10) -> list[int]:
    """The same for BM25 on bigrams and stemmed words over the very passages, the baseline."""
    search = plain([{"text": text} for text in collection.passages], ["text"])
    orders = (search(question.text)[:within] for question in collection.questions)
    return [
        order.index(question.passage) + 1 if question.passage in order else within + 1
        for question, order in zip(collection.questions, orders, strict=True)
    ]


def share(found: Sequence[int], within: int) -> float:
    """In percent, how many are that near."""
    return 100 * sum(rank <= within for rank in found) / len(found)


async def quality(data: Path) -> None:
    print("| set | passages | questions | | top 1 | top 5 | top 10 |\n|---|---|---|---|---|---|---|")
    for language in LANGUAGES:
        collection = read(data / language)
        async with indexed(collection) as index:
            count = (await index.statistics()).passages
            found = await ranks(index, collection.questions)
        _row(language, len(collection.passages), "BM25 over the very passages", plain_ranks(collection))
        for half in HALVES:
            asked = zip(collection.questions, found, strict=True)
            of_half = [rank for question, rank in asked if half in ("all", question.half)]
            _row(language, count, "**ours**" if half == "all" else f"ours, {half}", of_half)


Opened = Callable[[str], Keeping]
"""Opens what the index of a name keeps."""


@asynccontextmanager
async def place(url: str) -> AsyncGenerator[Opened]:
    """Where indexes are made: in a folder that is gone afterwards, or in the PostgreSQL of a URL, where they stay."""
    if not url:
        with tempfile.TemporaryDirectory() as folder:
            yield lambda name: SqliteKeeping(Path(folder) / name)
        return
    known = KnowledgeDatabase(Database(url))
    await known.open()
    for name in ("large", "small"):
        await known.forget(name)
    yield known.kept
    await known.close()


async def speed(data: Path, url: str, passages: int = 10_000) -> None:
    """How long it takes to index that many passages, to load the index, to ask it and to add a file to it."""
    collections = [read(data / language) for language in LANGUAGES]
    files = [*mixed(collections, passages)]
    text_bytes = sum(len(passage.text.encode()) for file in files for passage in file)
    texts = [passage.text for file in files for passage in file]
    simulated = [Remembering(Simulated(Collection((), {}, ()), 1.0, texts=texts))]
    async with place(url) as opened:
        kept = opened("large")
        index = FusedIndex(kept)
        made_s = await _timed(_put_all(index, files[1:]))
        added_s = await _timed(index.put("0", files[0]))
        await index.close()
        room = f"; the index takes {kept.path.stat().st_size / 1e6:.0f} MB" if isinstance(kept, SqliteKeeping) else ""
        index = FusedIndex(opened("large"))
        questions = [question.text for collection in collections for question in collection.questions]
        random.Random(7).shuffle(questions)
        loaded_s = await _timed(index.search(questions[0], 10))
        taken = sorted([await _timed(index.search(question, 10)) for question in questions[1:1001]])
        removed_s = await _timed(index.remove("0"))
        small = FusedIndex(opened("small"))
        megabyte_s = await _timed(_put_texts(small, ["\n\n".join(one.text for one in file) for file in files]))
        await small.close()
        await simulated[0].embed(questions[:1001], "query")
        await index.use(simulated, None)
        await index.complete()
        await index.close()
        index = FusedIndex(opened("large"), embedders=simulated)
        both_loaded_s = await _timed(index.search(questions[0], 10))
        both = sorted([await _timed(index.search(question, 10)) for question in questions[1:1001]])
        await index.close()
    print(f"{passages:,} passages of {text_bytes / passages:,.0f} bytes, in {len(files)} files{room}")
    print("\n| what | measured |\n|---|---|")
    rows = {
        "index of all of them": f"{made_s:.1f} s",
        "loaded, first query included": f"{1000 * loaded_s:.0f} ms",
        f"a file of {len(files[0])} passages added": f"{1000 * added_s:.0f} ms",
        "a file removed": f"{1000 * removed_s:.0f} ms",
        "1 MB of text in 20 files, cut and put": f"{megabyte_s:.1f} s",
        "query p50": f"{1000 * taken[len(taken) // 2]:.1f} ms",
        "query p95": f"{1000 * taken[len(taken) * 19 // 20]:.1f} ms",
        "hybrid, 384 dimensions: loaded, first query included": f"{1000 * both_loaded_s:.0f} ms",
        "hybrid query p50, the embedding itself left out": f"{1000 * both[len(both) // 2]:.1f} ms",
        "hybrid query p95": f"{1000 * both[len(both) * 19 // 20]:.1f} ms",
    }
    print("\n".join(f"| {what} | {measured} |" for what, measured in rows.items()))


def mixed(collections: Sequence[Collection], passages: int) -> Iterator[list[Passage]]:
    """Files of 50 passages of about 390 signs, of sentences drawn from all of a set: half Chinese, half English."""
    draw = random.Random(5)
    drawn = [[*chain.from_iterable(sentences(text) for text in collection.passages)] for collection in collections]
    for number in range(passages // PER_FILE):
        file: list[Passage] = []
        while len(file) < PER_FILE:
            text = ""
            while signs(text) < 390:
                text += draw.choice(drawn[number % len(drawn)])
            file.append(Passage(len(file), text, "text", Place(0, len(text))))
        yield file


async def _put_all(index: KnowledgeIndex, files: Sequence[list[Passage]]) -> None:
    for number, file in enumerate(files, start=1):
        await index.put(str(number), file)


async def _put_texts(index: KnowledgeIndex, texts: Sequence[str]) -> None:
    """The first megabyte of them, in files of 50,000 bytes."""
    data = "".join(texts).encode()
    for number in range(20):
        text = data[number * 50_000 : (number + 1) * 50_000].decode(errors="ignore")
        await index.put(str(number), [*split([Piece(text)])])


async def _timed(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def hybrid(data: Path, folder: Path | None) -> None:
    """Words alone, and with embedders that by themselves find nothing, a little, much and nearly everything; and with a
    real model in a folder."""
    print("| set | embedder | alone: top 1 | hybrid: top 1 | top 5 | the held out half: top 1 | top 5 |")
    print("|---|---|---|---|---|---|---|")
    for language in LANGUAGES:
        collection = read(data / language)
        simulated = {f"simulated, {strength}": Simulated(collection, strength) for strength in (0.0, 0.12, 0.2, 0.3)}
        embedders: dict[str, Embedder | None] = {"none": None, **simulated}
        if folder is not None:
            embedders[f"`{folder.name}`"] = LocalEmbedder(folder)
        for name, embedder in embedders.items():
            given = [Remembering(embedder)] if embedder else []
            async with indexed(collection, *given) as index:
                if given:
                    await given[0].embed([question.text for question in collection.questions], "query")
                found = await ranks(index, collection.questions)
                told = (await index.search(collection.questions[0].text, 1)).problem
            held_out = [
                rank for asked, rank in zip(collection.questions, found, strict=True) if asked.half == HALVES[2]
            ]
            shares = [share(ranks, within) for ranks in (found, held_out) for within in (1, 5)]
            alone = f"{await _alone(collection, given[0]):.1f} %" if given else ""
            print(f"| `{language}` | {name} | {alone} | {' | '.join(f'{each:.1f} %' for each in shares)} |")
            if told:
                print(told.en)


async def _alone(collection: Collection, embedder: Embedder) -> float:
    """In percent, how often the nearest vector is the right passage's."""
    places = [Hit(file, one, 0) for file, text in collection.files.items() for one in split([Piece(text)])]
    documents = await embedder.embed([hit.passage.text for hit in places], "document")
    questions = await embedder.embed([asked.text for asked in collection.questions], "query")
    nearest = np.argmax(questions @ documents.T, axis=1)
    right = [asked.is_hit(places[at]) for asked, at in zip(collection.questions, nearest, strict=True)]
    return 100 * sum(right) / len(right)


def _row(language: str, passages: int, label: str, found: Sequence[int]) -> None:
    shares = " | ".join(f"{share(found, within):.1f} %" for within in (1, 5, 10))
    print(f"| `{language}` | {passages:,} | {len(found):,} | {label} | {shares} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--speed", action="store_true", help="how long it takes instead")
    parser.add_argument("--postgresql", metavar="URL", default="", help="with --speed: there instead of in SQLite")
    parser.add_argument("--hybrid", action="store_true", help="with simulated embedders instead")
    parser.add_argument("--embedder", type=Path, help="with --hybrid: a real model, in a folder")
    given = parser.parse_args()
    hybridly = given.hybrid or given.embedder
    asyncio.run(
        speed(given.data) if given.speed else hybrid(given.data, given.embedder) if hybridly else quality(given.data)
    )


if __name__ == "__main__":
    main()
