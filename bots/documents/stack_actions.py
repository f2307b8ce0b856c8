"""`document.classify`, `document.split`, `document.codes`: what comes before a document is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bots import atomic_write
from bots.documents.actions import reader_of
from bots.documents.codes.finding import has_text
from bots.documents.codes.payment_code import PaymentCode, payment_code
from bots.documents.deciding.classify import TYPES, classify
from bots.documents.document import Box, problem_data
from bots.documents.opening.load import OcrChoice
from bots.documents.pages.page import Code, Page
from bots.documents.pages.pdf_file import Unreadable, kind_of
from bots.documents.stacks.source import codes_in, parts_of, remember
from bots.documents.stacks.split import By, Part, Split, split
from bots.documents.words.locale import language_of
from engine.action import Effect, Preview, action
from engine.context import Context, File
from engine.errors import BusinessException

LARGEST_SHARES = 3


class ClassifyDocument(BaseModel):
    """Which file to look at."""

    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The file: a work item's file, or a path")
    ocr: OcrChoice = Field(default="auto", description="How pages without text are read; see document.read")


class Classified(BaseModel):
    type: str = Field(description=f"One of {', '.join(TYPES)}")
    confidence: Decimal = Field(description="How sure the type is, 0 to 1")
    shares: dict[str, Decimal] = Field(description="The types that came into question, each with its share of 1")
    language: str = Field(description="The language's code: en, de, fr; empty where the page does not tell")
    pages: int


@action("document.classify")
def classify_document(input: ClassifyDocument, context: Context) -> Classified:
    """Say what kind of document a file is: an invoice, a delivery note, a contract, a payslip."""
    path, _ = _place(input.file, context)
    pages = _pages(path, input.ocr, context)
    found = classify(pages)
    shares = list(found.shares.items())[:LARGEST_SHARES]
    return Classified(
        type=found.type,
        confidence=_rounded(found.confidence),
        shares={kind: _rounded(share) for kind, share in shares},
        language=language_of(line.text for page in pages for line in page.lines),
        pages=len(pages),
    )


class SplitDocument(BaseModel):
    """Which stack to split, by what, and where to put its documents."""

    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The stack: a work item's file, or a path")
    to: str = Field(description="The folder for the documents, in the project's files; it is made where it is missing")
    by: By = Field(
        default="document",
        description="document: by what the pages say; blank: at blank pages; barcode: at pages with a bar code; "
        "pages: by counting",
    )
    every: int = Field(default=1, ge=1, description="Pages of each document, with by: pages")
    code: str | None = Field(
        default=None, description="A regular expression: only bar codes whose text it matches part documents"
    )
    ocr: OcrChoice = Field(default="auto", description="How pages without text are read; see document.read")

    @field_validator("code")
    @classmethod
    def _compiles(cls, code: str | None) -> str | None:
        try:
            re.compile(code or "")
        except re.error as error:
            raise ValueError(f"code {code!r} is no regular expression ({error}); correct it") from error
        return code

    @model_validator(mode="after")
    def _fitting(self) -> SplitDocument:
        if self.every != 1 and self.by != "pages":
            raise ValueError(f"every: {self.every} is only for by: pages; leave it out")
        if self.code is not None and self.by not in ("barcode", "document"):
            raise ValueError("code is only for by: barcode or by: document; leave it out")
        return self


class PartFile(BaseModel):
    """One document of the stack."""

    file: File = Field(description="The document as a file, to give to an item: queue.add ... {file: part.file}")
    first: int = Field(description="Its first page in the stack")
    last: int
    pages: list[int]
    type: str = Field(description=f"One of {', '.join(TYPES)}")
    type_confidence: Decimal
    confidence: Decimal = Field(description="How sure it is that the document begins and ends there and is whole")
    reason: str = Field(description="Why it begins where it begins")


class SplitResult(BaseModel):
    parts: list[PartFile]
    count: int
    pages: int = Field(description="Pages of the stack")
    left_out: list[int] = Field(description="Pages that are in no document: blank ones, and sheets that only part")
    problems: list[dict[str, Any]] = Field(description="Boundaries that are doubtful, separators that are missing")
    confidence: Decimal = Field(description="The least of the parts'")


def preview_split(input: SplitDocument, context: Context) -> Preview:
    path, name = _place(input.file, context)
    found, _ = _split(path, input, context)
    folder = context.path(input.to)
    names = _names(name, len(found.parts))
    return Preview(
        input.to,
        {
            name: ("replaced" if (folder / name).exists() else None, f"pages {part.first} to {part.last}")
            for name, part in zip(names, found.parts, strict=True)
        },
    )


@action("document.split", effect=Effect.IDEMPOTENT, preview=preview_split)
def split_document(input: SplitDocument, context: Context) -> SplitResult:
    """Split a stack of scans into its documents, each a PDF. The same stack gives the same files.

    A boundary that may be wrong is a problem of the result, for `review` to stop at; nothing is guessed in silence.
    """
    path, name = _place(input.file, context)
    found, pages = _split(path, input, context)
    if not found.parts:
        raise BusinessException(
            "NO_PAGES", f"{name} has only blank pages", advice="look whether it was scanned face down"
        )
    folder = context.path(input.to)
    source = reader_of(context).source
    files = []
    try:
        contents = parts_of(source, path, [part.pages for part in found.parts])
        for part, part_name, content in zip(found.parts, _names(name, len(found.parts)), contents, strict=True):
            files.append(_write(folder / part_name, content))
            remember(source, folder / part_name, input.ocr, [pages[number] for number in part.pages])
    except Unreadable as unreadable:
        raise BusinessException(unreadable.problem.code, unreadable.problem.message) from unreadable
    context.event("document.split", file=name, parts=len(files), problems=len(found.problems))
    return _result(found, files)


def _split(path: Path, input: SplitDocument, context: Context) -> tuple[Split, dict[int, Page]]:
    """How the stack is parted, and its pages by number."""
    pages = {page.number: page for page in _pages(path, input.ocr, context)}
    codes = _codes(path, context) if input.by == "barcode" else {}
    seen = [_with_codes(page, codes.get(number, [])) for number, page in pages.items()]
    return split(seen, input.by, every=input.every, code=input.code), pages


def _with_codes(page: Page, codes: Sequence[Code]) -> Page:
    """The page with all its codes; of a digital one only the QR codes are known so far."""
    return replace(page, codes=[*page.codes, *(code for code in codes if not has_text(page.codes, code.text))])


def _write(path: Path, content: bytes) -> File:
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write.write(path, content)
    return File(path=str(path), name=path.name, sha256=hashlib.sha256(content).hexdigest())


def _names(stack: str, count: int) -> list[str]:
    """`scan-01.pdf`, `scan-02.pdf`: in the order of the stack however they are sorted."""
    stem = stack.rpartition(".")[0] or stack
    return [f"{stem}-{number:0{max(len(str(count)), 2)}d}.pdf" for number in range(1, count + 1)]


def _result(found: Split, files: Sequence[File]) -> SplitResult:
    numbers = [number for part in found.parts for number in part.pages]
    return SplitResult(
        parts=[_part(part, file) for part, file in zip(found.parts, files, strict=True)],
        count=len(files),
        pages=len(numbers) + len(found.left_out),
        left_out=list(found.left_out),
        problems=[problem_data(problem) for problem in found.problems],
        confidence=_rounded(min(part.confidence for part in found.parts)),
    )


def _part(part: Part, file: File) -> PartFile:
    return PartFile(
        file=file,
        first=part.first,
        last=part.last,
        pages=list(part.pages),
        type=part.kind.type,
        type_confidence=_rounded(part.kind.confidence),
        confidence=_rounded(part.confidence),
        reason=part.reason,
    )


class ReadCodes(BaseModel):
    """Which file to look at."""

    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The file: a work item's file, or a path; PDF or picture")


class FoundCode(BaseModel):
    page: int
    kind: str = Field(description="qr, code128, ean13, datamatrix, pdf417 and so on")
    text: str
    box: list[Decimal] = Field(description="x0, y0, x1, y1 in points from the top left corner of the page")
    payment: dict[str, Any] | None = Field(
        description="Of a Swiss QR bill or a GiroCode: scheme, name, iban, amount, currency, reference, message, "
        "number, issue_date, due_date, tax_id, debtor, and its problems"
    )


class FoundCodes(BaseModel):
    codes: list[FoundCode] = Field(description="Page after page, from top to bottom")
    count: int
    payment: dict[str, Any] | None = Field(description="The payment, where exactly one is asked for")


@action("document.codes")
def read_codes(input: ReadCodes, context: Context) -> FoundCodes:
    """Read the bar codes and QR codes of a file. What a Swiss QR bill or a GiroCode says is checked and taken apart."""
    path, _ = _place(input.file, context)
    found = [_found(number, code) for number, codes in sorted(_codes(path, context).items()) for code in codes]
    payments = [code.payment for code in found if code.payment is not None]
    return FoundCodes(codes=found, count=len(found), payment=payments[0] if len(payments) == 1 else None)


def _found(page: int, code: Code) -> FoundCode:
    payment = payment_code(code.text) if code.kind == "qr" else None
    return FoundCode(
        page=page, kind=code.kind, text=code.text, box=_edges(code.box), payment=_payment(payment) if payment else None
    )


def _payment(payment: PaymentCode) -> dict[str, Any]:
    names = (
        "scheme",
        "name",
        "address",
        "country",
        "iban",
        "amount",
        "currency",
        "debtor",
        "reference_type",
        "reference",
    )
    more = ("message", "number", "issue_date", "due_date", "tax_id")
    return {name: getattr(payment, name) for name in (*names, *more)} | {"problems": list(payment.problems)}


def _edges(box: Box) -> list[Decimal]:
    return [Decimal(str(round(edge, 1))) for edge in box]


def _rounded(share: float) -> Decimal:
    return Decimal(str(round(share, 3)))


def _place(file: File | str, context: Context) -> tuple[Path, str]:
    """The path of a file, and the name people know it by."""
    if isinstance(file, File):
        return Path(file.path), file.name
    path = context.path(file)
    return path, path.name


def _pages(path: Path, ocr: OcrChoice, context: Context) -> list[Page]:
    try:
        _no_data_file(path)
        return list(reader_of(context).pages(path, ocr))
    except Unreadable as unreadable:
        raise BusinessException(unreadable.problem.code, unreadable.problem.message) from unreadable


def _codes(path: Path, context: Context) -> dict[int, list[Code]]:
    try:
        _no_data_file(path)
        return codes_in(reader_of(context).source, path)
    except Unreadable as unreadable:
        raise BusinessException(unreadable.problem.code, unreadable.problem.message) from unreadable


def _no_data_file(path: Path) -> None:
    """An e-invoice that is a file of its own has no pages. Raises Unreadable for what is no file at all."""
    if kind_of(path) == "xml":
        raise BusinessException("NO_PAGES", f"{path.name} is XML and has no pages", advice="give it to document.read")
