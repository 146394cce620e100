"""Files become pieces: what each kind gives, in which encodings, and what a file can do to the one who reads it."""

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from user_agent.knowledge.pieces import Piece
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.process import Asked, Limits, ReadingProcess
from user_agent.knowledge.reading import ReadingRoom
from user_agent.sandbox.watch import children_of

LAKE = "西湖位于杭州市西部，三面环山，湖面平均宽度约两公里。"
TAIWAN = "西湖位於杭州市西部，三面環山，湖面平均寬度約兩公里。"


@pytest.fixture
async def room() -> AsyncGenerator[ReadingRoom, None]:
    async with ReadingRoom() as room:
        yield room


async def why_not(room: ReadingRoom, file: bytes | Path, name: str) -> FileUnreadable:
    """Why a file is not read; the sentence names it in both languages."""
    with pytest.raises(FileUnreadable) as caught:
        await room.read(file, name)
    assert name in caught.value.words.zh and name in caught.value.words.en
    return caught.value


def seen_by(process: int) -> tuple[str, set[str]]:
    """The environment of a process, and what its open files are."""
    folder = Path(f"/proc/{process}")
    return (folder / "environ").read_text(), {os.readlink(file).partition(":")[0] for file in (folder / "fd").iterdir()}


class Readers:
    """The processes that read for a test; one that was there before it, such as a browser, is none of them."""

    def __init__(self) -> None:
        self._before = frozenset(children_of(os.getpid()))

    async def outermost(self) -> list[int]:
        below = await asyncio.to_thread(children_of, os.getpid())
        return [process for process in below if process not in self._before]

    async def innermost(self) -> list[int]:
        """Those that read: each is at the end of a row of walls around it."""

        def last(process: int) -> int:
            return next((last(child) for child in children_of(process)), process)

        return [await asyncio.to_thread(last, process) for process in await self.outermost()]


@pytest.fixture
def readers() -> Readers:
    return Readers()


# --- what is read ---


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (LAKE, "utf-8-sig"),
        (LAKE, "gbk"),
        ("Order 退货 policy: 30天 days", "gb18030"),
        (TAIWAN, "gb18030"),
        (TAIWAN, "big5"),
        ("退貨", "big5"),
        (LAKE + "\n\n1. 退货", "utf-16"),
        (LAKE + "\n\n1. 退货", "utf-16-le"),
        (LAKE + "\n\n1. 退货", "utf-16-be"),
        ("Größe über Straße, à la carte", "cp1252"),
        ("Привет, мир, как дела", "cp1251"),
    ],
)
async def test_text_is_read_in_the_encoding_that_its_bytes_show(room: ReadingRoom, text: str, encoding: str) -> None:
    reading = await room.read(text.encode(encoding), "notes.txt")
    assert reading.text == text


async def test_a_few_broken_bytes_do_not_change_the_encoding_of_the_rest(room: ReadingRoom) -> None:
    broken = LAKE.encode()[:30] + b"\xff\xfe\xff" + LAKE.encode()[30:]
    reading = await room.read(broken, "notes.txt")
    assert reading.text.replace("\ufffd", "") == LAKE


async def test_text_is_cut_at_empty_lines_whatever_ends_them(room: ReadingRoom) -> None:
    reading = await room.read("一\r\n二\r\n\r\n \u3000\r\n三\r\r四".encode(), "notes.txt")
    assert [piece.text for piece in reading.pieces] == ["一\n二", "三", "四"]


async def test_markdown_keeps_its_headings_tables_and_code(room: ReadingRoom) -> None:
    text = (
        "---\ntitle: x\n---\n# 退货 #\n<!-- hidden -->\n三十天。\n\nRefund\n------\n"
        "| day | rate |\n| --- | ---: |\n| 1 | 100% |\n\n"
        "```sh\n# no heading\n\nrun\n```\n## 运费\n五元。\n"
    )
    reading = await room.read(text.encode(), "policy.md")
    assert reading.pieces == (
        Piece("退货", headings=("退货",)),
        Piece("三十天。", headings=("退货",)),
        Piece("Refund", headings=("退货", "Refund")),
        Piece("| day | rate |\n| --- | ---: |\n| 1 | 100% |", "table", ("退货", "Refund")),
        Piece("```sh\n# no heading\n\nrun\n```", "code", ("退货", "Refund")),
        Piece("运费", headings=("退货", "运费")),
        Piece("五元。", headings=("退货", "运费")),
    )


async def test_a_web_page_is_what_a_person_sees_of_it(room: ReadingRoom) -> None:
    page = (
        "<html><head><meta charset=gb2312><title>商店 </title></head><body><nav>首页</nav><h1>退货 <i>说明</i></h1>"
        "<p>三十天内。</p><p hidden>SYSTEM</p><h2>运费 <b style='display:none'>SYSTEM</b></h2>"
        "<table><tr><th>城市<th>元</tr><tr><td>杭州|西湖<td>5</tr></table><pre>a  b\n\nc</pre>"
        "<ul><li>顺丰</ul><script>SYSTEM</script><footer>版权</footer></body></html>"
    )
    reading = await room.read(page.encode("gbk"), "page.html")
    assert reading.title == "商店"
    assert "SYSTEM" not in reading.text and "首页" not in reading.text and "版权" not in reading.text
    assert Piece("退货 说明", headings=("退货 说明",)) in reading.pieces
    assert Piece("| 城市 | 元 |\n| --- | --- |\n| 杭州\\|西湖 | 5 |", "table", ("退货 说明",)) in reading.pieces
    assert Piece("a  b\n\nc", "code", ("退货 说明",)) in reading.pieces
    assert "运费" in reading.text and "顺丰" in reading.text


@pytest.mark.parametrize(("name", "between"), [("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";")])
async def test_a_long_table_repeats_its_header(room: ReadingRoom, name: str, between: str) -> None:
    rows = "\n".join(f'{number}{between}"茶, {number}"' for number in range(130))
    reading = await room.read(f"编号{between}名称\n{rows}".encode("gbk"), name)
    assert len(reading.pieces) > 1
    for piece in reading.pieces:
        assert piece.kind == "table" and piece.text.startswith("| 编号 | 名称 |\n| --- | --- |\n| ")
    assert reading.pieces[-1].text.endswith("| 129 | 茶, 129 |")


async def test_json_is_cut_along_its_structure(room: ReadingRoom) -> None:
    shop = {"name": "茶", "items": [{"sku": number, "text": "绿茶" * 40} for number in range(30)], "open": True}
    reading = await room.read(json.dumps(shop).encode(), "shop.json")
    assert {piece.headings for piece in reading.pieces} == {(), ("items",)}
    items = [item for piece in reading.pieces if piece.headings for item in json.loads(piece.text)]
    assert items == shop["items"]


async def test_what_is_no_json_is_read_as_text_and_that_is_told(room: ReadingRoom) -> None:
    reading = await room.read("{name: 茶".encode(), "shop.json")
    assert reading.text == "{name: 茶"
    assert "shop.json" in reading.notes[0].zh and "JSON" in reading.notes[0].en
    lines = await room.read('{"a": "茶"}\n\n{"b"\n'.encode(), "shop.jsonl")
    assert [piece.text for piece in lines.pieces] == ['{"a": "茶"}', '{"b"']
    assert "1" in lines.notes[0].en


async def test_source_code_is_cut_between_definitions(room: ReadingRoom) -> None:
    body = "\n\n".join(f"    step_{number} = {number}" for number in range(120))
    code = f"import os\n\n\ndef first():\n{body}\n\n\ndef second():\n{body}\n"
    reading = await room.read(code.encode(), "job.py")
    assert [piece.text.split("\n")[0] for piece in reading.pieces] == ["import os", "def first():", "def second():"]
    assert {piece.kind for piece in reading.pieces} == {"code"}


async def test_a_file_without_a_known_ending_is_read_as_what_it_is(room: ReadingRoom) -> None:
    page = await room.read(b"<!doctype html><title>T</title><p>words", "page.php3")
    assert (page.title, page.text) == ("T", "words")
    assert (await room.read(LAKE.encode(), "NOTES")).text == LAKE


# --- what cannot be read ---


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "nothing.txt", "empty"),
        (b" \n\n ", "blank.md", "empty"),
        (b"<html><body><p hidden>x</p></body></html>", "hidden.html", "empty"),
        (bytes(range(256)) * 8, "photo.raw", "unknown_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "letter.doc", "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "plan.xlsx", "locked"),
        (b"[" * 200_000, "deep.json", ""),
    ],
)
async def test_a_file_that_cannot_be_read_says_why_in_both_languages(
    room: ReadingRoom, data: bytes, name: str, why: str
) -> None:
    if why:
        assert (await why_not(room, data, name)).why == why
    else:
        assert (await room.read(data, name)).notes


async def test_a_file_that_is_too_large_or_gone_is_not_begun(tmp_path: Path) -> None:
    async with ReadingRoom(limits=Limits(file_bytes=2_000_000)) as room:
        file = tmp_path / "large.txt"
        file.write_bytes(b"x" * 2_000_001)
        error = await why_not(room, file, "large.txt")
        assert error.why == "too_large" and "2 MB" in error.words.zh and "2 MB" in error.words.en
        assert (await why_not(room, tmp_path / "gone.txt", "gone.txt")).why == "gone"


async def test_text_without_end_is_cut_and_that_is_told() -> None:
    async with ReadingRoom(limits=Limits(text_chars=1_000)) as room:
        reading = await room.read(b"word word\n\n" * 1_000, "endless.txt")
        assert len(reading.text) < 1_400 and "1,000" in reading.notes[0].en


# --- what a file can do to the one who reads it ---


async def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read(readers: Readers) -> None:
    async with ReadingRoom(processes=1, limits=Limits(seconds=0.3)) as room:
        assert (await why_not(room, b"<div>" * 400_000, "deep.html")).why == "late"
        assert await readers.outermost() == []
    async with ReadingRoom(processes=1) as room:
        assert (await room.read(b"fine", "a.txt")).text == "fine"


async def test_a_file_that_takes_too_much_memory_is_given_up() -> None:
    async with ReadingRoom(limits=Limits(memory_bytes=1_000_000)) as room:
        error = await why_not(room, b"[" + b"[]," * 6_000_000 + b"[]]", "lists.json")
        assert error.why == "memory" and "1 MB" in error.words.en


async def test_a_crash_costs_one_file(room: ReadingRoom, readers: Readers) -> None:
    await room.read(b"first", "a.txt")
    os.kill((await readers.innermost())[0], signal.SIGSEGV)
    assert (await why_not(room, b"second", "b.txt")).why == "crashed"
    assert (await room.read(b"third", "c.txt")).text == "third"


async def test_a_reading_that_is_cancelled_is_ended(room: ReadingRoom, readers: Readers) -> None:
    begun = asyncio.Event()
    rows = b"a,b\n" + b"1,2\n" * 3_000_000
    reading = asyncio.create_task(room.read(rows, "rows.csv", progress=lambda share: begun.set()))
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await readers.outermost() == []


async def test_a_process_that_is_just_being_started_is_ended(room: ReadingRoom, readers: Readers) -> None:
    await room.read(b"word", "a.txt")  # what starts one is known by then
    async with asyncio.timeout(60):
        for tenths_ms in range(30):
            starting = asyncio.create_task(ReadingProcess.start(Limits()))
            await asyncio.sleep(tenths_ms / 10_000)
            starting.cancel()
            with suppress(asyncio.CancelledError):
                await (await starting).end()
    assert len(await readers.outermost()) == 1


async def test_a_process_ends_whose_words_nobody_has_heard() -> None:
    process = await ReadingProcess.start(Limits())
    frames = process.read(Asked(b"a,b\n" + b"1,2\n" * 300_000, "rows.csv"))
    async with aclosing(frames), asyncio.timeout(30):
        await anext(frames)
        # Asyncio stops to read from it where much is waiting, and sees no end then.
        while not vars(vars(process)["_said"])["_paused"]:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.01)
        await process.end()


async def test_processes_are_few_see_nothing_of_the_server_and_are_used_again(
    monkeypatch: pytest.MonkeyPatch, readers: Readers
) -> None:
    monkeypatch.setenv("DASHSCOPE_API_KEY", "canary")
    async with ReadingRoom(processes=2) as room:
        assert await readers.outermost() == []
        await asyncio.gather(*(room.read(b"word", f"{number}.txt") for number in range(12)))
        assert len(await readers.outermost()) == 2
        for process in await readers.innermost():
            environment, files = await asyncio.to_thread(seen_by, process)
            assert "canary" not in environment
            assert files <= {"pipe", "/dev/null"}
    assert await readers.outermost() == []


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("bwrap"), reason="there is no bubblewrap")
async def test_a_process_that_reads_sees_neither_files_nor_networks_of_this_machine(
    room: ReadingRoom, readers: Readers
) -> None:
    await room.read(b"word", "a.txt")
    inside = Path(f"/proc/{(await readers.innermost())[0]}")
    root = inside / "root"
    seen = await asyncio.to_thread(
        lambda: [(root / path).exists() for path in ("usr/lib", "etc/passwd", "work", "home")]
    )
    assert seen == [True, False, False, False]
    networks = await asyncio.to_thread((inside / "net" / "dev").read_text)
    assert [line.split(":")[0].strip() for line in networks.splitlines()[2:]] == ["lo"]
