"""What was appended under which key: a sheet that no menu shows keeps it in the very file, so that the row and
the note of it reach the disk together, and a repeated append finds what the first one did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bots.spreadsheet import reading, values
from bots.spreadsheet.address import reference
from bots.spreadsheet.workbook import Workbook

SHEET = "_clerkwork"
HEADER = ("key", "sheet", "row", "rows", "written")


@dataclass(frozen=True, slots=True)
class Mark:
    key: str
    sheet: str
    row: int
    rows: int


def find(workbook: Workbook, path: Path, key: str) -> Mark | None:
    """What was appended under this key, if anything was."""
    if workbook.new or workbook.sheet_part(SHEET) is None:
        return None
    for row in reading.rows(path, SHEET, 2):
        if row.get(1) == key:
            return Mark(key, str(row.get(2)), int(str(row.get(3))), int(str(row.get(4))))
    return None


def add(workbook: Workbook, mark: Mark, now: datetime) -> None:
    """Note an append in the workbook being edited."""
    sheet = workbook.sheet(SHEET)
    if sheet is None:
        workbook.add_sheet(SHEET, hidden=True)
        sheet = workbook.sheet(SHEET)
        assert sheet is not None
        sheet.put(1, _cells(1, HEADER))
    number = max(sheet.last_row(1, 1), 1) + 1
    sheet.put(number, _cells(number, (mark.key, mark.sheet, mark.row, mark.rows, now.isoformat())))
    sheet.store()


def _cells(row: int, given: Iterable[values.Value]) -> dict[int, bytes]:
    return {column: values.cell(reference(row, column), value, 0) for column, value in enumerate(given, 1)}
