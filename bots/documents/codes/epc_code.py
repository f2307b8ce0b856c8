"""The payment code of the euro area (GiroCode): EPC069-12, version 002."""

from __future__ import annotations

import re

from stdnum import iban as iban_number

from bots.documents.codes.payment_code import PaymentCode, money, reference_problem

_AMOUNT = re.compile(r"(?P<currency>[A-Z]{3})(?P<amount>[\d.]+)")


def parse_epc(text: str) -> PaymentCode:
    """The payment of a `BCD` code; what breaks the standard is listed in its `problems`."""
    lines = [line.strip() for line in text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines += [""] * (12 - len(lines))
    _, version, _, service, bic, name, iban, paid, _, structured, free, note = lines[:12]
    problems = []
    if version not in ("001", "002"):
        problems.append(f"the payment code has version {version!r}; expected 001 or 002")
    if service not in ("SCT", "INST"):
        problems.append(f"the payment code has the service {service!r}; expected SCT")
    iban = iban.replace(" ", "")
    if not iban_number.is_valid(iban):
        problems.append(f"the IBAN {iban or 'is missing and'} of the payment code fails its own checksum")
    if not name:
        problems.append("the payment code does not name who is paid")
    if version == "001" and not bic:
        problems.append("the payment code has no BIC; version 001 asks for one")
    match = _AMOUNT.fullmatch(paid)
    amount = money(match["amount"]) if match else None
    if paid and (match is None or amount is None):
        problems.append(f"the amount of the payment code is {paid!r}; expected one as in EUR12.30")
    if structured and free:
        problems.append("the payment code has a reference and a text; expected one of them")
    kind = "SCOR" if structured.startswith("RF") else ""
    wrong = reference_problem(kind, structured)
    return PaymentCode(
        scheme="epc",
        iban=iban,
        name=name,
        amount=amount,
        currency=match["currency"] if match else "",
        reference_type=kind,
        reference=structured,
        message=free or note,
        problems=(*problems, wrong) if wrong else tuple(problems),
    )
