"""Reads one file: e-invoice XML, text layer, OCR; candidates, ranking, rules. Never raises for a bad file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from bots.documents.deciding.alternatives import alternatives
from bots.documents.deciding.classify import type_of
from bots.documents.deciding.crosscheck import SURE, merge
from bots.documents.deciding.opinion import second_opinion
from bots.documents.deciding.payment_check import settle
from bots.documents.deciding.ranking import rank
from bots.documents.deciding.rules import check, document_confidence
from bots.documents.document import Document, DocumentProblem, Finding
from bots.documents.hand_marks import hand_marks
from bots.documents.invoices.candidates import Evidence, gather
from bots.documents.invoices.einvoice import EInvoice
from bots.documents.invoices.lines import line_items
from bots.documents.invoices.taxes import tax_breakdown, tax_problems
from bots.documents.invoices.totals import adjustments
from bots.documents.opening.load import OcrChoice
from bots.documents.opening.page_cache import PageCache
from bots.documents.opening.page_source import PageSource
from bots.documents.opening.stretch import Request, Stretch
from bots.documents.pages.limits import Limits
from bots.documents.pages.page import Page
from bots.documents.pages.pdf_file import Unreadable, kind_of, refuse
from bots.documents.receipts.reading import receipt_problems
from bots.documents.schemas import Schema, schema_of, title
from bots.documents.stacks.missing_pages import missing_pages
from bots.documents.statements.reading import least_sure, statement_of
from bots.documents.tables.finding import tables_of
from bots.documents.vendors.recall import VendorMemory, recalled
from bots.documents.words.locale import Locale, locale_of

POOR = 0.7  # mean confidence of a page's words below which the page itself is a problem
MOST_WORDS = 200_000  # in which fields are searched: two thousand for each page
MOST_BOOKED = 1_000_000  # in which bookings are searched: a thousand pages of a bank statement
HEAD, TAIL = 70, 30  # pages at either end of a very long document that are searched for fields


class Reader:
    """Reads documents; files are opened by up to `children` processes that are kept warm.

    Several threads may use it, for several documents at once; `share` children read the pages of one document
    together. Close it when done.
    """

    def __init__(
        self, limits: Limits | None = None, children: int = 1, share: int = 1, cache: PageCache | None = None
    ) -> None:
        self.source = PageSource(limits, children, share, cache)

    def read(
        self,
        path: Path,
        fields: str | Mapping[str, Any] = "invoice",
        einvoice: bool = True,
        ocr: OcrChoice = "auto",
        memory: VendorMemory | None = None,
    ) -> Document:
        """Read `fields` (a built-in set's name, or definitions; see `schema_of`) from a PDF, an image or an e-invoice.

        `memory` knows where known vendors have their fields. A file that cannot be read gives a Document with one
        problem. Raises ValueError for wrong `fields`.
        """
        schema = schema_of(fields)
        try:
            return self._read(path, schema, einvoice, ocr, memory)
        except Unreadable as unreadable:
            return Document(file=str(path), problems=[unreadable.problem])

    def pages(self, path: Path, ocr: OcrChoice = "auto") -> Iterator[Page]:
        """All pages of a PDF or a picture, one after the other. Raises Unreadable."""
        yield from self.source.pages(self.source.request(path, ocr))

    def pictures(self, path: Path, most: int) -> Iterator[bytes]:
        """PNG pictures of the first pages for a screen; none for a file without pages. Raises Unreadable."""
        yield from self.source.pictures(path, most)

    def close(self) -> None:
        """End the child processes."""
        self.source.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _read(
        self, path: Path, schema: Schema, einvoice: bool, ocr: OcrChoice, memory: VendorMemory | None
    ) -> Document:
        if kind_of(path) == "xml":
            return _data_only(str(path), self.source.einvoice(path), schema)
        asked = self.source.request(path, ocr, einvoice=einvoice)
        beginning = self.source.begin(asked)
        pages = self._whole(asked, beginning, schema)
        stated = beginning.einvoice
        if not any(page.words for page in pages):
            if stated is not None:
                return _data_only(str(path), stated, schema, pages)
            advice = "read it with OCR" if ocr == "never" else "scan it again, darker or straighter"
            raise refuse("NO_TEXT", f"{path.name} has no text that can be read; {advice}, or enter the values by hand")
        marks = hand_marks(self.source, path, pages, schema)
        document = understand(str(path), pages, schema, stated, marks, memory)
        if stated is None and _incomplete(document, schema) and _read_again(pages, ocr):
            again = replace(asked, second=True, einvoice=False)
            pages_again = self._whole(again, self.source.begin(again), schema)
            other = understand(str(path), pages_again, schema, marks=marks, memory=memory)
            document = _better(document, other) if document.transactions else second_opinion(document, other, schema)
        document.problems += [*_broken(beginning), *_left_out(pages, schema)]
        document.confidence = _confidence(document, schema)
        return document

    def _whole(self, asked: Request, beginning: Stretch, schema: Schema) -> list[Page]:
        """The pages that are searched for fields; of a very long document those in the middle are left empty."""
        spans = searched(beginning.count, schema)
        left = [range(max(span.start, len(beginning.pages) + 1), span.stop) for span in spans]
        found: dict[int, Page] = {}
        words, most = 0, MOST_BOOKED if schema.kind == "bank_statement" else MOST_WORDS
        for page in chain(beginning.pages, self.source.go_on(asked, left)):
            found[page.number] = page
            words += len(page.words)
            if words > most:
                raise refuse("TOO_LARGE", f"{asked.path.name} has more than {most} words to search; split the file")
        first = next(iter(found.values()), None)
        width, height = (first.width, first.height) if first else (0.0, 0.0)
        numbers = range(1, beginning.count + 1)
        return [found.get(number) or Page(number, width, height, []) for number in numbers]


def read_document(
    path: Path, fields: str | Mapping[str, Any] = "invoice", einvoice: bool = True, ocr: OcrChoice = "auto"
) -> Document:
    """Read one file with a reader that this process keeps; see `Reader.read`."""
    return _own_reader().read(path, fields, einvoice, ocr)


@lru_cache(maxsize=1)
def _own_reader() -> Reader:
    return Reader()


def searched(count: int, schema: Schema) -> list[range]:
    """The pages of a document that are searched for fields: all, or its beginning and end where it is very long."""
    head, tail = (HEAD * 10, TAIL * 10) if schema.kind == "bank_statement" else (HEAD, TAIL)
    if count <= head + tail:
        return [range(1, count + 1)]
    return [range(1, head + 1), range(count - tail + 1, count + 1)]


def _left_out(pages: list[Page], schema: Schema) -> list[DocumentProblem]:
    spans = searched(len(pages), schema)
    if len(spans) < 2:
        return []
    message = (
        f"The document has {len(pages)} pages; the fields are from its first {len(spans[0])} and its last "
        f"{len(spans[1])}; look at the others, or split the file"
    )
    return [DocumentProblem("PAGES_LEFT_OUT", message)]


def _read_again(pages: list[Page], ocr: OcrChoice) -> bool:
    """Whether scans can be read in another way; RapidOCR alone would read them alike."""
    return ocr != "rapidocr" and any(page.source == "ocr" for page in pages)


def _incomplete(document: Document, schema: Schema) -> bool:
    return any(name not in document.fields for name in schema.required) or any(
        problem.code == "BALANCE_DISAGREES" for problem in document.problems
    )


def _better(one: Document, other: Document) -> Document:
    """Of two readings of a bank statement the one with fewer problems: bookings are proven together or not at all."""
    return other if (len(other.problems), -other.confidence) < (len(one.problems), -one.confidence) else one


def _broken(beginning: Stretch) -> list[DocumentProblem]:
    """An e-invoice inside a PDF that cannot be used is a problem, and the page is read instead."""
    if not beginning.broken:
        return []
    message = f"The e-invoice inside the file cannot be used: {beginning.broken}; the values are from the page"
    return [DocumentProblem("EINVOICE_BROKEN", message)]


def _data_only(file: str, stated: EInvoice, schema: Schema, pages: list[Page] | None = None) -> Document:
    """A document from an e-invoice alone, with no page to compare it with."""
    fields = {name: Finding(value, SURE, source="einvoice") for name, value in stated.fields.items()}
    document = Document(file=file, pages=len(pages or ()), type=stated.type, lines=stated.lines)
    document.tax_breakdown = stated.taxes
    document.sizes = [page.paper for page in pages or ()]
    document.fields = {name: fields[name] for name in schema.names if name in fields}
    document.problems = check(schema, document.fields, stated.lines, stated.adjustments)
    document.confidence = document_confidence(schema, document.fields, document.problems)
    return document


def understand(
    file: str,
    pages: list[Page],
    schema: Schema,
    stated: EInvoice | None = None,
    marks: Mapping[str, Finding] = {},
    memory: VendorMemory | None = None,
) -> Document:
    """The fields of a document from its pages, from its e-invoice where it has one, and the `marks` found on it.

    `memory` tells where the fields stand on the documents of a vendor that it knows.
    """
    locale = locale_of(pages)
    kind = type_of(pages)
    if schema.kind == "bank_statement":
        return _statement(file, pages, schema, locale, kind)
    evidence = gather(pages, locale, schema, "receipt" if schema.kind == "receipt" else kind)
    lines = line_items(evidence)
    fields, problems = settle(recalled(rank(evidence, schema, lines), evidence, schema, memory), schema, evidence)
    taxes = tax_breakdown(evidence, fields, lines)
    doubts = tax_problems(taxes, evidence, fields) if stated is None else []
    if stated is not None:
        wanted = {name: value for name, value in stated.fields.items() if name in schema.names}
        fields, contradictions = merge(wanted, fields, evidence)
        problems += contradictions
        lines, kind, taxes = stated.lines, stated.type, stated.taxes or taxes
    document = Document(
        file=file,
        pages=len(pages),
        type=kind,
        language=locale.language,
        fields=_on_paper({name: fields[name] for name in schema.names if name in fields}, pages) | dict(marks),
        lines=lines,
        tax_breakdown=taxes,
        tables=tables_of(pages),
        sizes=[page.paper for page in pages],
        unanswered=evidence.unanswered(schema.names, fields),
        adjustments=adjustments(evidence) | (stated.adjustments if stated else frozenset()),
    )
    document.problems = [
        *check(schema, document.fields, lines, document.adjustments),
        *problems,
        *doubts,
        *_ambiguities(evidence, fields),
        *(receipt_problems(pages, fields) if schema.kind == "receipt" else ()),
        *_poor_pages(pages),
        *missing_pages(pages),
        *_hidden_values(pages),
    ]
    document.confidence = document_confidence(schema, document.fields, document.problems)
    document.alternatives = alternatives(
        evidence, schema, document.fields, lines, document.adjustments, document.problems
    )
    return document


def _statement(file: str, pages: list[Page], schema: Schema, locale: Locale, kind: str) -> Document:
    """A bank statement: its bookings instead of rows, its balances instead of totals."""
    read = statement_of(pages, locale)
    fields = {name: read.fields[name] for name in schema.names if name in read.fields}
    if schema.own:
        found = rank(gather(pages, locale, schema, kind), schema, [])
        fields |= _on_paper({spec.name: found[spec.name] for spec in schema.own if spec.name in found}, pages)
    document = Document(
        file=file,
        pages=len(pages),
        type=kind,
        language=locale.language,
        fields=fields,
        transactions=read.transactions,
        sizes=[page.paper for page in pages],
    )
    document.problems = [
        *check(schema, fields, [], frozenset()),
        *read.problems,
        *_poor_pages(pages),
        *missing_pages(pages),
        *_hidden_values(pages),
    ]
    document.confidence = _confidence(document, schema)
    return document


def _confidence(document: Document, schema: Schema) -> float:
    """How sure the whole document is: its fields, and for a bank statement no surer than its least sure booking."""
    fields = document_confidence(schema, document.fields, document.problems, document.unanswered)
    return min(fields, least_sure(document.transactions))


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


def _hidden_values(pages: list[Page]) -> list[DocumentProblem]:
    """Figures in a page's text that nobody can see on it: other programs would read them as values."""
    hidden = [page for page in pages if re.search(r"\d\D*\d\D*\d", page.unseen)]
    return [
        DocumentProblem(
            "HIDDEN_TEXT",
            f"Page {page.number} holds figures that cannot be seen on it ({page.unseen[:60]}); they were not used: "
            "ask the sender what they are for",
        )
        for page in hidden
    ]
