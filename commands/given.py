"""What a person gives on the command line as work items: `--item k=v`, or a file with one item a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import UsageError
from engine.language import Workflow

if TYPE_CHECKING:
    from engine.work import Engine


def item_options(function: Any) -> Any:
    """The options `--item` and `--items` of a command."""
    function = click.option("--items", "rows", metavar="FILE", help="One item a row: .jsonl, .csv or .xlsx.")(function)
    return click.option("--item", "pairs", metavar="NAME=VALUE", multiple=True, help="An input of the item.")(function)


def given_items(pairs: Sequence[str], rows: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each item as `(the row it comes from, its inputs)`. All `--item` make one item; none make an empty one."""
    if rows is not None and pairs:
        raise UsageError("--item and --items were both given", advice="give one of them")
    if rows is not None:
        yield from _rows(Path(rows))
        return
    values: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"--item {pair!r} is not NAME=VALUE", advice="for example --item file=inbox/a.pdf")
        if name in values:
            raise UsageError(f"--item {name} was given twice", advice="one call makes one item; --items takes many")
        values[name] = value
    yield "", values


def typed(workflow: Workflow, inputs: dict[str, Any]) -> dict[str, Any]:
    """Lists and mappings, which a shell can only give as text, read from JSON."""
    return {name: _structured(workflow, name, value) for name, value in inputs.items()}


def by_hand(workflow: Workflow, engine: Engine) -> dict[str, Any]:
    """What the trigger `manual` gives to items that a person starts, besides what the person gives."""
    manual = next((one for one in workflow.triggers if one.kind == "manual"), None)
    if manual is None or manual.inputs is None:
        return {}
    from engine.scope import evaluate

    now = engine.clock.now().astimezone(engine.surroundings.timezone)
    return dict(evaluate(manual.inputs, {"now": now, "today": now.date()}))


def _structured(workflow: Workflow, name: str, value: Any) -> Any:
    spec = workflow.inputs.get(name)
    if spec is None or spec.type not in ("list", "mapping") or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        example = "[1, 2]" if spec.type == "list" else '{"a": 1}'
        raise UsageError(f"{name} is {value!r}, expected JSON", advice=f"for example {example}") from error


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    readers = {".jsonl": _json_lines, ".csv": _csv, ".xlsx": _xlsx}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UsageError(f"--items {file}: expected a file that ends with .jsonl, .csv or .xlsx")
    if not file.is_file():
        raise UsageError(f"--items {file}: there is no such file", advice="check the path")
    for line, values in reader(file):
        # An empty cell says nothing, so that a default of the workflow can hold.
        yield f"{file}:{line}", {name: value for name, value in values.items() if value not in (None, "")}


def _json_lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, text in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not text.strip():
            continue
        try:
            values = json.loads(text)
        except ValueError as error:
            raise UsageError(f"{file}:{number}: this line is not JSON: {error}") from error
        if not isinstance(values, dict):
            raise UsageError(f"{file}:{number}: expected an object with the item's inputs, found {text[:40]}")
        yield number, values


def _csv(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        head = text.readline()
        text.seek(0)
        rows = csv.reader(text, delimiter=max(",;\t", key=head.count))
        yield from _named(file, ((rows.line_num, row) for row in rows))


def _xlsx(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    from zipfile import BadZipFile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, OSError, ValueError) as error:
        raise UsageError(f"--items {file}: this is not an Excel workbook: {error}") from error
    try:
        sheet = book.worksheets[0]
        yield from _named(file, enumerate((list(row) for row in sheet.iter_rows(values_only=True)), 1))
    finally:
        book.close()


def _named(file: Path, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows as mappings, by the names in the first row. A row without any value is left out."""
    names: list[str] | None = None
    for line, row in rows:
        if names is None:
            names = [str(name or "").strip() for name in row]
            continue
        if not any(value not in (None, "") for value in row):
            continue
        extra = [value for value in row[len(names) :] if value not in (None, "")]
        unnamed = [value for name, value in zip(names, row, strict=False) if not name and value not in (None, "")]
        if extra or unnamed:
            raise UsageError(
                f"{file}:{line}: {(extra or unnamed)[0]!r} stands in a column without a name",
                advice="name every column in the first row after an input of the workflow",
            )
        yield line, {name: value for name, value in zip(names, row, strict=False) if name}
