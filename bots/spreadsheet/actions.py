"""`spreadsheet.*`: Excel files that people and bots share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bots.spreadsheet import marks, reading, values
from bots.spreadsheet.address import place, reference
from bots.spreadsheet.editing import edit
from bots.spreadsheet.header import Header
from bots.spreadsheet.marks import Mark
from bots.spreadsheet.reading import Row
from bots.spreadsheet.records import Records, fitting_style
from bots.spreadsheet.values import Value
from bots.spreadsheet.workbook import Workbook
from engine.action import Effect, Preview, action
from engine.context import Context, File
from engine.errors import BusinessException
from engine.nearest import listed


class Place(BaseModel):
    """Which sheet of which file."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(description="The .xlsx file, in the project's files; it is made if it is not there")
    sheet: str | int = Field(description="The sheet's name; it is made if it is not there")

    @property
    def sheet_name(self) -> str:
        return str(self.sheet)


class Source(BaseModel):
    """Where records are read."""

    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The .xlsx file: one that the item carries, or one of the project's files")
    sheet: str | int | None = Field(default=None, description="The sheet's name; without it, the first one")
    header_row: int = Field(default=1, ge=1, description="The row with the names of the columns")


class Read(Source):
    where: dict[str, Any] = Field(default_factory=dict, description="Only rows with these values: {column: value}")


class Rows(BaseModel):
    rows: list[dict[str, Any]]
    count: int
    sheets: list[str]


@action("spreadsheet.read")
def read(input: Read, context: Context) -> Rows:
    """Read a sheet as a list of records, one for each row that is not empty.

    A column whose formula has not been calculated since the file was last changed is left out of its record.
    """
    path = _source(input.file, context)
    names = reading.sheet_names(path)
    records = [record for _, record in _records(path, _sheet(path, input.sheet, names), input.header_row, input.where)]
    return Rows(rows=records, count=len(records), sheets=names)


class Find(Source):
    where: dict[str, Any] = Field(min_length=1, description="The values to look for: {column: value}")


class Found(BaseModel):
    found: bool
    count: int
    row: int | None
    record: dict[str, Any]


@action("spreadsheet.find")
def find(input: Find, context: Context) -> Found:
    """Find the first row with these values: its number and its record, and how many rows there are."""
    path = _source(input.file, context)
    sheet = _sheet(path, input.sheet, reading.sheet_names(path))
    matches = _records(path, sheet, input.header_row, input.where)
    first = matches[0] if matches else (None, {})
    return Found(found=bool(matches), count=len(matches), row=first[0], record=first[1])


class Append(Place):
    row: dict[str, Any] | None = Field(default=None, description="One record: {column: value}")
    rows: list[dict[str, Any]] | None = Field(default=None, description="Several records")
    header_row: int = Field(default=1, ge=1, description="The row with the names of the columns")

    @model_validator(mode="after")
    def one_of_both(self) -> Append:
        if (self.row is None) == (self.rows is None):
            raise ValueError("give either row or rows")
        return self

    @property
    def records(self) -> list[dict[str, Value]]:
        return [_record(one) for one in (self.rows if self.rows is not None else [self.row or {}]) if one]


class Appended(BaseModel):
    row: int | None = Field(description="The number of the first new row; none if there was nothing to append")
    count: int
    repeated: bool = Field(description="The rows had been appended before, by the same step of the same item")


def preview_append(input: Append, context: Context) -> Preview:
    target = f"{input.file}, sheet {input.sheet_name}"
    if len(input.records) == 1:
        return Preview(target, {name: (None, value) for name, value in input.records[0].items()})
    return Preview(target, {"rows": (None, f"{len(input.records)} more")})


@action("spreadsheet.append", effect=Effect.KEYED, preview=preview_append)
def append(input: Append, context: Context) -> Appended:
    """Add rows below the last one. Text stays text, whatever it starts with; an Excel table grows with its rows.

    The file keeps the key of each append, so that the same step of the same item never appends twice.
    """
    records = input.records

    def change(workbook: Workbook) -> tuple[Appended, bool]:
        mark = marks.find(workbook, workbook.path, context.key) if context.key else None
        if mark is not None:
            return Appended(row=mark.row, count=mark.rows, repeated=True), False
        first = Records(workbook, input.sheet_name, input.header_row).append(records)
        if context.key:
            marks.add(workbook, Mark(context.key, input.sheet_name, first, len(records)), context.now())
        return Appended(row=first, count=len(records), repeated=False), True

    if not records:
        return Appended(row=None, count=0, repeated=False)
    done = edit(context.path(input.file), input.sheet_name, context, change)
    context.event("spreadsheet.append", file=input.file, sheet=input.sheet_name, row=done.row, count=done.count)
    return done


class Upsert(Place):
    by: str | list[str] = Field(description="The column, or columns, that tell the row")
    row: dict[str, Any] = Field(min_length=1, description="The record: {column: value}")
    header_row: int = Field(default=1, ge=1, description="The row with the names of the columns")

    @property
    def keys(self) -> list[str]:
        return [self.by] if isinstance(self.by, str) else self.by

    @model_validator(mode="after")
    def keys_have_values(self) -> Upsert:
        missing = [key for key in self.keys if key not in self.row]
        if missing or not self.keys:
            raise ValueError(f"row has no {listed(missing) or 'column'} to tell the row by")
        return self


class Upserted(BaseModel):
    row: int = Field(description="The number of the row")
    changed: bool = Field(description="Something differed and was written")
    created: bool = Field(description="There was no such row; it was appended")


def preview_upsert(input: Upsert, context: Context) -> Preview:
    path, record = context.path(input.file), _record(input.row)
    target = f"{input.file}, sheet {input.sheet_name}"
    known = path.exists() and input.sheet_name.casefold() in map(str.casefold, reading.sheet_names(path))
    before: Mapping[str, Any] = {}
    if known:
        header = _header(path, input.sheet_name, input.header_row)
        if all(header.column(key) for key in input.keys):
            wanted = {key: record[key] for key in input.keys}
            matches = _records(path, input.sheet_name, input.header_row, wanted)
            if matches:
                target += f", row {matches[0][0]}"
                found = matches[0][1]
                before = {name: found.get(_spelled(header, name)) for name in record}
    changes = {name: (before.get(name), value) for name, value in record.items()}
    return Preview(target, {name: pair for name, pair in changes.items() if not values.same(*pair)})


@action("spreadsheet.upsert", effect=Effect.IDEMPOTENT, preview=preview_upsert)
def upsert(input: Upsert, context: Context) -> Upserted:
    """Change the row with this key, or append it. A column that is missing is added; cells that agree are left."""
    record = _record(input.row)
    wanted = {key: record[key] for key in input.keys}
    empty = [key for key, value in wanted.items() if values.canonical(value) == ""]
    if empty:
        raise BusinessException("KEY_EMPTY", f"the value for {listed(empty)} is empty, and it tells the row")

    def change(workbook: Workbook) -> tuple[Upserted, bool]:
        records = Records(workbook, input.sheet_name, input.header_row)
        row = _only(records, wanted) if all(records.header.column(key) for key in wanted) else None
        if row is None:
            return Upserted(row=records.append([record]), changed=True, created=True), True
        changed = records.update(row, record)
        return Upserted(row=row.number, changed=bool(changed), created=False), bool(changed)

    done = edit(context.path(input.file), input.sheet_name, context, change)
    context.event("spreadsheet.upsert", file=input.file, sheet=input.sheet_name, **done.model_dump())
    return done


class Write(Place):
    cells: dict[str, Any] = Field(min_length=1, description="Cell to value: {B2: Berlin, C2: 12.50}")


class Written(BaseModel):
    changed: bool


def preview_write(input: Write, context: Context) -> Preview:
    path = context.path(input.file)
    before: dict[str, Value] = {}
    if path.exists() and input.sheet_name.casefold() in map(str.casefold, reading.sheet_names(path)):
        for at in input.cells:
            row, column = place(at)
            line = next(reading.rows(path, input.sheet_name, row, row), None)
            before[at] = None if line is None else line.get(column)
    return Preview(
        f"{input.file}, sheet {input.sheet_name}", {at: (before.get(at), value) for at, value in input.cells.items()}
    )


@action("spreadsheet.write", effect=Effect.IDEMPOTENT, preview=preview_write)
def write(input: Write, context: Context) -> Written:
    """Write single cells; their formats stay. A formula that stands in one of them is replaced."""
    given = {place(at): values.check(at, value) for at, value in input.cells.items()}

    def change(workbook: Workbook) -> tuple[Written, bool]:
        if workbook.sheet_part(input.sheet_name) is None:
            workbook.add_sheet(input.sheet_name)
        sheet = workbook.sheet(input.sheet_name)
        assert sheet is not None
        for (row, column), value in given.items():
            at = reference(row, column)
            formula = sheet.formula(row, column)
            if formula is not None and formula.attributes.get("t", "normal") != "normal":
                raise BusinessException(
                    "FORMULA_IN_CELL",
                    f"cell {at} of sheet {input.sheet_name} is part of a formula that fills several cells",
                    advice="write another cell, or clear the formula in Excel first",
                )
            base = sheet.style(row, column)
            style = fitting_style(workbook, sheet.column_style(column) if base is None else base, value)
            sheet.put(row, {column: values.cell(at, value, style, sheet.prefix, workbook.epoch_1904)})
        sheet.store()
        return Written(changed=True), True

    return edit(context.path(input.file), input.sheet_name, context, change)


def _record(given: Mapping[str, Any]) -> dict[str, Value]:
    return {name: values.check(name, value) for name, value in given.items()}


def _source(file: File | str, context: Context) -> Path:
    path = Path(file.path) if isinstance(file, File) else context.path(file)
    if not path.is_file():
        name = file.name if isinstance(file, File) else file
        raise BusinessException("FILE_NOT_FOUND", f"there is no spreadsheet {name}", advice="check the path")
    return path


def _sheet(path: Path, sheet: str | int | None, names: list[str]) -> str:
    if sheet is not None:
        return str(sheet)
    if not names:
        raise BusinessException("SHEET_NOT_FOUND", f"{path.name} has no sheet with cells")
    return names[0]


def _header(path: Path, sheet: str, header_row: int) -> Header:
    return Header.of(next(reading.rows(path, sheet, header_row, header_row), None))


def _records(path: Path, sheet: str, header_row: int, where: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    header = _header(path, sheet, header_row)
    names = header.names()
    columns = header.known(where, f"sheet {sheet} of {path.name}")
    found = []
    for row in reading.rows(path, sheet, header_row + 1):
        if not row.blank and all(values.same(row.value(columns[name]), value) for name, value in where.items()):
            record = {name: row.get(column) for name, column in names.items() if column not in row.stale}
            found.append((row.number, record))
    return found


def _spelled(header: Header, name: str) -> str:
    column = header.column(name)
    return "" if column is None else header.columns[column]


def _only(records: Records, wanted: Mapping[str, Value]) -> Row | None:
    matches = records.matching(wanted)
    if len(matches) > 1:
        key = ", ".join(f"{name} {values.canonical(value)}" for name, value in wanted.items())
        raise BusinessException(
            "KEY_NOT_UNIQUE",
            f"sheet {records.name} of {records.workbook.path.name} has {len(matches)} rows with {key}: "
            f"rows {', '.join(str(row.number) for row in matches)}",
            advice="keep one of them",
        )
    return matches[0] if matches else None
