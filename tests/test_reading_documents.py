"""Documents become pieces that know their headings, pages, sheets and members; and documents that were made to harm."""

import io
import struct
import zipfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests import documents
from tests.documents import archive, pdf
from tests.test_knowledge import no_file_larger_than
from user_agent.knowledge.pieces import Piece
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.process import Limits
from user_agent.knowledge.reading import ReadingRoom


@pytest.fixture
async def room() -> AsyncGenerator[ReadingRoom, None]:
    async with ReadingRoom(processes=1) as room:
        yield room


async def why_not(room: ReadingRoom, file: bytes | Path, name: str) -> str:
    with pytest.raises(FileUnreadable) as caught:
        await room.read(file, name)
    return caught.value.why


# --- what is read ---


async def test_a_word_document_keeps_headings_lists_and_tables(room: ReadingRoom) -> None:
    reading = await room.read(documents.word(), "手册.docx")
    leave = ("员工手册", "休假")
    assert reading.title == "员工手册"
    assert reading.pieces == (
        Piece("员工手册", headings=("员工手册",)),
        Piece("休假", headings=leave),
        Piece("年假十天。", headings=leave),
        Piece("- 先申请", headings=leave),
        Piece("| 类别 | 天数 |\n| --- | --- |\n| 病假 | 5\\|6 |", "table", leave),
        Piece("Travel", headings=("员工手册", "Travel")),
        Piece("Book early.", headings=("员工手册", "Travel")),
    )


async def test_slides_are_pages_with_their_notes(room: ReadingRoom) -> None:
    reading = await room.read(documents.slides(), "plan.pptx")
    assert reading.pieces == (
        Piece("销售计划", headings=("销售计划",), page=1),
        Piece("第一季度增长两成", headings=("销售计划",), page=1),
        Piece("提醒：说明原因", headings=("销售计划",), page=1),
        Piece("Regions", headings=("Regions",), page=2),
        Piece("| Region | Sum |\n| --- | --- |\n| North | 12 |", "table", ("Regions",), page=2),
    )


async def test_sheets_are_tables_with_the_values_of_their_formulas(room: ReadingRoom) -> None:
    reading = await room.read(documents.workbook(), "prices.xlsx")
    prices = (
        "| 商品 | 单价 | 数量 | 合计 | 日期 |\n| --- | --- | --- | --- | --- |\n| 绿茶 | 12.5 | 4 | 50 | 2026-03-01 |"
    )
    assert reading.pieces == (
        Piece(prices, "table", ("价格",), sheet="价格"),
        Piece("| Item | Left |\n| --- | --- |", "table", ("Stock",), sheet="Stock"),
    )
    assert not reading.notes
    (note,) = (await room.read(documents.workbook(calculated=False), "made.xlsx")).notes
    assert "公式" in note.zh and "save it" in note.en


async def test_pages_of_a_pdf_stand_below_the_headings_of_its_outline(room: ReadingRoom) -> None:
    reading = await room.read(documents.outlined_pdf(), "guide.pdf")
    assert reading.pieces == (
        Piece("One", headings=("Part A",), page=1),
        Piece("Two", headings=("Part A", "Chapter 2"), page=2),
        Piece("Three", headings=("Part A", "Chapter 2"), page=3),
        Piece("Four", headings=("Part B",), page=4),
    )


async def test_a_book_is_read_in_its_order(room: ReadingRoom) -> None:
    reading = await room.read(documents.book(), "tea.epub")
    assert reading.title == "茶经"
    assert reading.pieces == (
        Piece("一之源", headings=("一之源",)),
        Piece("茶者，南方之嘉木也。", headings=("一之源",)),
        Piece("二之具", headings=("二之具",)),
        Piece("籝，一曰篮。", headings=("二之具",)),
    )


async def test_a_notebook_is_its_words_its_code_and_what_it_printed(room: ReadingRoom) -> None:
    reading = await room.read(documents.notebook(), "study.ipynb")
    assert [(piece.text, piece.kind, piece.headings) for piece in reading.pieces] == [
        ("分析", "text", ("分析",)),
        ("先看数据。", "text", ("分析",)),
        ("print(1 + 1)", "code", ("分析",)),
        ("2", "code", ("分析",)),
        ("<Fig>", "code", ("分析",)),
    ]


async def test_a_mail_is_read_with_its_attachments(room: ReadingRoom) -> None:
    reading = await room.read(documents.mail(), "letter.eml")
    head, body, prices, _ = reading.pieces
    assert "安娜" in head.text and "退货问题" in head.text
    assert body == Piece("请看附件。", headings=("退货问题",))
    assert (prices.member, prices.sheet, prices.kind) == ("价格.xlsx", "价格", "table")
    (note,) = reading.notes
    assert "x.bin" in note.zh and "x.bin" in note.en


async def test_an_archive_is_its_files_each_read_as_its_kind(room: ReadingRoom) -> None:
    inner = archive({"in.txt": "inside", "deeper.zip": archive({"x.txt": "x"})})
    packed = archive(
        {"文档/手册.docx": documents.word(), "n.zip": inner, "__MACOSX/._a": b"\0", "bad.pdf": b"%PDF-1.4"}
    )
    reading = await room.read(packed, "all.zip")
    assert {piece.member for piece in reading.pieces} == {"文档/手册.docx", "n.zip/in.txt"}
    told = [note.en for note in reading.notes]
    assert len(told) == 2 and "deeper.zip" in told[0] and "Unpack it first" in told[0] and "bad.pdf" in told[1]


async def test_names_in_an_archive_are_read_as_they_were_written(room: ReadingRoom) -> None:
    packed = archive({"aaaa.txt": "words"}).replace(b"aaaa.txt", "说明".encode("gbk") + b".txt")
    assert (await room.read(packed, "old.zip")).pieces[0].member == "说明.txt"


# --- what was made to harm, or is damaged ---


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with other content in one of its files."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return archive({other: packed.read(other) for other in packed.namelist() if other != name} | {name: content})


def locked_zip() -> bytes:
    """An archive whose files say that they are encrypted, at both places that say so."""
    data = bytearray(archive({"a.txt": "words"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def crowd(entries: int) -> bytes:
    """An archive that lists that many files without a byte in them."""
    data = archive({"a.txt": ""})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    listed = data[start:end] * entries
    return data[:start] + listed + data[end : end + 12] + len(listed).to_bytes(4, "little") + data[end + 16 :]


def hidden_crowd(entries: int) -> bytes:
    """The same, where only the larger ending for large archives, which is believed instead, says how many they are."""
    data = crowd(entries)
    start, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    larger = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return data[:end] + larger + locator + data[end : end + 12] + bytes(4) + data[end + 16 :]


BLANK = b" " * 60_000_000


@pytest.mark.parametrize(
    ("name", "made", "why"),
    [
        ("bomb.zip", lambda: archive({"a.txt": BLANK}), "bomb"),
        ("bomb.docx", lambda: with_member(documents.word(), "word/document.xml", BLANK), "bomb"),
        ("bomb.xlsx", lambda: with_member(documents.workbook(), "xl/worksheets/sheet1.xml", BLANK), "bomb"),
        ("crowd.zip", lambda: crowd(1_000_000), "members"),
        ("crowd64.zip", lambda: hidden_crowd(1_000_000), "members"),
        ("few.zip", lambda: crowd(2_500), "members"),
        ("locked.zip", locked_zip, "locked"),
        ("locked.pdf", documents.locked_pdf, "locked"),
        ("cut.pdf", lambda: pdf("words")[:200], "broken"),
        ("cut.docx", lambda: documents.word()[:-400], "broken"),
        ("cut.xlsx", lambda: documents.workbook()[:-100], "broken"),
        ("cut.zip", lambda: archive({"a.txt": "words"})[:-30], "broken"),
        ("cut.pptx", lambda: with_member(documents.slides(), "ppt/presentation.xml", b"<p:pre"), "broken"),
        ("cut.ipynb", lambda: documents.notebook()[:-30], "broken"),
        ("odd.ipynb", lambda: b'{"cells": [1, 2]}', "broken"),
        ("no.epub", lambda: archive({"a.txt": "words"}), "broken"),
        ("words.docx", lambda: b"just words", "broken"),
        ("no.eml", lambda: b"\0\1\2", "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
async def test_a_document_that_cannot_be_read_says_why_and_the_next_one_is_read(
    room: ReadingRoom, name: str, made: Callable[[], bytes], why: str
) -> None:
    assert await why_not(room, made(), name) == why
    assert (await room.read(b"fine", "a.txt")).text == "fine"


async def test_entries_that_lead_out_of_an_archive_are_refused_one_by_one(room: ReadingRoom) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in ("../x.txt", "/abs.txt", "C:\\x.txt", "a" * 4_096 + ".txt", "Good.txt", "good.TXT"):
            packed.writestr(name, "words")
        packed.writestr(link, "/etc/passwd")
    reading = await room.read(file.getvalue(), "odd.zip")
    assert reading.pieces == (Piece("words", member="Good.txt"),)
    assert len(reading.notes) == 6


async def test_an_archive_that_lies_about_a_size_gives_no_more_than_it_said(room: ReadingRoom) -> None:
    data = bytearray(archive({"big.txt": b"x" * 1_000_000, "fine.txt": "fine"}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    reading = await room.read(bytes(data), "lying.zip")
    assert reading.text == "fine" and "big.txt" in reading.notes[0].en


ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY out SYSTEM "file://{secret}"><!ENTITY a "ha"><!ENTITY b "'
    + "&a;" * 5_000
    + '">]>'
)


@pytest.mark.parametrize(
    ("name", "made", "member"),
    [
        ("x.docx", documents.word, "word/document.xml"),
        ("x.pptx", documents.slides, "ppt/slides/slide1.xml"),
        ("x.xlsx", documents.workbook, "xl/sharedStrings.xml"),
        ("x.epub", documents.book, "OPS/book.opf"),
    ],
)
async def test_no_document_makes_its_parser_fetch_or_grow(
    room: ReadingRoom, tmp_path: Path, name: str, made: Callable[[], bytes], member: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    with zipfile.ZipFile(io.BytesIO(made())) as packed:
        xml = packed.read(member).decode()
    head, _, body = xml.rpartition("?>")
    text = (
        body.replace("年假十天", "&out;&b;")
        .replace("第一季度", "&out;&b;")
        .replace("商品", "&out;&b;")
        .replace("茶经", "&out;&b;")
    )
    assert text != body or not head
    hostile = with_member(made(), member, (ENTITIES.replace("{secret}", str(secret)) + text).encode())
    try:
        reading = await room.read(hostile, name)
    except FileUnreadable as error:
        assert error.why == "broken"
    else:
        assert "canary" not in reading.text and len(reading.text) < 5_000


async def test_a_pdf_of_very_many_objects_is_read_or_given_up_in_time() -> None:
    many = b"".join(b"%d 0 obj\nnull\nendobj\n" % number for number in range(10, 300_000))
    async with ReadingRoom(processes=1, limits=Limits(seconds=1.5)) as room:
        try:
            assert (await room.read(pdf("words").replace(b"xref", many + b"xref"), "many.pdf")).text == "words"
        except FileUnreadable as error:
            assert error.why in ("late", "broken")
        assert (await room.read(b"fine", "a.txt")).text == "fine"


async def test_pages_that_there_is_no_time_for_are_told() -> None:
    async with ReadingRoom(processes=1, limits=Limits(seconds=1.5)) as room:
        reading = await room.read(documents.slow_pdf(pages=400), "slow.pdf")
    assert reading.pieces and not reading.whole and "400" in reading.notes[0].en and "400" in reading.notes[0].zh


async def test_documents_are_read_while_the_disk_is_full(room: ReadingRoom) -> None:
    long = "\n".join(f"Line {number}." for number in range(20_000))
    packed = archive({"long.txt": long, "w.docx": documents.word(), "s.xlsx": documents.workbook()})
    files = {"all.zip": packed, "mail.eml": documents.mail(), "guide.pdf": pdf("words")}
    with no_file_larger_than(1):  # that holds for the process that reads, which starts with its first file
        for name, data in files.items():
            reading = await room.read(data, name)
            assert reading.pieces and reading.whole, name


class _Log:
    """An open file that somebody writes to while it is read."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path
        self.fileno, self.close = file.fileno, file.close

    def read(self, size: int) -> bytes:
        with open(self._path, "ab") as more:
            more.write(b"more")
        return self._file.read(size)


class _LogPath(type(Path())):
    def open(self, *how: Any, **more: Any) -> Any:
        return _Log(super().open(*how, **more), Path(self))


async def test_a_file_that_changes_while_it_is_read_is_not_taken(room: ReadingRoom, tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text("words\n" * 100)
    assert await why_not(room, _LogPath(file), "log.txt") == "changed"
    assert (await room.read(file, "log.txt")).text.startswith("words")
