"""A stack of documents in one file, split and read in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from bots.documents.document import Document, DocumentProblem, Finding, LineItem, Transaction
from bots.documents.hand_marks import hand_marks
from bots.documents.opening.load import OcrChoice
from bots.documents.pages.page import Page
from bots.documents.pages.pdf_file import Unreadable, kind_of
from bots.documents.reader import Reader, understand
from bots.documents.schemas import Schema, schema_of
from bots.documents.stacks.split import DOUBTFUL, Part, split

_Row = TypeVar("_Row", LineItem, Transaction)


@dataclass(frozen=True)
class StackedDocument:
    """One document of a stack, its places told by the pages of the stack; no part where the file was not split."""

    document: Document
    part: Part | None

    def to_json(self) -> dict[str, Any]:
        """The object that `read --split --json` prints: that of a document, and which pages of the file it is."""
        told = self.document.to_json()
        if self.part is not None:
            told |= {"page_range": [self.part.first, self.part.last], "part_confidence": self.part.confidence}
        return told


def read_stack(
    reader: Reader,
    path: Path,
    fields: str | Mapping[str, Any] = "invoice",
    einvoice: bool = True,
    ocr: OcrChoice = "auto",
) -> list[StackedDocument]:
    """Split a file by what its pages say and read `fields` from each of its documents.

    A file that cannot be read gives one Document with the problem. Raises ValueError for wrong `fields`.
    """
    schema = schema_of(fields)
    try:
        if kind_of(path) == "xml":
            return [StackedDocument(reader.read(path, fields, einvoice, ocr), None)]
        pages = list(reader.pages(path, ocr))
    except Unreadable as unreadable:
        return [StackedDocument(Document(file=str(path), problems=[unreadable.problem]), None)]
    found = split(pages)
    if len(found.parts) < 2:
        return [StackedDocument(reader.read(path, fields, einvoice, ocr), found.parts[0] if found.parts else None)]
    by_number = {page.number: page for page in pages}
    return [StackedDocument(_read(reader, path, part, by_number, schema), part) for part in found.parts]


def _read(reader: Reader, path: Path, part: Part, pages: Mapping[int, Page], schema: Schema) -> Document:
    alone = list(_alone(part, pages))
    at = {number: page for page, number in enumerate(part.pages, start=1)}
    found = hand_marks(reader.source, path, [pages[number] for number in part.pages], schema)
    marks = {name: replace(mark, page=at[mark.page]) for name, mark in found.items() if mark.page is not None}
    document = understand(str(path), alone, schema, marks=marks)
    document.sizes = [page.paper for page in pages.values()]
    document.fields = {name: _placed(found, part) for name, found in document.fields.items()}
    document.lines = [_moved(line, part) for line in document.lines]
    document.transactions = [_moved(booking, part) for booking in document.transactions]
    document.tables = [replace(table, page=part.pages[table.page - 1]) for table in document.tables]
    if part.confidence < DOUBTFUL[1]:
        message = (
            f"Pages {part.first} to {part.last} of the stack were taken for one document, but that is doubtful: "
            f"it begins there since {part.reason}; look at the pages around it"
        )
        document.problems.append(DocumentProblem("DOUBTFUL_BOUNDARY", message))
    document.confidence = min(document.confidence, part.confidence)
    return document


def _alone(part: Part, pages: Mapping[int, Page]) -> Iterator[Page]:
    """The pages of a part, counted from 1."""
    for number, at in enumerate(part.pages, start=1):
        yield replace(pages[at], number=number, lines=[])


def _placed(found: Finding, part: Part) -> Finding:
    return replace(found, page=part.pages[found.page - 1]) if found.page is not None else found


def _moved(line: _Row, part: Part) -> _Row:
    return replace(line, page=part.pages[line.page - 1]) if line.page is not None else line
