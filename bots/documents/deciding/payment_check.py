"""The payment code on a page against what is printed there: it confirms values, adds missing ones, or contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bots.documents.codes.finding import numbered
from bots.documents.codes.payment_code import PaymentCode, payment_code
from bots.documents.deciding.crosscheck import place_of
from bots.documents.document import DocumentProblem, Finding, Value
from bots.documents.invoices.candidates import Evidence
from bots.documents.pages.page import Code
from bots.documents.schemas import Schema, title
from bots.documents.words.lexicon import squeeze

AGREED = 0.98  # a value that page and code give alike
STATED = 0.95  # a value that the code alone gives, and the page somewhere shows
ALONE = 0.9  # a value that the code alone gives
CONTRADICTED = 0.5  # a value that page and code give differently
_FORMS = {"swiss": "QR bill", "epc": "payment code"}


def settle(
    fields: Mapping[str, Finding], schema: Schema, evidence: Evidence
) -> tuple[dict[str, Finding], list[DocumentProblem]]:
    """The fields with what the payment codes of the pages say of them, and where the two do not go together."""
    settled = dict(fields)
    problems: list[DocumentProblem] = []
    found = payments(evidence)
    for page, _, payment in found:
        for wrong in payment.problems:
            message = f"On page {page} {wrong}; compare it with the page before paying, or ask the sender"
            problems.append(DocumentProblem("PAYMENT_CODE_WRONG", message, ("seller.iban",)))
    if len({(payment.iban, payment.amount, payment.reference) for _, _, payment in found}) > 1:
        message = f"The pages have {len(found)} payment codes that differ, as for instalments; choose the one to pay"
        return settled, [*problems, DocumentProblem("SEVERAL_PAYMENT_CODES", message, ("total",))]
    for page, code, payment in found[:1]:
        for name, value in _stated(payment):
            if name in schema.names:
                # A QR bill is read from its code; of an invoice, the page knows the seller best.
                party = name.endswith((".name", ".address"))
                read = None if party and schema.kind == "qr_bill" else settled.get(name)
                settled[name], problem = _settled(name, value, read, evidence, (page, code, payment))
                problems += [problem] if problem else []
    return settled, problems


def payments(evidence: Evidence) -> list[tuple[int, Code, PaymentCode]]:
    """The payment codes of a document with their pages."""
    read = ((page, code, payment_code(code.text)) for page, code in numbered(evidence.pages) if code.kind == "qr")
    return [(page, code, payment) for page, code, payment in read if payment is not None]


def _stated(payment: PaymentCode) -> Iterator[tuple[str, Value]]:
    values: dict[str, Value | None] = {
        "seller.name": payment.name,
        "seller.address": payment.address,
        "seller.iban": payment.iban,
        "seller.tax_id": payment.tax_id,
        "buyer.name": payment.debtor,
        "number": payment.number,
        "issue_date": payment.issue_date,
        "due_date": payment.due_date,
        "currency": payment.currency,
        "total": payment.amount,
        "payment_reference": payment.reference,
        "message": payment.message,
    }
    for name, value in values.items():
        if value:  # an amount of 0 is a bill that nobody has to pay, or one to be filled in
            yield name, value


def _settled(
    name: str, value: Value, found: Finding | None, evidence: Evidence, source: tuple[int, Code, PaymentCode]
) -> tuple[Finding, DocumentProblem | None]:
    page, code, payment = source
    place = place_of(value, evidence)
    if place is not None:
        line, start, end = place
        stated = Finding(value, STATED, line.page, line.box_of(start, end), "code")
    else:
        stated = Finding(value, ALONE, page, code.box, "code")
    if found is None:
        return stated, None
    if _same(found.value, value):
        return replace(found, confidence=max(found.confidence, AGREED)), None
    if name.endswith((".name", ".address")):
        # Who is paid may be another one than who sells: a bank, a parent company.
        return (stated if place is not None and found.confidence < ALONE else found), None
    if place is not None and not (name == "total" and found.features.get("adds_up")):
        return stated, None  # both stand on the page, and the code knows which of them it is
    message = (
        f"The {_FORMS[payment.scheme]} on page {page} says {title(name)} {value}, but the page says {found.value}; "
        "compare both before paying"
    )
    doubted = replace(found, confidence=min(found.confidence, CONTRADICTED))
    return doubted, DocumentProblem("PAYMENT_CODE_DISAGREES", message, (name,))


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return squeeze(one).removesuffix("mwst") == squeeze(other).removesuffix("mwst")
    return one == other
