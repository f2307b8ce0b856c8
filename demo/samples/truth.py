"""What a perfect reader would find on each sample: one JSON object a document."""

from __future__ import annotations

from typing import Any

from demo.samples.catalogue import EXPECTED, Kind, Sample
from demo.samples.invoice import Invoice, Line


def truth_of(sample: Sample) -> dict[str, Any]:
    """`file`, `kind`, `fields` by their flat names (None where it is not on the page), `lines`, `expected`.

    Dates are ISO, money is a decimal string. `expected` lists what the invoice workflow may make of it: `booked`,
    `review`, `approval`, or the code of an exception.
    """
    return {
        "file": sample.file,
        "kind": str(sample.kind),
        "fields": {} if sample.kind is Kind.UNREADABLE else fields_of(sample.invoice),
        "lines": [] if sample.kind is Kind.UNREADABLE else [_line(line) for line in sample.invoice.lines],
        "expected": list(EXPECTED[sample.kind]),
    }


def fields_of(invoice: Invoice) -> dict[str, str | None]:
    vendor = invoice.vendor
    european = vendor.country_code != "US"
    return {
        "number": invoice.number,
        "issue_date": invoice.issued.isoformat(),
        "due_date": invoice.due.isoformat(),
        "currency": invoice.currency,
        "seller.name": vendor.address.name,
        "seller.tax_id": vendor.address.tax_id,
        "seller.iban": vendor.iban or None,
        "buyer.name": invoice.buyer.name,
        "buyer.tax_id": invoice.buyer.tax_id if european and vendor.id != "rosenhof" else None,
        "order_number": invoice.order,
        "net_total": str(invoice.net),
        "tax_total": str(invoice.tax),
        "total": str(invoice.printed_total),
    }


def _line(line: Line) -> dict[str, str]:
    return {
        "description": line.description,
        "quantity": str(line.quantity),
        "unit_price": str(line.price),
        "net_total": str(line.net),
        "tax_rate": str(line.rate),
    }
