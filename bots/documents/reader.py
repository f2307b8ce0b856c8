"""Reads one file: e-invoice XML, text layer, OCR; candidates, ranking, rules. Never raises for a bad file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from bots.documents.candidates import Evidence, gather
from bots.documents.classify import type_of
from bots.documents.document import Document, DocumentProblem, Finding, LineItem
from bots.documents.locale import locale_of
from bots.documents.page import Page
from bots.documents.pdf_file import Unreadable, check_pdf, kind_of, refuse
from bots.documents.ranking import rank
from bots.documents.rules import check, document_confidence, title
from bots.documents.schemas import Schema, schema_of
from bots.documents.totals import adjustments, line_sum

OcrChoice: TypeAlias = Literal["auto", "tesseract", "rapidocr", "never", "always"]


def read_document(
    path: Path, fields: str | Mapping[str, Any] = "invoice", einvoice: bool = True, ocr: OcrChoice = "auto"
) -> Document:
    """Read `fields` (a built-in set's name, or definitions; see `schema_of`) from a PDF, an image or an e-invoice.

    A file that cannot be read gives a Document with one problem. Raises ValueError for wrong `fields`.
    """
    schema = schema_of(fields)
    try:
        return _read(path, schema, einvoice, ocr)
    except Unreadable as unreadable:
        return Document(file=str(path), problems=[unreadable.problem])


def _read(path: Path, schema: Schema, einvoice: bool, ocr: OcrChoice) -> Document:
    kind = kind_of(path)
    if kind == "pdf":
        check_pdf(path)
        pages = text_pages(path)
    else:
        raise refuse("UNREADABLE", f"{path.name} is not a PDF")
    return understand(str(path), pages, schema)


def text_pages(path: Path) -> list[Page]:
    """The text layer of every page."""
    import pdfplumber

    from bots.documents.text_layer import text_page

    pages: list[Page] = []
    with pdfplumber.open(path) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            pages.append(text_page(number, page))
            page.close()
    return pages


def understand(file: str, pages: list[Page], schema: Schema) -> Document:
    """The fields of a document from its pages."""
    locale = locale_of(pages)
    kind = type_of(pages)
    evidence = gather(pages, locale, schema, "receipt" if schema.kind == "receipt" else kind)
    lines: list[LineItem] = []
    fields = rank(evidence, schema, line_sum(line.net_total for line in lines))
    document = Document(
        file=file,
        pages=len(pages),
        type=kind,
        language=locale.language,
        fields=fields,
        lines=lines,
        sizes=[(page.width, page.height) for page in pages],
        adjustments=adjustments(evidence),
    )
    document.problems = [
        *check(schema, fields, [line.net_total for line in lines], document.adjustments),
        *_ambiguities(evidence, fields),
    ]
    document.confidence = document_confidence(schema, fields, document.problems)
    return document


def _ambiguities(evidence: Evidence, fields: Mapping[str, Finding]) -> list[DocumentProblem]:
    """A value that the document's locale had to decide, and did not, is a problem and never a guess."""
    problems = []
    for name, found in fields.items():
        candidate = next(
            (one for one in evidence.candidates[name] if one.value == found.value and not one.certain), None
        )
        if candidate is None or candidate.atom is None:
            continue
        printed = candidate.atom.line.text[candidate.atom.start : candidate.atom.end]
        if candidate.atom.kind == "date":
            message = (
                f"The {title(name)} {printed} may be {found.value} or {candidate.atom.other}; the page does not decide"
            )
            problems.append(DocumentProblem("AMBIGUOUS_DATE", message, (name,)))
        else:
            message = (
                f"The {title(name)} {printed} may be read with thousands or with decimals; the page does not decide"
            )
            problems.append(DocumentProblem("AMBIGUOUS_NUMBER", message, (name,)))
    return problems
