"""Spreadsheet triggers: every new row of a sheet, or line of a CSV file, becomes a work item."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import ApplicationException, BusinessException, ItemError, UsageError
from engine.language import Template, Workflow
from engine.nearest import listed
from engine.surroundings import Surroundings
from engine.work import Engine
from scheduler.arrivals import arrive, arrived, refuse
from scheduler.made_item import made_item


@dataclass
class SheetTrigger:
    """Watches one file for one workflow; it is read again when it changed and then stayed as it was."""

    name: str
    workflow: str
    file: Path
    sheet: str | None
    header_row: int
    key: tuple[str, ...]
    where: Mapping[str, Any]
    takes: frozenset[str]
    inputs: Template | None = field(default=None, compare=False)
    _seen: tuple[int, int] | None = field(default=None, compare=False)
    _read: tuple[int, int] | None = field(default=None, compare=False)

    def scan(self, engine: Engine) -> list[str]:
        """Queue every row that was not there before; the ids of the new items."""
        if not self.file.is_file():
            return []
        status = self.file.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        before, self._seen = self._seen, stamp
        if stamp != before or stamp == self._read:
            return []
        self._read = stamp
        try:
            return list(self._take_all(engine))
        except ApplicationException as error:
            self._read = None
            refuse(engine, self.name, f"{self.file} waits: {error}")
            return []
        except (ItemError, UsageError, OSError, UnicodeDecodeError) as error:
            refuse(engine, self.name, f"{self.file} cannot be read; it is looked at again once it changes: {error}")
            return []

    def _take_all(self, engine: Engine) -> Iterator[str]:
        found = dict(self._marked(rows_of(self.file, self.sheet, self.header_row)))
        known = arrived(engine, self.name, found)
        for mark, (number, row) in found.items():
            if mark not in known and (item := self._take(engine, mark, number, row)) is not None:
                yield item

    def _marked(self, found: Iterator[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[str, tuple[int, Any]]]:
        """Each row under what tells it from the others; of rows that are the same in all cells, each counts."""
        from bots.spreadsheet.values import canonical

        twins: dict[str, int] = {}
        for number, row in found:
            self._has(row, (*self.key, *self.where))
            if not all(
                canonical(row[name]).casefold() == canonical(self.where[name]).casefold() for name in self.where
            ):
                continue
            names = self.key or tuple(row)
            text = json.dumps([canonical(row[name]) for name in names], ensure_ascii=False)
            mark = hashlib.sha256(text.encode()).hexdigest()
            twins[mark] = twins.get(mark, 0) + 1
            if twins[mark] > 1 and self.key:
                continue
            yield (mark if twins[mark] == 1 else f"{mark}:{twins[mark]}"), (number, row)

    def _has(self, row: Mapping[str, Any], names: tuple[str, ...]) -> None:
        for name in names:
            if name not in row:
                raise BusinessException(
                    "COLUMN_NOT_FOUND",
                    f"row {self.header_row} names no column {name!r}; it has {listed(row)}",
                    advice="correct the names under `key` and `where`, or `header_row`",
                )

    def _take(self, engine: Engine, mark: str, number: int, row: Mapping[str, Any]) -> str | None:
        named = {as_name(column): value for column, value in row.items()}
        names = {"row": {**named, **row}, "row_number": number}
        given = {}
        if self.inputs is None:
            given = {name: value for name, value in named.items() if name in self.takes and value not in (None, "")}
        try:
            key = f"{self.name}@{mark}"
            new = made_item(engine, self.workflow, self.inputs, names, given=given, otherwise=key)
        except (BusinessException, UsageError) as error:
            refuse(engine, self.name, f"row {number} of {self.file.name} is not queued: {error}")
            return None
        return arrive(engine, self.name, mark, new)


def as_name(column: str) -> str:
    """`Order Number` as an input would be called: order_number."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in column.lower()).split())


def rows_of(file: Path, sheet: str | None, header_row: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row that has a value, with its number in the file, by the names of the header row."""
    reader = _csv if file.suffix.lower() in (".csv", ".tsv", ".txt") else _workbook
    yield from reader(file, sheet, header_row)


def _csv(file: Path, _sheet: str | None, header_row: int) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        for _ in range(header_row - 1):
            next(text, None)
        start = text.readline()
        lines = csv.reader([start, *text], delimiter=max(",;\t", key=start.count))
        names = [name.strip() for name in next(lines, [])]
        for cells in lines:
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * (len(names) - len(cells))]
                yield (
                    lines.line_num + header_row - 1,
                    {name: cell for name, cell in zip(names, padded, strict=False) if name},
                )


def _workbook(file: Path, sheet: str | None, header_row: int) -> Iterator[tuple[int, dict[str, Any]]]:
    from bots.spreadsheet.header import Header
    from bots.spreadsheet.reading import rows, sheet_names

    name = sheet or next(iter(sheet_names(file)))
    columns: dict[str, int] = {}
    for row in rows(file, name, header_row):
        if row.number == header_row:
            columns = Header.of(row).names()
        elif not row.blank:
            yield row.number, {column: row.value(at) for column, at in columns.items()}


def sheets_of(workflow: Workflow, surroundings: Surroundings) -> list[SheetTrigger]:
    """The spreadsheets that a workflow watches."""
    found = []
    for trigger in (one for one in workflow.triggers if one.kind == "spreadsheet"):
        given = trigger.settings
        file = surroundings.path(given.file)
        found.append(
            SheetTrigger(
                name=f"{workflow.id}/rows/{file.name}" + (f"/{given.sheet}" if given.sheet else ""),
                workflow=workflow.id,
                file=file,
                sheet=given.sheet,
                header_row=given.header_row,
                key=tuple(given.key),
                where=given.where,
                takes=frozenset(workflow.inputs),
                inputs=trigger.inputs,
            )
        )
    return found
