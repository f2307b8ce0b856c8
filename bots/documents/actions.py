"""`document.read`: a file becomes fields that later steps use and a person can check."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bots.documents.corrections import correct, put
from bots.documents.document import Document, Finding, problem_data
from bots.documents.opening.load import OcrChoice
from bots.documents.opening.page_cache import PageCache
from bots.documents.pages.pdf_file import Unreadable
from bots.documents.reader import Reader
from bots.documents.schemas import INVOICE, Schema, nested_shape, schema_of
from bots.documents.statements.balance import bookings_data
from bots.documents.vendors.learning import WORDS, learn, words_to_keep
from bots.documents.vendors.memory import StoredVendors
from engine.action import Shape, action
from engine.context import Context, File
from engine.errors import BusinessException

HOPELESS = frozenset({"FILE_MISSING", "EMPTY_FILE", "NOT_A_PDF"})
"""Where there is no document to enter the values from."""

MOST_IMAGES = 20  # pages kept as pictures for the console


class ReadDocument(BaseModel):
    """What to read and how."""

    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The file to read: a work item's file, or a path")
    fields: str | dict[str, Any] = Field(
        default="invoice",
        description="`invoice`, `receipt`, `qr_bill`, `bank_statement`, or your own fields: {po_number: {type, labels, "
        "pattern, required}}; `extends: invoice` adds them to a built-in set",
    )
    einvoice: bool = Field(default=True, description="Use the e-invoice XML inside the file, where there is one")
    ocr: OcrChoice = Field(
        default="auto", description="auto reads pages without text as pictures; or tesseract, rapidocr, never, always"
    )

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: str | dict[str, Any]) -> str | dict[str, Any]:
        # An expression is checked when it has its value.
        if not (isinstance(fields, str) and "${{" in fields):
            schema_of(fields)
        return fields


class PageImage(BaseModel):
    """A page kept as a picture with the run; `width` and `height` are the page's, in points, as the boxes are."""

    artifact: str
    page: int
    width: Decimal
    height: Decimal


class ReadResult(BaseModel):
    """A document as later steps see it; the fields of the set stand beside these names (`number`, `seller.name`)."""

    model_config = ConfigDict(extra="allow")

    file: str
    pages: int
    type: str
    language: str
    schema_fields: str | dict[str, Any] = Field(description="The field set that was read")
    fields: dict[str, dict[str, Any]] = Field(description="Every field found, with confidence, page, box and source")
    lines: list[dict[str, Any]]
    tax_breakdown: list[dict[str, Any]] = Field(
        default_factory=list, description="Taxes by rate: `rate` in per cent, the `basis` it is on, its `amount`"
    )
    tables: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    confidence: Decimal
    adjustments: list[Decimal] = Field(description="Freight, rounding, discounts: amounts between net and total")
    page_images: list[PageImage]
    alternatives: dict[str, list[dict[str, Any]]] = Field(
        default_factory=dict, description="What else a doubtful field may be: `value`, `confidence`, `page`, `box`"
    )


def shape(raw: Mapping[str, Any]) -> Shape:
    """The names that later steps may use, for the fields this step asks for."""
    fields = raw.get("fields", "invoice")
    known: dict[str, Any] = {name: None for name in ReadResult.model_fields}
    try:
        schema = schema_of(fields) if isinstance(fields, (str, Mapping)) else INVOICE
    except ValueError:
        return None
    return {**known, **nested_shape(schema)}


def correct_result(result: dict[str, Any], corrections: dict[str, Any]) -> dict[str, Any]:
    """A journalled result with a person's corrections in it."""
    return correct(schema_of(result["schema_fields"]), result, corrections)


@action("document.read", correct=correct_result, shape=shape, learn=learn)
def read(input: ReadDocument, context: Context) -> ReadResult:
    """Read the fields of an invoice or another document from a PDF, a picture or an e-invoice.

    Each field has a value, a confidence, a page and a box. `problems` says what a person should look at:
    totals that do not add up, a missing field, a date that can be read in two ways.
    """
    path = Path(input.file.path) if isinstance(input.file, File) else context.path(input.file)
    name = input.file.name if isinstance(input.file, File) else path.name
    reader = reader_of(context)
    vendors = StoredVendors(context.memory, context.now(), studies=not context.dry_run)
    document = reader.read(path, input.fields, input.einvoice, input.ocr, vendors)
    if document.fatal is not None:
        raise _unread(document, name, path, input, context)
    document.file = name
    if vendors.sheet is not None:
        digest = (isinstance(input.file, File) and input.file.sha256) or _digest(path)
        context.artifact(WORDS, words_to_keep(digest, vendors.sheet.pages), "application/octet-stream")
    try:
        images = _keep_images(reader.pictures(path, MOST_IMAGES), document, context)
    except Unreadable as unreadable:
        raise BusinessException(unreadable.problem.code, unreadable.problem.message) from unreadable
    return ReadResult.model_validate(result_of(document, schema_of(input.fields), input.fields, images))


def _unread(document: Document, name: str, path: Path, input: ReadDocument, context: Context) -> BusinessException:
    """Why nothing was read, with an empty result for a person to enter the values where the file itself is sound."""
    problem = document.fatal
    assert problem is not None
    if problem.code in HOPELESS:
        return BusinessException(problem.code, problem.message)
    document.file = name
    if problem.code == "NO_TEXT":
        for number, png in enumerate(reader_of(context).pictures(path, MOST_IMAGES), start=1):
            context.artifact(f"page-{number}.png", png, "image/png")
    draft = result_of(document, schema_of(input.fields), input.fields, [])
    return BusinessException(problem.code, problem.message, draft=draft)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def result_of(
    document: Document, schema: Schema, fields: str | Mapping[str, Any], images: list[PageImage]
) -> dict[str, Any]:
    """A document as plain data, the fields of the set nested as later steps write them; None where not found."""
    result: dict[str, Any] = {
        "file": document.file,
        "pages": document.pages,
        "type": document.type,
        "language": document.language,
        "schema_fields": fields if isinstance(fields, str) else dict(fields),
        "fields": {name: _finding_data(found) for name, found in document.fields.items()},
        "lines": [
            {
                "description": line.description,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "net_total": line.net_total,
                "tax_rate": line.tax_rate,
            }
            for line in document.lines
        ]
        or bookings_data(document.transactions),
        "tax_breakdown": [
            {"rate": share.rate, "basis": share.basis, "amount": share.amount} for share in document.tax_breakdown
        ],
        "tables": [
            {"page": table.page, "heads": table.heads, "rows": [list(row) for row in table.rows]}
            for table in document.tables
        ],
        "problems": [problem_data(problem) for problem in document.problems],
        "confidence": Decimal(str(round(document.confidence, 3))),
        "adjustments": sorted(document.adjustments),
        "page_images": images,
        "alternatives": {name: [one.to_data() for one in told] for name, told in document.alternatives.items()},
    }
    for name in schema.names:
        put(result, name, document.value(name))
    return result


def _finding_data(found: Finding) -> dict[str, Any]:
    return {
        "value": found.value,
        "confidence": Decimal(str(round(found.confidence, 3))),
        "page": found.page,
        "box": [Decimal(str(round(edge, 1))) for edge in found.box] if found.box else None,
        "source": found.source,
    }


def reader_of(context: Context) -> Reader:
    """The reader that this worker keeps, its processes warm and its pages in the project's cache."""
    return context.resource("documents.reader", lambda: Reader(cache=PageCache(context.cache("pages"))), Reader.close)


def _keep_images(pictures: Iterator[bytes], document: Document, context: Context) -> list[PageImage]:
    """Pictures of the pages, so that a person sees each value where it stands."""
    kept = []
    for number, (png, (width, height)) in enumerate(zip(pictures, document.sizes, strict=False), start=1):
        artifact = context.artifact(f"page-{number}.png", png, "image/png")
        kept.append(
            PageImage(
                artifact=artifact,
                page=number,
                width=Decimal(str(round(width, 1))),
                height=Decimal(str(round(height, 1))),
            )
        )
    return kept
