"""Tables of a document, from ruled lines and from columns of print, whatever the words were read with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bots.documents.document import Box, Table
from bots.documents.pages.page import Line, Page, Word, lines_of
from bots.documents.tables.cells import heads_of, names_values, table_of
from bots.documents.tables.grid import grids_on
from bots.documents.tables.text import text_tables


def tables_of(pages: Iterable[Page]) -> list[Table]:
    """The tables of a document in reading order, their boxes where they lie on the paper."""
    found: list[Table] = []
    last: Table | None = None
    for page in pages:
        for table in tables_on(page):
            first = last is not None and last.page == page.number - 1
            goes_on = last is not None and first and _goes_on(last, table)
            last = replace(table, continues=goes_on)
            found.append(_on_paper(last, page))
    return found


def _goes_on(before: Table, table: Table) -> bool:
    """Whether a page's first table goes on with the last of the page before: the same columns, under the same heads."""
    if len(before.rows[0]) != len(table.rows[0]):
        return False
    same = before.heads and before.rows[: before.heads] == table.rows[: before.heads]
    return bool(same) or (not table.heads and _aligned(before, table))


def _aligned(one: Table, two: Table) -> bool:
    """Whether the columns of two tables lie over each other."""
    edges = []
    for table in (one, two):
        columns: dict[int, list[Box]] = {}
        for cell in table.cells:
            if cell.column_span == 1:
                columns.setdefault(cell.column, []).append(cell.box)
        edges.append(
            {column: (min(b[0] for b in boxes), max(b[2] for b in boxes)) for column, boxes in columns.items()}
        )
    shared = edges[0].keys() & edges[1].keys()
    return len(shared) >= 2 and all(
        min(edges[0][column][1], edges[1][column][1]) > max(edges[0][column][0], edges[1][column][0])
        for column in shared
    )


def _on_paper(table: Table, page: Page) -> Table:
    if not page.turned and not page.quarters:
        return table
    cells = tuple(replace(cell, box=page.on_paper(cell.box)) for cell in table.cells)
    return replace(table, box=page.on_paper(table.box) if table.box else None, cells=cells)


def tables_on(page: Page) -> list[Table]:
    """The tables of one page, top to bottom."""
    grids = grids_on(page)
    ruled = [table_of(page.number, grid.pieces) for grid in grids]
    tables = [replace(table, heads=heads_of(table)) for table in ruled if not names_values(table)]
    lines = _outside(page, [grid.box for grid in grids])
    tables.extend(text_tables(page.number, lines, page.rulings))
    return sorted(tables, key=_place)


def _outside(page: Page, boxes: list[Box]) -> list[Line]:
    """The lines of what stands in none of these boxes."""
    if not boxes:
        return page.lines
    words = [word for word in page.words if not any(_in(word, box) for box in boxes)]
    return lines_of(page.number, words)


def _in(word: Word, box: Box) -> bool:
    return box[0] <= (word.box[0] + word.box[2]) / 2 <= box[2] and box[1] <= word.middle <= box[3]


def _place(table: Table) -> tuple[float, float]:
    return (table.box[1], table.box[0]) if table.box else (0.0, 0.0)
