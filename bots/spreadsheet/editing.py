"""Changing a file in place: locked, waited for, whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from bots import atomic_write
from bots.spreadsheet import locks
from bots.spreadsheet.workbook import Workbook, check_sheet_name
from engine.context import Context
from engine.errors import ApplicationException, BusinessException, Outcome

R = TypeVar("R")


class _ChangedMeanwhile(Exception):
    """Somebody who knows nothing of our lock wrote the file between reading and replacing it."""


def edit(path: Path, sheet: str, context: Context, change: Callable[[Workbook], tuple[R, bool]]) -> R:
    """Run `change(workbook) -> (result, whether anything changed)` and put the file back if so.

    A file that does not exist is begun with one empty sheet of this name. ApplicationException SPREADSHEET_LOCKED or
    SPREADSHEET_NOT_WRITTEN; an exception of `change` leaves the file as it was.
    """
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise BusinessException(
            "NOT_A_SPREADSHEET", f"{path.name} is no .xlsx file", advice="name a file that ends in .xlsx"
        )
    before = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locks.held(path, context):
            for partial in atomic_write.leftovers(path):
                partial.unlink()
            while True:
                locks.wait_until_closed(path, context)
                before = _stamp(path)
                try:
                    return _edit_once(path, sheet, change)
                except _ChangedMeanwhile:
                    context.event("spreadsheet.changed_meanwhile", file=path.name)
    except OSError as error:
        outcome = Outcome.NOT_DONE if before == _stamp(path) else Outcome.UNKNOWN
        raise ApplicationException(
            "SPREADSHEET_NOT_WRITTEN",
            f"{path.name} could not be written: {error.strerror or error}",
            advice="see to the rights of the folder and the space on the disk",
            outcome=outcome,
        ) from error


def _edit_once(path: Path, sheet: str, change: Callable[[Workbook], tuple[R, bool]]) -> R:
    stamp = _stamp(path)
    with closing(Workbook(path, None if stamp else _blank(sheet))) as workbook:
        result, changed = change(workbook)
        if not changed:
            return result
        workbook.finish()
        with atomic_write.replacing(path) as partial:
            workbook.package.save(partial)
            if _stamp(path) != stamp or locks.opened_by(path):
                raise _ChangedMeanwhile
    return result


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _blank(sheet: str) -> bytes:
    import openpyxl

    check_sheet_name(sheet)
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = sheet
    first.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
