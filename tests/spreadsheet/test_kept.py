"""A workbook that people made keeps all that they put into it."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes.context import PlainContext
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula

from bots.spreadsheet.actions import Append, Read, Upsert, Write, append, read, upsert, write
from engine.errors import BusinessException

STRANGE = b"<slicers xmlns='urn:of-a-later-version'/>"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Two rows of data, a total beside them, and one of each thing that programs like to lose."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Ledger"
    sheet.append(["Number", "Vendor", "Total", "Due", None, "Sum"])
    sheet.append(["R-1", "ACME", 10.5, datetime(2026, 1, 31), None, "=SUM(C2:C100)"])
    sheet.append(["R-2", "Bolt", 20, datetime(2026, 2, 28)])
    for row in (2, 3):
        sheet.cell(row, 3).number_format = "#,##0.00 €"
        sheet.cell(row, 4).number_format = "dd.mm.yyyy"
        sheet.cell(row, 2).fill = PatternFill("solid", fgColor="FFFF00")
    sheet["A1"].font = Font(italic=True)
    sheet["B2"].comment = Comment("call them first", "Ann")
    sheet.auto_filter.ref = "A1:D3"
    sheet.conditional_formatting.add("C2:C3", CellIsRule(operator="greaterThan", formula=["15"], font=Font(bold=True)))
    checked = DataValidation(type="list", formula1='"ACME,Bolt"')
    checked.add("B2:B3")
    sheet.add_data_validation(checked)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "H2")
    book.defined_names["Totals"] = DefinedName("Totals", attr_text="Ledger!$C$2:$C$100")
    book.create_sheet("Hidden notes").sheet_state = "hidden"
    path = tmp_path / "ledger.xlsx"
    book.save(path)
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("xl/slicers/slicer1.xml", STRANGE)
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def sheet(path: Path, name: str = "Ledger") -> Any:
    return openpyxl.load_workbook(path)[name]


ROW = {"Number": "R-3", "Vendor": "Bolt", "Total": Decimal("30.00"), "Due": date(2026, 3, 31)}


def test_an_append_changes_the_sheet_and_leaves_every_other_part_as_it_was(ledger: Path, context: PlainContext) -> None:
    before = parts(ledger)
    append(Append(file="ledger.xlsx", sheet="Ledger", row=ROW), PlainContext(ledger.parent))
    after = parts(ledger)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert after["xl/slicers/slicer1.xml"] == STRANGE


def test_formulas_charts_comments_names_and_styles_are_still_there(ledger: Path, context: PlainContext) -> None:
    append(Append(file="ledger.xlsx", sheet="Ledger", row=ROW), context)
    after = openpyxl.load_workbook(ledger)
    page = after["Ledger"]
    assert page["F2"].value == "=SUM(C2:C100)"
    assert page["B2"].comment is not None
    assert page["B2"].comment.text == "call them first"
    assert len(page._charts) == 1
    assert page["A1"].font.italic
    assert after.defined_names["Totals"].attr_text == "Ledger!$C$2:$C$100"
    assert after["Hidden notes"].sheet_state == "hidden"


def test_a_new_row_looks_like_the_one_above(ledger: Path, context: PlainContext) -> None:
    append(Append(file="ledger.xlsx", sheet="Ledger", row=ROW), context)
    page = sheet(ledger)
    assert page["C4"].number_format == "#,##0.00 €"
    assert page["D4"].number_format == "dd.mm.yyyy"
    assert page["D4"].value == datetime(2026, 3, 31)
    assert page["B4"].fill.fgColor.rgb == "00FFFF00"


def test_filter_checks_and_colours_cover_the_new_row(ledger: Path, context: PlainContext) -> None:
    append(Append(file="ledger.xlsx", sheet="Ledger", row=ROW), context)
    page = sheet(ledger)
    assert page.auto_filter.ref == "A1:D4"
    assert str(page.data_validations.dataValidation[0].sqref) == "B2:B4"
    assert [str(area.sqref) for area in page.conditional_formatting] == ["C2:C4"]
    assert "$A$1:$D$4" in parts(ledger)["xl/workbook.xml"].decode()


def test_a_changed_cell_keeps_its_format_and_its_neighbours(ledger: Path, context: PlainContext) -> None:
    upsert(
        Upsert(file="ledger.xlsx", sheet="ledger", by="number", row={"number": "R-1", "total": Decimal("99.95")}),
        context,
    )
    page = sheet(ledger)
    assert page["C2"].value == 99.95
    assert page["C2"].number_format == "#,##0.00 €"
    assert page["F2"].value == "=SUM(C2:C100)"
    assert page["B2"].value == "ACME"


def test_a_formula_is_not_overwritten_by_a_record(ledger: Path, context: PlainContext) -> None:
    with pytest.raises(BusinessException) as caught:
        upsert(Upsert(file="ledger.xlsx", sheet="Ledger", by="Number", row={"Number": "R-1", "Sum": 1}), context)
    assert str(caught.value) == (
        "cell F2 (Sum) of sheet Ledger holds a formula, which is kept; leave Sum out of the row, or clear the cell first"
    )


def test_a_formula_without_a_result_is_never_read_as_nothing(ledger: Path, context: PlainContext) -> None:
    first = read(Read(file="ledger.xlsx"), context).rows[0]
    assert "Sum" not in first
    with pytest.raises(BusinessException, match="cell F2 of ledger.xlsx holds a formula that was not calculated"):
        read(Read(file="ledger.xlsx", where={"Sum": 30}), context)


def test_the_results_of_formulas_that_excel_kept_are_read(ledger: Path, context: PlainContext) -> None:
    as_excel_saves(ledger)
    assert read(Read(file="ledger.xlsx"), context).rows[0]["Sum"] == Decimal("30.5")


def test_after_a_change_the_old_result_of_a_formula_is_not_read(ledger: Path, context: PlainContext) -> None:
    as_excel_saves(ledger)
    append(Append(file="ledger.xlsx", sheet="Ledger", row=ROW), context)
    assert "Sum" not in read(Read(file="ledger.xlsx"), context).rows[0]
    after = parts(ledger)
    assert b"30.5" in after["xl/worksheets/sheet1.xml"]  # a person's preview still shows it
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]
    assert not any(b"calcChain" in name.encode() + content for name, content in after.items())


def as_excel_saves(path: Path) -> None:
    """With the results of formulas in the file, and a chain of their order."""
    held = parts(path)
    formula, result = rb"(<f>SUM\(C2:C100\)</f>)<v\s*/?>(</v>)?", rb"\1<v>30.5</v>"
    held["xl/worksheets/sheet1.xml"] = re.sub(formula, result, held["xl/worksheets/sheet1.xml"])
    held["xl/workbook.xml"] = held["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")
    held["xl/calcChain.xml"] = b'<calcChain xmlns="urn:x"><c r="F2" i="1"/></calcChain>'
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    relation = b'<Relationship Id="rId99" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
    names = held["xl/_rels/workbook.xml.rels"]
    held["xl/_rels/workbook.xml.rels"] = names.replace(b"</Relationships>", relation)
    override = b'<Override PartName="/xl/calcChain.xml" ContentType="chain"/></Types>'
    held["[Content_Types].xml"] = held["[Content_Types].xml"].replace(b"</Types>", override)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)


def test_single_cells_are_written(ledger: Path, context: PlainContext) -> None:
    cells = {"C2": Decimal("11.00"), "b9": "new", "AA30": date(2026, 5, 1), "A5": None}
    write(Write(file="ledger.xlsx", sheet="Ledger", cells=cells), context)
    page = sheet(ledger)
    assert (page["C2"].value, page["B9"].value, page["AA30"].value) == (11, "new", datetime(2026, 5, 1))
    assert page["C2"].number_format == "#,##0.00 €"
    assert page["AA30"].number_format == "yyyy-mm-dd"
    assert page["F2"].value == "=SUM(C2:C100)"
    with pytest.raises(BusinessException, match="'row 7' is no cell; write a column and a row, as in B7"):
        write(Write(file="ledger.xlsx", sheet="Ledger", cells={"row 7": 1}), context)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "Data"
    page["B1"] = "Invoices of the year"
    for at, row in enumerate([["Number", "Net", "Gross"], ["R-1", 100, "=tbl[[#This Row],[Net]]*1.19"]], 3):
        for column, value in enumerate(row, 2):
            page.cell(at, column, value)
    made = Table(displayName="tbl", ref="B3:D4")
    made._initialise_columns()
    for column, name in zip(made.tableColumns, ["Number", "Net", "Gross"], strict=True):
        column.name = name
    made.tableColumns[2].calculatedColumnFormula = TableFormula(attr_text="tbl[[#This Row],[Net]]*1.19")
    page.add_table(made)
    page["F3"] = "beside"
    path = tmp_path / "table.xlsx"
    book.save(path)
    return path


def test_an_excel_table_grows_and_fills_its_formulas(table: Path, context: PlainContext) -> None:
    rows = [{"number": "R-2", "net": Decimal("200.00")}, {"number": "R-3", "net": Decimal("300.00")}]
    done = append(Append(file="table.xlsx", sheet="Data", rows=rows, header_row=3), context)
    page = sheet(table, "Data")
    assert done.row == 5
    assert page.tables["tbl"].ref == "B3:D6"
    assert page.tables["tbl"].autoFilter.ref == "B3:D6"
    assert page["D6"].value == "=tbl[[#This Row],[Net]]*1.19"
    assert page["C6"].value == 300


def test_an_empty_row_of_a_new_table_is_used_first(table: Path, context: PlainContext) -> None:
    book = openpyxl.load_workbook(table)
    book["Data"]["B4"] = None
    book["Data"]["C4"] = None
    book.save(table)
    assert append(Append(file="table.xlsx", sheet="Data", row={"Number": "R-1"}, header_row=3), context).row == 4
    assert sheet(table, "Data").tables["tbl"].ref == "B3:D4"


def test_a_table_gets_a_new_column_where_there_is_room(table: Path, context: PlainContext) -> None:
    row = {"Number": "R-1", "Bill <4711>": "x & y"}
    upsert(Upsert(file="table.xlsx", sheet="Data", by="Number", row=row, header_row=3), context)
    made = sheet(table, "Data").tables["tbl"]
    assert made.ref == "B3:E4"
    assert [column.name for column in made.tableColumns] == ["Number", "Net", "Gross", "Bill <4711>"]
    assert sheet(table, "Data")["E3"].value == "Bill <4711>"
    with pytest.raises(BusinessException, match="the cells right of the table tbl are not empty"):
        append(Append(file="table.xlsx", sheet="Data", row={"One more": 1}, header_row=3), context)


def test_what_stands_below_a_table_is_not_overwritten(table: Path, context: PlainContext) -> None:
    book = openpyxl.load_workbook(table)
    book["Data"]["B5"] = "checked by Ann"
    book.save(table)
    with pytest.raises(BusinessException) as caught:
        append(Append(file="table.xlsx", sheet="Data", row={"Number": "R-2"}, header_row=3), context)
    assert str(caught.value) == (
        "row 5 below the table tbl is not empty, so the table cannot grow; "
        "move what stands below the table to another sheet"
    )


def test_a_total_row_is_not_overwritten(table: Path, context: PlainContext) -> None:
    held = parts(table)
    held["xl/tables/table1.xml"] = held["xl/tables/table1.xml"].replace(
        b'ref="B3:D4"', b'ref="B3:D4" totalsRowCount="1"', 1
    )
    with zipfile.ZipFile(table, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    with pytest.raises(BusinessException, match="the table tbl ends in a total row, so nothing can be appended to it"):
        append(Append(file="table.xlsx", sheet="Data", row={"Number": "R-2"}, header_row=3), context)


def test_a_workbook_of_another_program_with_prefixes_and_without_places(tmp_path: Path, context: PlainContext) -> None:
    """The Open XML SDK writes `x:row` and may leave out where a row or a cell stands."""
    path = tmp_path / "sdk.xlsx"
    openpyxl.Workbook().save(path)
    held = parts(path)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = '<x:c t="inlineStr"><x:is><x:t>{}</x:t></x:is></x:c>'
    lines = "".join(f"<x:row>{''.join(cell.format(one) for one in row)}</x:row>" for row in (("A", "B"), ("1", "2")))
    held["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{space}"><x:sheetData>{lines}</x:sheetData></x:worksheet>'.encode()
    )
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    append(Append(file="sdk.xlsx", sheet="Sheet", row={"A": "3", "C": "=4"}), context)
    upsert(Upsert(file="sdk.xlsx", sheet="Sheet", by="A", row={"A": "1", "B": "two"}), context)
    assert [[one.value for one in row] for row in sheet(path, "Sheet").iter_rows()] == [
        ["A", "B", "C"],
        ["1", "two", None],
        ["3", None, "=4"],
    ]
    assert sheet(path, "Sheet")["C3"].data_type == "s"


def test_days_are_counted_as_the_file_counts_them(tmp_path: Path, context: PlainContext) -> None:
    book = openpyxl.Workbook()
    book.epoch = datetime(1904, 1, 1)
    book.active.append(["Day"])
    book.save(tmp_path / "mac.xlsx")
    append(Append(file="mac.xlsx", sheet="Sheet", row={"Day": date(2026, 3, 1)}), context)
    assert sheet(tmp_path / "mac.xlsx", "Sheet")["A2"].value == datetime(2026, 3, 1)
