"""A sheet as a table of records: a header row, and a record in each row below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from bots.spreadsheet import markup, reading, values
from bots.spreadsheet.address import LAST_ROW, Area, reference
from bots.spreadsheet.excel_table import ExcelTable
from bots.spreadsheet.header import Header
from bots.spreadsheet.reading import Row
from bots.spreadsheet.sheet import Sheet, grow
from bots.spreadsheet.styles import is_date
from bots.spreadsheet.values import Value
from bots.spreadsheet.workbook import Workbook
from engine.errors import BusinessException

Record: TypeAlias = Mapping[str, Value]
_NARROWEST, _WIDEST = 10, 48


class Records:
    """The records of one sheet of a workbook being edited; the sheet is made if it is not there."""

    def __init__(self, workbook: Workbook, sheet: str, header_row: int) -> None:
        self.workbook = workbook
        self.name = sheet
        self.header_row = header_row
        self.fresh = workbook.new or workbook.sheet_part(sheet) is None
        if workbook.sheet_part(sheet) is None:
            workbook.add_sheet(sheet)
        found = workbook.sheet(sheet)
        assert found is not None
        self.sheet: Sheet = found
        self.header = Header.of(None if self.fresh else self._row(header_row))
        part = workbook.table(found.part, header_row)
        self.table = None if part is None else ExcelTable(workbook.package, part)
        if self.table is not None:
            area = self.table.area
            inside = {at: name for at, name in self.header.columns.items() if area.left <= at <= area.right}
            self.header = Header(inside)

    def _row(self, number: int) -> Row | None:
        return next(reading.rows(self.workbook.path, self.name, number, number), None)

    def rows(self) -> Iterator[Row]:
        """The rows below the header, as they stood before this edit."""
        if self.fresh:
            return
        for row in reading.rows(self.workbook.path, self.name, self.header_row + 1):
            if self.table is not None and row.number > self.table.area.bottom - int(self.table.totals):
                return
            yield row

    def matching(self, wanted: Record) -> list[Row]:
        """The rows whose cells in these columns hold these values."""
        columns = self.header.known(wanted, f"sheet {self.name} of {self.workbook.path.name}")
        return [row for row in self.rows() if all(values.same(row.value(columns[key]), wanted[key]) for key in wanted)]

    def append(self, records: Sequence[Record]) -> int:
        """Write records below the last row; returns the number of the first new row."""
        if self.table is not None:
            self.table.refuse_totals()
        columns = self._columns(records)
        left, right = self.header.left, self.header.right
        bottom = None if self.table is None else self.table.area.bottom
        formulas = self.table.formulas() if self.table is not None else {}
        last = max(self.sheet.last_row(left, right, bottom, formulas), self.header_row)
        first = last + 1
        self._refuse_overflow(first, len(records))
        styles = {at: self._style_below(last, at) for at in range(left, right + 1)}
        for number, record in enumerate(records, first):
            cells = {at: self._formula(number, at, formula, styles[at]) for at, formula in formulas.items()}
            for name, value in record.items():
                cells[columns[name]] = self._cell(number, columns[name], value, styles[columns[name]])
            self.sheet.put(number, cells)
        self.sheet.store()
        self._grow(last, len(records))
        return first

    def update(self, row: Row, record: Record) -> list[str]:
        """Change the cells of a row that differ from the record; returns the names of their columns."""
        columns = self._columns([record])
        changed = {name: value for name, value in record.items() if not self._has(row, columns[name], value)}
        cells = {}
        for name, value in changed.items():
            column = columns[name]
            self._refuse_formula(row.number, name, column)
            style = self.sheet.style(row.number, column)
            base = self._style_below(row.number - 1, column) if style is None else style
            cells[column] = self._cell(row.number, column, value, base)
        if cells:
            self.sheet.put(row.number, cells)
        self.sheet.store()
        return list(changed)

    def _has(self, row: Row, column: int, value: Value) -> bool:
        if column in row.stale:
            return False
        held = row.get(column)
        return values.same(held, value) and isinstance(held, str) == isinstance(value, str)

    def _refuse_formula(self, row: int, name: str, column: int) -> None:
        if self.sheet.formula(row, column) is not None:
            raise BusinessException(
                "FORMULA_IN_CELL",
                f"cell {reference(row, column)} ({name}) of sheet {self.name} holds a formula, which is kept",
                advice=f"leave {name} out of the row, or clear the cell first",
            )

    def _refuse_overflow(self, first: int, count: int) -> None:
        if first + count - 1 > LAST_ROW:
            raise BusinessException("SHEET_FULL", f"sheet {self.name} has no room for {count} rows more")
        if self.table is None:
            return
        area = self.table.area
        for number in range(area.bottom + 1, first + count):
            if self.sheet.holds(number, area.left, area.right):
                raise BusinessException(
                    "NO_ROOM_BELOW_TABLE",
                    f"row {number} below the table {self.table.name} is not empty, so the table cannot grow",
                    advice="move what stands below the table to another sheet",
                )

    def _grow(self, last: int, count: int) -> None:
        grow(self.workbook.package, self.sheet.part, last, count)
        self.workbook.grow_filter_name(self.name, last, count)
        if self.table is not None:
            area = self.table.area
            self.table.cover(Area(area.top, area.left, max(area.bottom, last + count), area.right))

    def _columns(self, records: Sequence[Record]) -> dict[str, int]:
        """The column of each name in the records; those that are missing are added to the header."""
        names = list(dict.fromkeys(name for record in records for name in record))
        missing = [name for name in names if self.header.column(name) is None]
        if missing:
            first_ever = not self.header.columns
            for name in missing:
                self._add_column(name.strip())
            if first_ever:
                self._set_widths(records)
        found = {name: self.header.column(name) for name in names}
        return {name: column for name, column in found.items() if column is not None}

    def _add_column(self, name: str) -> None:
        if not name:
            raise BusinessException("COLUMN_NOT_FOUND", "a column without a name cannot be written", advice="name it")
        beside = self.header.right
        column = self.header.add(name)
        if self.table is not None:
            if any(self.sheet.holds(row, column, column) for row in self.sheet.rows):
                raise BusinessException(
                    "NO_ROOM_BESIDE_TABLE",
                    f"column {name!r} cannot be added: the cells right of the table {self.table.name} are not empty",
                    advice="add the column in Excel, or move what stands beside the table",
                )
            self.table.add_column(name)
        style = self.sheet.style(self.header_row, beside) if beside else None
        bold = self.workbook.styles.fitting(0, None, bold=True) if style is None else style
        self.sheet.put(self.header_row, {column: self._cell(self.header_row, column, name, bold)})

    def _set_widths(self, records: Sequence[Record]) -> None:
        """A new table is looked at by people: each column as wide as what its first rows show."""
        if self.sheet.root.child("cols") is not None:
            return
        columns = []
        for column, name in self.header.columns.items():
            shown = [name, *(_shown(record.get(name)) for record in records[:50])]
            width = min(max(_NARROWEST, max(map(len, shown)) + 2), _WIDEST)
            head = f"<{self.sheet.prefix}col "
            columns.append(f'{head}min="{column}" max="{column}" width="{width}" customWidth="1"/>')
        assert self.sheet.body is not None
        prefix = self.sheet.prefix
        xml = f"<{prefix}cols>{''.join(columns)}</{prefix}cols>".encode()
        place = self.sheet.body.start
        self.workbook.package.put(self.sheet.part, markup.splice(self.sheet.data, [(place, place, xml)]))
        changes = self.sheet.changes
        self.sheet = Sheet(self.workbook.package, self.sheet.part)
        self.sheet.changes = changes

    def _style_below(self, last: int, column: int) -> int:
        """A new row looks like the one above it."""
        above = self.sheet.style(last, column) if last > self.header_row else None
        return self.sheet.column_style(column) if above is None else above

    def _cell(self, row: int, column: int, value: Value, base: int) -> bytes:
        style = fitting_style(self.workbook, base, value)
        return values.cell(reference(row, column), value, style, self.sheet.prefix, self.workbook.epoch_1904)

    def _formula(self, row: int, column: int, formula: bytes, style: int) -> bytes:
        prefix = self.sheet.prefix
        head = f'<{prefix}c r="{reference(row, column)}" s="{style}"><{prefix}f>'
        return head.encode() + formula + f"</{prefix}f></{prefix}c>".encode()


def fitting_style(workbook: Workbook, base: int, value: Value) -> int:
    """The style of the neighbours, with another number format only where theirs would show the value wrongly."""
    styles = workbook.styles
    if isinstance(value, str):
        return styles.fitting(base, None, quoted=True) if value.startswith(values.RISKY) else base
    shown, wanted = styles.number_format(base), values.number_format(value)
    if isinstance(value, date):
        return base if is_date(shown) else styles.fitting(base, wanted)
    if isinstance(value, Decimal):
        return styles.fitting(base, wanted) if shown in ("General", "@") or is_date(shown) else base
    if isinstance(value, int) and not isinstance(value, bool) and is_date(shown):
        return styles.fitting(base, "General")
    return base


def _shown(value: Value) -> str:
    return format(value, ",.2f") if isinstance(value, Decimal) else values.canonical(value)
