"""How long files take to read, and what that weighs (Linux).

    python -m bench.reading [--mb 800] [--small]

A hundred files of many kinds, five of them made to harm or damaged, two read at a time. With `--small`: 1 MB of text in
20 files instead.
"""

import argparse
import asyncio
import io
import os
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from docx import Document
from pptx import Presentation
from pypdf import PdfWriter

from bench.processes import resident_mb
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.reading import ReadingRoom
from user_agent.sandbox.watch import descendants

GOAL_S, GOAL_MB = 900, 1_500
LOOK_S = 0.2
_ZH = "西湖位于杭州市西部三面环山湖面平均宽度约两公里是中国的世界文化遗产退货期限为三十天运费由买家承担"
_EN = ["the lake", "goods", "may be returned", "within thirty days", "and", "shipping", "is paid by", "the buyer"]


def words(size: int, seed: int) -> str:
    """So many bytes of sentences, half Chinese and half English."""
    rng, parts, left = random.Random(seed), list[str](), size
    while left > 0:
        if rng.random() < 0.5:
            part = "".join(rng.choices(_ZH, k=60)) + "。"
        else:
            part = " ".join(rng.choices(_EN, k=20)).capitalize() + "."
        part += "\n\n" if rng.random() < 0.3 else "\n"
        parts.append(part)
        left -= len(part.encode())
    return "".join(parts)


def text(size: int, seed: int) -> bytes:
    return words(size, seed).encode("utf-8" if seed % 2 else "gb18030", "replace")


def markdown(size: int, seed: int) -> bytes:
    return "\n".join(f"## Part {n}\n\n{words(4_000, seed + n)}" for n in range(size // 4_000)).encode()


def page(size: int, seed: int) -> bytes:
    parts = (f"<h2>Part {n}</h2><p>{words(4_000, seed + n)}</p>" for n in range(size // 4_000))
    return f"<html><title>Page</title><body>{''.join(parts)}</body></html>".encode()


def rows(size: int, seed: int) -> bytes:
    sentences = words(200_000, seed).split("\n")
    lines = (f"{n},{sentences[n % len(sentences)]},{n * 1.5}" for n in range(size // 100))
    return ("number,words,value\n" + "\n".join(lines)).encode()


def records(size: int, seed: int) -> bytes:
    sentences = words(200_000, seed).split("\n")
    return "\n".join(f'{{"n": {n}, "words": "{sentences[n % len(sentences)]}"}}' for n in range(size // 120)).encode()


def tree(size: int, seed: int) -> bytes:
    return b"[" + records(size, seed).replace(b"\n", b",") + b"]"


def pdf(size: int, seed: int) -> bytes:
    """Sixty pages with words, and pictures to that size."""
    from tests.documents import pdf as made

    lines = [") Tj 0 -14 Td (".join(" ".join(_EN) for _ in range(40))] * 60
    writer = PdfWriter(clone_from=io.BytesIO(made(*lines)))
    writer.add_attachment("picture.jpg", random.Random(seed).randbytes(size))
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def word(size: int, seed: int) -> bytes:
    document = Document()
    for n in range(60):
        document.add_heading(f"Part {n}", 1)
        for part in words(4_000, seed + n).split("\n"):
            document.add_paragraph(part)
    return with_picture(document, "word/media/image1.png", size, seed)


def slides(size: int, seed: int) -> bytes:
    presentation = Presentation()
    for n in range(60):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Slide {n}"
        slide.placeholders[1].text = words(500, seed + n)
    return with_picture(presentation, "ppt/media/image1.png", size, seed)


def with_picture(document: object, name: str, size: int, seed: int) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr(name, random.Random(seed).randbytes(size))
    return file.getvalue()


def workbook(size: int, seed: int) -> bytes:
    file, sentences = io.BytesIO(), words(200_000, seed).split("\n")
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet("Data")
    for n in range(size // 60):
        sheet.write_row(n, 0, (n, sentences[n % len(sentences)], n * 1.5))
    book.close()
    return file.getvalue()


def archive(size: int, seed: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for n in range(10):
            packed.writestr(f"folder/{n}.txt", text(size // 10, seed + n))
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Kind:
    ending: str
    count: int
    mb: float
    """Of each file, where all files together have 800."""
    make: Callable[[int, int], bytes]


KINDS = (
    Kind("txt", 20, 5, text),
    Kind("md", 10, 2, markdown),
    Kind("html", 10, 3, page),
    Kind("csv", 10, 8, rows),
    Kind("jsonl", 5, 8, records),
    Kind("json", 5, 8, tree),
    Kind("pdf", 10, 24, pdf),
    Kind("docx", 10, 10, word),
    Kind("pptx", 5, 22, slides),
    Kind("xlsx", 5, 4, workbook),
    Kind("zip", 5, 11, archive),
)
BAD: dict[str, Callable[[], bytes]] = {
    "cut.pdf": lambda: pdf(100_000, 1)[:50_000],
    "bomb.zip": lambda: zeros(200_000_000),
    "deep.html": lambda: b"<div>" * 2_000_000,
    "objects.pdf": lambda: b"%PDF-1.4\n" + b"".join(b"%d 0 obj null endobj\n" % n for n in range(1_000_000)),
    "crowd.zip": lambda: b"PK\x01\x02" * 10_000_000,
}


def zeros(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros.txt", bytes(size))
    return file.getvalue()


def made(folder: Path, mb: float) -> Iterator[Path]:
    for kind in KINDS:
        for number in range(kind.count):
            path = folder / f"{number}.{kind.ending}"
            path.write_bytes(kind.make(int(kind.mb * mb / 800 * 1_000_000), number * 1_000))
            yield path
    for name, make in BAD.items():
        path = folder / name
        path.write_bytes(make())
        yield path


class Weight:
    """The most that this process and those that read weigh together, looked at while they work."""

    def __init__(self) -> None:
        self.most = 0.0
        self.own = 0.0

    async def watch(self) -> None:
        while True:
            own = resident_mb(os.getpid())
            self.own = max(self.own, own)
            self.most = max(self.most, own + sum(map(_weight_of, descendants(os.getpid()))))
            await asyncio.sleep(LOOK_S)


def _weight_of(pid: int) -> float:
    try:
        return resident_mb(pid)
    except (OSError, StopIteration):
        return 0.0  # it has ended meanwhile


async def read_all(paths: list[Path], weight: Weight) -> dict[str, str]:
    """How long each took, or why it was not read."""
    told: dict[str, str] = {}
    watching = asyncio.create_task(weight.watch())
    async with ReadingRoom(processes=2) as room:

        async def one(path: Path) -> None:
            started = time.monotonic()
            try:
                reading = await room.read(path, path.name)
                told[path.name] = f"{len(reading.text) / 1e6:.1f} M characters, {len(reading.pieces)} pieces"
            except FileUnreadable as error:
                told[path.name] = error.words.en
            told[path.name] += f" ({time.monotonic() - started:.1f} s)"

        waiting = iter(paths)

        async def some() -> None:
            for path in waiting:
                await one(path)

        await asyncio.gather(some(), some())
    watching.cancel()
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, default=800)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.small:
            paths = [Path(folder) / f"{number}.txt" for number in range(20)]
            for number, path in enumerate(paths):
                path.write_bytes(words(50_000, number).encode())
        else:
            paths = list(made(Path(folder), options.mb))
        size, weight, started = sum(path.stat().st_size for path in paths), Weight(), time.monotonic()
        told = asyncio.run(read_all(paths, weight))
        took = time.monotonic() - started
    for name, what in told.items():
        sys.stdout.write(f"{name}: {what}\n")
    print(
        f"{len(paths)} files of {size / 1e6:.0f} MB in {took:.1f} s (goal {GOAL_S}); at most {weight.most:.0f} MB with "
        f"the processes that read (goal {GOAL_MB}), {weight.own:.0f} MB without"
    )


if __name__ == "__main__":
    main()
