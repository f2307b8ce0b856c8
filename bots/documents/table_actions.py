"""`document.tables`: the tables of a file as rows, and as records that later steps go through."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bots.documents.actions import reader_of
from bots.documents.document import Table
from bots.documents.opening.load import OcrChoice
from bots.documents.pages.page import Page
from bots.documents.pages.pdf_file import Unreadable, kind_of
from bots.documents.tables.finding import tables_of
from bots.documents.tables.records import headed, records_of, records_with
from engine.action import action
from engine.context import Context, File
from engine.errors import BusinessException

_PAGES = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?")


class TakeTables(BaseModel):
    """Which tables to take from which file."""

    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The file: a work item's file, or a path; a PDF or a picture")
    pages: str = Field(default="all", description="`all`, or pages such as `2`, `1-3` or `1, 4-6`")
    header: bool = Field(default=False, description="Give the rows as `records`, by the headings over their columns")
    columns: list[str] = Field(
        default_factory=list,
        description="Headings that must be there: `records` has the rows of the tables with all of them, and only "
        "these columns; without such a table the step is a business exception",
    )
    ocr: OcrChoice = Field(default="auto", description="How pages without text are read; see document.read")

    @field_validator("pages", mode="before")
    @classmethod
    def _plain_number(cls, pages: Any) -> Any:
        return str(pages) if isinstance(pages, int) and not isinstance(pages, bool) else pages

    @field_validator("pages")
    @classmethod
    def _known(cls, pages: str) -> str:
        if "${{" not in pages:
            _spans(pages)
        return pages


class TableRows(BaseModel):
    """One table: its rows as texts, of which the first `heads` are headings."""

    page: int
    heads: int
    continues: bool = Field(description="Whether it goes on with the table before it, from the page before")
    rows: list[list[str]]


class TablesTaken(BaseModel):
    tables: list[TableRows] = Field(description="The tables, from the first page to the last, from top to bottom")
    records: list[dict[str, str]] = Field(
        description="With `header` or `columns`: the rows of all tables, each a mapping from heading to text"
    )


@action("document.tables")
def take_tables(input: TakeTables, context: Context) -> TablesTaken:
    """Take the tables out of a PDF or a picture: ruled or not, over several pages, with joined cells and headings.

    A later step goes through them with `for_each: ${{ found.records }}`. Addresses, names with their values and
    running text are no tables.
    """
    path = Path(input.file.path) if isinstance(input.file, File) else context.path(input.file)
    tables = tables_of(_pages(path, input, context))
    records: list[dict[str, str]] = []
    if input.columns:
        records = _with_columns(path, tables, input.columns)
    elif input.header:
        records = records_of(tables)
    return TablesTaken(
        tables=[
            TableRows(
                page=table.page, heads=table.heads, continues=table.continues, rows=[list(row) for row in table.rows]
            )
            for table in tables
        ],
        records=records,
    )


def _with_columns(path: Path, tables: list[Table], columns: list[str]) -> list[dict[str, str]]:
    records = records_with(tables, columns)
    if not records:
        heads = [", ".join(table.names) for table in headed(tables)]
        found = f"its tables have {'; '.join(heads)}" if heads else "it has no table"
        raise BusinessException(
            "NO_SUCH_TABLE",
            f"{path.name} has no table with the columns {', '.join(columns)}: {found}",
            advice="look at the document, or correct `columns`",
        )
    return records


def _pages(path: Path, input: TakeTables, context: Context) -> list[Page]:
    try:
        if kind_of(path) == "xml":
            raise BusinessException("NO_PAGES", f"{path.name} is a data file and has no pages; use a PDF or a picture")
        pages = list(reader_of(context).pages(path, input.ocr))
    except Unreadable as unreadable:
        raise BusinessException(unreadable.problem.code, unreadable.problem.message) from unreadable
    spans = _spans(input.pages)
    if not spans:
        return pages
    missing = next((number for span in spans for number in span if number > len(pages)), None)
    if missing is not None:
        raise BusinessException(
            "NO_SUCH_PAGE",
            f"{path.name} has {len(pages)} pages, and page {missing} was asked for",
            advice="correct `pages`, or look whether the file is complete",
        )
    return [page for page in pages if any(page.number in span for span in spans)]


def _spans(pages: str) -> list[range]:
    """The pages asked for; none means all. ValueError for what is no list of pages."""
    if pages.strip() == "all":
        return []
    spans = []
    for part in pages.split(","):
        match = _PAGES.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise ValueError(f"pages is {pages!r}; expected `all`, or pages such as `2`, `1-3` or `1, 4-6`")
        spans.append(range(first, last + 1))
    return spans
