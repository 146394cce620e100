"""What the guide says without a model: whether it answers what the files tell, and says so of what they do not.

    python -m bench.answers [--data ../shared/data/retrieval]

Each question of a set is asked twice: of the whole collection (`bench.knowledge`), and of the collection without the
passage that answers it, whose other passages are about the same matters. Of the English questions half have no answer:
they are asked the second way alone. The weights (`user_agent/models/rules/fitting.py`) and thresholds (`quoting.py`)
were chosen by one half of the questions; the other is what counts.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path

from bench.knowledge import indexed
from bench.retrieval import BETWEEN, DATA, HALVES, PER_FILE, Asked, Collection, read
from user_agent.events import KnowledgeFile
from user_agent.knowledge.answering import numbered
from user_agent.knowledge.index import LEAST_SCORE, KnowledgeIndex
from user_agent.knowledge.passages import split
from user_agent.knowledge.pieces import Piece
from user_agent.knowledge.searching import Findings
from user_agent.models.rules.quoting import Quote, quoted
from user_agent.serve.finding import MOST_HITS
from user_agent.serve.running import GUIDE_ROOM
from user_agent.words import Language

TOLD = ("surely", "likely", "hardly", "not at all")
LANGUAGES: tuple[Language, ...] = ("zh", "en")


async def said(index: KnowledgeIndex, question: str, language: Language) -> Quote | None:
    """What the guide quotes for a question."""
    found = await index.search(question, MOST_HITS)
    files = tuple(KnowledgeFile(file=hit.file, name=hit.file, state="searched") for hit in found.hits)
    hits = Findings(found, files).told(hit for hit in found.hits if hit.score >= LEAST_SCORE)
    return quoted(question, numbered(hits, GUIDE_ROOM.knowledge or 0), language)


async def asked_both_ways(
    collection: Collection, language: Language
) -> AsyncGenerator[tuple[Asked, bool, Quote | None]]:
    """Each question, whether the passage that it is about was there, and what was said."""
    async with indexed(collection) as index:
        for question in collection.questions:
            if question.answer:
                yield question, True, await said(index, question.text, language)
        for number in range(len(collection.passages)):
            questions = [question for question in collection.questions if question.passage == number]
            if not questions:
                continue
            first = number // PER_FILE * PER_FILE
            others = (*collection.passages[first:number], *collection.passages[number + 1 : first + PER_FILE])
            await index.put(questions[0].file, [*split([Piece(BETWEEN.join(others))])])
            for question in questions:
                yield question, False, await said(index, question.text, language)
            whole = collection.files[questions[0].file]
            await index.put(questions[0].file, [*split([Piece(whole)])])


async def measure(data: Path) -> None:
    print(f"| set | half | the passage | questions | {' | '.join(TOLD)} | the answer is in the quote |")
    print(f"|---|---|---|---|{'---|' * len(TOLD)}---|")
    for language in LANGUAGES:
        told: Counter[tuple[str, bool, str]] = Counter()
        right: Counter[str] = Counter()
        async for question, there, quote in asked_both_ways(read(data / language), language):
            told[question.half, there, quote.answers if quote else TOLD[-1]] += 1
            right[question.half] += there and quote is not None and _plain(question.answer) in _plain(quote.text)
        for half in HALVES[1:]:
            for there in (True, False):
                counts = [told[half, there, answers] for answers in TOLD]
                shares = [f"{100 * count / sum(counts):.1f} %" for count in counts]
                shares.append(f"{100 * right[half] / sum(counts):.1f} %" if there else "")
                row = (f"`{language}`", half, "there" if there else "taken out", str(sum(counts)), *shares)
                print(f"| {' | '.join(row)} |")


def _plain(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    asyncio.run(measure(parser.parse_args().data))


if __name__ == "__main__":
    main()
