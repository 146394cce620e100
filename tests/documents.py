"""Documents of every kind, made small and for one test, as the programs that people use make them."""

import io
import json
import zipfile
from datetime import datetime
from email.message import EmailMessage

import xlsxwriter
from docx import Document
from pptx import Presentation
from pptx.util import Inches
from pypdf import PdfWriter


def word() -> bytes:
    document = Document()
    document.core_properties.title = "员工手册"
    document.add_heading("员工手册", 0)
    document.add_heading("休假", 1)
    document.add_paragraph("年假十天。")
    document.add_paragraph("先申请", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("类别", "天数", "病假", "5|6"), strict=True
    ):
        cell.text = text
    document.add_heading("Travel", 1)
    document.add_paragraph("Book early.")
    return _saved(document)


def slides() -> bytes:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "销售计划"
    slide.placeholders[1].text = "第一季度增长两成"
    slide.notes_slide.notes_text_frame.text = "提醒：说明原因"
    other = presentation.slides.add_slide(presentation.slide_layouts[5])
    other.shapes.title.text = "Regions"
    table = other.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    for cell, text in zip(table.iter_cells(), ("Region", "Sum", "North", "12"), strict=True):
        cell.text = text
    return _saved(presentation)


def workbook(*, calculated: bool = True) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("价格")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for row, values in enumerate([("商品", "单价", "数量", "合计", "日期"), ("绿茶", 12.5, 4)]):
        sheet.write_row(row, 0, values)
    sheet.write_formula(1, 3, "=B2*C2", None, 50 if calculated else "")
    sheet.write_datetime(1, 4, datetime(2026, 3, 1), day)
    book.add_worksheet("空")
    book.add_worksheet("Stock").write_row(3, 0, ["Item", "Left"])
    book.close()
    return file.getvalue()


def book() -> bytes:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:title>茶经</dc:title></metadata><manifest><item id="b" href="b.xhtml"/><item id="a" href="t/a%20a.xhtml"/>'
        '</manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    return archive(
        {
            "META-INF/container.xml": container,
            "OPS/book.opf": package,
            "OPS/t/a a.xhtml": "<html><body><h1>一之源</h1><p>茶者，南方之嘉木也。</p></body></html>",
            "OPS/b.xhtml": "<html><body><h1>二之具</h1><p>籝，一曰篮。</p></body></html>",
        }
    )


def notebook() -> bytes:
    cells = [
        {"cell_type": "markdown", "source": ["# 分析\n", "先看数据。"]},
        {
            "cell_type": "code",
            "source": "print(1 + 1)\n",
            "outputs": [
                {"output_type": "stream", "text": ["2\n"]},
                {"data": {"image/png": "x", "text/plain": "<Fig>"}},
            ],
        },
    ]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "安娜 <anna@example.com>", "ben@example.com", "退货问题"
    message.set_content("请看附件。", charset="gb18030")
    message.add_alternative("<p>请看附件。</p>", subtype="html")
    message.add_attachment(workbook(), maintype="application", subtype="octet-stream", filename="价格.xlsx")
    message.add_attachment(b"\0\1\2" * 100, maintype="application", subtype="octet-stream", filename="x.bin")
    return message.as_bytes()


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page, as small as one can be."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, line in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({line}) Tj ET"
        about = f"/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number} 0 R"
        objects += [f"<</Type/Page{about}>>", f"<</Length {len(stream)}>>stream\n{stream}\nendstream"]
    written, places = b"%PDF-1.4\n", list[int]()
    for number, text in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj{text}endobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer<</Size {count}/Root 1 0 R>>\n"
    return written + f"{end}startxref\n{len(written)}\n%%EOF".encode()


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf("secret")))
    writer.encrypt("a password", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def outlined_pdf() -> bytes:
    """Four pages below an outline of two parts, the first with a chapter."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("One", "Two", "Three", "Four")))
    part = writer.add_outline_item(title="Part A", page_number=0)
    writer.add_outline_item(title="Chapter 2", page_number=1, parent=part)
    writer.add_outline_item(title="Part B", page_number=3)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def slow_pdf(pages: int) -> bytes:
    """A PDF that takes some milliseconds a page."""
    return pdf(*[") Tj 0 -1 Td (".join(["words"] * 400)] * pages)


def archive(files: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return file.getvalue()


def _saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()
