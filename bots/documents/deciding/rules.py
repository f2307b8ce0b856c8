"""What is wrong or doubtful about the values: the rules a bookkeeper applies, as pure functions over the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from stdnum import iban

from bots.documents.deciding.calibration import confidence, fitted
from bots.documents.deciding.features import document_features
from bots.documents.document import DocumentProblem, Finding, LineItem
from bots.documents.invoices.atoms import tax_id, tax_id_valid
from bots.documents.schemas import Schema, title

CENT = Decimal("0.02")
MISSING = 0.3  # what a document is worth where a required field is missing
CLEAR = 0.7  # a printed id with a wrong checksum, read as clearly as this, is as the vendor printed it
ANCHORED = "vendor"  # the group of a value whose confidence a vendor's anchor decided
COMPUTED = frozenset(
    {
        "MISSING_FIELD",
        "TOTALS_DISAGREE",
        "LINES_DISAGREE",
        "BALANCE_DISAGREES",
        "DATES_DISAGREE",
        "TAX_ID_CHECKSUM",
        "TAX_ID_FORM",
        "IBAN_CHECKSUM",
    }
)
"""The codes of the rules that follow from the values alone, and are applied again when a person corrects one."""


def check(
    schema: Schema, fields: Mapping[str, Finding], lines: Sequence[LineItem], adjustments: frozenset[Decimal]
) -> list[DocumentProblem]:
    """All problems of the values. `adjustments` are amounts such as freight or a
    discount that may stand between net and total."""
    values = {name: found.value for name, found in fields.items()}
    return [
        *_missing(schema, fields),
        *_totals(values, adjustments),
        *(_lines(values, lines, adjustments) if schema.kind != "receipt" else ()),  # a till's rows prove less
        *_dates(values),
        *_checksums(fields),
    ]


def _missing(schema: Schema, fields: Mapping[str, Finding]) -> list[DocumentProblem]:
    return [
        DocumentProblem("MISSING_FIELD", f"No {title(name)} was found; look at the page and enter it", (name,))
        for name in schema.required
        if name not in fields
    ]


def _totals(values: Mapping[str, object], adjustments: frozenset[Decimal]) -> list[DocumentProblem]:
    net, tax, total = values.get("net_total"), values.get("tax_total"), values.get("total")
    if not (isinstance(net, Decimal) and isinstance(total, Decimal)):
        return []
    if not isinstance(tax, Decimal):
        return _net_above_total(net, total)
    gap = total - net - tax
    if abs(gap) <= CENT or gap in adjustments or -gap in adjustments:
        return []
    message = f"Net {net} plus tax {tax} is {net + tax}, but the total says {total}; compare them with the page"
    return [DocumentProblem("TOTALS_DISAGREE", message, ("net_total", "tax_total", "total"))]


def _net_above_total(net: Decimal, total: Decimal) -> list[DocumentProblem]:
    if abs(net) <= abs(total):
        return []
    message = f"The net total {net} is more than the total {total}; compare them with the page"
    return [DocumentProblem("TOTALS_DISAGREE", message, ("net_total", "total"))]


def _lines(
    values: Mapping[str, object], lines: Sequence[LineItem], adjustments: frozenset[Decimal]
) -> list[DocumentProblem]:
    """The rows against the net total, where every row proves itself: a row missed is no fault of the invoice."""
    if not verified(lines):
        return []
    net, total = values.get("net_total"), values.get("total")
    added = sum((line.net_total for line in lines if line.net_total is not None), Decimal(0))
    goals = [goal for goal in (net, total) if isinstance(goal, Decimal)]
    gaps = [goal - added for goal in goals]
    if not goals or any(abs(gap) <= CENT for gap in gaps) or adjustments:
        # With freight or discounts in between, the rows alone prove nothing.
        return []
    message = f"The lines add up to {added}, but the net total says {goals[0]}; compare the lines with the page"
    return [DocumentProblem("LINES_DISAGREE", message, ("net_total",))]


def verified(lines: Sequence[LineItem]) -> bool:
    """Whether there are rows and each proves itself: quantity times price gives its amount."""
    return bool(lines) and all(
        line.quantity is not None
        and line.unit_price is not None
        and line.net_total is not None
        and abs(line.quantity * line.unit_price - line.net_total) <= CENT
        for line in lines
    )


def _dates(values: Mapping[str, object]) -> list[DocumentProblem]:
    issued, due = values.get("issue_date"), values.get("due_date")
    if not (isinstance(issued, date) and isinstance(due, date)) or due >= issued:
        return []
    message = f"The due date {due} lies before the issue date {issued}; compare them with the page"
    return [DocumentProblem("DATES_DISAGREE", message, ("issue_date", "due_date"))]


def _checksums(fields: Mapping[str, Finding]) -> list[DocumentProblem]:
    """A failed checksum is a misreading where letters were guessed; in a text layer it is the vendor's own."""
    problems = []
    seller = fields.get("seller.tax_id")
    if seller and tax_id(str(seller.value)) is None:
        message = f"The tax id {seller.value} does not have the form of a VAT id; compare it with the page"
        problems.append(DocumentProblem("TAX_ID_FORM", message, ("seller.tax_id",)))
    elif seller and seller.source == "ocr" and not tax_id_valid(str(seller.value)) and seller.confidence < CLEAR:
        message = f"The tax id {seller.value} fails its own checksum; compare it with the page"
        problems.append(DocumentProblem("TAX_ID_CHECKSUM", message, ("seller.tax_id",)))
    account = fields.get("seller.iban")
    if account and not iban.is_valid(str(account.value)):
        message = f"The IBAN {account.value} fails its own checksum; compare it with the page before paying"
        problems.append(DocumentProblem("IBAN_CHECKSUM", message, ("seller.iban",)))
    return problems


def document_confidence(
    schema: Schema,
    fields: Mapping[str, Finding],
    problems: Sequence[DocumentProblem],
    unanswered: Sequence[str] = (),
) -> float:
    """How likely it is that every value is right and none was overlooked; less for every problem.

    `unanswered` names the fields whose label stands on a page without a value. For sets of fields that nothing was
    fitted to, it is the least confidence of the fields that matter. Nothing missing counts as sure.
    """
    sure = {name: found.confidence for name, found in fields.items()}
    matter = schema.required or tuple(fields)
    least = min((sure.get(name, MISSING) for name in matter), default=0.0)
    if fitted(f"{schema.kind}_document") and least > MISSING:
        least = confidence(f"{schema.kind}_document", document_features(schema, sure, len(unanswered)))
    # The weights were fitted without vendors' anchors: what these found or doubt is no surer for the rest.
    least = min([least, *(found.confidence for found in fields.values() if found.group == ANCHORED)])
    return round(least * 0.8 ** len(problems), 3)
