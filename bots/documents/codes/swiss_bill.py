"""The Swiss QR bill (SIX, Implementation Guidelines QR-bill 2.3) with Swico's billing information S1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from stdnum import iban as iban_number

from bots.documents.codes.payment_code import PaymentCode, money, reference_problem

FEWEST = 31  # lines up to the trailer
_TAG = re.compile(r"(?<!\\)/(\d{2})/")


@dataclass(frozen=True, slots=True)
class Address:
    """A party of the bill, its address on one line."""

    name: str
    address: str
    country: str


@dataclass(frozen=True)
class Swico:
    """Billing information S1: what it says of the invoice itself. Empty or None where it says nothing."""

    number: str = ""
    issue_date: date | None = None
    customer: str = ""
    tax_id: str = ""
    due_date: date | None = None
    rates: str = ""


def parse_swiss(text: str) -> PaymentCode:
    """The payment of an `SPC` code; what breaks the guidelines is listed in its `problems`."""
    lines = [line.strip() for line in text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    problems = []
    if len(lines) < FEWEST:
        problems.append(f"the QR bill has {len(lines)} lines; expected {FEWEST} or more")
        lines += [""] * (FEWEST - len(lines))
    elif lines[30] != "EPD":
        problems.append(f"the QR bill ends its data with {lines[30]!r}; expected EPD")
    if not lines[1].startswith("02"):
        problems.append(f"the QR bill has version {lines[1]!r}; expected 0200")
    iban = lines[3].replace(" ", "")
    creditor, debtor = _address(lines[4:11]), _address(lines[20:27])
    amount = money(lines[18]) if lines[18] else None
    kind, reference = lines[27], lines[28].replace(" ", "")
    problems += _account_problems(iban, kind, reference)
    if lines[18] and amount is None:
        problems.append(f"the amount of the QR bill is {lines[18]!r}; expected digits as in 1949.75")
    if lines[19] not in ("CHF", "EUR"):
        problems.append(f"the currency of the QR bill is {lines[19]!r}; expected CHF or EUR")
    if not creditor.name or not re.fullmatch(r"[A-Z]{2}", creditor.country):
        problems.append("the QR bill does not name its creditor with a country")
    stated = swico(lines[31]) if len(lines) > 31 else Swico()
    return PaymentCode(
        scheme="swiss",
        iban=iban,
        name=creditor.name,
        address=creditor.address,
        country=creditor.country,
        amount=amount,
        currency=lines[19],
        debtor=debtor.name,
        reference_type="" if kind == "NON" else kind,
        reference=reference,
        message=lines[29],
        number=stated.number,
        issue_date=stated.issue_date,
        due_date=stated.due_date,
        tax_id=stated.tax_id,
        problems=tuple(problems),
    )


def _address(lines: list[str]) -> Address:
    """A structured address (S: street, number, code, town) or a combined one (K: two lines)."""
    kind, name, first, second, code, town, country = lines
    if kind == "K":
        parts = [first, second]
    else:
        parts = [f"{first} {second}".strip(), f"{code} {town}".strip()]
    return Address(name, ", ".join(part for part in parts if part), country)


def is_qr_iban(iban: str) -> bool:
    """Whether an account is one for payments with a QR reference: its institution is 30000 to 31999."""
    return iban[4:9].isdecimal() and 30000 <= int(iban[4:9]) <= 31999


def _account_problems(iban: str, kind: str, reference: str) -> list[str]:
    problems = []
    if not iban_number.is_valid(iban) or iban[:2] not in ("CH", "LI"):
        problems.append(f"{iban or 'nothing'} is no valid Swiss IBAN")
    elif is_qr_iban(iban) != (kind == "QRR"):
        expected = "a QR reference" if is_qr_iban(iban) else "an IBAN that is no QR-IBAN"
        problems.append(f"the reference type is {kind or 'missing'} with the account {iban}; expected {expected}")
    if kind not in ("QRR", "SCOR", "NON"):
        problems.append(f"the reference type is {kind!r}; expected QRR, SCOR or NON")
    wrong = reference_problem(kind, reference)
    return [*problems, wrong] if wrong else problems


def swico(text: str) -> Swico:
    """Billing information `//S1/10/...`; what is written wrongly in it is left out, for none of it is obligatory."""
    if not text.startswith("//S1"):
        return Swico()
    found = {tag: value.replace("\\/", "/").replace("\\\\", "\\") for tag, value in _tags(text[4:])}
    issued = _date(found.get("11", ""))
    uid = found.get("30", "")
    return Swico(
        number=found.get("10", ""),
        issue_date=issued,
        customer=found.get("20", ""),
        tax_id=f"CHE{uid}" if re.fullmatch(r"\d{9}", uid) else "",
        due_date=_due(issued, found.get("40", "")),
        rates=found.get("32", ""),
    )


def _tags(text: str) -> list[tuple[str, str]]:
    places = list(_TAG.finditer(text))
    ends = [place.start() for place in places[1:]] + [len(text)]
    return [(place[1], text[place.end() : end]) for place, end in zip(places, ends, strict=True)]


def _date(text: str) -> date | None:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:])) if re.fullmatch(r"\d{6}", text) else None
    except ValueError:
        return None


def _due(issued: date | None, conditions: str) -> date | None:
    """The day by which all is due: in `2:10;0:30` 2 per cent less within 10 days, nothing less within 30."""
    days = [int(match[1]) for match in re.finditer(r"(?:^|;)0(?:\.0+)?:(\d{1,3})(?=;|$)", conditions)]
    return issued + timedelta(days=max(days)) if issued is not None and days else None
