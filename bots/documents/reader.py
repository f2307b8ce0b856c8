"""Reads one file: e-invoice XML, text layer, OCR; candidates, ranking, rules. Never raises for a bad file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bots.documents.candidates import Evidence, gather
from bots.documents.classify import type_of
from bots.documents.crosscheck import SURE, merge
from bots.documents.document import Document, DocumentProblem, Finding
from bots.documents.einvoice import BrokenEInvoice, EInvoice, embedded_xml, parse, read_file
from bots.documents.lines import line_items
from bots.documents.load import OcrChoice, load_pages
from bots.documents.locale import locale_of
from bots.documents.opinion import second_opinion
from bots.documents.page import Page
from bots.documents.payment_check import settle
from bots.documents.pdf_file import Unreadable, kind_of, refuse
from bots.documents.ranking import rank
from bots.documents.rules import check, document_confidence, title
from bots.documents.schemas import Schema, schema_of
from bots.documents.totals import adjustments

POOR = 0.7  # mean confidence of a page's words below which the page itself is a problem


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
    if kind == "xml":
        return _data_only(str(path), read_file(path), schema)
    pages = load_pages(path, ocr)
    stated, problems = _stated(path) if einvoice and kind == "pdf" else (None, [])
    if not any(page.words for page in pages):
        if stated is not None:
            return _data_only(str(path), stated, schema, pages)
        advice = "read it with OCR" if ocr == "never" else "scan it again, darker or straighter"
        raise refuse("NO_TEXT", f"{path.name} has no text that can be read; {advice}, or enter the values by hand")
    document = understand(str(path), pages, schema, stated)
    if stated is None and _incomplete(document, schema) and any(page.source == "ocr" for page in pages):
        other = understand(str(path), load_pages(path, ocr, second=True), schema)
        document = second_opinion(document, other, schema)
    document.problems += problems
    document.confidence = document_confidence(schema, document.fields, document.problems)
    return document


def _incomplete(document: Document, schema: Schema) -> bool:
    return any(name not in document.fields for name in schema.required)


def _stated(path: Path) -> tuple[EInvoice | None, list[DocumentProblem]]:
    """The e-invoice inside a PDF; one that is broken is a problem, and the page is read instead."""
    try:
        content = embedded_xml(path)
        return (parse(content) if content is not None else None), []
    except BrokenEInvoice as error:
        message = f"The e-invoice inside the file cannot be used: {error}; the values are from the page"
        return None, [DocumentProblem("EINVOICE_BROKEN", message)]


def _data_only(file: str, stated: EInvoice, schema: Schema, pages: list[Page] | None = None) -> Document:
    """A document from an e-invoice alone, with no page to compare it with."""
    fields = {name: Finding(value, SURE, source="einvoice") for name, value in stated.fields.items()}
    document = Document(file=file, pages=len(pages or ()), type=stated.type, lines=stated.lines)
    document.sizes = [(page.width, page.height) for page in pages or ()]
    document.fields = {name: fields[name] for name in schema.names if name in fields}
    document.problems = check(schema, document.fields, stated.lines, stated.adjustments)
    document.confidence = document_confidence(schema, document.fields, document.problems)
    return document


def understand(file: str, pages: list[Page], schema: Schema, stated: EInvoice | None = None) -> Document:
    """The fields of a document from its pages, and from its e-invoice where it has one."""
    locale = locale_of(pages)
    kind = type_of(pages)
    evidence = gather(pages, locale, schema, "receipt" if schema.kind == "receipt" else kind)
    lines = line_items(evidence)
    fields, problems = settle(rank(evidence, schema, lines), schema, evidence)
    if stated is not None:
        wanted = {name: value for name, value in stated.fields.items() if name in schema.names}
        fields, contradictions = merge(wanted, fields, evidence)
        problems += contradictions
        lines, kind = stated.lines, stated.type
    document = Document(
        file=file,
        pages=len(pages),
        type=kind,
        language=locale.language,
        fields=_on_paper({name: fields[name] for name in schema.names if name in fields}, pages),
        lines=lines,
        sizes=[(page.width, page.height) for page in pages],
        adjustments=adjustments(evidence) | (stated.adjustments if stated else frozenset()),
    )
    document.problems = [
        *check(schema, fields, lines, document.adjustments),
        *problems,
        *_ambiguities(evidence, fields),
        *_poor_pages(pages),
    ]
    document.confidence = document_confidence(schema, fields, document.problems)
    return document


def _ambiguities(evidence: Evidence, fields: Mapping[str, Finding]) -> list[DocumentProblem]:
    """A value that the document's locale had to decide, and did not, is a problem and never a guess."""
    problems = []
    for name, found in fields.items():
        if found.source == "einvoice":
            continue
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


def _on_paper(fields: Mapping[str, Finding], pages: list[Page]) -> dict[str, Finding]:
    """The findings with their boxes where they lie on the page as it was scanned."""
    return {
        name: replace(found, box=pages[found.page - 1].on_paper(found.box)) if found.page and found.box else found
        for name, found in fields.items()
    }


def _poor_pages(pages: list[Page]) -> list[DocumentProblem]:
    """Pages whose print was hardly legible: what is missing there is not missed by any rule."""
    poor = [
        page.number
        for page in pages
        if page.source == "ocr" and (page.unread or (page.words and page.confidence < POOR))
    ]
    if not poor:
        return []
    listed = ", ".join(map(str, poor))
    message = f"Page {listed} was hard to read; compare all values with the page, or scan it again"
    return [DocumentProblem("POOR_SCAN", message)]
