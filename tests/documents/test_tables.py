"""Tables: ruled, half ruled and unruled, with joined cells and several lines in a cell, over pages, and none at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bots.documents.document import Table, table_data
from bots.documents.opening.load import text_pages
from bots.documents.pages.rulings import scanned_rulings
from bots.documents.reader import understand
from bots.documents.schemas import INVOICE
from bots.documents.table_actions import TakeTables, take_tables
from bots.documents.tables.finding import tables_of
from engine.errors import BusinessException
from tests.fakes.context import PlainContext

HEIGHT = 842.0


class Sheet:
    """A page to draw on, measured in points from the top left corner."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas

    def text(self, x: float, y: float, text: str, *, right: bool = False, size: float = 10) -> None:
        self.canvas.setFont("Helvetica", size)
        (self.canvas.drawRightString if right else self.canvas.drawString)(x, HEIGHT - y, text)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.line(x0, HEIGHT - y0, x1, HEIGHT - y1)

    def row(self, y: float, cells: Sequence[str], edges: Sequence[float]) -> None:
        """The first cell from the left edge, the others up to theirs."""
        self.text(edges[0], y, cells[0])
        for edge, cell in zip(edges[1:], cells[1:], strict=True):
            if cell:
                self.text(edge, y, cell, right=True)


def tables(tmp_path: Path, *draws: Callable[[Sheet], None]) -> list[Table]:
    """The tables of a PDF with a page for each of these."""
    return tables_of(text_pages(drawn(tmp_path / "t.pdf", *draws)))


def drawn(path: Path, *draws: Callable[[Sheet], None]) -> Path:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(595, HEIGHT))
    for draw in draws:
        draw(Sheet(canvas))
        canvas.showPage()
    canvas.save()
    return path


def grid(sheet: Sheet, top: float = 100) -> None:
    """Three columns; the first head spans two rows, the second two columns; one text has two lines."""
    xs, ys = (60, 200, 300, 400), (top, top + 20, top + 40, top + 75, top + 95)
    for y in ys:
        sheet.line(200 if y == ys[1] else 60, y, 400, y)
    for x in xs:
        sheet.line(x, ys[1] if x == 300 else top, x, ys[-1])
    sheet.text(64, top + 14, "Region")
    sheet.text(260, top + 14, "Orders")
    for x, text in ((204, "2024"), (304, "2025")):
        sheet.text(x, top + 34, text)
    sheet.text(64, top + 54, "Northern counties")
    sheet.text(64, top + 67, "and islands")
    sheet.text(204, top + 54, "1,204")
    sheet.text(304, top + 54, "1,377")
    for x, text in ((64, "South"), (204, "880"), (304, "912")):
        sheet.text(x, top + 89, text)


def test_a_grid_gives_its_cells_with_joined_ones_and_texts_of_several_lines(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, grid)
    assert table.rows == (
        ("Region", "Orders", ""),
        ("", "2024", "2025"),
        ("Northern counties and islands", "1,204", "1,377"),
        ("South", "880", "912"),
    )
    spans = {cell.text: (cell.row_span, cell.column_span) for cell in table.cells}
    assert spans["Region"] == (2, 1)
    assert spans["Orders"] == (1, 2)
    assert spans["South"] == (1, 1)
    assert (table.page, table.heads, table.continues) == (1, 2, False)
    assert table.box is not None
    assert [round(edge) for edge in table.box] == [60, 100, 400, 195]


def test_json_has_box_rows_and_cells(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, grid)
    data = table_data(table)
    assert data["rows"][3] == ["South", "880", "912"]
    assert data["box"] == [60.0, 100.0, 400.0, 195.0]
    assert data["cells"][-1] == {
        "row": 3,
        "column": 2,
        "row_span": 1,
        "column_span": 1,
        "text": "912",
        "box": [300.0, 175.0, 400.0, 195.0],
    }


def test_two_tables_on_a_page_are_two(tmp_path: Path) -> None:
    def both(sheet: Sheet) -> None:
        grid(sheet)
        grid(sheet, 300)

    found = tables(tmp_path, both)
    assert [table.rows[3][0] for table in found] == ["South", "South"]
    assert found[0].box is not None and found[1].box is not None
    assert found[0].box[1] < found[1].box[1]


ROWS = (
    ("Copy paper A4, box of 2,500 sheets", "20", "8.50", "170.00"),
    ("Archive folder, blue", "40", "3.50", "140.00"),
    ("Stapler, heavy duty", "2", "31.00", "62.00"),
    ("Letter trays", "12", "4.25", "51.00"),
)
EDGES = (60, 350, 440, 540)


def unruled(sheet: Sheet) -> None:
    sheet.text(60, 60, "The following goods were delivered to your warehouse in the course of last week.")
    sheet.row(120, ("Description", "Quantity", "Unit price", "Amount"), EDGES)
    y = 138
    for row in ROWS:
        sheet.row(y, row, EDGES)
        y += 18
        if row[0].startswith("Archive"):
            sheet.text(60, y - 6, "with label holder")
            y += 12
    sheet.text(60, y + 30, "Please check the goods on arrival and tell us within five days if anything is missing.")


def test_columns_without_lines_are_found_by_the_space_between_them(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, unruled)
    assert table.heads == 1
    assert table.rows[0] == ("Description", "Quantity", "Unit price", "Amount")
    assert table.rows[1] == ROWS[0]
    assert table.rows[2] == ("Archive folder, blue with label holder", "40", "3.50", "140.00")
    assert len(table.rows) == 5


def half_ruled(sheet: Sheet) -> None:
    for y in (100, 115, 130, 220):
        sheet.line(200 if y == 115 else 60, y, 460, y)
    sheet.text(290, 111, "Number of pupils")
    sheet.row(126, ("School", "Girls", "Boys", "All"), (60, 260, 360, 455))
    for index, row in enumerate(
        (("East", "210", "199", "409"), ("Harbour", "88", "97", "185"), ("Hill", "5", "8", "13"))
    ):
        sheet.row(146 + 18 * index, row, (60, 260, 360, 455))


def test_a_head_over_several_columns_spans_those_its_line_is_drawn_under(tmp_path: Path) -> None:
    (table,) = tables(tmp_path, half_ruled)
    (head,) = [cell for cell in table.cells if cell.text == "Number of pupils"]
    assert (head.row, head.column, head.column_span) == (0, 1, 3)
    assert table.rows[1] == ("School", "Girls", "Boys", "All")
    assert table.rows[-1] == ("Hill", "5", "8", "13")


def address_and_prose(sheet: Sheet) -> None:
    left = ("Harbour Books Ltd", "4 Quay Street", "Bristol BS1 4RB", "United Kingdom")
    right = ("Invoice number: INV-204", "Invoice date: 14 March 2026", "Customer number: 77120", "Page: 1 of 1")
    for index, (one, two) in enumerate(zip(left, right, strict=True)):
        sheet.text(50, 120 + 14 * index, one)
        sheet.text(340, 120 + 14 * index, two)
    for index in range(8):
        sheet.text(50, 260 + 13 * index, "We thank you for your order of 14 March and deliver as agreed in writing.")
    for index, (name, value) in enumerate((("Net total", "310.00"), ("VAT 20%", "62.00"), ("Total due", "372.00"))):
        sheet.row(420 + 16 * index, (name, value), (350, 540))


def test_addresses_names_with_values_and_prose_are_no_tables(tmp_path: Path) -> None:
    assert tables(tmp_path, address_and_prose) == []


def framed_values(sheet: Sheet) -> None:
    for y in (100, 120, 140, 160):
        sheet.line(60, y, 300, y)
    for x in (60, 180, 300):
        sheet.line(x, 100, x, 160)
    for index, (name, value) in enumerate((("Number:", "4711"), ("Date:", "14.03.2026"), ("Clerk:", "Ms Hale"))):
        sheet.text(64, 114 + 20 * index, name)
        sheet.text(184, 114 + 20 * index, value)


def test_names_with_values_in_boxes_are_no_table_either(tmp_path: Path) -> None:
    assert tables(tmp_path, framed_values) == []


def parted(number: int) -> Callable[[Sheet], None]:
    def draw(sheet: Sheet) -> None:
        sheet.row(60, ("Article", "Pieces", "Price"), (60, 300, 400))
        for index in range(5):
            sheet.row(
                80 + 18 * index, (f"Article {chr(65 + 5 * number + index)}", f"{index + 1}", "2.50"), (60, 300, 400)
            )

    return draw


def test_a_table_that_goes_on_with_its_heads_again_is_known_to(tmp_path: Path) -> None:
    found = tables(tmp_path, parted(0), parted(1))
    assert [(table.page, table.continues, table.heads) for table in found] == [(1, False, 1), (2, True, 1)]


def test_every_reading_has_the_tables(tmp_path: Path) -> None:
    pages = text_pages(drawn(tmp_path / "t.pdf", unruled))
    document = understand("t.pdf", pages, INVOICE)
    assert document.to_json()["tables"][0]["rows"][1] == list(ROWS[0])


def test_the_lines_of_a_scan_are_found_and_its_print_is_not() -> None:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (1000, 600), 235)
    pen = ImageDraw.Draw(picture)
    for y in (100, 300, 500):
        pen.line((100, y, 900, y), fill=30, width=3)
    for x in (100, 500, 900):
        pen.line((x, 100, x, 500), fill=30, width=3)
    pen.text((140, 160), "Illinois Mill", fill=0, font_size=40)
    rulings = scanned_rulings(picture, 0.36)
    flat = sorted(round(box[1]) for box in rulings if box[1] == box[3])
    upright = sorted(round(box[0]) for box in rulings if box[0] == box[2])
    assert flat == [36, 108, 180]
    assert upright == [36, 180, 324]


def take(tmp_path: Path, *draws: Callable[[Sheet], None], **asked: Any) -> Any:
    drawn(tmp_path / "t.pdf", *draws)
    with PlainContext(tmp_path) as context:
        return take_tables(TakeTables(file="t.pdf", **asked), context)


def test_the_rows_of_a_table_are_records_by_its_headings(tmp_path: Path) -> None:
    taken = take(tmp_path, parted(0), parted(1), header=True)
    assert len(taken.tables) == 2
    assert len(taken.records) == 10
    assert taken.records[0] == {"Article": "Article A", "Pieces": "1", "Price": "2.50"}
    assert taken.records[9]["Article"] == "Article J"


def test_only_the_columns_asked_for_are_given(tmp_path: Path) -> None:
    taken = take(tmp_path, unruled, parted(0), columns=["description", "Amount"])
    assert [record.get("Amount", record) for record in taken.records] == [
        "170.00",
        "140.00",
        "62.00",
        "51.00",
    ]
    assert taken.records[0] == {"description": ROWS[0][0], "Amount": "170.00"}


def test_pages_may_be_chosen(tmp_path: Path) -> None:
    assert [table.page for table in take(tmp_path, parted(0), parted(1), pages="2").tables] == [2]
    assert [table.page for table in take(tmp_path, parted(0), parted(1), pages=1).tables] == [1]


def test_missing_columns_are_a_business_exception_that_lists_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(BusinessException) as caught:
        take(tmp_path, parted(0), columns=["Article", "Weight"])
    assert caught.value.code == "NO_SUCH_TABLE"
    assert "t.pdf has no table with the columns Article, Weight: its tables have Article, Pieces, Price" in str(
        caught.value
    )


def test_a_page_that_is_not_there_is_a_business_exception(tmp_path: Path) -> None:
    with pytest.raises(BusinessException, match=r"t.pdf has 1 pages, and page 2 was asked for"):
        take(tmp_path, parted(0), pages="1-3")


def test_pages_that_make_no_sense_are_told_at_the_door() -> None:
    with pytest.raises(ValidationError, match=r"pages is '3-1'; expected `all`, or pages such as `2`"):
        TakeTables(file="t.pdf", pages="3-1")
