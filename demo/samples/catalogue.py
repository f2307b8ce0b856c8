"""The twenty-four documents: which invoice arrives on what kind of paper, and what the workflow may make of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from demo.samples.invoice import Invoice, Line
from demo.samples.scan import Scanner
from demo.samples.vendors import BUYER, VENDORS


class Kind(StrEnum):
    DIGITAL = "digital"
    SCAN = "scan"
    HARD_SCAN = "hard scan"
    DUPLICATE = "duplicate"
    WRONG_TOTAL = "wrong total"
    UNREADABLE = "unreadable"
    E_INVOICE = "e-invoice"
    OVER_LIMIT = "over the limit"


EXPECTED: dict[Kind, tuple[str, ...]] = {
    Kind.DIGITAL: ("booked",),
    Kind.SCAN: ("booked", "review"),
    Kind.HARD_SCAN: ("booked", "review"),
    Kind.DUPLICATE: ("DUPLICATE_INVOICE", "review"),
    Kind.WRONG_TOTAL: ("review",),
    Kind.UNREADABLE: ("review", "UNREADABLE", "NO_TEXT"),
    Kind.E_INVOICE: ("booked",),
    Kind.OVER_LIMIT: ("approval",),
}
"""A scan is booked where it was read surely, else a person looks at it."""

GOOD = Scanner(dpi=200, quality=62)
WORN = Scanner(dpi=150, quality=45, contrast=0.55, noise=6.0, blur=0.7)
BLIND = Scanner(dpi=150, quality=40, contrast=0.16, noise=9.0, blur=7.0)

ARRIVALS: tuple[tuple[str, str, Kind, Scanner | None], ...] = (
    ("bergmann_RE-2026-0117", "RE-2026-0117", Kind.DIGITAL, None),
    ("bergmann_RE-2026-0164", "RE-2026-0164", Kind.DIGITAL, None),
    ("hafenlicht_26-00318", "26-00318", Kind.DIGITAL, None),
    ("hafenlicht_26-00402", "26-00402", Kind.DIGITAL, None),
    ("rosenhof_R60418", "R 60418", Kind.DIGITAL, None),
    ("rosenhof_R60557", "R 60557", Kind.DIGITAL, None),
    ("donau_2026-0388", "2026/0388", Kind.DIGITAL, None),
    ("donau_2026-0512", "2026/0512", Kind.DIGITAL, None),
    ("brightwater_INV-88204", "INV-88204", Kind.DIGITAL, None),
    ("brightwater_INV-88391", "INV-88391", Kind.DIGITAL, None),
    ("northquay_NQ20260142", "NQ20260142", Kind.DIGITAL, None),
    ("summit_SR-104417", "SR-104417", Kind.DIGITAL, None),
    ("lumiere_FA-2026-0087", "FA-2026-0087", Kind.DIGITAL, None),
    ("scan_0041", "RE-2026-0231", Kind.SCAN, GOOD.tilted(0.8, seed=41)),
    ("scan_0042", "26-00455", Kind.SCAN, GOOD.tilted(-1.3, seed=42)),
    ("scan_0043", "NQ20260219", Kind.SCAN, GOOD.tilted(0.5, seed=43)),
    ("scan_0044", "FA-2026-0131", Kind.SCAN, GOOD.tilted(-0.6, seed=44)),
    ("scan_0045", "INV-88467", Kind.HARD_SCAN, WORN.tilted(1.6, seed=45)),
    ("scan_0046", "R 60731", Kind.HARD_SCAN, WORN.tilted(-1.9, seed=46)),
    ("scan_0047", "RE-2026-0117", Kind.DUPLICATE, GOOD.tilted(1.0, seed=47)),
    ("donau_2026-0640", "2026/0640", Kind.WRONG_TOTAL, None),
    ("scan_0048", "SR-104471", Kind.UNREADABLE, BLIND.tilted(1.1, seed=48)),
    ("bergmann_RE-2026-0298", "RE-2026-0298", Kind.E_INVOICE, None),
    ("hafenlicht_26-00519", "26-00519", Kind.OVER_LIMIT, None),
)
"""File, number of the invoice in it, kind, and the scanner it went through."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One file. `scanner` is None for a PDF straight from the vendor's billing system."""

    file: str
    kind: Kind
    invoice: Invoice
    scanner: Scanner | None = None


def samples() -> list[Sample]:
    """All of them, in the order they come in."""
    known = invoices()
    return [
        Sample(f"{position:02}_{name}.pdf", kind, known[number], scanner)
        for position, (name, number, kind, scanner) in enumerate(ARRIVALS, start=1)
    ]


def invoices() -> dict[str, Invoice]:
    """Every invoice of `invoices.yaml` by its number, which is unique among all vendors here."""
    text = (Path(__file__).parent / "invoices.yaml").read_text(encoding="utf-8")
    accounts = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - knows no tags; every scalar stays text
    vendors = {vendor.id: vendor for vendor in VENDORS}
    found: dict[str, Invoice] = {}
    for name, account in accounts.items():
        for number, data in account["invoices"].items():
            issued = date.fromisoformat(data["issued"])
            found[number] = Invoice(
                vendor=vendors[name],
                buyer=BUYER,
                number=number,
                issued=issued,
                due=issued + timedelta(int(account["days"])),
                delivered=issued - timedelta(3),
                order=data["order"],
                customer=account["customer"],
                lines=tuple(_line(row) for row in data["lines"]),
                currency=data.get("currency", vendors[name].currency),
                misprint=Decimal(data.get("misprint", "0")),
            )
    return found


def _line(row: list[Any]) -> Line:
    article, description, quantity, unit, price, rate = row
    return Line(article, description, Decimal(quantity), unit, Decimal(price), Decimal(rate))
