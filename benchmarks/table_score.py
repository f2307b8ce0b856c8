"""Scores of table recognition by adjacency relations, as in the ICDAR 2013 table competition.

Source of the measure: M. Goebel, T. Hassan, E. Oro, G. Orsi, "A methodology for evaluating algorithms for table
understanding in PDF documents", DocEng 2012. Each cell with text gives one relation with its next neighbour with text
to the right and one with that below; blank cells in between are passed over. A relation is two texts and a direction.
Found relations are compared with the true ones page by page, so that a table found where there is none costs precision.
"""

from __future__ import annotations

import importlib.util
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from bots.documents.opening.load import text_pages
from bots.documents.tables.finding import tables_of

Relations: TypeAlias = Counter[tuple[str, str, str]]
ByPage: TypeAlias = Mapping[int, Relations]


@dataclass(frozen=True, slots=True)
class Span:
    """A cell with text: its first and last row, first and last column."""

    text: str
    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class TableScore:
    """One reader on one document, or on all of them where `document` is `all`."""

    reader: str
    document: str
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score_tables(directory: Path) -> list[TableScore]:
    """Scores of every reader on the documents that `directory`/truth.jsonl describes.

    For each reader there is a row a document, then `mean` (of the documents) and `all` (all relations together).
    """
    truths = [json.loads(line) for line in (directory / "truth.jsonl").read_text().splitlines() if line]
    rows: list[TableScore] = []
    for name, reader in readers().items():
        counts = []
        for truth in truths:
            true, found = truth_of(truth["tables"]), reader(directory / truth["file"])
            counts.append((truth["doc_id"], *_hits(true, found)))
        scores = [_score(name, document, *count) for document, *count in counts]
        mean = TableScore(
            name,
            "mean",
            sum(score.precision for score in scores) / max(len(scores), 1),
            sum(score.recall for score in scores) / max(len(scores), 1),
        )
        totals = (sum(count[place] for count in counts) for place in (1, 2, 3))
        rows.extend((*scores, mean, _score(name, "all", *totals)))
    return rows


def readers() -> dict[str, Callable[[Path], ByPage]]:
    """The readers compared: ours, pdfplumber's own in both ways, and camelot where it is installed."""
    known: dict[str, Callable[[Path], ByPage]] = {
        "clerkwork": _ours,
        "pdfplumber (lines)": lambda path: _pdfplumber(path, {}),
        "pdfplumber (text)": lambda path: _pdfplumber(
            path, {"vertical_strategy": "text", "horizontal_strategy": "text"}
        ),
    }
    if importlib.util.find_spec("camelot") is not None:
        known["camelot (lattice)"] = lambda path: _camelot(path, "lattice")
        known["camelot (stream)"] = lambda path: _camelot(path, "stream")
    return known


def _hits(true: ByPage, found: ByPage) -> tuple[int, int, int]:
    hits = sum((true[page] & found[page]).total() for page in true.keys() & found.keys())
    return hits, sum(one.total() for one in found.values()), sum(one.total() for one in true.values())


def _score(reader: str, document: str, hits: int, found: int, true: int) -> TableScore:
    return TableScore(reader, document, hits / found if found else 0.0, hits / true if true else 0.0)


def truth_of(tables: Iterable[Mapping[str, Any]]) -> ByPage:
    """The relations of tables as truth.jsonl states them: cells with r0, r1, c0, c1 (null: no span) and text."""
    pages: dict[int, Relations] = {}
    for table in tables:
        cells = [
            Span(
                cell["text"],
                cell["r0"],
                cell["r0"] if cell["r1"] is None else cell["r1"],
                cell["c0"],
                cell["c0"] if cell["c1"] is None else cell["c1"],
            )
            for cell in table["cells"]
        ]
        pages.setdefault(table["page"], Counter()).update(relations(cells))
    return pages


def relations(cells: Sequence[Span]) -> Relations:
    """The adjacency relations of one table."""
    filled = [cell for cell in cells if _plain(cell.text)]
    return Counter(_neighbours(filled))


def _neighbours(cells: Sequence[Span]) -> Iterator[tuple[str, str, str]]:
    """For every row of a cell the next cell to the right, for every column the next one below; each pair once."""
    places = {
        (row, column): cell
        for cell in cells
        for row in range(cell.top, cell.bottom + 1)
        for column in range(cell.left, cell.right + 1)
    }
    rows = max((row for row, _ in places), default=0)
    columns = max((column for _, column in places), default=0)
    for cell in cells:
        beside = {
            id(other): other
            for row in range(cell.top, cell.bottom + 1)
            if (other := _first(places, ((row, column) for column in range(cell.right + 1, columns + 1))))
        }
        below = {
            id(other): other
            for column in range(cell.left, cell.right + 1)
            if (other := _first(places, ((row, column) for row in range(cell.bottom + 1, rows + 1))))
        }
        yield from ((_plain(cell.text), _plain(other.text), "right") for other in beside.values())
        yield from ((_plain(cell.text), _plain(other.text), "below") for other in below.values())


def _first(places: Mapping[tuple[int, int], Span], route: Iterable[tuple[int, int]]) -> Span | None:
    return next((places[place] for place in route if place in places), None)


def _plain(text: str) -> str:
    """Letters and digits alone, and a sign where there is nothing else: blanks and points are written in many ways."""
    return re.sub(r"[\W_]", "", text).lower() or re.sub(r"\s", "", text)


def _ours(path: Path) -> ByPage:
    pages: dict[int, Relations] = {}
    for table in tables_of(text_pages(path)):
        cells = [
            Span(cell.text, cell.row, cell.row + cell.row_span - 1, cell.column, cell.column + cell.column_span - 1)
            for cell in table.cells
        ]
        pages.setdefault(table.page, Counter()).update(relations(cells))
    return pages


def _pdfplumber(path: Path, settings: Mapping[str, str]) -> ByPage:
    import pdfplumber

    pages: dict[int, Relations] = {}
    with pdfplumber.open(path) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            for table in page.extract_tables(dict(settings)):
                pages.setdefault(number, Counter()).update(_of_rows(table))
            page.close()
    return pages


def _camelot(path: Path, flavor: str) -> ByPage:
    import camelot  # type: ignore[import-not-found,unused-ignore]

    pages: dict[int, Relations] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for table in camelot.read_pdf(str(path), pages="all", flavor=flavor):
            pages.setdefault(table.page, Counter()).update(_of_rows(table.df.values.tolist()))
    return pages


def _of_rows(rows: Iterable[Iterable[str | None]]) -> Relations:
    return relations(
        [
            Span(text or "", number, number, place, place)
            for number, row in enumerate(rows)
            for place, text in enumerate(row)
        ]
    )
