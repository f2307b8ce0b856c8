"""Invoices as `document.read` gives them, for the tests of booking; no two have the same vendor and number."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

_COUNTER = itertools.count(1)


def line(
    net: str, rate: str | None = "19", quantity: str = "1", price: str | None = None, name: str = "Paper"
) -> dict[str, Any]:
    return {
        "description": name,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price or net),
        "net_total": Decimal(net),
        "tax_rate": None if rate is None else Decimal(rate),
    }


def invoice(net: str = "100.00", tax: str = "19.00", total: str = "119.00", **changes: Any) -> dict[str, Any]:
    """An invoice of a vendor that nobody else's test knows; by default 100 euros and 19 % tax, one line."""
    number = next(_COUNTER)
    seller = {"name": f"Lieferant {uuid4().hex[:8]} GmbH", "tax_id": None, "iban": None}
    return {
        "number": f"R-{number}",
        "issue_date": date(2026, 3, 3),
        "due_date": date(2026, 4, 2),
        "currency": "EUR",
        "seller": seller,
        "net_total": Decimal(net),
        "tax_total": Decimal(tax),
        "total": Decimal(total),
        "lines": [line(net)],
        "confidence": 0.97,
        "problems": [],
        **changes,
    }
