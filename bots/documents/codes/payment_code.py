"""What a payment code says, whatever its form: who is to be paid, on which account, how much, for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class PaymentCode:
    """A payment as a QR code states it. `problems` says in words what in the code itself cannot be right.

    `scheme` is `swiss` or `epc`; `reference_type` is `QRR` (27 digits), `SCOR` (ISO 11649) or empty.
    """

    scheme: str
    iban: str
    name: str
    address: str = ""
    country: str = ""
    amount: Decimal | None = None
    currency: str = ""
    debtor: str = ""
    reference_type: str = ""
    reference: str = ""
    message: str = ""
    number: str = ""
    issue_date: date | None = None
    due_date: date | None = None
    tax_id: str = ""
    problems: tuple[str, ...] = ()


def payment_code(text: str) -> PaymentCode | None:
    """The payment that the text of a QR code states; None for any other code."""
    from bots.documents.codes.epc_code import parse_epc
    from bots.documents.codes.swiss_bill import parse_swiss

    first = text.lstrip("\ufeff").partition("\n")[0].strip()
    if first == "SPC":
        return parse_swiss(text)
    if first == "BCD":
        return parse_epc(text)
    return None


def money(text: str) -> Decimal | None:
    """An amount as payment codes write it: digits and a dot; None for anything else."""
    whole, dot, cents = text.partition(".")
    if not whole.isdecimal() or len(whole) > 12 or (dot and not (cents.isdecimal() and len(cents) <= 2)):
        return None
    return Decimal(text)


def reference_problem(kind: str, reference: str) -> str | None:
    """What is wrong with a payment reference of a kind (`QRR`, `SCOR`); None if its check digits hold."""
    from stdnum import iso11649
    from stdnum.ch import esr

    if kind == "QRR" and not (len(reference) == 27 and reference.isdecimal() and esr.is_valid(reference)):
        return f"the QR reference {reference} fails its check digit"
    if kind == "SCOR" and not iso11649.is_valid(reference):
        return f"the creditor reference {reference} fails its check digits"
    return None
