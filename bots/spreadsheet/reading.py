"""Reading rows: streamed, values as people see them, formulas by the result they had when last calculated."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from bots.spreadsheet.address import reference
from bots.spreadsheet.package import refused
from bots.spreadsheet.values import Value, canonical, found
from bots.spreadsheet.workbook import Workbook, unknown_sheet
from engine.errors import BusinessException

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


class Uncalculated(BusinessException):
    """A formula's result is asked for, and nobody has calculated it since the file was changed."""

    def __init__(self, path: Path, cell: str) -> None:
        super().__init__(
            "FORMULA_NOT_CALCULATED",
            f"cell {cell} of {path.name} holds a formula that was not calculated since the file was last changed",
            advice="open the file in Excel or LibreOffice and save it, or read the columns that the formula is made of",
        )


class Row(dict[int, Value]):
    """The values of a row by column. Asking for a formula that nobody calculated is an exception."""

    def __init__(self, path: Path, number: int, values: dict[int, Value], stale: frozenset[int]) -> None:
        super().__init__(values)
        self.path, self.number, self.stale = path, number, stale

    def value(self, column: int) -> Value:
        if column in self.stale:
            raise Uncalculated(self.path, reference(self.number, column))
        return self.get(column)

    @property
    def blank(self) -> bool:
        return not self.stale and all(canonical(value) == "" for value in self.values())


def sheet_names(path: Path) -> list[str]:
    """The sheets that a person sees; BusinessException if the file is no spreadsheet."""
    with closing(Workbook(path)) as workbook:
        return workbook.names()


def rows(path: Path, sheet: str, first: int = 1, last: int | None = None) -> Iterator[Row]:
    """The rows of a sheet from `first` on, one at a time, those without a value too."""
    with closing(Workbook(path)) as workbook:
        part = workbook.sheet_part(sheet)
        if part is None:
            raise unknown_sheet(path, sheet, workbook.names())
        formulas = _FORMULA.search(workbook.package.read(part)) is not None
        stale = formulas and workbook.stale()
        name = workbook.spelled(sheet)
    with _opened(path, values=True) as values:
        sheet_values = values[name]
        sheet_values.reset_dimensions()
        cells = sheet_values.iter_rows(min_row=first, max_row=last)
        if not formulas:
            yield from (_row(path, first + at, line, line, False) for at, line in enumerate(cells))
            return
        with _opened(path, values=False) as written:
            sheet_written = written[name]
            sheet_written.reset_dimensions()
            pairs = zip(cells, sheet_written.iter_rows(min_row=first, max_row=last), strict=True)
            yield from (_row(path, first + at, line, other, stale) for at, (line, other) in enumerate(pairs))


def _row(path: Path, number: int, cells: Any, written: Any, all_stale: bool) -> Row:
    values: dict[int, Value] = {}
    stale = set()
    for column, (cell, source) in enumerate(zip(cells, written, strict=True), 1):
        if source.value is not None and source.data_type == "f" and (all_stale or cell.value is None):
            stale.add(column)
        elif cell.value is not None:
            values[column] = found(cell.value, cell.number_format)
    return Row(path, number, values, frozenset(stale))


@contextmanager
def _opened(path: Path, *, values: bool) -> Iterator[Any]:
    import openpyxl

    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl cannot write; nothing is written with it here
            book = openpyxl.load_workbook(file, read_only=True, data_only=values)
            try:
                yield book
            finally:
                book.close()
    except (KeyError, ValueError, TypeError, ParseError, zipfile.BadZipFile, EOFError) as error:
        reason = str(error).partition("\n")[0].replace(f" from {path}", "")
        raise refused(path, f"it is damaged ({reason})", "take it from the last backup") from error
