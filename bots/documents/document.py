"""What reading gives: fields a person can check, the line items, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias

Box: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points (1/72 inch) from the top left corner of the page."""

Source: TypeAlias = Literal["einvoice", "text", "ocr", "template", "person", "code"]
Value: TypeAlias = str | Decimal | date | bool

FATAL = frozenset(
    {
        "FILE_MISSING",
        "EMPTY_FILE",
        "NOT_A_PDF",
        "PASSWORD_PROTECTED",
        "CORRUPT_FILE",
        "UNREADABLE",
        "NO_TEXT",
        "TOO_LARGE",
        "TOO_SLOW",
        "READER_KILLED",
        "READER_FAULT",
        "OCR_UNAVAILABLE",
    }
)
"""Problems after which there is nothing to show but the file itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The value of one field. `page` counts from 1; page and box are None where the value is not on a page."""

    value: Value
    confidence: float
    page: int | None = None
    box: Box | None = None
    source: Source = "text"
    group: str = ""  # whose weights its confidence was calculated with
    features: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value of a field. `confidence` is None for one that was worked out; `why` says from what.

    `mends` says that with it every rule over the values holds, which does not hold as it was read.
    """

    value: Value
    confidence: float | None = None
    page: int | None = None
    box: Box | None = None
    why: str = ""
    mends: bool = False

    def to_data(self) -> dict[str, Any]:
        """Plain data, as it stands in a journalled result."""
        return {
            "value": self.value,
            "confidence": None if self.confidence is None else Decimal(str(round(self.confidence, 3))),
            "page": self.page,
            "box": [Decimal(str(round(edge, 1))) for edge in self.box] if self.box else None,
            "why": self.why,
            "mends": self.mends,
        }


@dataclass(frozen=True, slots=True)
class LineItem:
    """One row of the invoice. `page` and `box` say where it stands."""

    description: str
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    net_total: Decimal | None = None
    tax_rate: Decimal | None = None  # per cent
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One booking of a bank statement. Money out of the account is negative; so is what a card's holder owes.

    `balance` is the one printed beside it. The kind `brought_forward` is a balance that is printed among the bookings
    as if it were one; it counts for the opening balance, and not for the sum of the bookings.
    """

    date: date
    description: str
    amount: Decimal
    balance: Decimal | None = None
    kind: Literal["transaction", "brought_forward"] = "transaction"
    confidence: float = 1.0
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The tax of one rate (per cent): what it is on and what it comes to. `page` and `box` say where it is printed."""

    rate: Decimal
    basis: Decimal
    amount: Decimal
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """Something a person should look at. `fields` names what it is about; empty means the whole document."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table: the row and column it starts in, counted from 0, how many it spans, its text and place."""

    row: int
    column: int
    text: str
    box: Box
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its rows as texts, with a spanning cell's text in the first place it covers, and its cells with text.

    The first `heads` rows are the heads of the columns. `continues` says that it goes on with the table before it,
    from the page before; where that page's heads are not printed again, it has none.
    """

    page: int
    rows: tuple[tuple[str, ...], ...]
    box: Box | None = None
    cells: tuple[TableCell, ...] = ()
    heads: int = 0
    continues: bool = False


@dataclass
class Document:
    """The result of reading one file."""

    file: str
    pages: int = 0
    type: str = "other"
    language: str = ""
    fields: dict[str, Finding] = field(default_factory=dict)
    lines: list[LineItem] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)  # of a bank statement, in place of the lines
    tax_breakdown: list[TaxShare] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    problems: list[DocumentProblem] = field(default_factory=list)
    confidence: float = 0.0
    sizes: list[tuple[float, float]] = field(default_factory=list)  # page width and height in points
    unanswered: tuple[str, ...] = ()  # fields without a value whose label stands on a page
    adjustments: frozenset[Decimal] = frozenset()  # freight, rounding, discounts: amounts between net and total
    alternatives: dict[str, list[Alternative]] = field(default_factory=dict)  # what else doubtful fields may be

    @property
    def fatal(self) -> DocumentProblem | None:
        """The problem that stopped the reading, if one did."""
        return next((problem for problem in self.problems if problem.code in FATAL), None)

    def value(self, name: str) -> Value | None:
        """The value of a field, or None where it was not found."""
        found = self.fields.get(name)
        return found.value if found else None

    def to_json(self) -> dict[str, Any]:
        """The object that `read --json` prints: money as decimal strings, dates as ISO text."""
        return {
            "file": self.file,
            "pages": self.pages,
            "type": self.type,
            "language": self.language,
            "fields": {name: _finding_json(found) for name, found in self.fields.items()},
            "lines": [_line_json(line) for line in self.lines] or [_booking_json(one) for one in self.transactions],
            "tax_breakdown": [_share_json(share) for share in self.tax_breakdown],
            "tables": [table_data(table) for table in self.tables],
            "problems": [problem_data(problem) for problem in self.problems],
            "confidence": round(self.confidence, 3),
        }


def problem_data(problem: DocumentProblem) -> dict[str, Any]:
    """A problem as plain data, as it stands in JSON and in a journalled result."""
    return {"code": problem.code, "message": problem.message, "fields": list(problem.fields)}


def table_data(table: Table) -> dict[str, Any]:
    """A table as plain data, as it stands in JSON."""
    return {
        "page": table.page,
        "box": [round(edge, 1) for edge in table.box] if table.box else None,
        "rows": [list(row) for row in table.rows],
        "heads": table.heads,
        "continues": table.continues,
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "text": cell.text,
                "box": [round(edge, 1) for edge in cell.box],
            }
            for cell in table.cells
        ],
    }


def plain(value: Value | None) -> str | bool | None:
    """A value as JSON carries it."""
    if value is None or isinstance(value, bool):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _finding_json(found: Finding) -> dict[str, Any]:
    return {
        "value": plain(found.value),
        "confidence": round(found.confidence, 3),
        "page": found.page,
        "box": [round(edge, 1) for edge in found.box] if found.box else None,
        "source": found.source,
    }


def _line_json(line: LineItem) -> dict[str, Any]:
    return {
        "description": line.description,
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price),
        "net_total": plain(line.net_total),
        "tax_rate": plain(line.tax_rate),
        "page": line.page,
        "box": [round(edge, 1) for edge in line.box] if line.box else None,
    }


def _booking_json(one: Transaction) -> dict[str, Any]:
    return {
        "date": plain(one.date),
        "description": one.description,
        "amount": plain(one.amount),
        "balance": plain(one.balance),
        "kind": one.kind,
        "confidence": round(one.confidence, 3),
        "page": one.page,
        "box": [round(edge, 1) for edge in one.box] if one.box else None,
    }


def _share_json(share: TaxShare) -> dict[str, Any]:
    return {
        "rate": plain(share.rate),
        "basis": plain(share.basis),
        "amount": plain(share.amount),
        "page": share.page,
        "box": [round(edge, 1) for edge in share.box] if share.box else None,
    }
